"""éCO2mix from the lake to the facts: status ladder, step, clock changes, forecasts of 0 MW."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.dbt.eco2mix import (
    CONSOLIDATED,
    DEFINITIVE,
    NATIONAL,
    NATIONAL_TR,
    REGIONAL,
    REGIONAL_TR,
    SELECT,
    find,
    national_day,
    regional_day,
)
from tests.dbt.lakes import TinyLake, found_by

# One situation a day.
DEFINITIVE_DAY, SPRING, AUTUMN = date(2025, 3, 14), date(2025, 3, 30), date(2025, 10, 26)
IN_BOTH_SETS, REAL_TIME_DAY = date(2026, 1, 15), date(2026, 2, 15)


@pytest.fixture(scope="module")
def lake(module_lake: TinyLake) -> TinyLake:
    """Return a warehouse of five days, built once and checked."""
    lake = module_lake
    national, regional = national_day(IN_BOTH_SETS, CONSOLIDATED), regional_day(IN_BOTH_SETS, CONSOLIDATED)
    for row in (*national, *regional):
        if "consommation" in row:  # a revision, balanced by the exchanges
            row["consommation"] += 1_200 if row in national else 100
            row["ech_physiques"] += 1_200 if row in national else 100
    real_time = national_day(REAL_TIME_DAY)
    find(real_time, REAL_TIME_DAY, "10:00").update(prevision_j=0.0, prevision_j1=0.0)
    for row in real_time:  # as since 2025; elsewhere exchanges are half-hourly
        row["ech_comm_suisse"] = -600.0
    lake.write(NATIONAL, [*national_day(DEFINITIVE_DAY, DEFINITIVE), *national_day(AUTUMN, DEFINITIVE), *national])
    lake.write(NATIONAL_TR, [*national_day(SPRING), *national_day(IN_BOTH_SETS), *real_time])
    lake.write(REGIONAL, [*regional_day(DEFINITIVE_DAY, DEFINITIVE), *regional_day(SPRING, DEFINITIVE), *regional])
    lake.write(REGIONAL_TR, regional_day(IN_BOTH_SETS))
    assert found_by(lake.build(*SELECT)) == {}
    return lake


def _energy(lake: TinyLake, fact: str, day: date, where: str = "true") -> Any:
    ((energy,),) = lake.query(
        f"SELECT sum(energie_consommation_mwh) FROM {fact} WHERE date_locale = DATE '{day}' AND {where}"
    )
    return energy


def test_a_forecast_of_zero_is_a_forecast_that_is_missing(lake: TinyLake) -> None:
    missing = lake.query(
        "SELECT heure_locale, prevision_j1_mw FROM fct_eco2mix_national "
        f"WHERE date_locale = DATE '{REAL_TIME_DAY}' AND prevision_j_mw IS NULL"
    )
    assert missing == [("10:00", None)]


def test_real_time_counts_quarters_of_an_hour(lake: TinyLake) -> None:
    assert _energy(lake, "fct_eco2mix_national", REAL_TIME_DAY) == 24 * 48_000


def test_consolidated_days_count_half_hours_and_keep_the_labels_between(lake: TinyLake) -> None:
    assert _energy(lake, "fct_eco2mix_national", DEFINITIVE_DAY) == 24 * 48_000
    between = lake.query(
        "SELECT count(*), count(consommation_mw), count(prevision_j1_mw), count(energie_consommation_mwh) "
        f"FROM fct_eco2mix_national WHERE date_locale = DATE '{DEFINITIVE_DAY}' AND heure_locale LIKE '%5'"
    )
    assert between == [(48, 0, 48, 0)]


@pytest.mark.parametrize(
    ("day", "hours", "readings"), [(DEFINITIVE_DAY, 24, 48), (SPRING, 23, 46), (REAL_TIME_DAY, 24, 96)]
)
def test_exchanges_count_the_same_at_any_step(lake: TinyLake, day: date, hours: int, readings: int) -> None:
    rows = lake.query(
        "SELECT count(energie_ech_comm_suisse_mwh), sum(energie_ech_comm_suisse_mwh), "
        "sum(energie_ech_comm_italie_mwh), sum(energie_ech_physiques_mwh) "
        f"FROM fct_eco2mix_national WHERE date_locale = DATE '{day}'"
    )
    assert rows == [(readings, hours * -600, hours * -600, hours * -3_000)]


def test_spring_labels_that_no_clock_shows_have_no_energy(lake: TinyLake) -> None:
    national = "SELECT heure_locale FROM fct_eco2mix_national WHERE est_heure_fictive ORDER BY 1"
    assert lake.query(national) == [("02:00",), ("02:15",), ("02:30",), ("02:45",)]
    assert _energy(lake, "fct_eco2mix_national", SPRING) == 23 * 48_000
    assert _energy(lake, "fct_eco2mix_regional", SPRING, "code_region = '84'") == 23 * 4_000
    fictitious = lake.query(
        "SELECT territoire, count(*), count(production_mw), count(energie_mwh) FROM fct_production_filiere "
        "WHERE est_heure_fictive AND territoire IN ('FR', '84') GROUP BY 1 ORDER BY 1"
    )
    assert fictitious == [("84", 2 * 7, 2 * 7, 0), ("FR", 4 * 9, 4 * 9, 0)]


def test_the_autumn_hour_that_is_not_published_is_not_invented(lake: TinyLake) -> None:
    rows = lake.query(
        "SELECT count(*), count(*) FILTER (est_heure_fictive), sum(energie_consommation_mwh) "
        f"FROM fct_eco2mix_national WHERE date_locale = DATE '{AUTUMN}'"
    )
    assert rows == [(96, 0, 24 * 48_000)]


@pytest.mark.parametrize("fact", ["fct_eco2mix_national", "fct_eco2mix_regional"])
def test_a_day_that_both_sets_hold_counts_once_with_the_better_status(lake: TinyLake, fact: str) -> None:
    assert _energy(lake, fact, IN_BOTH_SETS) == 24 * (48_000 + 1_200)
    kept = lake.query(f"SELECT DISTINCT statut, pas_minutes FROM {fact} WHERE date_locale = DATE '{IN_BOTH_SETS}'")
    assert kept == [("consolidé", 30)]


def test_production_of_a_day_that_both_sets_hold_counts_once(lake: TinyLake) -> None:
    rows = lake.query(
        "SELECT territoire = 'FR', sum(energie_mwh) FROM fct_production_filiere "
        f"WHERE date_locale = DATE '{IN_BOTH_SETS}' AND filiere = 'solaire' GROUP BY 1 ORDER BY 1"
    )
    assert rows == [(False, 24 * 1_200), (True, 24 * 1_200)]


def test_an_absent_filiere_keeps_its_null_row(lake: TinyLake) -> None:
    rows = lake.query(
        "SELECT territoire, count(*), count(production_mw), sum(energie_mwh) FROM fct_production_filiere "
        f"WHERE date_locale = DATE '{DEFINITIVE_DAY}' AND filiere = 'nucleaire' AND territoire IN ('11', '84') "
        "GROUP BY 1 ORDER BY 1"
    )
    assert rows == [("11", 48, 0, None), ("84", 48, 48, 24 * 3_000)]


def test_coverage_above_one_hundred_percent_is_kept(lake: TinyLake) -> None:
    assert lake.query("SELECT DISTINCT tco_hydraulique_pct FROM fct_eco2mix_regional") == [(112.5,)]
