"""A small France as an officer of a territorial authority asks about it, beside :mod:`.served`."""

from __future__ import annotations

FRANCE = """
    insert into dim_departement values
        ('17', 'Charente-Maritime', '75', true), ('40', 'Landes', '75', true), ('47', 'Lot-et-Garonne', '75', true);
    insert into dim_indicateur values ('pauvrete', 'Taux de pauvreté', '%');
    insert into fct_indicateur
    select code, maille, territoire, annee, sous_champ, valeur, unite, 'ratio', 'calcul', false, 2020, null
    from (values
        ('conso_hab', 'departement', '17', 2022, null, 2100.0, 'kWh/hab'),
        ('conso_hab', 'departement', '40', 2022, null, 2200.0, 'kWh/hab'),
        ('conso_hab', 'departement', '47', 2022, null, 2300.0, 'kWh/hab'),
        ('conso_hab', 'commune', '33281', 2022, null, 1900.0, 'kWh/hab'),
        ('conso_hab', 'commune', '24322', 2022, null, 1800.0, 'kWh/hab'),
        ('pauvrete', 'departement', '33', 2022, 'total', 12.5, '%'),
        ('pauvrete', 'departement', '24', 2022, 'total', 14.5, '%'),
        ('pauvrete', 'departement', '24', 2021, 'total', 14.0, '%'),
        ('pauvrete', 'departement', '24', 2020, 'total', 13.0, '%'),
        ('pauvrete', 'departement', '24', 2022, 'moins30', 20.0, '%'),
        ('pauvrete', 'metropole', 'FM', 2022, 'total', 7.0, '%')
    ) as t(code, maille, territoire, annee, sous_champ, valeur, unite);
    create table dim_secteur as select 'residentiel' as code_secteur, 'Résidentiel' as nom_secteur, 1 as ordre;
    create table fct_consommation_annuelle as select * from (values
        ('departement', '33', 2022, 'residentiel', 'electricite', 3500000.5),
        ('departement', '33', 2021, 'residentiel', 'electricite', 3600000.0),
        ('commune', '33063', 2022, 'residentiel', 'electricite', 600000.25)
    ) as t(maille, code_territoire, annee, code_secteur, energie, energie_mwh);
    create table dim_station as select * from (values
        ('S1', 'Quai', '33063', '33', '75', -0.57, 44.84, 4), ('S2', 'Gare', '24322', '24', '75', 0.72, 45.18, 2)
    ) as t(id_station, nom_station, code_commune, code_departement, code_region, longitude, latitude, nombre_points);
    create table mart_vide (code_region varchar);
"""
