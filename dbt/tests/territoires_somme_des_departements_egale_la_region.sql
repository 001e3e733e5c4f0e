with

departements as (

    select
        edition,
        code_region,
        sum(population_municipale_hab) as municipale_des_departements_hab,
        sum(population_totale_hab) as totale_des_departements_hab
    from {{ ref('stg_insee__populations_legales_departements') }}
    group by edition, code_region

),

-- An edition whose parts are not loaded proves nothing.
editions as (

    select distinct edition from departements

),

regions as (

    select * from {{ ref('stg_insee__populations_legales_regions') }}

)

select
    regions.edition,
    regions.code_region,
    regions.population_municipale_hab,
    departements.municipale_des_departements_hab,
    regions.population_totale_hab,
    departements.totale_des_departements_hab
from regions
inner join editions on regions.edition = editions.edition
left join departements
    on regions.edition = departements.edition and regions.code_region = departements.code_region
where
    departements.code_region is null
    or regions.population_municipale_hab <> departements.municipale_des_departements_hab
    or regions.population_totale_hab <> departements.totale_des_departements_hab
