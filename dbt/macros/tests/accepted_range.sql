{#- Fails on each row whose value lies outside [min_value, max_value]; bounds are SQL, and either may be left out.
    Nulls pass: missing values have their own tests. -#}
{% test accepted_range(model, column_name, min_value=none, max_value=none, message='') %}

select
    *,
    {{ message_du_test(message) }} as message
from {{ model }}
where {{ hors_bornes(column_name, min_value, max_value) }}

{% endtest %}


{% macro hors_bornes(column_name, min_value, max_value) -%}
    false
    {%- if min_value is not none %} or {{ column_name }} < {{ min_value }}{% endif %}
    {%- if max_value is not none %} or {{ column_name }} > {{ max_value }}{% endif %}
{%- endmacro %}
