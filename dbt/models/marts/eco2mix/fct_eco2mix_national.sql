{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}

-- One row per civil day and label. Everything in a row comes from its own month, so that rebuilding one month gives
-- the same rows as a full build.
with

publiees as (

    select * from {{ ref('int_eco2mix_national_reuni') }}
    where {{ dans_la_fenetre('mois') }}

),

-- The best status with a reading takes the whole half-hour: a consolidated reading at :00 covers 30 minutes, and the
-- real-time reading at :15 that it replaces must not be counted as well. A better status without a reading
-- (placeholder rows) does not hide a reading.
demi_heures as (

    select
        mois,
        date_locale,
        demi_heure_locale,
        coalesce(min(case when a_une_lecture then rang end), min(rang)) as rang_retenu,
        max(case when source = 'ODRÉ' then 1 else 0 end) = 1 as est_chez_odre
    from publiees
    group by mois, date_locale, demi_heure_locale

),

-- A day of one status is quarter-hourly when it has a consumption at :15 or :45. The labels alone prove nothing:
-- consolidated national rows are printed every quarter of an hour and read every half-hour. A single reading has no
-- step: it is the first of the day in real time, and the next is not published yet.
pas as (

    select
        mois,
        date_locale,
        rang,
        case
            when count(consommation_mw) < 2 then null
            when count(case when substr(heure_locale, 4, 2) in ('15', '45') then consommation_mw end) > 0 then 15
            else 30
        end as pas_minutes,
        {{ pas_observe_minutes('ech_physiques_mw') }} as pas_ech_physiques,
        {{ pas_observe_minutes('ech_comm_angleterre_mw') }} as pas_ech_comm_angleterre,
        {{ pas_observe_minutes('ech_comm_espagne_mw') }} as pas_ech_comm_espagne,
        {{ pas_observe_minutes('ech_comm_italie_mw') }} as pas_ech_comm_italie,
        {{ pas_observe_minutes('ech_comm_suisse_mw') }} as pas_ech_comm_suisse,
        {{ pas_observe_minutes('ech_comm_allemagne_belgique_mw') }} as pas_ech_comm_allemagne_belgique
    from publiees
    where not est_heure_fictive
    group by mois, date_locale, rang

),

retenues as (

    select
        publiees.*,
        -- A reading of unknown status is kept where no other has its label, without energy if its half-hour has a
        -- known status.
        case when publiees.rang = demi_heures.rang_retenu then pas.pas_minutes end as pas_minutes,
        case when publiees.rang = demi_heures.rang_retenu then pas.pas_ech_physiques end as pas_ech_physiques,
        case when publiees.rang = demi_heures.rang_retenu then pas.pas_ech_comm_angleterre end
            as pas_ech_comm_angleterre,
        case when publiees.rang = demi_heures.rang_retenu then pas.pas_ech_comm_espagne end as pas_ech_comm_espagne,
        case when publiees.rang = demi_heures.rang_retenu then pas.pas_ech_comm_italie end as pas_ech_comm_italie,
        case when publiees.rang = demi_heures.rang_retenu then pas.pas_ech_comm_suisse end as pas_ech_comm_suisse,
        case when publiees.rang = demi_heures.rang_retenu then pas.pas_ech_comm_allemagne_belgique end
            as pas_ech_comm_allemagne_belgique
    from publiees
    inner join demi_heures
        on
            publiees.mois = demi_heures.mois
            and publiees.date_locale = demi_heures.date_locale
            and publiees.demi_heure_locale = demi_heures.demi_heure_locale
            and (
                publiees.rang = demi_heures.rang_retenu
                or (publiees.statut is null and publiees.a_une_lecture)
            )
            -- RTE's files fill what ODRÉ lacks. A row without a reading adds nothing to a half-hour that ODRÉ has.
            and (publiees.a_une_lecture or publiees.source = 'ODRÉ' or not demi_heures.est_chez_odre)
    left join pas
        on
            publiees.mois = pas.mois
            and publiees.date_locale = pas.date_locale
            and publiees.rang = pas.rang

),

