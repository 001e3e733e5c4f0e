with

source as (

    select * from {{ source('ore', 'consommation_annuelle_d_electricite_et_gaz_par_commune') }}

),

renamed as (

    select
        annee,
        code_commune,
        code_epci,
        code_departement,
        code_region,
        trim(filiere) as filiere,
        operateur,
        code_categorie_consommation as code_categorie,
        trim(code_grand_secteur) as secteur_publie,
        code_secteur_naf2 as code_naf,
        conso_totale_mwh as energie_mwh,
        nb_sites as nombre_points,
        nombre_de_mailles_secretisees as nombre_mailles_secretisees,
        taux_de_chauffage_electrique as taux_chauffage_electrique_pct
    from source

)

select * from renamed
