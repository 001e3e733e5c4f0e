-- Gironde, what touches it, its EPCI and communes: six years with a break in 2022, a secret value, a partial one, an
-- indicator that was imported. Values are sums of round numbers, so that each can be told apart.
insert into dim_departement by name
select * from (values
    ('17', 'Charente-Maritime', '75'), ('24', 'Dordogne', '75'), ('33', 'Gironde', '75'), ('40', 'Landes', '75'),
    ('47', 'Lot-et-Garonne', '75')
) as t (code_departement, nom_departement, code_region), (select true as est_metropolitain);
insert into dim_epci by name
select * from (values
    ('243300316', 'Bordeaux Métropole'), ('200070092', 'CA du Libournais'), ('200069599', 'CC des 4 Rivières'),
    ('200070720', 'CC de Montaigne')
) as t (code_epci, nom_epci);
insert into dim_commune by name
select * from (values
    ('33063', 'Bordeaux', '33', '243300316'), ('33281', 'Mérignac', '33', '243300316'),
    ('33318', 'Pessac', '33', '243300316'), ('33243', 'Libourne', '33', '200070092'),
    ('33138', 'Coutras', '33', '200070092'), ('33352', 'La Réole', '33', '200069599'),
    ('24322', 'Périgueux', '24', '200070720'), ('2A004', 'Ajaccio', '2A', null)
) as t (code_commune, nom_commune, code_departement, code_epci),
(select '75' as code_region, 'COM' as type_commune, true as est_active);
update dim_commune set code_region = '94' where code_departement = '2A';
insert into dim_indicateur by name
select * from (values
    ('population', 'Population municipale', 'hab', 'effectif', 'INSEE', null, null),
    ('conso_electricite', 'Consommation d''électricité', 'MWh', 'effectif', 'Agence ORE', null, null),
    ('conso_electricite_par_hab', 'Consommation d''électricité par habitant', 'kWh/hab', 'ratio',
        'Agence ORE, INSEE', 'Entreprises comprises.', null),
    ('conso_residentielle_par_logement', 'Consommation résidentielle d''électricité par résidence principale',
        'kWh/logement', 'ratio', 'Agence ORE, INSEE', null, null),
    ('conso_gaz_par_hab', 'Consommation de gaz par habitant', 'kWh/hab', 'ratio', 'Agence ORE, INSEE', null, null),
    ('imp_sdeeg__velos_par_hab', 'Vélos pour mille habitants', 'vélos/1 000 hab', 'indice', 'SDEEG', null, 'SDEEG')
) as t (code_indicateur, libelle, unite, type_variable, source, avertissement, proprietaire);
insert into meta_ruptures by name
select 'fct_indicateur' as nom_table, code as mesure, date '2022-01-01' as date_rupture, 'methode' as nature,
    false as est_comparable, 'L''Agence ORE a changé de méthode.' as motif, 'Agence ORE' as source
from unnest(['conso_electricite', 'conso_electricite_par_hab', 'conso_residentielle_par_logement',
    'conso_gaz_par_hab']) as u (code);
create or replace temp table lieux as
select 'nation' as maille, 'FR' as code, 68000000 as habitants
union all select 'region', '75', 6000000
union all select 'departement', * from (values ('17', 660000), ('24', 413000), ('33', 1690000), ('40', 427000),
    ('47', 331000), ('35', 1100000), ('75', 2100000)) as d (code, habitants)
union all select 'epci', * from (values ('243300316', 840000), ('200070092', 94000), ('200069599', 22000),
    ('200070720', 24000)) as e (code, habitants)
union all select 'commune', * from (values ('33063', 268000), ('33281', 76000), ('33318', 66000), ('33243', 25000),
    ('33138', 8600), ('33352', 4300), ('24322', 29000), ('2A004', 74000)) as c (code, habitants);
