{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}
with

heures as (

    select
        mois,
        'eco2mix_national' as jeu,
        'FR' as code_territoire,
        date_locale as date,
        sum(pas_minutes) filter (where energie_consommation_mwh is not null) / 60e0 as heures_lues
    from {{ ref('fct_eco2mix_national') }}
    where {{ dans_la_fenetre('mois') }}
    group by mois, date_locale
    union all
    select
        mois,
        'eco2mix_regional' as jeu,
        code_region as code_territoire,
        date_locale as date,
        sum(pas_minutes) filter (where energie_consommation_mwh is not null) / 60e0 as heures_lues
    from {{ ref('fct_eco2mix_regional') }}
    where {{ dans_la_fenetre('mois') }}
    group by mois, code_region, date_locale

),

-- Here zero is a count of readings, not a measure.
final as (

    select
        mois,
        jeu,
        code_territoire,
        date,
        cast(round(2 * coalesce(heures_lues, 0)) as integer) as demi_heures_lues
    from heures

)

select * from final
