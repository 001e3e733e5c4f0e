{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}
{%- set filieres = ['nucleaire', 'gaz', 'charbon', 'fioul', 'eolien', 'solaire', 'hydraulique', 'bioenergies'] -%}
{#- Base temperatures of the degree days: 18 °C is usual, 17 °C is that of the SDES. -#}
{%- set bases = [18, 17] -%}
with

dates as (

    select
        date,
        nombre_heures
    from {{ ref('dim_date') }}

),

lectures as (

    select
        date_locale as date,
        statut,
        pas_minutes / 60e0 as pas_heures,
        consommation_mw,
        pompage_mw,
        case
            when coalesce(stockage_batterie_mw, destockage_batterie_mw) is not null
                then {{ zero_si_absente('stockage_batterie') }} + {{ zero_si_absente('destockage_batterie') }}
        end as batteries_mw,
        taux_co2_g_par_kwh,
        {{ filieres | join('_mw, ') }}_mw,
        {{ filieres | join('_mw + ') }}_mw as production_mw,
        {{ production_lue_mw(filieres) }} * pas_minutes / 60e0 as energie_produite_mwh
    from {{ ref('fct_eco2mix_national') }}
    where
        not est_heure_fictive
        and energie_consommation_mwh is not null
        and {{ dans_la_fenetre('mois') }}

),

-- In a fixed order: the last digits of a sum of doubles depend on it, and equal content must stay equal.
electricite as (

    select
        date,
        sum(pas_heures) as heures_lues,
        case
            when count(*) filter (where statut = 'temps réel') > 0 then 'temps réel'
            when count(*) filter (where statut = 'consolidé') > 0 then 'consolidé'
            else 'définitif'
        end as statut,
        {%- for mesure in ['consommation', 'pompage', 'batteries'] + filieres %}
        {{ somme(mesure ~ '_mw * pas_heures') }} as {{ mesure }}_mwh,
        {%- endfor %}
        {{ somme('production_mw * pas_heures') }} as production_mwh,
        {{ somme_exacte('taux_co2_g_par_kwh * energie_produite_mwh') }}
        / nullif({{ somme_exacte('energie_produite_mwh', 'taux_co2_g_par_kwh is not null') }}, 0) as taux_co2_g_par_kwh
    from lectures
    group by date

),

-- With their own step, which may differ from that of consumption.
echanges_physiques as (

    select
        date_locale as date,
        {{ somme('energie_ech_physiques_mwh') }} as ech_physiques_mwh
    from {{ ref('fct_eco2mix_national') }}
    where {{ dans_la_fenetre('mois') }}
    group by date_locale

),

-- A day is complete when it has exactly the published hours: the repeated hour of October has only its second pass.
electricite_complete as (

    select
        electricite.*,
        echanges_physiques.ech_physiques_mwh,
        electricite.heures_lues between least(24, dates.nombre_heures) and dates.nombre_heures as est_complet
    from electricite
    inner join dates on electricite.date = dates.date
    left join echanges_physiques on electricite.date = echanges_physiques.date

),

-- Hourly, as the check on 23 to 25 positions a day ensures: the energy of a position (MWh) equals its mean power
-- (MW).
echanges as (

    select
        fct.date,
        {{ somme('fct.export_mw') }} as export_commercial_mwh,
        {{ somme('fct.import_mw') }} as import_commercial_mwh,
        count(distinct case when fct.solde_mw is not null then fct.tranche_horaire end) >= min(dates.nombre_heures)
            as est_complet
    from {{ ref('fct_echanges_commerciaux') }} as fct
    inner join dates on fct.date = dates.date
    where {{ jour_dans_la_fenetre('fct.date') }}
    group by fct.date

),

temperatures as (

    select
        date,
        {{ somme('temperature_moyenne_c') }} / count(temperature_moyenne_c)
            as temperature_moyenne_c,
        {%- for base in bases %}
        {{ somme('greatest(' ~ base ~ ' - temperature_moyenne_c, 0)') }}
        / count(temperature_moyenne_c) as degres_jours_base_{{ base }}_c,
        {%- endfor %}
        count(temperature_moyenne_c) = 13 as est_complet
    from {{ ref('fct_temperature_regionale') }}
    where {{ jour_dans_la_fenetre('date') }}
    group by date

),

jours as (

    select date from electricite
    union
    select date from echanges
    union
    select date from temperatures

),

final as (

    select
        {{ mois_de('jours.date') }} as mois,
        jours.date,
        electricite.statut as statut_electricite,
        electricite.heures_lues as heures_electricite_lues_h,
        electricite.est_complet as est_complet_electricite,
        {%- for mesure in ['consommation', 'production'] + filieres + ['pompage', 'batteries', 'ech_physiques'] %}
        electricite.{{ mesure }}_mwh,
        {%- endfor %}
        electricite.taux_co2_g_par_kwh,
        echanges.export_commercial_mwh,
        echanges.import_commercial_mwh,
        echanges.est_complet as est_complet_echanges,
        temperatures.temperature_moyenne_c,
        {%- for base in bases %}
        temperatures.degres_jours_base_{{ base }}_c,
        {%- endfor %}
        temperatures.est_complet as est_complet_temperature
    from jours
    left join electricite_complete as electricite on jours.date = electricite.date
    left join echanges on jours.date = echanges.date
    left join temperatures on jours.date = temperatures.date

)

select * from final
