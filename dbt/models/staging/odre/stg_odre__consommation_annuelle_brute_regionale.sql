with

source as (

    select * from {{ source('odre', 'consommation_annuelle_brute_regionale') }}

),

renamed as (

    select
        annee,
        code_insee_region as code_region,

        -- measures
        consommation_brute_electricite_rte as consommation_electricite_gwh,
        consommation_brute_gaz_totale as consommation_gaz_gwh,
        consommation_brute_gaz_grtgaz as consommation_gaz_natran_gwh,
        consommation_brute_gaz_terega as consommation_gaz_terega_gwh,
        consommation_brute_totale as consommation_totale_gwh,

        -- statuses
        nullif(trim(statut_rte), '') as statut_electricite_publie,
        nullif(trim(statut_grtgaz), '') as statut_gaz_natran_publie,
        nullif(trim(statut_terega), '') as statut_gaz_terega_publie
    from source

)

select * from renamed