-- Of one label and status, a row without a reading hides none, and ODRÉ's row counts before RTE's: its revisions are
-- followed all the time, RTE's files are read while ODRÉ is away. Equal labels of equal status of one source are a
-- publisher's error, and neither is known to be right: the choice is only made stable. The latest instant wins, then
-- the largest values.
uniques as (

    select *
    from retenues
    qualify row_number() over (
        partition by mois, date_locale, heure_locale
        order by
            rang asc,
            case when a_une_lecture then 0 else 1 end asc,
            case when source = 'ODRÉ' then 0 else 1 end asc,
            instant_utc desc,
            {{ les_plus_grandes([
                'consommation_mw', 'prevision_j1_mw', 'prevision_j_mw', 'fioul_mw', 'charbon_mw', 'gaz_mw',
                'nucleaire_mw', 'eolien_mw', 'solaire_mw', 'hydraulique_mw', 'pompage_mw', 'bioenergies_mw',
                'ech_physiques_mw', 'ech_comm_angleterre_mw', 'ech_comm_espagne_mw', 'ech_comm_italie_mw',
                'ech_comm_suisse_mw', 'ech_comm_allemagne_belgique_mw', 'fioul_tac_mw', 'fioul_cogen_mw',
                'fioul_autres_mw', 'gaz_tac_mw', 'gaz_cogen_mw', 'gaz_ccg_mw', 'gaz_autres_mw',
                'hydraulique_fil_eau_eclusee_mw', 'hydraulique_lacs_mw', 'hydraulique_step_turbinage_mw',
                'bioenergies_dechets_mw', 'bioenergies_biomasse_mw', 'bioenergies_biogaz_mw',
                'eolien_terrestre_mw', 'eolien_offshore_mw', 'stockage_batterie_mw', 'destockage_batterie_mw',
                'taux_co2_g_par_kwh',
            ]) }}
    ) = 1

),

final as (

    select
        mois,
        date_locale,
        heure_locale,
        instant_utc,
        est_heure_fictive,
        statut,
        source,
        pas_minutes,
        consommation_mw,
        prevision_j1_mw,
        prevision_j_mw,
        fioul_mw,
        charbon_mw,
        gaz_mw,
        nucleaire_mw,
        eolien_mw,
        solaire_mw,
        hydraulique_mw,
        pompage_mw,
        bioenergies_mw,
        ech_physiques_mw,
        ech_comm_angleterre_mw,
        ech_comm_espagne_mw,
        ech_comm_italie_mw,
        ech_comm_suisse_mw,
        ech_comm_allemagne_belgique_mw,
        fioul_tac_mw,
        fioul_cogen_mw,
        fioul_autres_mw,
        gaz_tac_mw,
        gaz_cogen_mw,
        gaz_ccg_mw,
        gaz_autres_mw,
        hydraulique_fil_eau_eclusee_mw,
        hydraulique_lacs_mw,
        hydraulique_step_turbinage_mw,
        bioenergies_dechets_mw,
        bioenergies_biomasse_mw,
        bioenergies_biogaz_mw,
        eolien_terrestre_mw,
        eolien_offshore_mw,
        stockage_batterie_mw,
        destockage_batterie_mw,
        taux_co2_g_par_kwh,
        {{ energie_mwh('consommation_mw', 'pas_minutes / 60e0') }} as energie_consommation_mwh,
        {{ energie_mwh('ech_physiques_mw', 'pas_ech_physiques / 60e0') }} as energie_ech_physiques_mwh,
        {{ energie_mwh('ech_comm_angleterre_mw', 'pas_ech_comm_angleterre / 60e0') }}
            as energie_ech_comm_angleterre_mwh,
        {{ energie_mwh('ech_comm_espagne_mw', 'pas_ech_comm_espagne / 60e0') }} as energie_ech_comm_espagne_mwh,
        {{ energie_mwh('ech_comm_italie_mw', 'pas_ech_comm_italie / 60e0') }} as energie_ech_comm_italie_mwh,
        {{ energie_mwh('ech_comm_suisse_mw', 'pas_ech_comm_suisse / 60e0') }} as energie_ech_comm_suisse_mwh,
        {{ energie_mwh('ech_comm_allemagne_belgique_mw', 'pas_ech_comm_allemagne_belgique / 60e0') }}
            as energie_ech_comm_allemagne_belgique_mwh
    from uniques

)

-- A month lies together, in a few row groups: what reads, renews or publishes one month skips the others, and the
-- file is a fifth smaller.
select * from final
order by mois, date_locale, heure_locale
