select
    jour.date,
    jour.stock_gwh - veille.stock_gwh as variation_gwh
from {{ ref('mart_stock_gaz_national') }} as jour
inner join {{ ref('mart_stock_gaz_national') }} as veille on jour.date = {{ jour_plus('veille.date', 1) }}
where abs(jour.stock_gwh - veille.stock_gwh) > 2500
