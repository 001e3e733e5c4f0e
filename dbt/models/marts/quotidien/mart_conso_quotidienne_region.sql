{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ vider_la_fenetre() }}",
    )
}}
{#- Base temperatures of the degree days: 18 °C is usual, 17 °C is that of the SDES. -#}
{%- set bases = [18, 17] -%}
with

regions as (

    select
        code_region,
        nom_region
    from {{ ref('dim_region') }}

),

rangs as (

    select distinct
        statut,
        rang
    from {{ ref('statuts') }}

),

lectures as (

    select
        fct.code_region,
        fct.date_locale as date,
        fct.energie_electricite_mwh,
        fct.energie_gaz_mwh,
        fct.est_douteux,
        electricite.rang as rang_electricite,
        gaz.rang as rang_gaz
    from {{ ref('fct_consommation_regionale') }} as fct
    left join rangs as electricite on fct.statut_electricite = electricite.statut
    left join rangs as gaz on fct.statut_gaz = gaz.statut
    where {{ dans_la_fenetre('fct.mois') }}

),

-- In a fixed order: the last digits of a sum of doubles depend on it, and equal content must stay equal.
consommations as (

    select
        code_region,
        date,
        {{ somme('energie_electricite_mwh') }} as consommation_electricite_mwh,
        {{ somme('energie_gaz_mwh') }} as consommation_gaz_mwh,
        max(rang_electricite) filter (where energie_electricite_mwh is not null) as rang_electricite,
        max(rang_gaz) filter (where energie_gaz_mwh is not null) as rang_gaz,
        count(*) filter (where est_douteux) > 0 as est_douteux
    from lectures
    group by code_region, date

),

-- Two statuses share a rank; the first in alphabetical order speaks for both.
statuts as (

    select
        rang,
        min(statut) as statut
    from rangs
    group by rang

),

completude as (

    select
        code_territoire as code_region,
        date,
        demi_heures_electricite_manquantes,
        heures_gaz_manquantes,
        est_complet_electricite,
        est_complet_gaz
    from {{ ref('mart_completude_jour') }}
    where jeu = 'consommation_regionale'

),

temperatures as (

    select * from {{ ref('fct_temperature_regionale') }}
    where {{ dans_la_fenetre(mois_de('date')) }}

),

jours as (

    select
        code_region,
        date
    from consommations
    union
    select
        code_region,
        date
    from temperatures

),

zones as (

    select
        jours.code_region,
        jours.date,
        pont.zone_scolaire,
        pont.part_population,
        case pont.zone_scolaire
            when 'A' then dates.est_vacances_zone_a
            when 'B' then dates.est_vacances_zone_b
            when 'C' then dates.est_vacances_zone_c
            when 'Corse' then dates.est_vacances_corse
        end as est_vacances
    from jours
    inner join {{ ref('dim_date') }} as dates on jours.date = dates.date
    inner join {{ ref('pont_region_zone_scolaire') }} as pont
        on
            jours.code_region = pont.code_region
            and jours.date >= pont.valide_du
            and (pont.valide_au is null or jours.date <= pont.valide_au)

),

-- The share of the inhabitants whose school zone is on holiday: 0 or 1, except where a region straddles two zones.
-- Unknown as soon as it is unknown in one of them.
vacances as (

    select
        code_region,
        date,
        {{ liste_en_texte('zone_scolaire') }} as zones_scolaires,
        case
            when count(*) = count(est_vacances)
                then {{ somme('case when est_vacances then part_population else 0 end', 'zone_scolaire') }}
        end as part_vacances_scolaires
    from zones
    group by code_region, date

),

populations as (

    select
        code_territoire as code_region,
        annee,
        population_municipale_hab,
        lead(annee) over (partition by code_territoire order by annee) as annee_suivante,
        row_number() over (partition by code_territoire order by annee) as rang
    from {{ ref('fct_population') }}
    where maille = 'region'

),

final as (

    select
        {{ mois_de('jours.date') }} as mois,
        jours.code_region,
        regions.nom_region,
        jours.date,
        consommations.consommation_electricite_mwh,
        consommations.consommation_gaz_mwh,
        electricite.statut as statut_electricite,
        gaz.statut as statut_gaz,
        completude.demi_heures_electricite_manquantes,
        completude.heures_gaz_manquantes,
        completude.est_complet_electricite,
        completude.est_complet_gaz,
        coalesce(consommations.est_douteux, false) as est_douteux,
        temperatures.temperature_min_c,
        temperatures.temperature_moyenne_c,
        temperatures.temperature_max_c,
        {%- for base in bases %}
        greatest({{ base }} - temperatures.temperature_moyenne_c, 0) as degres_jours_base_{{ base }}_c,
        {%- endfor %}
        dates.type_jour,
        dates.saison,
        dates.est_ferie,
        dates.est_pont,
        vacances.zones_scolaires,
        vacances.part_vacances_scolaires,
        populations.annee as annee_population,
        populations.population_municipale_hab,
        1000 * consommations.consommation_electricite_mwh / nullif(populations.population_municipale_hab, 0)
            as consommation_electricite_kwh_par_hab
    from jours
    inner join regions on jours.code_region = regions.code_region
    inner join {{ ref('dim_date') }} as dates on jours.date = dates.date
    left join consommations on jours.code_region = consommations.code_region and jours.date = consommations.date
    left join statuts as electricite on consommations.rang_electricite = electricite.rang
    left join statuts as gaz on consommations.rang_gaz = gaz.rang
    left join completude on jours.code_region = completude.code_region and jours.date = completude.date
    left join temperatures on jours.code_region = temperatures.code_region and jours.date = temperatures.date
    left join vacances on jours.code_region = vacances.code_region and jours.date = vacances.date
    -- The population of the year, else the newest known before it, else the oldest known.
    left join populations
        on
            jours.code_region = populations.code_region
            and (dates.annee >= populations.annee or populations.rang = 1)
            and (populations.annee_suivante is null or dates.annee < populations.annee_suivante)

)

select * from final
