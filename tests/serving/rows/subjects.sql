-- Charging points, indicators, typology and quality: a few rows of each, all invented.
insert into mart_occupation_meteo by name
select decoupe, classe, ordre, taux as taux_occupation, taux - 0.05 as ic90_bas, taux + 0.05 as ic90_haut,
    30 as nombre_jours, 60 as nombre_heures, 1000.0 as minutes_observees, true as est_fiable
from (
    select 'heure' as decoupe, h || ' h' as classe, h as ordre, 0.2 + h / 100.0 as taux
    from range(24) as r (h) where h not in (3, 13, 14)
    union all
    select 'jour', unnest(['lundi', 'mardi', 'samedi', 'dimanche']), unnest([1, 2, 6, 7]), unnest([0.4, 0.42, 0.3, 0.25])
    union all
    select 'temperature', unnest(['0 à 5 °C', '5 à 10 °C', '10 à 15 °C']), unnest([1, 2, 3]), unnest([0.45, 0.4, 0.35])
    union all
    select 'pluie', unnest(['sans pluie', 'pluie']), unnest([0, 1]), unnest([0.38, 0.36])
);
insert into mart_occupation_horaire by name
select 'arrondissement' as maille, code, heure_utc, 12 as nombre_points, occupees as minutes_occupees,
    600.0 as minutes_observees, 60.0 as minutes_hors_service, 60.0 as minutes_inconnues
from (values ('75101', 300.0), ('75111', 150.0)) as a (code, occupees),
    (values (timestamptz '2026-11-01 08:00:00+00'), (timestamptz '2026-11-02 08:00:00+00')) as t (heure_utc);
insert into mart_stations_en_tension by name
select * from (values
    ('FRV75PPX1105', '75111', 6, 30, 0.5, 0.8, 0.9, true, null), ('FRV75PPX0101', '75101', 4, 30, 0.1, 0.4, 1.0, true, null),
    ('FRV75PPX0102', '75101', 4, 2, null, 0.2, 1.0, false, 'moins de sept jours d''états')
) as t (id_station, code_arrondissement, nombre_points, nombre_jours, part_sans_place, part_occupee, part_en_service, est_fiable, motif);
insert into mart_bornes_a_verifier by name
select * from (values
    ('FRV75EPX1', 'hors service', 240), ('FRV75EPX2', 'statut figé', 1452), ('FRV75EPX3', 'hors service', 96)
) as t (id_pdc, motif, duree_h),
(
    select '75111' as code_arrondissement, timestamptz '2026-11-01 00:00:00+00' as depuis,
        timestamptz '2026-11-19 12:00:00+00' as dernier_releve_a
);
insert into dim_point_de_charge by name
select 'P' || row_number() over () as id_pdc, puissance_nominale_kw
from range(5), (select unnest([3.7, 7.4, 22, 50, 150, 11]) as puissance_nominale_kw);
insert into dim_indicateur by name
select * from (values
    ('conso_electricite_par_hab', 'Consommation d''électricité par habitant', 'kWh/hab'),
    ('conso_residentielle_par_logement', 'Consommation résidentielle par logement', 'kWh/logement'),
    ('conso_gaz_par_hab', 'Consommation de gaz par habitant', 'kWh/hab'),
    ('production_renouvelable_par_hab', 'Production renouvelable par habitant', 'kWh/hab'),
    ('part_appartements', 'Part des appartements', '%'),
    ('points_de_recharge_par_10000_hab', 'Points de recharge pour 10 000 habitants', 'points/10 000 hab')
) as t (code_indicateur, libelle, unite), (select 'Toute l''énergie, entreprises comprises.' as avertissement, 'Agence ORE, INSEE' as source);
insert into mart_indicateur_compare by name
select code_indicateur, unite, maille, code as code_territoire, annee, 1000.0 + 10 * rang + annee - 2023 as valeur,
    1.5 as ecart_parent_pct, case annee when 2024 then 2.5 end as evolution_pct
