select
    date,
    count(*) as nombre_regions
from {{ ref('fct_temperature_regionale') }}
group by date
having count(*) <> (select count(*) from {{ ref('dim_region') }})
