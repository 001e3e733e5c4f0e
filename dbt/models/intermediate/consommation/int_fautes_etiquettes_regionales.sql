{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}

{{ etiquettes_en_double(ref('stg_odre__consommation_quotidienne_brute_regionale'), territoire=['code_region']) }}
