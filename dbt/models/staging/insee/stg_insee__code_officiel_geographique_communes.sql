with

source as (

    select * from {{ source('insee', 'code_officiel_geographique_communes') }}

),

renamed as (

    select
        edition,
        cast(edition as integer) as millesime,
        typecom as type_commune,
        com as code_commune,
        reg as code_region,
        dep as code_departement,
        libelle as nom_commune,
        comparent as code_commune_parent
    from source

)

select * from renamed
