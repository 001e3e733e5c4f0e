with

arrondissements as (

    select
        code_commune,
        code_commune_parent
    from {{ ref('dim_commune') }}
    where type_commune = 'ARM'

),

communes as (

    select
        communes.edition,
        communes.code_departement,
        count(distinct coalesce(arrondissements.code_commune_parent, communes.code_commune)) as communes_lues
    from {{ ref('int_population_communes') }} as communes
    left join arrondissements on communes.code_commune = arrondissements.code_commune
    where not communes.est_repetee
    group by communes.edition, communes.code_departement

),

departements as (

    select * from {{ ref('stg_insee__populations_legales_departements') }}

)

select
    departements.edition,
    departements.code_departement,
    departements.nombre_communes,
    communes.communes_lues
from departements
inner join communes
    on departements.edition = communes.edition and departements.code_departement = communes.code_departement
where departements.nombre_communes <> communes.communes_lues
