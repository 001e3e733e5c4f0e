{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}

with

reponses as (

    select
        mois,
        code_region,
        emise_a,
        instant_utc,
        temperature_c,
        precipitation_mm,
        vent_m_s,
        'open_meteo_lecture' as source
    from {{ ref('stg_open_meteo__previsions_meteo_regions') }}
    where {{ dans_la_fenetre() }}
    union all
    select
        mois,
        code_region,
        emise_a,
        instant_utc,
        temperature_c,
        cast(null as double) as precipitation_mm,
        cast(null as double) as vent_m_s,
        'open_meteo_historique' as source
    from {{ ref('stg_open_meteo_previous_runs__historique_previsions_meteo_regions') }}
    where {{ dans_la_fenetre() }}

),

final as (

    select
        mois,
        code_region,
        emise_a,
        instant_utc,
        cast({{ heure_de_paris('instant_utc') }} as date) as date_locale,
        cast({{ heures_entre('emise_a', 'instant_utc') }} as integer) as horizon_h,
        temperature_c,
        precipitation_mm,
        vent_m_s,
        source
    from reponses
    -- Hours before the issue are not a forecast: they are in fct_meteo_horaire.
    where instant_utc >= emise_a and temperature_c is not null

)

select * from final
