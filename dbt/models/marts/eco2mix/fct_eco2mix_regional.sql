{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}

-- One row per region, civil day and label, by the rules of fct_eco2mix_national, where the reasons are given.
with

publiees as (

    select * from {{ ref('int_eco2mix_regional_reuni') }}
    where {{ dans_la_fenetre('mois') }} and {{ dans_la_tranche() }}

),

demi_heures as (

    select
        mois,
        code_region,
        date_locale,
        demi_heure_locale,
        coalesce(min(case when a_une_lecture then rang end), min(rang)) as rang_retenu,
        max(case when source = 'ODRÉ' then 1 else 0 end) = 1 as est_chez_odre
    from publiees
    group by mois, code_region, date_locale, demi_heure_locale

),

pas as (

    select
        mois,
        code_region,
        date_locale,
        rang,
        case
            when count(consommation_mw) < 2 then null
            when count(case when substr(heure_locale, 4, 2) in ('15', '45') then consommation_mw end) > 0 then 15
            else 30
        end as pas_minutes,
        {{ pas_observe_minutes('ech_physiques_mw') }} as pas_ech_physiques
    from publiees
    where not est_heure_fictive
    group by mois, code_region, date_locale, rang

),

retenues as (

    select
        publiees.*,
        -- A reading of unknown status is kept where no other has its label, without energy if its half-hour has a
        -- known status.
        case when publiees.rang = demi_heures.rang_retenu then pas.pas_minutes end as pas_minutes,
        case when publiees.rang = demi_heures.rang_retenu then pas.pas_ech_physiques end as pas_ech_physiques
    from publiees
    inner join demi_heures
        on
            publiees.mois = demi_heures.mois
            and publiees.code_region = demi_heures.code_region
            and publiees.date_locale = demi_heures.date_locale
            and publiees.demi_heure_locale = demi_heures.demi_heure_locale
            and (
                publiees.rang = demi_heures.rang_retenu
                or (publiees.statut is null and publiees.a_une_lecture)
            )
            -- RTE also prints the quarter-hours that it does not fill, and ODRÉ's consolidated set leaves out.
            and (publiees.a_une_lecture or publiees.source = 'ODRÉ' or not demi_heures.est_chez_odre)
    left join pas
        on
            publiees.mois = pas.mois
            and publiees.code_region = pas.code_region
            and publiees.date_locale = pas.date_locale
            and publiees.rang = pas.rang

),

uniques as (

    select *
    from retenues
    qualify row_number() over (
        partition by mois, code_region, date_locale, heure_locale
        order by
            rang asc,
            case when a_une_lecture then 0 else 1 end asc,
            case when source = 'ODRÉ' then 0 else 1 end asc,
            instant_utc desc,
            {{ les_plus_grandes([
                'consommation_mw', 'thermique_mw', 'nucleaire_mw', 'eolien_mw', 'solaire_mw', 'hydraulique_mw',
                'bioenergies_mw', 'pompage_mw', 'ech_physiques_mw', 'eolien_terrestre_mw',
                'eolien_offshore_mw', 'stockage_batterie_mw', 'destockage_batterie_mw', 'tco_thermique_pct',
                'tco_nucleaire_pct', 'tco_eolien_pct', 'tco_solaire_pct', 'tco_hydraulique_pct',
                'tco_bioenergies_pct', 'tch_thermique_pct', 'tch_nucleaire_pct', 'tch_eolien_pct',
                'tch_solaire_pct', 'tch_hydraulique_pct', 'tch_bioenergies_pct',
            ]) }}
    ) = 1

),

final as (

    select
        mois,
        code_region,
        date_locale,
        heure_locale,
        instant_utc,
        est_heure_fictive,
        statut,
        source,
        pas_minutes,
        consommation_mw,
        thermique_mw,
        nucleaire_mw,
        eolien_mw,
        solaire_mw,
        hydraulique_mw,
        bioenergies_mw,
        pompage_mw,
        ech_physiques_mw,
        eolien_terrestre_mw,
        eolien_offshore_mw,
        stockage_batterie_mw,
        destockage_batterie_mw,
        tco_thermique_pct,
        tco_nucleaire_pct,
        tco_eolien_pct,
        tco_solaire_pct,
        tco_hydraulique_pct,
        tco_bioenergies_pct,
        tch_thermique_pct,
        tch_nucleaire_pct,
        tch_eolien_pct,
        tch_solaire_pct,
        tch_hydraulique_pct,
        tch_bioenergies_pct,
        {{ energie_mwh('consommation_mw', 'pas_minutes / 60e0') }} as energie_consommation_mwh,
        {{ energie_mwh('ech_physiques_mw', 'pas_ech_physiques / 60e0') }} as energie_ech_physiques_mwh
    from uniques

)

-- A month lies together, in a few row groups: what reads, renews or publishes one month skips the others, and the
-- file is a fifth smaller.
select * from final
order by mois, code_region, date_locale, heure_locale
