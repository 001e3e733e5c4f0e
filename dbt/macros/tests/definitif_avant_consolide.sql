{#- Fails on each day that is definitive although an earlier day is only consolidated. -#}
{% test definitif_avant_consolide(model, message='') %}

select
    date_locale,
    count(*) as nombre_lignes,
    {{ message_du_test(message) }} as message
from {{ model }}
where
    statut = 'définitif'
    and date_locale > (select min(date_locale) from {{ model }} where statut = 'consolidé')
group by date_locale

{% endtest %}
