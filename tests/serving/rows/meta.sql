create table meta_publication (
    publication_id varchar, publiee_a timestamptz, version_code varchar, est_synthetique boolean
);
insert into meta_publication values ('0123456789abcdef', '2026-11-26 05:04:00+00', '0.1.0+test', true);
create table meta_sources (
    portail varchar, jeu_de_donnees varchar, titre varchar, producteur varchar, licence varchar,
    version_observee timestamptz, version_chargee timestamptz, lignes bigint, premiere_mesure varchar,
    derniere_mesure varchar, statut varchar
);
insert into meta_sources by name
select 'odre' as portail, 'jeu-' || i as jeu_de_donnees, 'Jeu de données ' || i as titre, 'RTE' as producteur,
    'Licence Ouverte v2.0' as licence, 1234567 as lignes, '2024-01-01' as premiere_mesure,
    '2026-11-0' || i || 'T10:30:00+00:00' as derniere_mesure,
    case i when 1 then 'en retard sur le portail' else 'à jour' end as statut
from range(1, 4) as r (i);
insert into meta_avertissements
select 'fct_exemple_' || i, 'colonne', 'Une limite connue, <b>sans balise</b> & avec esperluette.' from range(12) as r (i);
