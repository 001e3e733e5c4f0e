{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_ou(periode_dans_les_annees()) }}",
    )
}}
with

bilans as (

    select
        jours.maille,
        jours.code_territoire,
        jours.type_periode,
        jours.debut,
        jours.fin,
        jours.est_complet,
        jours.jours_attendus,
        bilan.production_mwh,
        bilan.consommation_mwh,
        bilan.pompage_mwh,
        bilan.taux_co2_g_par_kwh,
        bilan.couverture_co2_pct,
        -- The production that the rate of the day covers.
        bilan.production_mwh * bilan.couverture_co2_pct / 100 as production_avec_taux_mwh,
        -- Coverage compares production and consumption of the same days.
        case when bilan.consommation_mwh is not null then bilan.production_mwh end as production_couvrant_mwh
    from {{ ref('int_mix_periode_jours') }} as jours
    inner join {{ ref('mart_mix_bilan_jour') }} as bilan
        on jours.code_territoire = bilan.code_territoire and jours.date = bilan.date
    where {{ periode_dans_les_annees('jours.debut', 'jours.fin', 'jours.type_periode') }}

),

sommes as (

    select
        maille,
        code_territoire,
        type_periode,
        debut,
        fin,
        {{ somme_exacte('production_mwh') }} as production_mwh,
        {{ somme_exacte('consommation_mwh') }} as consommation_mwh,
        {{ somme_exacte('pompage_mwh') }} as pompage_mwh,
        100 * {{ somme_exacte('production_couvrant_mwh') }} / nullif({{ somme_exacte('consommation_mwh') }}, 0)
            as taux_couverture_pct,
        {{ somme_exacte('taux_co2_g_par_kwh * production_avec_taux_mwh') }}
        / nullif({{ somme_exacte('production_avec_taux_mwh') }}, 0) as taux_co2_g_par_kwh,
        100 * {{ somme_exacte('production_avec_taux_mwh') }}
        / nullif({{ somme_exacte('production_mwh', 'couverture_co2_pct is not null') }}, 0) as couverture_co2_pct,
        cast(count(*) as integer) as nombre_jours,
        cast(min(jours_attendus) as integer) as jours_attendus,
        cast(count(*) filter (where est_complet) as integer) as jours_presents,
        count(*) filter (where est_complet) = min(jours_attendus) as est_complete
    from bilans
    group by maille, code_territoire, type_periode, debut, fin

),

parts as (

    select
        mix.code_territoire,
        mix.type_periode,
        mix.debut,
        {{ part_des_filieres('est_bas_carbone') }} as part_bas_carbone_pct,
        {{ part_des_filieres('est_renouvelable') }} as part_renouvelable_pct
    from {{ ref('int_mix_periode') }} as mix
    inner join {{ ref('dim_filiere') }} as filieres on mix.filiere = filieres.filiere
    group by mix.code_territoire, mix.type_periode, mix.debut

),

final as (

    select
        sommes.maille,
        sommes.code_territoire,
        sommes.type_periode,
        sommes.debut,
        sommes.fin,
        sommes.production_mwh,
        sommes.consommation_mwh,
        sommes.pompage_mwh,
        parts.part_bas_carbone_pct,
        parts.part_renouvelable_pct,
        sommes.taux_couverture_pct,
        sommes.taux_co2_g_par_kwh,
        sommes.couverture_co2_pct,
        sommes.nombre_jours,
        sommes.jours_attendus,
        sommes.jours_presents,
        sommes.est_complete
    from sommes
    inner join parts
        on
            sommes.code_territoire = parts.code_territoire
            and sommes.type_periode = parts.type_periode
            and sommes.debut = parts.debut

)

select * from final
