create or replace temp table liens as
select 'temperature_moyenne_c' as serie_x, f || '_mwh' as serie_y, tr as transformation, fo as forme,
    0 as decalage_jours, me as methode, 0.8 - 0.2 * i as effet, if(me = 'pente', 'MWh par °C', 'sans unité') as unite_effet,
    0.7 - 0.2 * i as ic95_bas, 0.9 - 0.2 * i as ic95_haut, date '2024-07-01' as debut, date '2026-11-19' as fin, 700 as nombre_jours, 40.0 as nombre_effectif,
    i <> 4 as est_concluant, if(i = 4, 'l''intervalle contient zéro', null) as motif
from (values ('nucleaire', 1), ('eolien', 2), ('solaire', 3), ('gaz', 4)) as f (f, i)
cross join unnest(['brute', 'desaisonnalisee']) as u (tr) cross join unnest(['niveau', 'flux']) as v (fo)
cross join unnest(['pearson', 'spearman', 'pente']) as w (me);
insert into mart_question_stock_temperature by name
select l.* replace ('stock_gaz_gwh' as serie_y, cast(d as integer) as decalage_jours, 0.2 + 0.65 * sin(pi() * d / 150.0) as effet,
    0.1 + 0.65 * sin(pi() * d / 150.0) as ic95_bas, 0.3 + 0.65 * sin(pi() * d / 150.0) as ic95_haut)
from liens as l cross join range(0, 91, 5) as r (d) where l.serie_y = 'nucleaire_mwh';
insert into mart_question_filieres_temperature by name select * from liens where forme = 'flux';
insert into mart_question_filieres_stock by name select * replace ('stock_gaz_gwh' as serie_x) from liens;
insert into mart_question_saisons by name
select * replace ('est_hiver' as serie_x) from liens where transformation = 'brute' and forme = 'flux';
insert into mart_question_echanges_stock by name
select * replace ('remplissage_stock_gaz_pct' as serie_x, 'solde_commercial_mwh' as serie_y) from liens
where serie_y = 'nucleaire_mwh' and forme = 'niveau';
