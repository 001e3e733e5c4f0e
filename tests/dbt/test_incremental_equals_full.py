"""Renewing the months that changed gives what a full build gives, and a renewal that fails changes nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.dbt.consumption import NATIONAL, REGIONAL, SELECT, national_day, regional_day
from tests.dbt.lakes import ACROSS, TinyLake, days, found_by

FACTS = ("fct_consommation_regionale", "fct_consommation_nationale")
SOURCES = (
    *(f"source:odre.{dataset_id.replace('-', '_')}+" for dataset_id in (REGIONAL, NATIONAL)),
    *("--exclude", *ACROSS),
)

# 2020-02 will vanish, 2020-03 (with its clock change) is revised, 2020-04 stays, 2020-05 arrives.
FEBRUARY = days(date(2020, 2, 28), date(2020, 2, 29))
MARCH = days(date(2020, 3, 28), date(2020, 3, 30))
APRIL = days(date(2020, 4, 1), date(2020, 4, 2))
MAY = days(date(2020, 5, 1), date(2020, 5, 2))
CHANGED = ("2020-02", "2020-03", "2020-05")


def _write(lake: TinyLake, chosen: list[date], mw: float) -> None:
    regional = [row for day in chosen for row in regional_day(day, mw=mw)]
    national = [row for day in chosen for row in national_day(day, mw=12 * mw)]
    # Two values for one label: the choice between them must not depend on the kind of build.
    for rows in (regional, national):
        twin = dict(rows[-1])
        twin["consommation_brute_electricite_rte"] += 1
        rows.append(twin)
    lake.write(REGIONAL, regional)
    lake.write(NATIONAL, national)


def _revise(lake: TinyLake) -> None:
    for dataset_id in (REGIONAL, NATIONAL):
        lake.drop(dataset_id, "2020-02")
    # A day fewer and other values.
    _write(lake, MARCH[:2], mw=5000)
    _write(lake, MAY, mw=3000)


def _content(lake: TinyLake, table: str) -> list[tuple[Any, ...]]:
    return lake.query(f"SELECT * FROM {table} ORDER BY ALL")


@pytest.fixture(scope="module")
def clean(module_lake: TinyLake) -> TinyLake:
    """Return a lake with three months and its warehouse."""
    for chosen in (FEBRUARY, MARCH, APRIL):
        _write(module_lake, chosen, mw=4000)
    module_lake.make(*SELECT)
    return module_lake


def test_renewed_months_equal_a_full_build(built_lake: TinyLake) -> None:
    before = {table: _content(built_lake, table) for table in (*FACTS, "mart_completude_jour")}
    _revise(built_lake)
    built_lake.make(*SOURCES, months=CHANGED)
    renewed = {table: _content(built_lake, table) for table in before}
    built_lake.paths.warehouse.unlink()
    built_lake.make(*SELECT)
    full = {table: _content(built_lake, table) for table in before}
    assert renewed == full
    assert all(renewed[table] != before[table] for table in before)
    months = {month for (month,) in built_lake.query("SELECT DISTINCT mois FROM fct_consommation_regionale")}
    assert months == {"2020-03", "2020-04", "2020-05"}


def test_only_the_months_of_the_window_are_renewed(built_lake: TinyLake) -> None:
    before = {table: set(_content(built_lake, table)) for table in FACTS}
    _write(built_lake, MARCH, mw=5000)
    _write(built_lake, APRIL, mw=5000)
    built_lake.make(*SOURCES, months=("2020-03",))
    for table in FACTS:
        changed = {row[0] for row in before[table] ^ set(_content(built_lake, table))}
        assert changed == {"2020-03"}


def test_a_renewal_that_fails_leaves_the_fact_as_it_was(built_lake: TinyLake) -> None:
    before = {table: _content(built_lake, table) for table in FACTS}
    for dataset_id in (REGIONAL, NATIONAL):
        (part,) = (built_lake.paths.parquet / dataset_id.replace("-", "_") / "mois=2020-03").iterdir()
        part.write_bytes(b"PAR1")
    results = built_lake.build(*FACTS, months=("2020-03",))
    assert {name: each.status for name, each in results.items() if name in FACTS} == dict.fromkeys(FACTS, "error")
    assert {table: _content(built_lake, table) for table in FACTS} == before


def test_a_renewed_fact_passes_its_checks(built_lake: TinyLake) -> None:
    _revise(built_lake)
    found = found_by(built_lake.build(*SOURCES, months=CHANGED))
    assert set(found.values()) == {"warn"}
    assert {name for name in found if name.startswith("fct_")} == set()
