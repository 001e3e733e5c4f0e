{#- Fails on each combination of `columns` that several rows share. One failing row: the combination and its count. -#}
{% test unique_combination(model, columns, message='') %}

select
    {{ columns | join(', ') }},
    count(*) as nombre_lignes,
    {{ message_du_test(message) }} as message
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
