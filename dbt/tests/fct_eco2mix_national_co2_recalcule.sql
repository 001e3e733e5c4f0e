with

recalculees as (

    select
        production.mois,
        production.date_locale,
        production.heure_locale,
        sum(production.production_mw * filieres.facteur_co2_g_par_kwh)
        / nullif(sum(production.production_mw), 0) as taux_co2_recalcule_g_par_kwh
    from {{ ref('fct_production_filiere') }} as production
    inner join {{ ref('dim_filiere') }} as filieres on production.filiere = filieres.filiere
    where
        production.territoire = 'FR'
        and (filieres.est_production or filieres.filiere = 'pompage')
    group by production.mois, production.date_locale, production.heure_locale
    -- Where one of them is missing, nothing can be said.
    having count(*) = count(production.production_mw)

)

select
    recalculees.*,
    publiees.taux_co2_g_par_kwh,
    'taux de CO2 à plus de 1 g/kWh de la formule' as message
from recalculees
inner join {{ ref('fct_eco2mix_national') }} as publiees
    on
        recalculees.mois = publiees.mois
        and recalculees.date_locale = publiees.date_locale
        and recalculees.heure_locale = publiees.heure_locale
where abs(recalculees.taux_co2_recalcule_g_par_kwh - publiees.taux_co2_g_par_kwh) > 1
