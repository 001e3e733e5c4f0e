{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}

{{
    fait_consommation(
        ref('int_consommation_nationale_lectures'),
        ref('int_fautes_etiquettes_nationales'),
    )
}}
