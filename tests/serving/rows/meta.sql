create table meta_publication (
    publication_id varchar, publiee_a timestamptz, version_code varchar, est_synthetique boolean
);
insert into meta_publication values ('0123456789abcdef', '2026-11-26 05:04:00+00', '0.1.0+test', true);
create table meta_sources (
    portail varchar, jeu_de_donnees varchar, titre varchar, producteur varchar, licence varchar,
    version_observee timestamptz, version_chargee timestamptz, lignes bigint, premiere_mesure varchar,
    derniere_mesure varchar, statut varchar, conditions varchar
);
insert into meta_sources by name
select 'odre' as portail, 'jeu-' || i as jeu_de_donnees, 'Jeu de données ' || i as titre, 'RTE' as producteur,
    'Licence Ouverte v2.0' as licence, 1234567 as lignes, '2024-01-01' as premiere_mesure,
    '2026-11-0' || i || 'T10:30:00+00:00' as derniere_mesure,
    case i when 1 then 'en retard sur le portail' else 'à jour' end as statut,
    case i when 3 then 'Usage non commercial, avec un lien « Weather data by Open-Meteo.com » (https://open-meteo.com/)' end as conditions
from range(1, 4) as r (i);
insert into meta_avertissements
select 'fct_exemple_' || i, 'colonne', 'Une limite connue, <b>sans balise</b> & avec esperluette.' from range(12) as r (i);
insert into meta_quarantaine by name
select 'jeu-1' as jeu_de_donnees, '2026-03' as partition, 'fct_exemple_positif' as regle, 'en quarantaine' as statut,
    168 as lignes, 'fct_exemple, date 2026-03-04, stock_gwh = -1.0' as constat, 'stock_gwh au moins 0' as attendu,
    '2026-11-20 08:30:00+00'::timestamptz as depuis, '0123456789abcdef' as version_ecartee,
    'fedcba9876543210' as version_servie, '2026-11-01 07:00:00+00'::timestamptz as version_servie_connue_a;
insert into meta_quarantaine by name
select 'fct_exemple_2' as table_conservee, 'mart_exemple' as regle, 'table de la publication précédente' as statut,
    'mart_exemple : Out of Memory Error' as constat, '2026-11-26 05:04:00+00'::timestamptz as depuis,
    'aaaabbbbccccdddd' as version_servie;
