{{
    staging_consommation_ore(
        source('ore', 'consommation_annuelle_d_electricite_et_gaz_par_commune'),
        ['code_commune', 'code_epci', 'code_departement', 'code_region'],
    )
}}
