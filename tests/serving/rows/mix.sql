create or replace temp table parts as
select * from (values ('nucleaire', 66.0), ('eolien', 9.0), ('solaire', 5.0), ('hydraulique', 12.0),
    ('bioenergies', 2.0), ('gaz', 5.0), ('charbon', 0.5), ('fioul', 0.5)) as t (filiere, part_pct);
create or replace temp table periodes as
select 'mois' as type_periode, cast(m as date) as debut, last_day(m) as fin
from range(timestamp '2024-07-01', timestamp '2026-11-01', interval 1 month) as r (m)
union all select 'annee', make_date(a, 1, 1), make_date(a, 12, 31) from range(2024, 2026) as r (a)
union all select '30_jours', date '2026-10-21', date '2026-11-19';
insert into mart_mix_periode by name
select t.maille, t.code as code_territoire, p.type_periode, p.debut, p.fin,
    if(t.maille = 'nation' or x.filiere not in ('gaz', 'charbon', 'fioul'), x.filiere, 'thermique') as filiere,
    sum(x.part_pct * 1000) as energie_mwh, sum(x.part_pct) as part_pct, p.fin - p.debut + 1 as nombre_jours,
    p.fin - p.debut + 1 as jours_attendus, p.fin - p.debut + 1 as jours_presents, true as est_complete
from territoires as t cross join periodes as p cross join parts as x group by all;
insert into mart_mix_bilan_periode by name
select t.maille, t.code as code_territoire, p.type_periode, p.debut, p.fin, 1e7 as production_mwh,
    9e6 as consommation_mwh, 93 + 2 * sin(month(p.debut)) as part_bas_carbone_pct,
    27 + 4 * sin(month(p.debut)) as part_renouvelable_pct, 111.1 - 8 * t.rang as taux_couverture_pct,
    case when t.maille = 'nation' then 32 + 9 * cos(month(p.debut)) end as taux_co2_g_par_kwh,
    case when t.maille = 'nation' then 100 end as couverture_co2_pct, p.fin - p.debut + 1 as jours_attendus,
    p.fin - p.debut + 1 as jours_presents, true as est_complete
from territoires as t cross join periodes as p;
insert into mart_mix_saison by name
select t.maille, t.code as code_territoire, 2025 as annee_saison, s as saison, x.filiere, x.part_pct * 1000 as energie_mwh,
    x.part_pct, 90 as nombre_jours, 90 as jours_attendus, 90 as jours_presents, date '2025-12-01' - 90 * u.rang as debut,
    date '2025-12-01' - 90 * u.rang + 89 as fin, true as est_complete
from territoires as t cross join parts as x cross join (values ('hiver', 4), ('printemps', 3), ('été', 2), ('automne', 1)) as u (s, rang)
where t.maille = 'nation';
insert into meta_ruptures by name
select 'mart_mix_bilan_periode' as nom_table, 'taux_co2_g_par_kwh' as mesure, jour as date_rupture, 'methode' as nature,
    true as est_comparable, 'RTE compte autrement depuis ' || year(jour) || '.' as motif
from (values (date '2024-01-01'), (date '2025-01-01')) as t (jour);
