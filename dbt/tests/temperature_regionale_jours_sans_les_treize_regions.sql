{#- A row is a day published for some regions only. Never seen: days are missing as a whole. -#}
{{ config(severity='warn') }}

select
    date,
    count(*) as nombre_regions
from {{ ref('fct_temperature_regionale') }}
group by date
having count(*) <> (select count(*) from {{ ref('dim_region') }})
