with

maximums as (

    select
        pits,
        max(stock_maximal_vu_gwh) as stock_maximal_vu_gwh
    from {{ ref('pits') }}
    group by pits

)

select
    stocks.date,
    stocks.pits,
    stocks.stock_gwh,
    maximums.stock_maximal_vu_gwh
from {{ ref('fct_stock_gaz') }} as stocks
inner join maximums on stocks.pits = maximums.pits
where stocks.stock_gwh > 1.02 * maximums.stock_maximal_vu_gwh