create or replace temp table mesures as
select l.maille, l.code as code_territoire, a as annee, i.code_indicateur, i.unite, i.type_variable, i.source,
    i.proprietaire,
    case i.code_indicateur
        when 'population' then l.habitants + 1000 * (a - 2023)
        when 'conso_electricite' then 6.5 * l.habitants
        when 'imp_sdeeg__velos_par_hab' then 40 + length(l.code)
        -- By the last digits of the code, and another level after the break.
        else 4000 + 10 * cast(right(regexp_replace(l.code, '[^0-9]', '0', 'g'), 2) as integer) + 7 * (a - 2018)
            + if(a >= 2022, 900, 0) + if(i.code_indicateur = 'conso_gaz_par_hab', 500, 0)
    end as valeur
from lieux as l cross join range(2018, 2024) as r (a) cross join dim_indicateur as i
where i.proprietaire is null or (a = 2023 and l.maille = 'departement');
insert into fct_indicateur by name
select m.* exclude (valeur, est_secret, est_partiel),
    if(est_secret, null, valeur) as valeur, est_secret as secret, est_partiel as est_incomplet,
    if(est_secret, 'secret statistique', null) as motif, valeur as numerateur, cast(null as varchar) as sous_champ
from (
    select *, code_territoire = '33352' and code_indicateur = 'conso_gaz_par_hab' as est_secret,
        code_territoire in ('33', '33281') and code_indicateur = 'conso_electricite_par_hab' as est_partiel
    from mesures
) as m
union all by name
select maille, code_territoire, annee, 'conso_electricite' as code_indicateur, 'MWh' as unite,
    'effectif' as type_variable, 'Agence ORE' as source, secteur as sous_champ, part * valeur as valeur,
    false as secret, false as est_incomplet
from mesures cross join (values ('residentiel', 0.5), ('tertiaire', 0.3), ('industrie', 0.2)) as s (secteur, part)
where code_indicateur = 'conso_electricite';
insert into mart_indicateur_compare by name
select code_indicateur, maille, code_territoire, annee, sous_champ, valeur, unite, proprietaire,
    if(valeur is null, null, rank() over (groupe order by valeur desc nulls last)) as rang,
    count(valeur) over (groupe) as nombre_pairs, lag(annee) over (serie) as annee_precedente,
    if(annee = 2022 and code_indicateur <> 'population', null,
        100 * (valeur / lag(valeur) over (serie) - 1)) as evolution_pct,
    if(annee = 2022 and code_indicateur <> 'population', 'L''Agence ORE a changé de méthode.', null) as motif_rupture
from fct_indicateur
where maille <> 'commune' or annee >= 2022
window groupe as (partition by code_indicateur, sous_champ, maille, annee),
    serie as (partition by code_indicateur, sous_champ, maille, code_territoire order by annee);
delete from mart_indicateur_compare where maille = 'commune' and annee < 2023;
insert into mart_typologie_modele by name
select maille, 'conso_gaz_par_hab' as code_indicateur, 1 as ordre, 2023 as annee, true as est_retenu
from unnest(['epci', 'commune']) as u (maille);
insert into mart_typologie_groupes by name
select maille, 1 as groupe, 'plus de gaz' as libelle_groupe, n as nombre_territoires,
    'conso_gaz_par_hab' as code_indicateur, 1 as rang_distinctif, 0.8 as ecart_a_la_moyenne, 5300.0 as valeur_centrale,
    'kWh/hab' as unite
from (values ('epci', 3), ('commune', 2)) as t (maille, n);
insert into mart_typologie_territoires by name
select 'epci' as maille, code_epci as code_territoire, nom_epci as nom_territoire,
    if(code_epci = '200069599', null, 1) as groupe, if(code_epci = '200069599', null, 'plus de gaz') as libelle_groupe,
    if(code_epci = '200069599', 'un indicateur est inconnu du territoire', null) as motif
from dim_epci
union all
select 'commune', code_commune, nom_commune, 1, 'plus de gaz', null from dim_commune
where code_commune in ('33063', '33281');
