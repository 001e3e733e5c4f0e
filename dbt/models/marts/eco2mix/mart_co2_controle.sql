{{
    config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ vider_ou(annee_dans_la_fenetre('annee')) }}",
    )
}}
with

-- Only what was produced can have a rate: neither :15 and :45 of consolidated days nor the future count as missing.
lectures as (

    select
        *,
        taux_co2_recalcule_g_par_kwh - taux_co2_g_par_kwh as ecart_g_par_kwh,
        case when taux_co2_g_par_kwh is not null then production_mwh else 0 end as production_avec_taux_mwh,
        case
            when taux_co2_recalcule_g_par_kwh - taux_co2_g_par_kwh is not null then production_mwh
        end as production_comparee_mwh
    from {{ ref('int_co2_recalcule') }}
    where production_mwh is not null and {{ jour_dans_les_annees('date_locale') }}

),

facteurs as (

    select * from {{ ref('dim_facteur_co2') }}

),

groupes as (

    select
        annee,
        statut,
        regime,
        cast(count(taux_co2_g_par_kwh) as integer) as nombre_taux_publies,
        cast(count(ecart_g_par_kwh) as integer) as nombre_taux_compares,
        100 * {{ somme_exacte('production_avec_taux_mwh') }} / nullif({{ somme_exacte('production_mwh') }}, 0)
            as couverture_co2_pct,
        {{ somme_exacte('taux_co2_g_par_kwh * production_mwh') }}
        / nullif({{ somme_exacte('production_avec_taux_mwh') }}, 0) as taux_co2_g_par_kwh,
        {{ somme_exacte('taux_co2_recalcule_g_par_kwh * production_comparee_mwh') }}
        / nullif({{ somme_exacte('production_comparee_mwh') }}, 0) as taux_co2_recalcule_g_par_kwh,
        {{ somme_exacte('ecart_g_par_kwh * production_comparee_mwh') }}
        / nullif({{ somme_exacte('production_comparee_mwh') }}, 0) as ecart_moyen_g_par_kwh,
        {{ somme_exacte('abs(ecart_g_par_kwh) * production_comparee_mwh') }}
        / nullif({{ somme_exacte('production_comparee_mwh') }}, 0) as ecart_absolu_moyen_g_par_kwh,
        max(abs(ecart_g_par_kwh)) as ecart_absolu_max_g_par_kwh
    from lectures
    group by annee, statut, regime

),

final as (

    select
        groupes.annee,
        groupes.statut,
        groupes.regime,
        groupes.nombre_taux_publies,
        groupes.nombre_taux_compares,
        groupes.couverture_co2_pct,
        groupes.taux_co2_g_par_kwh,
        groupes.taux_co2_recalcule_g_par_kwh,
        groupes.ecart_moyen_g_par_kwh,
        groupes.ecart_absolu_moyen_g_par_kwh,
        groupes.ecart_absolu_max_g_par_kwh,
        facteurs.est_verifie,
        facteurs.source
    from groupes
    left join facteurs on groupes.regime = facteurs.regime

)

select * from final
