with

source as (

    select * from {{ source('ore', 'conso_elec_gaz_annuelle_par_naf_agregee_region') }}

),

renamed as (

    select
        annee,
        code_region,
        trim(filiere) as filiere,
        operateur,
        code_categorie_consommation as code_categorie,
        trim(code_grand_secteur) as secteur_publie,
        code_naf,
        conso as energie_mwh,
        pdl as nombre_points,
        nombre_mailles_secretisees
    from source

)

select * from renamed
