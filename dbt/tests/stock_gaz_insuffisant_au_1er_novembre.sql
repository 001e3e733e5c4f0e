with

maximum as (

    select max(stock_gwh) as stock_maximal_gwh from {{ ref('mart_stock_gaz_national') }}

)

select
    stocks.date,
    stocks.stock_gwh
from {{ ref('mart_stock_gaz_national') }} as stocks
cross join maximum
where
    extract(month from stocks.date) = 11
    and extract(day from stocks.date) = 1
    and stocks.stock_gwh < 0.75 * maximum.stock_maximal_gwh
