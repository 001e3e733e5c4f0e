with

communes as (

    select
        code_commune,
        nom_commune,
        code_departement,
        code_region,
        code_epci
    from {{ ref('dim_commune') }}
    where est_active

),

communes_des_epci as (

    select
        code_epci,
        code_departement,
        code_region,
        count(*) as nombre_communes
    from communes
    where code_epci is not null
    group by code_epci, code_departement, code_region

),

-- An EPCI may lie in two départements: it takes the one with most of its communes.
departements_des_epci as (

    select
        code_epci,
        code_departement,
        code_region
    from communes_des_epci
    qualify row_number() over (
        partition by code_epci order by nombre_communes desc, code_departement asc nulls last
    ) = 1

),

places as (

    select
        'commune' as maille,
        code_commune as code_territoire,
        nom_commune as nom_territoire,
        code_departement,
        code_region
    from communes
    union all
    select
        'epci' as maille,
        epci.code_epci as code_territoire,
        epci.nom_epci as nom_territoire,
        departements_des_epci.code_departement,
        departements_des_epci.code_region
    from {{ ref('dim_epci') }} as epci
    left join departements_des_epci on epci.code_epci = departements_des_epci.code_epci

),

groupes as (

    select distinct
        maille,
        groupe,
        libelle
    from {{ ref('int_typologie_modele') }}
    where objet = 'centre'

),

final as (

    select
        territoires.maille,
        territoires.code_territoire,
        places.nom_territoire,
        places.code_departement,
        places.code_region,
        territoires.groupe,
        groupes.libelle as libelle_groupe,
        territoires.groupe_voisin,
        territoires.silhouette,
        territoires.distance_centre,
        territoires.distance_voisin,
        territoires.motif
    from {{ ref('int_typologie_territoires') }} as territoires
    left join places
        on territoires.maille = places.maille and territoires.code_territoire = places.code_territoire
    left join groupes
        on territoires.maille = groupes.maille and territoires.groupe = groupes.groupe

)

select * from final
