with

communes as (

    select * from {{ ref('stg_insee__populations_legales_communes') }}

),

departements as (

    select * from {{ ref('stg_insee__populations_legales_departements') }}

),

regions as (

    select * from {{ ref('stg_insee__populations_legales_regions') }}

),

successeurs as (

    select * from {{ ref('int_commune_successeurs') }}

),

-- Populations are those of the communes as they were on 1 January two years later: 34,955 communes with Mayotte's in
-- the population of 2020, as in the code of 2022. Where the successor is unknown the published code is kept: nothing is
-- lost, and mart_codes_orphelins lists it.
par_commune as (

    select
        'commune' as maille,
        coalesce(successeurs.code_commune_actuelle, communes.code_commune) as code_territoire,
        communes.annee,
        cast(sum(communes.population_municipale_hab) as bigint) as population_municipale_hab,
        cast(sum(communes.population_comptee_a_part_hab) as bigint) as population_comptee_a_part_hab,
        cast(sum(communes.population_totale_hab) as bigint) as population_totale_hab,
        cast(count(*) as integer) as nombre_codes_reunis,
        max(case when successeurs.est_scindee then 1 else 0 end) = 1 as est_scindee,
        communes.edition
    from communes
    left join successeurs
        on
            communes.code_commune = successeurs.code_commune
            and communes.annee + 2 between successeurs.premier_millesime and successeurs.dernier_millesime
    group by
        coalesce(successeurs.code_commune_actuelle, communes.code_commune), communes.annee, communes.edition

),

-- The total is by definition the sum of the two others; above the communes INSEE prints only one of them and the total.
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
