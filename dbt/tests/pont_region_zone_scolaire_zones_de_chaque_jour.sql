with

regions as (

    select code_region
    from {{ ref('dim_region') }}
    where est_metropolitaine

),

parts as (

    select
        regions.code_region,
        dates.date,
        sum(pont.part_population) as somme_des_parts
    from regions
    cross join {{ ref('dim_date') }} as dates
    left join {{ ref('pont_region_zone_scolaire') }} as pont
        on
            regions.code_region = pont.code_region
            and dates.date >= pont.valide_du
            and (pont.valide_au is null or dates.date <= pont.valide_au)
    group by regions.code_region, dates.date

)

select
    code_region,
    min(date) as premier_jour,
    max(date) as dernier_jour,
    count(*) as nombre_jours
from parts
where somme_des_parts is null or abs(somme_des_parts - 1) > 1e-9
group by code_region
