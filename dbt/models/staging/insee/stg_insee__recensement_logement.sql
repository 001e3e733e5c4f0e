with

source as (

    select * from {{ source('insee', 'recensement_logement') }}

),

renamed as (

    select
        edition,
        cast(edition as integer) as annee,
        commune as code_commune,
        catl as code_categorie,
        typl as code_type,
        surf as code_surface,
        ipondl as nombre_logements
    from source

)

select * from renamed
