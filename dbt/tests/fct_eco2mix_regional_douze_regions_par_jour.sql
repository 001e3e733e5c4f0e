with

attendues as (

    select count(*) as nombre_regions
    from {{ ref('dim_region') }}
    where est_dans_perimetre_rte

),

presentes as (

    select
        date_locale,
        count(distinct code_region) as nombre_regions
    from {{ ref('fct_eco2mix_regional') }}
    group by date_locale

)

select
    presentes.date_locale,
    presentes.nombre_regions,
    'jour sans les douze régions' as message
from presentes
cross join attendues
where presentes.nombre_regions <> attendues.nombre_regions
