{#- Fails on each row whose code is not a commune code: five characters, `2A` and `2B` in Corsica, `97` overseas. -#}
{% test code_de_commune(model, column_name, message='') %}

select
    *,
    {{ message_du_test(message) }} as message
from {{ model }}
where {{ pas_un_code_de_commune(column_name) }}

{% endtest %}


{% macro pas_un_code_de_commune(column_name) -%}
    not {{ correspond_a(column_name, '^([013-9][0-9]|2[AB1-9])[0-9]{3}$') }}
{%- endmacro %}
