create or replace temp table calendrier as
select 'mois' as type_periode, strftime(j, '%Y-%m') as periode, cast(date_trunc('month', j) as date) as debut,
    last_day(j) as fin, cast(j as date) as date
from range(timestamp '2024-01-01', timestamp '2027-01-01', interval 1 day) as r (j)
union all
select 'annee', strftime(j, '%Y'), cast(date_trunc('year', j) as date), make_date(year(j), 12, 31), cast(j as date)
from range(timestamp '2024-01-01', timestamp '2027-01-01', interval 1 day) as r (j)
union all
select n || '_jours', n || ' derniers jours', date '2026-11-20' - cast(n as integer), date '2026-11-19', cast(j as date)
from unnest([30, 365]) as u (n), range(timestamp '2024-01-01', timestamp '2026-11-20', interval 1 day) as r (j)
where cast(j as date) >= date '2026-11-20' - cast(n as integer);
insert into mart_periode by name
select m as mesure, t.maille, t.code as code_territoire, c.type_periode, c.periode, c.debut, c.fin,
    c.fin - c.debut + 1 as jours_attendus, count(*) as jours_presents, count(*) = any_value(c.fin - c.debut + 1) as est_complete
from territoires as t
cross join unnest(['consommation_electricite', 'consommation_gaz', 'production', 'stock_gaz', 'echanges', 'temperature'])
    as u (m)
cross join calendrier as c inner join jours as j on c.date = j.date
where t.maille = 'nation' or m not in ('stock_gaz', 'echanges')
group by all;
