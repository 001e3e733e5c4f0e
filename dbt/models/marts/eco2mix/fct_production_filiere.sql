{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}
{%- set communes = [
    'nucleaire', 'eolien', 'solaire', 'hydraulique', 'bioenergies', 'pompage', 'stockage_batterie',
    'destockage_batterie',
] -%}
{%- set nationales = communes + ['gaz', 'charbon', 'fioul'] -%}
{%- set regionales = communes + ['thermique'] -%}

with

national as (

    {{ puissances_par_filiere(ref('fct_eco2mix_national'), "'FR'", 'cast(null as varchar)', nationales) }}

),

regional as (

    {{ puissances_par_filiere(ref('fct_eco2mix_regional'), 'code_region', 'code_region', regionales) }}

),

-- Nulls are kept: a reading that is missing must be seen to be missing.
depivotees as (

    select * from national
    unpivot include nulls (production_mw for filiere in ({{ nationales | join(', ') }}))
    union all
    select * from regional
    unpivot include nulls (production_mw for filiere in ({{ regionales | join(', ') }}))

),

final as (

    select
        mois,
        territoire,
        code_region,
        date_locale,
        heure_locale,
        instant_utc,
        est_heure_fictive,
        filiere,
        statut,
        production_mw,
        {{ energie_mwh('production_mw', 'pas_minutes / 60.0') }} as energie_mwh
    from depivotees
    -- Batteries are published since 2023 only: before, a null is no reading that is missing.
    where production_mw is not null or filiere not in ('stockage_batterie', 'destockage_batterie')

)

select * from final
