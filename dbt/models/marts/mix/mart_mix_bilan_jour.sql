{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_ou(jour_dans_les_annees('date')) }}",
    )
}}
{%- set filieres = ['nucleaire', 'gaz', 'charbon', 'fioul', 'eolien', 'solaire', 'hydraulique', 'bioenergies'] -%}
with

energies as (

    select
        mix.maille,
        mix.code_territoire,
        mix.date,
        mix.filiere,
        mix.energie_mwh,
        mix.nombre_lectures,
        filieres.est_production,
        filieres.est_bas_carbone,
        filieres.est_renouvelable
    from {{ ref('int_mix_jour') }} as mix
    inner join {{ ref('dim_filiere') }} as filieres on mix.filiere = filieres.filiere
    where {{ jour_dans_les_annees('mix.date') }}

),

productions as (

    select
        maille,
        code_territoire,
        date,
        {{ somme_exacte('energie_mwh', 'est_production') }} as production_mwh,
        {{ somme_exacte('energie_mwh', "filiere = 'pompage'") }} as pompage_mwh,
        {{ part_des_filieres('est_bas_carbone') }} as part_bas_carbone_pct,
        {{ part_des_filieres('est_renouvelable') }} as part_renouvelable_pct,
        min(nombre_lectures) as lectures_min
    from energies
    group by maille, code_territoire, date

),

lectures as (

    select
        'FR' as code_territoire,
        date_locale as date,
        pas_minutes / 60e0 as pas_heures,
        energie_consommation_mwh,
        taux_co2_g_par_kwh,
        {{ production_lue_mw(filieres) }} * pas_minutes / 60e0 as energie_produite_mwh
    from {{ ref('fct_eco2mix_national') }}
    where not est_heure_fictive and {{ jour_dans_les_annees('date_locale') }}
    union all
    select
        code_region as code_territoire,
        date_locale as date,
        pas_minutes / 60e0 as pas_heures,
        energie_consommation_mwh,
        cast(null as double) as taux_co2_g_par_kwh,
        cast(null as double) as energie_produite_mwh
    from {{ ref('fct_eco2mix_regional') }}
    where not est_heure_fictive and {{ jour_dans_les_annees('date_locale') }}

),

consommations as (

    select
        code_territoire,
        date,
        {{ somme_exacte('energie_consommation_mwh') }} as consommation_mwh,
        count(energie_consommation_mwh) as nombre_lectures,
        coalesce(sum(pas_heures) filter (where energie_consommation_mwh is not null), 0) as heures_lues_h,
        {{ somme_exacte('taux_co2_g_par_kwh * energie_produite_mwh') }} as emissions_kg,
        {{ somme_exacte('energie_produite_mwh', 'taux_co2_g_par_kwh is not null') }} as production_avec_taux_mwh
    from lectures
    group by code_territoire, date

),

final as (

    select
        productions.maille,
        productions.code_territoire,
        productions.date,
        productions.production_mwh,
        consommations.consommation_mwh,
        productions.pompage_mwh,
        productions.part_bas_carbone_pct,
        productions.part_renouvelable_pct,
        100 * productions.production_mwh / nullif(consommations.consommation_mwh, 0) as taux_couverture_pct,
        -- RTE's own rate per kWh produced, each label weighted by its production. A label without a rate has no
        -- weight, and is missing from the coverage.
        consommations.emissions_kg / nullif(consommations.production_avec_taux_mwh, 0) as taux_co2_g_par_kwh,
        case
            when productions.maille <> 'nation' then null
            when consommations.production_avec_taux_mwh is null then 0
            else 100 * consommations.production_avec_taux_mwh / nullif(productions.production_mwh, 0)
        end as couverture_co2_pct,
        coalesce(consommations.heures_lues_h, 0) as heures_lues_h,
        -- The repeated hour of October is published once: its day is complete with 24 hours.
        coalesce(
            consommations.heures_lues_h between least(24, dates.nombre_heures) and dates.nombre_heures
            and productions.lectures_min >= consommations.nombre_lectures,
            false
        ) as est_complet
    from productions
    inner join {{ ref('dim_date') }} as dates on productions.date = dates.date
    left join consommations
        on
            productions.code_territoire = consommations.code_territoire
            and productions.date = consommations.date

)

select * from final
