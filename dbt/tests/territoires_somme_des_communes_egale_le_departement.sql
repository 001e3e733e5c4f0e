with

communes as (

    select
        edition,
        code_departement,
        sum(population_municipale_hab) as municipale_des_communes_hab,
        sum(population_totale_hab) as totale_des_communes_hab
    from {{ ref('int_population_communes') }}
    where not est_repetee
    group by edition, code_departement

),

-- An edition whose parts are not loaded proves nothing.
editions as (

    select distinct edition from communes

),

departements as (

    select * from {{ ref('stg_insee__populations_legales_departements') }}

)

select
    departements.edition,
    departements.code_departement,
    departements.population_municipale_hab,
    communes.municipale_des_communes_hab,
    departements.population_totale_hab,
    communes.totale_des_communes_hab
from departements
inner join editions on departements.edition = editions.edition
left join communes
    on departements.edition = communes.edition and departements.code_departement = communes.code_departement
where
    communes.code_departement is null
    or departements.population_municipale_hab <> communes.municipale_des_communes_hab
    or departements.population_totale_hab <> communes.totale_des_communes_hab
