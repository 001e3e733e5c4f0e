{#- Fails on each row for which the SQL `expression` is false. Where it is null the row passes: missing values have
    their own tests. -#}
{% test expression_is_true(model, expression, column_name=none, message='') %}

select
    *,
    {{ message_du_test(message) }} as message
from {{ model }}
where not ({{ expression }})

{% endtest %}
