with

source as (

    select * from {{ source('odre', 'prod_region_annuelle_enr') }}

),

renamed as (

    select
        annee,
        code_insee_region as code_region,
        production_hydraulique_renouvelable as hydraulique_gwh,
        production_bioenergies_renouvelable as bioenergies_gwh,
        production_eolienne_renouvelable as eolien_gwh,
        production_solaire_renouvelable as solaire_gwh,
        production_electrique_renouvelable as electricite_gwh,
        production_gaz_renouvelable as gaz_renouvelable_gwh
    from source

)

select * from renamed
