{{
    staging_consommation_ore(
        source('ore', 'consommation_annuelle_d_electricite_et_gaz_par_departement'),
        ['code_departement', 'code_region'],
    )
}}
