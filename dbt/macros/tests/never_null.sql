{#- Fails on each row that has no value in one of `columns`. One test per table rather than one per column: each
    costs a query, a check in Dagster and fifty milliseconds of a build. -#}
{% test never_null(model, columns, message='') %}

select
    *,
    {{ message_du_test(message) }} as message
from {{ model }}
where
    {% for column in columns %}{{ 'or ' if not loop.first }}{{ column }} is null
    {% endfor %}

{% endtest %}
