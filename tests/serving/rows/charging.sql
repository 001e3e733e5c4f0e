-- Charging points of Paris: the rate of a day, two of its hours, one station.
insert into mart_occupation_meteo by name
select * from (values
    ('ensemble', 'ensemble', 0, 3, 72, 0.268), ('heure', '3 h', 3, 3, 3, 0.12), ('heure', '13 h', 13, 3, 3, 0.441),
    ('heure', '14 h', 14, 0, 0, null)
) as t (decoupe, classe, ordre, nombre_jours, nombre_heures, taux_occupation),
(select 1000.0 as minutes_observees, false as est_fiable, 'moins de 10 jours' as motif);
insert into dim_station by name
select 'FRV75PPX1105' as id_station, '75056' as code_commune, '75111' as code_arrondissement, 'belib' as source,
    6 as nombre_points_de_charge;
insert into mart_occupation_horaire by name
select 'commune' as maille, '75056' as code, heure_utc, 0.3 as taux_occupation
from (values (timestamptz '2026-10-31 23:00:00+00'), (timestamptz '2026-11-04 22:00:00+00')) as t (heure_utc);
