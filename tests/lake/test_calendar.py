"""The calendar of the packages: what it says, and when its files are written again."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.lake import calendar
from dataelec_assets.lake.calendar import CALENDAR, TABLES, CalendarLake
from dataelec_assets.lake.paths import LakePaths


def _bytes(lake: CalendarLake) -> dict[str, str]:
    return {table: hashlib.sha256(lake.file(table).read_bytes()).hexdigest() for table in TABLES}


def _use(monkeypatch: pytest.MonkeyPatch, version_of_holidays: str) -> None:
    monkeypatch.setattr(calendar, "version", lambda name: version_of_holidays if name == "holidays" else "0.12.0")


@pytest.fixture
def lake(lake_paths: LakePaths, monkeypatch: pytest.MonkeyPatch) -> CalendarLake:
    """Return a calendar that was written by holidays 1.0, from a few rows."""
    _use(monkeypatch, "1.0")
    monkeypatch.setattr(calendar, "public_holidays", lambda: [(date(2024, 12, 25), "Noël", "France")])
    monkeypatch.setattr(calendar, "school_holidays", lambda: [(date(2024, 12, 25), "Vacances de Noël", "A")])
    made = CalendarLake(lake_paths)
    made.ensure_current()
    return made


def test_the_files_are_typed_and_hold_the_rows(lake: CalendarLake) -> None:
    with duckdb.connect() as connection:
        assert connection.execute(f"FROM '{lake.file('jours_feries')}'").fetchall() == [
            (date(2024, 12, 25), "Noël", "France")
        ]
        assert connection.execute(f"FROM '{lake.file('vacances_scolaires')}'").fetchall() == [
            (date(2024, 12, 25), "Vacances de Noël", "A")
        ]


def test_files_of_the_installed_packages_are_left_alone(lake: CalendarLake) -> None:
    before = {table: lake.file(table).stat().st_mtime_ns for table in TABLES}
    lake.ensure_current()
    assert {table: lake.file(table).stat().st_mtime_ns for table in TABLES} == before


def test_a_package_that_says_something_else_changes_the_signature(
    lake: CalendarLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = lake.signature()
    _use(monkeypatch, "2.0")
    monkeypatch.setattr(calendar, "public_holidays", lambda: [(date(2024, 12, 24), "Noël", "France")])
    # Before and after the files are written: neither is what the tables were built from.
    assert lake.signature() != before
    lake.ensure_current()
    assert lake.signature() != before


def test_a_package_that_says_the_same_keeps_the_signature(lake: CalendarLake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = lake.signature(), _bytes(lake)
    _use(monkeypatch, "2.0")
    assert lake.signature() != before[0]  # unknown until its files are written
    lake.ensure_current()
    assert (lake.signature(), _bytes(lake)) == before


def test_a_file_that_is_missing_is_written_again(lake: CalendarLake) -> None:
    before = lake.signature()
    file = lake.file("jours_feries")
    file.unlink()
    assert lake.signature() != before
    lake.ensure_current()
    assert lake.signature() == before
    assert lake.file("jours_feries") == file
    assert file.exists()


def test_two_lakes_get_the_same_bytes_whatever_the_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for language in ("en_US", "fr_FR"):
        monkeypatch.setenv("LANGUAGE", language)
        lake = CalendarLake(LakePaths(tmp_path / language))
        lake.ensure_current()
        made.append((lake.signature(), _bytes(lake)))
    assert made[0] == made[1]
    assert {path.name for path in (tmp_path / "fr_FR" / "parquet" / CALENDAR).iterdir()} == {
        "index.json",
        *TABLES,
    }


def test_the_law_of_the_east_adds_good_friday_and_saint_stephen() -> None:
    rows = calendar.public_holidays()
    easter_mondays = {day for day, name, _ in rows if name == "Lundi de Pâques"}
    assert {(day.year, name) for day, name, where in rows if where == "Alsace-Moselle"} == {
        (year, name) for year in range(2004, 2037) for name in ("Vendredi saint", "Saint-Étienne")
    }
    assert {day + timedelta(days=3) for day, name, _ in rows if name == "Vendredi saint"} == easter_mondays
    assert (date(2008, 5, 1), "Ascension; Fête du Travail", "France") in rows


def test_school_holidays_are_days_of_three_zones_with_french_names() -> None:
    rows = calendar.school_holidays()
    assert {name for _, name, _ in rows} == {
        "Vacances de la Toussaint",
        "Vacances de Noël",
        "Vacances d'hiver",
        "Vacances de printemps",
        "Vacances d'été",
        "Pont de l'Ascension",
    }
    assert {zone for _, _, zone in rows} == {"A", "B", "C"}
    assert len(rows) == len({(day, zone) for day, _, zone in rows})
    assert rows[0][0] == date(2004, 10, 23)
