{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre(territoires_a_refaire()) }}",
    )
}}

with

-- One column per filière. Labels at which a territory has no reading are left out: :15 and :45 of consolidated days,
-- and the future.
national as (

    select
        mois,
        'FR' as territoire,
        cast(null as string) as code_region,
        date_locale,
        heure_locale,
        instant_utc,
        est_heure_fictive,
        statut,
        source,
        pas_minutes,
        nucleaire_mw as nucleaire,
        eolien_mw as eolien,
        solaire_mw as solaire,
        hydraulique_mw as hydraulique,
        bioenergies_mw as bioenergies,
        pompage_mw as pompage,
        stockage_batterie_mw as stockage_batterie,
        destockage_batterie_mw as destockage_batterie,
        gaz_mw as gaz,
        charbon_mw as charbon,
        fioul_mw as fioul
    from {{ ref('fct_eco2mix_national') }}
    where
        {{ dans_la_fenetre('mois') }}
        and {{ territoires_a_refaire("'FR'") }}
        and coalesce(
            consommation_mw,
            nucleaire_mw, eolien_mw, solaire_mw, hydraulique_mw, bioenergies_mw, pompage_mw,
            stockage_batterie_mw, destockage_batterie_mw, gaz_mw, charbon_mw, fioul_mw
        ) is not null

),

regional as (

    select
        mois,
        code_region as territoire,
        code_region,
        date_locale,
        heure_locale,
        instant_utc,
        est_heure_fictive,
        statut,
        source,
        pas_minutes,
        nucleaire_mw as nucleaire,
        eolien_mw as eolien,
        solaire_mw as solaire,
        hydraulique_mw as hydraulique,
        bioenergies_mw as bioenergies,
        pompage_mw as pompage,
        stockage_batterie_mw as stockage_batterie,
        destockage_batterie_mw as destockage_batterie,
        thermique_mw as thermique
    from {{ ref('fct_eco2mix_regional') }}
    where
        {{ dans_la_fenetre('mois') }}
        and {{ territoires_a_refaire('code_region') }}
        and coalesce(
            consommation_mw,
            nucleaire_mw, eolien_mw, solaire_mw, hydraulique_mw, bioenergies_mw, pompage_mw,
            stockage_batterie_mw, destockage_batterie_mw, thermique_mw
        ) is not null

),

-- Nulls are kept: a missing reading must be visible.
depivotees as (

    select * from national
    unpivot include nulls (
        production_mw for filiere in (
            nucleaire, eolien, solaire, hydraulique, bioenergies, pompage, stockage_batterie,
            destockage_batterie, gaz, charbon, fioul
        )
    )
    union all
    select * from regional
    unpivot include nulls (
        production_mw for filiere in (
            nucleaire, eolien, solaire, hydraulique, bioenergies, pompage, stockage_batterie,
            destockage_batterie, thermique
        )
    )

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
        source,
        production_mw,
        {{ energie_mwh('production_mw', 'pas_minutes / 60e0') }} as energie_mwh
    from depivotees
    -- Batteries have been published since 2023 only: before that, null is not a missing reading.
    where production_mw is not null or filiere not in ('stockage_batterie', 'destockage_batterie')

)

select * from final
