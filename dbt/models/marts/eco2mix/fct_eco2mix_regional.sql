{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}

{{ fait_eco2mix(ref('int_eco2mix_regional_reuni'), eco2mix_mesures_regionales(), territoire=['code_region']) }}
