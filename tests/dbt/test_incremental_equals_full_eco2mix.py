"""Renewing the months that changed gives the tables that a full build gives, and reads those months only."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.dbt.eco2mix import (
    CONSOLIDATED,
    DEFINITIVE,
    NATIONAL,
    NATIONAL_TR,
    REGIONAL,
    REGIONAL_TR,
    SELECT,
    national_day,
    regional_day,
)
from tests.dbt.lakes import TinyLake, days, found_by

FACTS = ("fct_eco2mix_national", "fct_eco2mix_regional", "fct_production_filiere")
REGIONS = ("11", "84")
CHANGED = ("2026-01", "2026-03", "2026-04")


def _write(lake: TinyLake, dataset_id: str, day: date, nature: str) -> None:
    if dataset_id in (NATIONAL, NATIONAL_TR):
        lake.write(dataset_id, national_day(day, nature))
    else:
        lake.write(dataset_id, regional_day(day, nature, REGIONS))


def _first_vintage(lake: TinyLake) -> None:
    """Write six days of six months, around midnights of months and a clock change."""
    for day in days(date(2025, 12, 31), date(2026, 1, 1)):
        _write(lake, NATIONAL, day, DEFINITIVE)
        _write(lake, REGIONAL, day, DEFINITIVE)
    for day in (date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 29)):
        _write(lake, NATIONAL_TR, day, "Données temps réel")
        _write(lake, REGIONAL_TR, day, "Données temps réel")


def _second_vintage(lake: TinyLake) -> None:
    """Change three months: one is consolidated, one appears, one loses its definitive rows."""
    _write(lake, NATIONAL, date(2026, 3, 29), CONSOLIDATED)
    _write(lake, REGIONAL, date(2026, 3, 29), CONSOLIDATED)
    _write(lake, NATIONAL_TR, date(2026, 4, 1), "Données temps réel")
    _write(lake, REGIONAL_TR, date(2026, 4, 1), "Données temps réel")
    for dataset_id in (NATIONAL, NATIONAL_TR):
        lake.drop(dataset_id, "2026-01")


@pytest.fixture(scope="module")
def renewed_lake(module_lake: TinyLake) -> TinyLake:
    """Return a warehouse of two vintages; the second one rebuilt three months."""
    _first_vintage(module_lake)
    assert set(found_by(module_lake.build(*SELECT)).values()) <= {"warn"}
    _second_vintage(module_lake)
    module_lake.build(*SELECT, months=CHANGED)
    return module_lake


def _files_read(lake: TinyLake, model: str) -> set[str]:
    """Return the Parquet files that the query of the last run of ``model`` opens, as ``table/mois=YYYY-MM``."""
    (compiled,) = (lake.paths.root / "dbt" / "compiled").glob(f"*/models/marts/*/{model}.sql")
    with duckdb.connect(str(lake.paths.warehouse)) as connection:
        connection.execute(f"SET file_search_path = '{lake.paths.parquet}'")
        ((_, plan),) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT json) {compiled.read_text()}").fetchall()
    return set(re.findall(r"(\w+/mois=[\w-]+)/part-", plan))


def test_renewing_the_months_that_changed_equals_a_full_build(renewed_lake: TinyLake, tmp_path: Path) -> None:
    renewed, again = renewed_lake.contents(FACTS), renewed_lake.copy(tmp_path / "lake")
    again.make(*SELECT, is_full=True)
    full = again.contents(FACTS)
    assert {fact: len(rows) for fact, rows in renewed.items()} == {fact: len(rows) for fact, rows in full.items()}
    assert renewed == full
    months = {row[0] for row in full["fct_eco2mix_national"]}
    assert months == {"2025-12", "2026-02", "2026-03", "2026-04"}  # January has left the lake


def test_renewing_months_reads_their_files_only(renewed_lake: TinyLake) -> None:
    for level, sets in (("national", (NATIONAL, NATIONAL_TR)), ("regional", (REGIONAL, REGIONAL_TR))):
        tables = {name.replace("-", "_") for name in sets}
        expected = {
            f"{table}/mois={month}"
            for table in tables
            for month in CHANGED
            if (renewed_lake.paths.parquet / table / f"mois={month}").exists()
        }
        assert len(expected) > 1
        assert _files_read(renewed_lake, f"fct_eco2mix_{level}") == expected


@pytest.mark.parametrize(
    ("intact", "renewed"),
    [
        (("fct_eco2mix_regional",), {"FR"}),
        (("fct_eco2mix_national",), {*REGIONS}),
        ((), {"FR", *REGIONS}),
        (("fct_eco2mix_national", "fct_eco2mix_regional"), {"FR", *REGIONS}),  # something else has moved
    ],
    ids=["the regions have not moved", "France has not moved", "both have", "neither has"],
)
def test_only_the_territories_that_moved_are_renewed(
    renewed_lake: TinyLake, tmp_path: Path, intact: tuple[str, ...], renewed: set[str]
) -> None:
    lake = renewed_lake.copy(tmp_path / "lake")
    lake.execute("UPDATE fct_production_filiere SET statut = 'marque' WHERE mois = '2026-03'")
    lake.make("fct_production_filiere", months=["2026-03"], intact=intact)
    rows = lake.query(
        "SELECT DISTINCT territoire, statut = 'marque' FROM fct_production_filiere WHERE mois = '2026-03'"
    )
    assert {territory for territory, marked in rows if not marked} == renewed
    assert {territory for territory, marked in rows if marked} == {"FR", *REGIONS} - renewed


@pytest.mark.parametrize(
    ("months", "found"),
    [((), "fail"), (("2026-03",), "fail"), (("2026-04",), "pass")],
    ids=["all", "the month at fault", "another month"],
)
def test_the_check_that_sums_agree_reads_the_months_of_the_build(
    renewed_lake: TinyLake, tmp_path: Path, months: tuple[str, ...], found: str
) -> None:
    lake = renewed_lake.copy(tmp_path / "lake")
    lake.execute("DELETE FROM fct_production_filiere WHERE mois = '2026-03' AND filiere = 'eolien'")
    check = "fct_production_filiere_somme_des_faits_larges"
    assert lake.dbt("test", "--select", check, months=months)[check].status == found
