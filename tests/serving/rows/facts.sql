create temp table jours as
select cast(j as date) as date, 11 - 9 * cos(2 * pi() * (dayofyear(j) - 20) / 365) + 3 * sin(epoch(j) / 200000.0) as t
from range(timestamp '2024-07-01', timestamp '2026-11-20', interval 1 day) as r (j);
insert into mart_quotidien_national by name
select date, 1100000 + 55000 * greatest(15 - t, 0) as consommation_mwh, true as est_complet_electricite,
    t as temperature_moyenne_c, 100000 + 50000 * sin(epoch(date) / 3e6) as solde_commercial_mwh,
    60000 + 50000 * sin(epoch(date) / 3e6) as export_commercial_mwh, -8000.0 as import_commercial_mwh,
    true as est_complet_echanges, true as est_complet_temperature
from jours;
insert into mart_conso_quotidienne_region by name
select r.code_region, r.nom_region, j.date, 80000 + 4000 * greatest(15 - j.t, 0) as consommation_electricite_mwh,
    50000 + 12000 * greatest(15 - j.t, 0) as consommation_gaz_mwh, true as est_complet_electricite,
    true as est_complet_gaz, j.t as temperature_moyenne_c, 5000000 as population_municipale_hab,
    12 + greatest(15 - j.t, 0) as consommation_electricite_kwh_par_hab
from jours as j cross join dim_region as r where r.est_metropolitaine;
insert into fct_consommation_nationale by name
select date as date_locale, lpad(cast(h // 2 as varchar), 2, '0') || if(h % 2 = 0, ':00', ':30') as heure_locale,
    false as est_heure_fictive, 45000 + 2300 * greatest(15 - t, 0) + 5000 * sin(h / 8.0) as consommation_electricite_mw,
    (45000 + 2300 * greatest(15 - t, 0) + 5000 * sin(h / 8.0)) / 2 as energie_electricite_mwh,
    case when h % 2 = 0 then 20000 + 6000 * greatest(15 - t, 0) end as energie_gaz_mwh
from jours cross join range(48) as r (h);
insert into mart_stock_gaz_national by name
select date, 80000 + 40000 * sin(epoch(date) / 5e6) as stock_gwh, 6 as nombre_pits, true as est_complet from jours;
insert into fct_echanges_commerciaux by name
select date, 0 as tranche_horaire, f as frontiere, 1500.0 as export_mw, -400.0 as import_mw, 1100.0 as solde_mw
from jours cross join unnest(['cwe', 'es', 'it', 'gb', 'ch']) as u (f);
insert into fct_temperature_regionale by name
select r.code_region, j.date, j.t as temperature_moyenne_c from jours as j cross join dim_region as r;
