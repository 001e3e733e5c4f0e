with

final as (

    select
        maille,
        code_territoire,
        pas,
        modele,
        meteo,
        horizon_jours,
        decoupe,
        valeur_decoupe,
        debut,
        fin,
        nombre,
        nombre_jours,
        mae_mw,
        mape_pct,
        biais_mw,
        rmse_mw,
        mase,
        echelle_mase_mw,
        pinball_mw,
        nombre_intervalles,
        couverture_90_pct,
        couverture_50_pct,
        largeur_90_mw,
        gain_contre_naif_pct,
        gain_contre_persistance_pct,
        mae_rte_mw,
        dm_statistique,
        dm_p_valeur,
        dm_nombre_jours
    from {{ ref('int_prevision_scores') }}

)

select * from final
