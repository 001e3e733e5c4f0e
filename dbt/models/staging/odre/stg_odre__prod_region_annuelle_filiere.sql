with

source as (

    select * from {{ source('odre', 'prod_region_annuelle_filiere') }}

),

renamed as (

    select
        annee,
        code_insee_region as code_region,
        production_nucleaire as nucleaire_gwh,
        production_thermique as thermique_gwh,
        production_hydraulique as hydraulique_gwh,
        production_eolienne as eolien_gwh,
        production_solaire as solaire_gwh,
        production_bioenergies as bioenergies_gwh
    from source

)

select * from renamed
