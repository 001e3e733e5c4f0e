{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}

-- One row per region, civil day and label, by the rules of fct_consommation_nationale, where the reasons are given.
with

lectures as (

    select * from {{ ref('int_consommation_regionale_lectures') }}
    where {{ dans_la_fenetre('mois') }}

),

pas as (

    select
        mois,
        code_region,
        {{ pas_observe_heures('consommation_electricite_mw', pas_du_jeu=0.5) }} as pas_electricite_heures,
        {{ pas_observe_heures('consommation_gaz_mw', pas_du_jeu=1.0) }} as pas_gaz_heures
    from lectures
    group by mois, code_region

),

statuts as (

    select * from {{ ref('statuts') }}

),

incertains as (

    select distinct
        mois,
        code_region,
        date_locale
    from (
        select
            mois,
            code_region,
            date_locale
        from {{ ref('int_fautes_etiquettes_regionales') }}
        where verdict in ('place incertaine', 'sans place')
        union all
        select
            mois,
            code_region,
            {{ jour_du_rang('mois', 'rang_vide') }} as date_locale
        from {{ ref('int_fautes_etiquettes_regionales') }}
        where verdict = 'place incertaine'
    ) as jours

),

ecarts as (

    select
        mois,
        date as date_locale
    from {{ ref('int_consommation_comparer_regions_et_france') }}
    where est_douteux

),

final as (

    select
        lectures.mois,
        lectures.code_region,
        lectures.date_locale,
        lectures.heure_locale,
        lectures.instant_utc,
        lectures.est_heure_fictive,
        lectures.consommation_electricite_mw,
        {{ energie_mwh('lectures.consommation_electricite_mw', 'pas.pas_electricite_heures') }}
            as energie_electricite_mwh,
        lectures.consommation_gaz_mw,
        {{ energie_mwh('lectures.consommation_gaz_mw', 'pas.pas_gaz_heures') }} as energie_gaz_mwh,
        lectures.consommation_gaz_natran_mw,
        lectures.consommation_gaz_terega_mw,
        electricite.statut as statut_electricite,
        case
            when
                (lectures.statut_gaz_natran_publie is not null and natran.statut is null)
                or (lectures.statut_gaz_terega_publie is not null and terega.statut is null)
                then null
            when terega.rang > natran.rang or natran.rang is null then terega.statut
            else natran.statut
        end as statut_gaz,
        lectures.heure_publiee,
        lectures.est_corrigee,
        lectures.est_ignoree,
        incertains.date_locale is not null or ecarts.date_locale is not null as est_douteux
    from lectures
    inner join pas on lectures.mois = pas.mois and lectures.code_region = pas.code_region
    left join incertains
        on
            lectures.mois = incertains.mois
            and lectures.code_region = incertains.code_region
            and lectures.date_locale = incertains.date_locale
    left join ecarts on lectures.mois = ecarts.mois and lectures.date_locale = ecarts.date_locale
    left join statuts as electricite on lectures.statut_electricite_publie = electricite.statut_publie
    left join statuts as natran on lectures.statut_gaz_natran_publie = natran.statut_publie
    left join statuts as terega on lectures.statut_gaz_terega_publie = terega.statut_publie

)

-- A month lies together, in a few row groups: what reads, renews or publishes one month skips the others, and the
-- file is a fifth smaller.
select * from final
order by mois, code_region, date_locale, heure_locale
