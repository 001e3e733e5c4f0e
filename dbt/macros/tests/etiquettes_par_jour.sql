{#- Fails on each civil day of a territory that has neither 96 nor 48 labels. -#}
{% test etiquettes_par_jour(model, territoire=[], message='') %}
{%- set groupe = (territoire + ['date_locale']) | join(', ') %}

select
    {{ groupe }},
    count(*) as nombre_etiquettes,
    {{ message_du_test(message) }} as message
from {{ model }}
group by {{ groupe }}
having count(*) not in (48, 96)

{% endtest %}
