{{
    lectures_placees(
        ref('stg_odre__consommation_quotidienne_brute'),
        ref('int_fautes_etiquettes_nationales')
    )
}}
