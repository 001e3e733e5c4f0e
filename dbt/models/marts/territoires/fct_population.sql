with

communes as (

    select * from {{ ref('int_population_communes') }}
    where not est_repetee

),

departements as (

    select * from {{ ref('stg_insee__populations_legales_departements') }}

),

regions as (

    select * from {{ ref('stg_insee__populations_legales_regions') }}

),

-- Where the successor is unknown the published code is kept: nothing is lost, and mart_codes_orphelins lists it.
par_commune as (

    select
        'commune' as maille,
        coalesce(code_commune_actuelle, code_commune) as code_territoire,
        annee,
        cast(sum(population_municipale_hab) as bigint) as population_municipale_hab,
        cast(sum(population_comptee_a_part_hab) as bigint) as population_comptee_a_part_hab,
        cast(sum(population_totale_hab) as bigint) as population_totale_hab,
        cast(count(*) as integer) as nombre_codes_reunis,
        max(case when est_scindee then 1 else 0 end) = 1 as est_scindee,
        edition
    from communes
    group by coalesce(code_commune_actuelle, code_commune), annee, edition

),

-- By definition the total is the sum of the two others; above the communes INSEE publishes only one of them and the
-- total.
par_departement as (

    select
        'departement' as maille,
        code_departement as code_territoire,
        annee,
        population_municipale_hab,
        population_totale_hab - population_municipale_hab as population_comptee_a_part_hab,
        population_totale_hab,
        1 as nombre_codes_reunis,
        false as est_scindee,
        edition
    from departements

),

par_region as (

    select
        'region' as maille,
        code_region as code_territoire,
        annee,
        population_municipale_hab,
        population_totale_hab - population_municipale_hab as population_comptee_a_part_hab,
        population_totale_hab,
        1 as nombre_codes_reunis,
        false as est_scindee,
        edition
    from regions

),

nation as (

    select
        'nation' as maille,
        'FR' as code_territoire,
        annee,
        cast(sum(population_municipale_hab) as bigint) as population_municipale_hab,
        cast(sum(population_comptee_a_part_hab) as bigint) as population_comptee_a_part_hab,
        cast(sum(population_totale_hab) as bigint) as population_totale_hab,
        cast(count(*) as integer) as nombre_codes_reunis,
        false as est_scindee,
        edition
    from par_region
    group by annee, edition

),

final as (

    select * from par_commune
    union all
    select * from par_departement
    union all
    select * from par_region
    union all
    select * from nation

)

select * from final
