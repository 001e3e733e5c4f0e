"""Each data test of the calendar finds its own fault, and no other."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.dbt.calendar import SCHOOL, SELECT, WORDS, change_package, midnight, school_row, school_year
from tests.dbt.lakes import TinyLake


def _one(rows: list[dict[str, Any]], **values: Any) -> dict[str, Any]:
    found = [row for row in rows if values.items() <= row.items()]
    assert len(found) == 1
    return found[0]


def _spoil(rows: list[dict[str, Any]]) -> None:
    # One académie of a zone elsewhere; the majority keeps the zone's dates.
    _one(rows, location="Poitiers", description="Vacances de Printemps")["start_date"] = midnight(date(2019, 4, 20))
    # A holiday that ends before it begins, and one that lasts 14 months.
    rows.append(school_row("Réunion", "Réunion", "Vacances après 1ère période", date(2019, 1, 10), date(2018, 10, 29)))
    _one(rows, location="Corse", description="Vacances d'Hiver")["end_date"] = midnight(date(2020, 3, 11))
    # An académie in a zone that is not its own.
    rows.append(school_row("Zone B", "Rennes", "Pont de l'Ascension", date(2019, 5, 29), date(2019, 6, 3)))
    rows.append(school_row("Zone C", "Toulon", "Pont de l'Ascension", date(2019, 5, 29), date(2019, 6, 3)))
    # A zone without its spring, and a Christmas of its own.
    for academie in ("Lille", "Nantes"):
        rows.remove(_one(rows, location=academie, description="Vacances de Printemps"))
        _one(rows, location=academie, description="Vacances de Noël")["end_date"] = midnight(date(2019, 1, 8))


LISTED = {
    "stg_education__fr_en_calendrier_scolaire_academies_d_accord",
    "stg_education__fr_en_calendrier_scolaire_fin_apres_le_debut",
    "stg_education__fr_en_calendrier_scolaire_duree_vraisemblable",
    "calendrier_scolaire_academies_dans_leur_zone",
    "vacances_scolaires_annees_completes",
    "vacances_scolaires_toussaint_et_noel_communs",
}

# A day that the package lacks in the middle of a holiday cuts it in two.
IN_PACKAGES = {"stg_lac__vacances_scolaires_periodes_en_double", "fct_vacances_scolaires_cle_unique"}

# What the models make right by construction can only be wrong in the table itself.
IN_TABLES = {
    "fct_vacances_scolaires_cle_unique": "INSERT INTO fct_vacances_scolaires SELECT * FROM fct_vacances_scolaires "
    "WHERE annee_scolaire = '2018-2019' AND zone_scolaire = 'A' AND nom_vacances = 'Pont de l''Ascension'",
    "fct_vacances_scolaires_jours_dans_l_ordre": "UPDATE fct_vacances_scolaires SET dernier_jour = premier_jour - 1 "
    "WHERE annee_scolaire = '2015-2016' AND zone_scolaire = 'A' AND nom_vacances = 'Vacances d''hiver'",
    "pont_region_zone_scolaire_cle_unique": "INSERT INTO pont_region_zone_scolaire "
    "SELECT * FROM pont_region_zone_scolaire WHERE code_region = '11' AND valide_au IS NULL",
    "pont_region_zone_scolaire_une_zone_depuis_2015": "UPDATE pont_region_zone_scolaire SET est_partage = true "
    "WHERE code_region = '28' AND valide_au IS NULL",
    "pont_region_zone_scolaire_corse_a_part": "UPDATE pont_region_zone_scolaire SET zone_scolaire = 'Corse' "
    "WHERE code_region = '93' AND valide_au IS NULL",
    "pont_region_zone_scolaire_region_connue": "INSERT INTO pont_region_zone_scolaire "
    "SELECT * REPLACE ('00' AS code_region) FROM pont_region_zone_scolaire "
    "WHERE code_region = '53' AND valide_au IS NULL",
    "pont_region_zone_scolaire_zones_de_chaque_jour": "DELETE FROM pont_region_zone_scolaire WHERE code_region = '24'",
    "dim_date_deux_changements_d_heure_par_an": "UPDATE dim_date SET nombre_heures = 23 WHERE date = DATE '2006-01-01'",
    "dim_date_type_de_jour_conforme": "UPDATE dim_date SET est_pont = true WHERE date = DATE '2019-03-02'",
    "dim_date_vacances_nommees": "UPDATE dim_date SET nom_vacances_zone_a = NULL WHERE date = DATE '2019-02-20'",
    "dim_date_nombre_de_jours_feries_par_an": "UPDATE dim_date "
    "SET est_ferie = false, nom_jour_ferie = NULL, type_jour = 'ouvré' WHERE date = DATE '2019-08-15'",
}


@pytest.fixture(scope="module")
def clean(module_lake: TinyLake) -> TinyLake:
    """Return a warehouse without fault."""
    module_lake.write(SCHOOL, school_year())
    module_lake.make(*SELECT)
    return module_lake


def test_rows_without_fault_pass_every_check(clean: TinyLake) -> None:
    assert clean.check(*SELECT, run=False) == {}


def test_faults_of_the_publisher_are_listed_and_do_not_block(tiny_lake: TinyLake) -> None:
    rows = list(school_year())
    _spoil(rows)
    tiny_lake.write(SCHOOL, rows)
    assert tiny_lake.check(*SELECT) == dict.fromkeys(LISTED, "warn")
    # What is impossible, or said by few, is not kept.
    kept = tiny_lake.query(
        "SELECT zone_scolaire, date_debut::VARCHAR, date_fin::VARCHAR FROM fct_vacances_scolaires "
        "WHERE annee_scolaire = '2018-2019' AND (zone_scolaire, nom_vacances) "
        "IN (('A', 'Vacances de printemps'), ('Corse', 'Vacances d''hiver')) ORDER BY ALL"
    )
    assert kept == [("A", "2019-04-13", "2019-04-29"), ("Corse", "2019-02-25", None)]


def test_a_day_that_the_package_lacks_blocks(tiny_lake: TinyLake) -> None:
    change_package(tiny_lake, "vacances_scolaires", "zone_scolaire <> 'A' OR date <> DATE '2016-02-20'")
    assert tiny_lake.check(*SELECT) == dict.fromkeys(IN_PACKAGES, "fail")


def test_faults_in_the_tables_block(built_lake: TinyLake) -> None:
    built_lake.execute(*IN_TABLES.values())
    assert built_lake.check(*SELECT, run=False) == dict.fromkeys(IN_TABLES, "fail")


def test_every_check_of_the_calendar_has_its_fault(tiny_lake: TinyLake) -> None:
    names = tiny_lake.checks_of_our_own(WORDS)
    assert len(names) >= 17
    assert names - LISTED - IN_PACKAGES - set(IN_TABLES) == set()
