{#- Fails on each group of `group_by` in which the share of rows that have a value is below `at_least` (0 to 1). -#}
{% test not_null_proportion(model, column_name, group_by, at_least, message='') %}

select
    {{ group_by | join(', ') }},
    count({{ column_name }}) * 1e0 / count(*) as part_renseignee,
    {{ message_du_test(message) }} as message
from {{ model }}
group by {{ group_by | join(', ') }}
having count({{ column_name }}) < {{ at_least }} * count(*)

{% endtest %}
