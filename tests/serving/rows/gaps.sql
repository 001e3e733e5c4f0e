-- A lake full of gaps: consumption lacks months and ends in December 2025, production and the forecast lie six years
-- before, of its last thirty days ten are there, Bretagne has nothing, Île-de-France has one month of its last year.
delete from fct_consommation_nationale
where date_locale between '2025-02-01' and '2025-04-15' or date_locale > '2025-12-20';
delete from mart_conso_quotidienne_region
where code_region = '53' or date between '2025-02-01' and '2025-04-15'
    or (code_region = '11' and date between '2025-04-16' and '2026-10-19');
delete from mart_stock_gaz_national where dayofyear(date) % 3 = 0;
update mart_mix_periode set debut = debut - interval 6 year, fin = fin - interval 6 year;
update mart_mix_bilan_periode set debut = debut - interval 6 year, fin = fin - interval 6 year;
update mart_mix_periode set jours_presents = case type_periode when '30_jours' then 10 when 'annee' then 143 else 3 end,
    est_complete = false;
update mart_mix_bilan_periode set jours_presents = case type_periode when 'annee' then 143 else 3 end, est_complete = false
where type_periode = 'annee' or month(debut) <= 9;
update mart_mix_saison set jours_presents = 12, est_complete = false where saison <> 'été';
update mart_prevision set date = date - interval 6 year, emise_a = emise_a - interval 6 year;
update mart_thermosensibilite set debut = date '2025-01-01', nombre_jours = 300 where code_territoire = '84';
update mart_priorite_isolation set debut = date '2025-01-01' where code_region = '84';
update mart_degres_jours set nombre_jours = 31, est_complet = false where annee > 2019;
delete from mart_mix_periode where code_territoire = '53';
delete from mart_mix_bilan_periode where code_territoire = '53';
delete from mart_thermosensibilite where code_territoire = '53';
delete from mart_priorite_isolation where code_region = '53';
delete from mart_prevision where code_territoire = '53';
delete from mart_prevision_modele where code_territoire = '53';
delete from mart_consommation_par_client where code_territoire = '53';
delete from mart_decomposition_consommation where code_region = '53';
delete from mart_degres_jours where code_territoire = '53';
create or replace temp table presents as
select 'consommation_' || e as mesure, 'FR' as code, date_locale as date
from fct_consommation_nationale cross join unnest(['electricite', 'gaz']) as u (e) group by all
union all
select 'consommation_' || e, code_region, date
from mart_conso_quotidienne_region cross join unnest(['electricite', 'gaz']) as u (e)
union all
select 'stock_gaz', 'FR', date from mart_stock_gaz_national;
create or replace temp table civiles as
select type_periode, debut, fin, count(*) as jours_attendus from calendrier
where type_periode in ('mois', 'annee') group by all;
delete from mart_periode where mesure in (select mesure from presents);
insert into mart_periode by name
select p.mesure, if(p.code = 'FR', 'nation', 'region') as maille, p.code as code_territoire, c.type_periode,
    cast(c.debut as varchar) as periode, c.debut, c.fin, c.jours_attendus, count(*) as jours_presents,
    count(*) = any_value(c.jours_attendus) as est_complete
from presents as p inner join civiles as c on p.date between c.debut and c.fin group by all
union all by name
select p.mesure, if(p.code = 'FR', 'nation', 'region') as maille, p.code as code_territoire, n || '_jours' as type_periode,
    n || ' derniers jours' as periode, f.fin - cast(n as integer) + 1 as debut, f.fin, n as jours_attendus,
    count(*) as jours_presents, count(*) = any_value(n) as est_complete
from presents as p inner join (select mesure, code, max(date) as fin from presents group by all) as f using (mesure, code)
cross join unnest([30, 365]) as u (n)
where p.date > f.fin - cast(n as integer) group by all;
