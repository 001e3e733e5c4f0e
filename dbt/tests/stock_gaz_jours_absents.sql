with

periodes as (

    select
        pits,
        min(date) as premier_jour,
        max(date) as dernier_jour
    from {{ ref('fct_stock_gaz') }}
    group by pits

)

select
    periodes.pits,
    dates.date
from periodes
inner join {{ ref('dim_date') }} as dates on dates.date between periodes.premier_jour and periodes.dernier_jour
left join {{ ref('fct_stock_gaz') }} as stocks on periodes.pits = stocks.pits and dates.date = stocks.date
where stocks.date is null
