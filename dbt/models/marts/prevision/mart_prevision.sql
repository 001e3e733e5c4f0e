with

jugees as (

    select
        lignes.*,
        coalesce(lignes.horizon_jours <= modeles.horizon_publie_jours, false) as est_publiee,
        -- Coming days are shown only where the model has proved better than the references; past forecasts are shown
        -- as issued.
        not lignes.est_a_venir
        or lignes.modele <> 'ridge'
        or coalesce(lignes.horizon_jours <= modeles.horizon_publie_jours, false) as est_montree
    from {{ ref('int_prevision_lignes') }} as lignes
    left join {{ ref('mart_prevision_modele') }} as modeles
        on
            lignes.maille = modeles.maille
            and lignes.code_territoire = modeles.code_territoire
            and lignes.pas = modeles.pas
            and lignes.modele = modeles.modele
            and lignes.meteo = modeles.meteo

),

final as (

    select
        maille,
        code_territoire,
        pas,
        modele,
        meteo,
        emise_a,
        horizon_jours,
        date,
        heure_locale,
        instant_utc,
        case when est_montree then prevision_mw end as prevision_mw,
        case when est_montree then ic50_bas_mw end as ic50_bas_mw,
        case when est_montree then ic50_haut_mw end as ic50_haut_mw,
        case when est_montree then ic90_bas_mw end as ic90_bas_mw,
        case when est_montree then ic90_haut_mw end as ic90_haut_mw,
        realise_mw,
        est_a_venir,
        est_publiee
    from jugees

)

select * from final
