{#- A row is a day whose national stock differs by more than 2.5 TWh from the day before, more than France injects or draws
    in a day. The real history has some, mostly the first of a month (2020-06-01, 2021-10-01): the publisher's own steps. -#}
{{ config(severity='warn') }}

select
    jour.date,
    jour.stock_gwh - veille.stock_gwh as variation_gwh
from {{ ref('mart_stock_gaz_national') }} as jour
inner join {{ ref('mart_stock_gaz_national') }} as veille on jour.date = {{ jour_plus('veille.date', 1) }}
where abs(jour.stock_gwh - veille.stock_gwh) > 2500
