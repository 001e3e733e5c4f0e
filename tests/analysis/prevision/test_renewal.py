"""Only what has moved is computed again, and what is kept then is what a full computation gives, to the last bit."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from dataelec_assets.analysis.prevision.source import History
from tests.analysis.prevision.warehouse import Warehouse
from tests.analysis.prevision.worlds import World, world

TABLES = ("retrotest", "sommes", "scores", "lignes")

# Long enough that intervals of the last months rest on a whole year of errors.
DAYS = 1000


@pytest.fixture(scope="module")
def france() -> World:
    return world(days=DAYS)


@pytest.fixture(scope="module")
def region() -> World:
    return world("11", seed=7, days=DAYS)


@pytest.fixture(scope="module")
def both(france: World, region: World) -> Warehouse:
    """Return the tables of a nation and a region."""
    made = Warehouse(france, region)
    made.build()
    return made


@pytest.fixture
def built(both: Warehouse) -> Warehouse:
    """Return the same, to be changed."""
    return both.copy()


def _is_that_of_a_full_build(built: Warehouse, *worlds: World) -> None:
    full = Warehouse(*worlds)
    full.build()
    for name in TABLES:
        assert built.differences(full, name) == 0, name


def _changed(made: World, day: int) -> World:
    load = made.load.copy()
    load[day, 10:30] += 500
    return made.with_load(load)


def test_each_day_is_forecast_once_and_with_the_fit_of_its_month(both: Warehouse) -> None:
    found = both.table("retrotest").select(["cle", "mois", "date", "horizon_jours", "meteo"]).to_pylist()
    assert {str(row["date"])[:7] for row in found} == {row["mois"] for row in found}
    assert all(str(row["date"])[:7] == row["mois"] == row["cle"][-7:] for row in found)
    days = Counter((row["cle"], row["date"], row["horizon_jours"], row["meteo"]) for row in found)
    assert max(days.values()) == 1


def test_nothing_new_computes_nothing(built: Warehouse) -> None:
    assert {name: each.num_rows for name, each in built.build().items()} == dict.fromkeys(TABLES, 0)


@pytest.mark.parametrize("day", [DAYS - 9, DAYS - 40, 500])
def test_a_changed_reading_renews_its_month_and_those_after_of_its_territory(
    built: Warehouse, france: World, region: World, day: int
) -> None:
    changed = _changed(france, day)
    before = set(built.table("retrotest")["cle"].to_pylist())
    built.replace(changed, region)
    made = built.build()
    first = f"nation FR {str(france.dates[day])[:7]}"
    expected = {each for each in before if each.startswith("nation") and each >= first}
    for name in ("retrotest", "sommes"):
        assert set(made[name]["cle"].to_pylist()) == expected
    for name in ("scores", "lignes"):
        assert set(made[name]["code_territoire"].to_pylist()) == {"FR"}
    _is_that_of_a_full_build(built, changed, region)


def test_a_forecast_of_rte_that_is_revised_renews_its_scores(built: Warehouse, france: World, region: World) -> None:
    rte = france.rte.copy()
    rte[900] += 400
    changed = replace(france, rte=rte)
    built.replace(changed, region)
    before = built.table("scores")["dm_statistique"]
    built.build()
    assert not built.table("scores")["dm_statistique"].equals(before)
    _is_that_of_a_full_build(built, changed, region)


def test_a_month_that_is_withdrawn_leaves_no_trace(built: Warehouse, france: World, region: World) -> None:
    short = _without_the_last(france, 35)
    built.replace(short, region)
    built.build()
    _is_that_of_a_full_build(built, short, region)


def test_a_month_that_is_missing_in_the_middle_is_left_out(built: Warehouse, france: World, region: World) -> None:
    load = france.load.copy()
    load[840:880] = np.nan
    holed = france.with_load(load)
    built.replace(holed, region)
    built.build()
    _is_that_of_a_full_build(built, holed, region)


def test_another_month_moves_the_back_test_and_the_intervals_that_rest_on_what_it_drops() -> None:
    # Longer than the 36 months that are tested and the year that fits need.
    whole = world(days=1700)
    short = _without_the_last(whole, 31)
    built = Warehouse(short)
    built.build()
    dropped = min(built.table("retrotest")["cle"].to_pylist())
    built.replace(whole)
    made = built.build()
    assert dropped not in built.table("retrotest")["cle"].to_pylist()
    renewed = {row["mois"] for row in made["sommes"].to_pylist() if row["mois"] is not None}
    # The year whose errors are fewer, and the months that are new: not the years between.
    assert 12 <= len(renewed) <= 16
    _is_that_of_a_full_build(built, whole)


def test_a_territory_that_comes_or_goes_renews_itself_alone(built: Warehouse, france: World, region: World) -> None:
    other = world("24", seed=9, days=DAYS)
    built.replace(france, region, other)
    made = built.build()
    assert {row["code_territoire"] for row in made["sommes"].to_pylist()} == {"24"}
    _is_that_of_a_full_build(built, france, region, other)
    built.replace(france, other)
    built.build()
    _is_that_of_a_full_build(built, france, other)


def _without_the_last(made: World, days: int) -> World:
    load, temperatures, rte = (each[:-days].copy() for each in (made.load, made.temperatures, made.rte))
    load[-8:], temperatures[-8:], rte[-8:] = np.nan, np.nan, np.nan
    return replace(made, load=load, temperatures=temperatures, rte=rte)


def test_stored_months_tell_of_everything_only_while_no_reading_is_newer() -> None:
    history = History("nation", "FR", {"2024-01": "a", "2024-02": "b", "2024-03": "c"}, "2024-02")
    assert history.is_told_by({"nation FR 2024-01": "a", "nation FR 2024-02": "b"})
    assert not history.is_told_by({"nation FR 2024-01": "a", "nation FR 2024-02": "x"})
    assert not history.is_told_by({"nation FR 2024-01": "a"})
    assert not history.is_told_by({"nation FR 2024-02": "b", "nation FR 2024-04": "d"})
    assert not history.is_told_by({})
