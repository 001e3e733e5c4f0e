{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}

{{ fait_eco2mix(
    ref('int_eco2mix_national_reuni'),
    eco2mix_mesures_nationales(),
    echanges=[
        'ech_physiques', 'ech_comm_angleterre', 'ech_comm_espagne', 'ech_comm_italie', 'ech_comm_suisse',
        'ech_comm_allemagne_belgique',
    ],
) }}
