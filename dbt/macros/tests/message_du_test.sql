{#- What a failing row means, as an SQL literal: shown next to the row where failures are listed. -#}
{% macro message_du_test(message) -%}
    {{ litteral(message) }}
{%- endmacro %}
