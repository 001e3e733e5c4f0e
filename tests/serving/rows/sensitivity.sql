insert into mart_thermosensibilite by name
select t.maille, t.code as code_territoire, t.nom as nom_territoire, e as energie, p as periode,
    date '2024-07-01' as debut, date '2026-06-30' as fin, 15.0 as seuil_chauffage_c,
    if(t.rang % 3 = 0, 21.0, null) as seuil_climatisation_c, g as gradient_chauffage_mw_par_c,
    0.96 * g as gradient_chauffage_ic95_bas_mw_par_c, 1.04 * g as gradient_chauffage_ic95_haut_mw_par_c,
    0.02 * g as gradient_chauffage_erreur_type_mw_par_c, 1.9 + 0.19 * t.rang as gradient_chauffage_pct_par_c,
    24000 * g / 3e7 as gradient_chauffage_kwh_jour_c_logement,
    if(t.rang % 3 = 0, 0.2 * g, null) as gradient_climatisation_mw_par_c,
    if(t.rang % 3 = 0, 0.15 * g, null) as gradient_climatisation_ic95_bas_mw_par_c,
    if(t.rang % 3 = 0, 0.25 * g, null) as gradient_climatisation_ic95_haut_mw_par_c,
    0.94 as r2, 4.2 as cvrmse_pct, 730 as nombre_jours, 400 as nombre_jours_sous_seuil,
    t.rang <> 5 as est_fiable, if(t.rang = 5, 'trop peu de jours sous le seuil', null) as motif
from territoires as t cross join unnest(['electricite', 'gaz']) as u (e)
cross join unnest(['ensemble', '2024-2025', '2025-2026']) as v (p)
cross join lateral (select if(t.rang = 0, 2340, 300 - 18 * t.rang) * if(e = 'gaz', 2.5, 1) as g) as x;
insert into mart_priorite_isolation by name
select code as code_region, nom as nom_region, rang, greatest(1, rang - 1) as rang_ic95_meilleur,
    least(12, rang + 2) as rang_ic95_pire, 'par logement' as critere, 4.2 - 0.19 * rang as gradient_chauffage_pct_par_c,
    4.0 - 0.19 * rang as gradient_chauffage_ic95_bas_pct_par_c, 4.4 - 0.19 * rang as gradient_chauffage_ic95_haut_pct_par_c,
    rang as rang_relatif, 1.9 - 0.06 * rang as gradient_kwh_jour_c_logement, rang as rang_par_logement,
    1.8 - 0.06 * rang as gradient_ic95_bas_kwh_jour_c_logement, 2.0 - 0.06 * rang as gradient_ic95_haut_kwh_jour_c_logement,
    100.0 + rang as gradient_mw_par_c, 2500000 as nombre_logements, 2023 as annee_logements, date '2024-07-01' as debut, date '2026-06-30' as fin,
    true as est_fiable
from territoires where maille = 'region';
insert into mart_thermosensibilite_locale by name
select 'departement' as maille, code_departement as code_territoire, nom_departement as nom_territoire, 2024 as annee,
    3000.0 + 40 * row_number() over (order by code_departement) as consommation_kwh_par_logement, false as est_minimum,
    -3.0 as ecart_a_la_region_pct, 38.0 as part_expliquee_pct, 36.0 as part_expliquee_ic95_bas_pct,
    40.0 as part_expliquee_ic95_haut_pct
from dim_departement;
insert into mart_consommation_par_client by name
select maille, code as code_territoire, a as annee, 'electricite' as energie, s.code_secteur, s.nom_secteur,
    1e6 * s.ordre as energie_mwh, 50.0 / s.ordre as part_pct, s.ordre = 3 as est_minimum
from (from territoires union all select 'region', '94', 'Corse', 13) as t cross join dim_secteur as s cross join unnest([2023, 2024]) as u (a);
insert into mart_degres_jours by name
select maille, code as code_territoire, cast(a as integer) as annee, b as base_c, m as methode, 1500.0 + 90 * (a % 4) as degres_jours_c,
    if(a = 2025, 240, 243) as nombre_jours, 243 as nombre_jours_attendus,
    a <> 2025 as est_complet
from (from territoires union all select 'region', '94', 'Corse', 13) as t cross join range(2019, 2026) as r (a)
cross join unnest([17, 18]) as u (b) cross join unnest(['moyenne publiée', '(Tmin + Tmax) / 2']) as v (m);
insert into mart_decomposition_consommation by name
select t.code as code_region, t.nom as nom_region, e as energie, f.facteur, f.mwh as contribution_mwh,
    0.9 * f.mwh as contribution_ic95_bas_mwh, 1.1 * f.mwh as contribution_ic95_haut_mwh, 1 as ordre,
    f.part as contribution_part_variance_pct, date '2024-07-01' as debut, date '2026-06-30' as fin,
    730 as nombre_jours, true as est_fiable
from territoires as t cross join unnest(['electricite', 'gaz']) as u (e) cross join (values
    ('temperature_chauffage', 6e7, 74.0), ('temperature_climatisation', 2e6, 3.0), ('type_de_jour', -9e6, 14.0),
    ('feries', -1e6, 1.5), ('vacances', -2e6, 1.5), ('tendance', 1e6, 1.0), ('residu', 0.0, 5.0)
) as f (facteur, mwh, part);
