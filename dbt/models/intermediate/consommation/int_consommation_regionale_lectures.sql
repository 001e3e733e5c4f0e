{{
    lectures_placees(
        ref('stg_odre__consommation_quotidienne_brute_regionale'),
        ref('int_fautes_etiquettes_regionales'),
        territoire=['code_region'],
    )
}}