from dim_indicateur
cross join (
    select 'departement' as maille, code_departement as code, row_number() over (order by code_departement) as rang from dim_departement
    union all
    select 'region', code_region, row_number() over (order by code_region) from dim_region
)
cross join (values (2023), (2024)) as a (annee)
where maille = 'region' or code_indicateur <> 'production_renouvelable_par_hab';
insert into fct_indicateur by name
select code_indicateur, maille, code_territoire, annee, valeur, unite from mart_indicateur_compare;
insert into mart_typologie_modele by name
select maille, 'part_appartements' as code_indicateur, 2024 as annee, true as est_retenu
from (values ('commune'), ('epci')) as t (maille);
insert into mart_typologie_groupes by name
select maille, groupe, libelle_groupe, nombre_territoires, code_indicateur, rang_distinctif,
    ecart * rang_distinctif as ecart_a_la_moyenne, 40.5 as valeur_centrale, unite
from (values (1, 'surtout des appartements', 120, 0.8), (2, 'surtout des maisons', 80, -1.1))
    as g (groupe, libelle_groupe, nombre_territoires, ecart),
    (values ('commune'), ('epci')) as m (maille),
    (values ('part_appartements', 1, '%'), ('conso_gaz_par_hab', 2, 'kWh/hab')) as i (code_indicateur, rang_distinctif, unite);
insert into mart_typologie_territoires by name
select maille, '33063' as code_territoire, 1 as groupe from (values ('commune'), ('epci')) as t (maille);
insert into mart_typologie_localisation by name
select maille, 'region' as niveau, code_lieu, groupe, 50.0 as part_pct, 10 as nombre_territoires
from (values ('commune'), ('epci')) as m (maille), (values ('11'), ('53')) as l (code_lieu), (values (1), (2)) as g (groupe);
insert into mart_typologie_choix by name
select maille, nombre_groupes, 0.5 as silhouette, 0.3 as silhouette_hasard, 0.99 as accord_rand, 18 as plus_petit_groupe,
    nombre_groupes = 2 as est_retenu, case nombre_groupes when 3 then 'silhouette moins bonne que celle retenue' end as motif
from (values ('commune'), ('epci')) as m (maille), (values (2), (3)) as n (nombre_groupes);
insert into mart_completude by name
select * from (values
    ('eco2mix_national', 'heure répétée non publiée', date '2025-10-26', date '2025-10-26', 1, 50, 48, 2),
    ('temperature_regionale', 'fin de mois non publiée', date '2025-05-31', date '2025-05-31', 1, 12, 0, 12)
) as t (jeu, cause, premier_jour, dernier_jour, nombre_jours, nombre_valeurs_attendues, nombre_valeurs_presentes, nombre_valeurs_manquantes),
(select 'FR' as code_territoire);
insert into fct_revisions by name
select 'FR' as code_territoire, date '2026-10-01' + cast(i as integer) as date_locale, 'solaire' as mesure from range(10) as r (i);
insert into mart_fiabilite_temps_reel by name
select 'FR' as code_territoire, mesure, horizon_h, 'consolidée' as reference, 480 as nombre_valeurs, 100 as nombre_revisees,
    1.0 as biais_mw, erreur / horizon_h as erreur_relative_pct, 30.0 as erreur_absolue_moyenne_mw, 90.0 as erreur_absolue_p95_mw
from (values ('consommation', 0.4), ('solaire', 6.0)) as m (mesure, erreur), unnest([1, 6, 24, 72, 168]) as h (horizon_h);
insert into mart_ecarts_publies by name
select 2025 as annee, grandeur, calcul, 100.0 as publie_twh, 100.0 + ecart as calcule_twh, ecart as ecart_pct,
    1.0 as tolerance_pct, abs(ecart) > 1 as est_hors_tolerance, true as est_verifie, 'RTE, bilan 2025' as source
from (values ('consommation_brute', 'demi_horaire', 0.4), ('consommation_brute', 'eco2mix', 0.5), ('production_solaire', 'eco2mix', -3.1))
    as t (grandeur, calcul, ecart);
insert into mart_co2_controle by name
select annee, 'définitif' as statut, 30.0 as taux_co2_g_par_kwh, 30.0 + ecart as taux_co2_recalcule_g_par_kwh,
    ecart as ecart_moyen_g_par_kwh, 1.5 as ecart_absolu_max_g_par_kwh, annee = 2025 as est_verifie, 'Ceux de 2021' as source
from (values (2024, -2.5), (2025, 0.2)) as t (annee, ecart);
insert into meta_ruptures by name
select 'fct_consommation_annuelle' as nom_table, 'energie_mwh' as mesure, date '2022-01-01' as date_rupture,
    'methode' as nature, false as est_comparable, 'L’Agence ORE a changé de méthode.' as motif;
