with

attendues as (

    select count(*) as nombre_regions
    from {{ ref('dim_region') }}
    where est_metropolitaine

),

presentes as (

    select
        date,
        count(*) as nombre_regions
    from {{ ref('fct_temperature_regionale') }}
    group by date

)

select
    presentes.date,
    presentes.nombre_regions
from presentes
inner join attendues on presentes.nombre_regions <> attendues.nombre_regions
