insert into mart_prevision by name
select t.maille, t.code as code_territoire, 'jour' as pas, 'ridge' as modele, 'climatologie' as meteo,
    timestamptz '2026-11-19 11:00:00+00' as emise_a, if(i > 59, i - 59, 1) as horizon_jours, i > 59 as est_a_venir,
    date '2026-09-21' + cast(i as integer) as date, y as prevision_mw, 0.98 * y as ic50_bas_mw, 1.02 * y as ic50_haut_mw,
    0.95 * y as ic90_bas_mw, 1.05 * y as ic90_haut_mw, if(i > 59, null, y * (1 + 0.02 * sin(i))) as realise_mw,
    t.rang <> 3 as est_publiee
from territoires as t cross join range(67) as r (i)
cross join lateral (select if(t.rang = 0, 50000, 4000) * (1 + 0.1 * sin(i / 9.0) - 0.1 * (i % 7 >= 5)::integer) as y);
insert into mart_prevision by name
select * replace ('rte_j1' as modele, 'aucune' as meteo, prevision_mw * 1.01 as prevision_mw, null as ic50_bas_mw,
    null as ic50_haut_mw, null as ic90_bas_mw, null as ic90_haut_mw)
from mart_prevision where code_territoire = 'FR' and not est_a_venir;
insert into mart_prevision_scores by name
select t.maille, t.code as code_territoire, p as pas, m.modele, m.meteo, 1 as horizon_jours, d.decoupe,
    d.valeur as valeur_decoupe, date '2025-11-20' as debut, date '2026-11-19' as fin, 365 as nombre, 365 as nombre_jours,
    330 as nombre_intervalles, if(m.modele <> 'rte_j1', 750.0, null) as mae_rte_mw, m.mape * 500 as mae_mw, m.mape as mape_pct, -120.0 as biais_mw,
    m.mape * 650 as rmse_mw, m.mape / 5 as mase, m.mape * 200 as pinball_mw, 90.3 as couverture_90_pct,
    50.8 as couverture_50_pct, 49.2 as gain_contre_naif_pct, if(m.modele = 'ridge', -2.4, null) as dm_statistique,
    if(m.modele = 'ridge', 0.016, null) as dm_p_valeur
from territoires as t cross join unnest(['jour', 'demi_heure']) as u (p) cross join (values
    ('ridge', 'observee', 1.2), ('ridge', 'climatologie', 2.1), ('rte_j1', 'aucune', 1.5),
    ('naif_7j', 'aucune', 5.9), ('persistance', 'aucune', 5.4)) as m (modele, meteo, mape)
cross join (select 'ensemble' as decoupe, 'ensemble' as valeur
    union all select 'heure', lpad(cast(h as varchar), 2, '0') from range(24) as r (h)
    union all select 'saison', s from unnest(['hiver', 'printemps', 'été', 'automne']) as u (s)) as d
where t.maille = 'nation' or d.decoupe = 'ensemble';
insert into mart_prevision_modele by name
select t.maille, t.code as code_territoire, p as pas, 'ridge' as modele, 'climatologie' as meteo, t.rang <> 3 as est_publie,
    if(t.rang = 3, 'ne bat pas la référence', null) as motif, date '2024-07-01' as apprentissage_debut,
    date '2026-10-31' as apprentissage_fin, 850 as nombre_jours, date '2025-11-20' as epreuve_debut,
    date '2026-11-19' as epreuve_fin, 360 as nombre_jours_eprouves, 10.0 as alpha, 2.1 as mape_pct,
    90.3 as couverture_90_pct, 78.5 as gain_contre_naif_pct
from territoires as t cross join unnest(['jour', 'demi_heure']) as u (p);
insert into mart_prevision by name
select p.* replace ('demi_heure' as pas, lpad(cast(h as varchar), 2, '0') || ':00' as heure_locale,
    p.prevision_mw * (1 + h / 1000.0) as prevision_mw)
from mart_prevision as p cross join range(24) as r (h)
where p.code_territoire = 'FR' and p.pas = 'jour' and not p.est_a_venir;
