with

periode as (

    select
        min(date) as premier_jour,
        max(date) as dernier_jour
    from {{ ref('fct_temperature_regionale') }}

)

select dates.date
from {{ ref('dim_date') }} as dates
inner join periode on dates.date between periode.premier_jour and periode.dernier_jour
left join {{ ref('fct_temperature_regionale') }} as temperatures on dates.date = temperatures.date
where temperatures.date is null
