"""The calendar from both published vintages of the school holidays and from the packages."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.calendar import CalendarLake
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.reading import load
from dataelec_assets.portals.partition_filters import ALL, PARIS
from dataelec_assets.warehouse.project import PROJECT_DIR
from tests.dbt.calendar import SCHOOL, SELECT
from tests.dbt.lakes import BuiltLake, TinyLake

pytestmark = pytest.mark.real

# What the checks say of the copy of March 2024, each with its reason in the model's file.
KNOWN = {
    "stg_education__fr_en_calendrier_scolaire_fin_apres_le_debut": 1,  # Réunion 2018-2019
    "stg_education__fr_en_calendrier_scolaire_duree_vraisemblable": 4,  # Réunion 2017-2018, Corse 2024
}

# Zone of each région since 2015-2016.
ZONES = {
    **dict.fromkeys(("27", "75", "84"), "A"),
    **dict.fromkeys(("24", "28", "32", "44", "52", "53", "93"), "B"),
    **dict.fromkeys(("11", "76"), "C"),
    "94": "Corse",
}


@pytest.fixture(scope="module")
def vintages(real_data: Path) -> list[Path]:
    """Return the published files, oldest first."""
    return sorted((real_data / "education" / SCHOOL).glob("*vintage*"))


@pytest.fixture(scope="module")
def calendar(vintages: list[Path], module_lake: TinyLake) -> BuiltLake:
    """Return the calendar built with its data tests from the newest vintage."""
    module_lake.read_whole(SCHOOL, ALL, vintages[-1])
    return BuiltLake(module_lake, module_lake.build(*SELECT))


def test_checks_find_what_is_known_of_the_published_file_and_nothing_else(calendar: BuiltLake) -> None:
    results = calendar.results
    assert [name for name, each in results.items() if each.is_broken] == []
    assert {name: each.failures for name, each in results.items() if each.status == "warn"} == KNOWN


def test_the_key_is_unique_in_every_vintage(vintages: list[Path]) -> None:
    dataset, cursor = load_catalog()[SCHOOL], connect()
    counts = []
    for file in vintages:
        load(cursor, dataset, inspect(SCHOOL, file), "vintage")
        key = ", ".join(dataset.key)
        counts += cursor.execute(f"SELECT count(*), count(DISTINCT ({key})) FROM vintage").fetchall()
    assert counts == [(1900, 1900), (2081, 2081)]


def test_spring_2016_begins_and_ends_as_published(calendar: BuiltLake) -> None:
    rows = calendar.query(
        "SELECT zone_scolaire, date_debut::VARCHAR, date_fin::VARCHAR, premier_jour::VARCHAR, dernier_jour::VARCHAR, "
        "source FROM fct_vacances_scolaires WHERE annee_scolaire = '2015-2016' "
        "AND nom_vacances = 'Vacances de printemps' ORDER BY ALL"
    )
    package = "vacances-scolaires-france"
    assert rows == [
        ("A", "2016-04-09", "2016-04-25", "2016-04-09", "2016-04-24", package),
        ("B", "2016-04-02", "2016-04-18", "2016-04-02", "2016-04-17", package),
        ("C", "2016-04-16", "2016-05-02", "2016-04-16", "2016-05-01", package),
        ("Corse", "2016-04-24", "2016-05-09", "2016-04-24", "2016-05-08", "Éducation nationale"),
    ]
    days = calendar.query(
        "SELECT min(date)::VARCHAR, max(date)::VARCHAR, count(*) FROM dim_date "
        "WHERE annee = 2016 AND nom_vacances_zone_a = 'Vacances de printemps'"
    )
    assert days == [("2016-04-09", "2016-04-24", 16)]


def test_the_ministry_wins_where_the_package_kept_the_calendar_before_covid(calendar: BuiltLake) -> None:
    rows = calendar.query(
        "SELECT zone_scolaire, premier_jour::VARCHAR, dernier_jour::VARCHAR, source FROM fct_vacances_scolaires "
        "WHERE annee_scolaire = '2020-2021' AND nom_vacances = 'Vacances de printemps' "
        "AND zone_scolaire <> 'Corse' ORDER BY ALL"
    )
    assert rows == [(zone, "2021-04-10", "2021-04-25", "Éducation nationale") for zone in "ABC"]


def test_ministry_and_package_differ_only_on_the_days_that_are_known(calendar: BuiltLake) -> None:
    package = CalendarLake(calendar.lake.paths).file("vacances_scolaires")
    rows = calendar.query(
        f"""
        WITH paquet AS (SELECT date, zone_scolaire FROM read_parquet('{package}')),
        officiel AS (
            UNPIVOT (FROM dim_date SELECT date, est_vacances_zone_a AS A, est_vacances_zone_b AS B,
                est_vacances_zone_c AS C WHERE annee_scolaire BETWEEN '2017-2018' AND '2025-2026')
            ON A, B, C INTO NAME zone_scolaire VALUE est_vacances
        )
        SELECT strftime(o.date, '%Y-%m'), count(DISTINCT o.date)
        FROM officiel AS o LEFT JOIN paquet AS p USING (date, zone_scolaire)
        WHERE o.est_vacances <> (p.date IS NOT NULL) GROUP BY 1 ORDER BY 1
        """
    )
    assert rows == [
        ("2021-04", 19),  # moved for all zones to 10-25 April
        ("2021-05", 10),  # the same, and the Monday after the Ascension
        ("2021-07", 1),  # Tuesday 6 July, a day of class
        ("2021-09", 1),
        ("2022-05", 2),
        ("2022-07", 1),  # Thursday 7 July, a day of class
        ("2023-05", 4),  # bridges that the package does not have
        ("2024-05", 1),
        ("2025-05", 1),
        ("2026-05", 1),
    ]


def test_autumn_and_christmas_are_common_to_all_zones(calendar: BuiltLake) -> None:
    rows = calendar.query(
        "SELECT nom_vacances, zones, count(*) FROM (SELECT annee_scolaire, nom_vacances, "
        "count(*) AS zones, count(DISTINCT (date_debut, date_fin)) AS dates FROM fct_vacances_scolaires "
        "WHERE zone_scolaire <> 'Corse' AND nom_vacances IN ('Vacances de la Toussaint', 'Vacances de Noël') "
        "GROUP BY ALL) WHERE dates = 1 GROUP BY ALL ORDER BY 1"
    )
    assert rows == [("Vacances de Noël", 3, 24), ("Vacances de la Toussaint", 3, 24)]


def test_every_metropolitan_region_has_a_zone_whose_holidays_are_known_on_every_date(calendar: BuiltLake) -> None:
    per_day = """
        SELECT d.date, r.code_region, sum(p.part_population) AS parts,
            bool_and(CASE p.zone_scolaire WHEN 'A' THEN d.est_vacances_zone_a WHEN 'B' THEN d.est_vacances_zone_b
                WHEN 'C' THEN d.est_vacances_zone_c WHEN 'Corse' THEN d.est_vacances_corse END IS NOT NULL) AS connues,
            string_agg(p.zone_scolaire, '+' ORDER BY p.zone_scolaire) AS zones
        FROM dim_date AS d
        CROSS JOIN (SELECT code_region FROM dim_region WHERE est_metropolitaine) AS r
        LEFT JOIN pont_region_zone_scolaire AS p
            ON p.code_region = r.code_region AND d.date >= p.valide_du AND d.date <= coalesce(p.valide_au, d.date)
        WHERE d.date BETWEEN DATE '2012-01-01' AND DATE '2024-07-05' GROUP BY ALL
    """
    assert calendar.query(
        f"SELECT count(*), count(*) FILTER (abs(parts - 1) < 1e-9), count(*) FILTER (connues) FROM ({per_day})"
    ) == [(13 * 4570,) * 3]
    since_2015 = calendar.query(f"SELECT DISTINCT code_region, zones FROM ({per_day}) WHERE date >= DATE '2015-09-01'")
    assert dict(since_2015) == ZONES
    assert calendar.query(
        f"SELECT DISTINCT code_region, zones FROM ({per_day}) WHERE zones LIKE '%+%' ORDER BY ALL"
    ) == [("28", "A+B"), ("44", "A+B"), ("75", "B+C")]


def test_the_academies_of_the_files_are_those_of_the_seed(vintages: list[Path]) -> None:
    with (PROJECT_DIR / "seeds" / "academies.csv").open(encoding="utf-8") as stream:
        seeded = {(row["academie"], row["zone_scolaire"]) for row in csv.DictReader(stream) if not row["valide_au"]}
    before_2020 = {("Caen", "B"), ("Rouen", "B")}
    dataset, cursor = load_catalog()[SCHOOL], connect()
    for file in vintages:
        load(cursor, dataset, inspect(SCHOOL, file), "vintage")
        published = cursor.execute(
            "SELECT DISTINCT location, replace(zones, 'Zone ', '') FROM vintage "
            "WHERE zones LIKE 'Zone%' OR zones = 'Corse'"
        ).fetchall()
        assert set(published) == seeded | before_2020


def _rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def _in_utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()


def _as_day(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(PARIS):%Y-%m-%d}"


def _staged(lake: TinyLake, file: Path, where: str = "true") -> set[tuple[Any, ...]]:
    """Return the rows of the staging view when the lake holds this file."""
    lake.read_whole(SCHOOL, ALL, file)
    with duckdb.connect(str(lake.paths.warehouse), read_only=True) as connection:
        connection.execute(f"SET file_search_path = '{lake.paths.parquet}'")
        return set(
            connection.execute(
                "SELECT annee_scolaire, zone_scolaire, description, population, date_debut, date_fin, "
                f"nombre_academies FROM staging.stg_education__fr_en_calendrier_scolaire WHERE {where}"
            ).fetchall()
        )


@pytest.mark.parametrize("encode", [_in_utc, _as_day], ids=["UTC", "plain date"])
def test_the_same_file_in_another_encoding_gives_the_same_days(
    calendar: BuiltLake, vintages: list[Path], tmp_path: Path, encode: Callable[[str], str]
) -> None:
    published = _staged(calendar.lake, vintages[-1])
    names = {"Description": "description", "Population": "population", "Académies": "location", "Zones": "zones"}
    dates = {"Date de début": "start_date", "Date de fin": "end_date"}
    rows = [
        {names.get(name, name): text for name, text in row.items() if name not in dates}
        | {dates[name]: encode(row[name]) for name in dates}
        for row in _rows_of(vintages[-1])
    ]
    assert rows[0]["start_date"] != _rows_of(vintages[-1])[0]["Date de début"]
    again = tmp_path / "again.json"
    again.write_text(json.dumps(rows), encoding="utf-8")
    assert _staged(calendar.lake, again) == published
    assert len(published) == 696
    autumn = ("2017-2018", "A", "Vacances de la Toussaint", "-", date(2017, 10, 21), date(2017, 11, 6), 8)
    assert autumn in published


def test_both_vintages_give_the_same_days_of_the_holidays_that_they_share(
    calendar: BuiltLake, vintages: list[Path]
) -> None:
    metropolitan = "zone_scolaire IN ('A', 'B', 'C', 'Corse')"
    before, after = (_staged(calendar.lake, file, metropolitan) for file in vintages)
    # The younger vintage differs only on the summer of 2023 in Corsica, whose start the older one had.
    assert {row[:3] for row in before - after} == {("2022-2023", "Corse", "Début des Vacances d'Été")}
    assert len(before & after) == 230
