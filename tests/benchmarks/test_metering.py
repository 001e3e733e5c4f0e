"""Invented readings are the same for a seed, have gaps and repeats, and days of 46 and 50 half-hours."""

from __future__ import annotations

import hashlib
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks.metering import HALF_HOURS, days_of, instants_of, months, readings, sites_of, write_month

SEED, SITES = 7, 400


def digest(table: pa.Table) -> str:
    return hashlib.sha256(repr(table.to_pylist()).encode()).hexdigest()


@pytest.fixture(scope="module")
def winter() -> pa.Table:
    return readings(date(2024, 1, 17), SITES, SEED)


@pytest.mark.parametrize(("day", "half_hours"), [("2024-03-31", 46), ("2024-10-27", 50), ("2024-10-28", 48)])
def test_a_day_has_the_half_hours_of_its_clock(day: str, half_hours: int) -> None:
    assert len(instants_of(date.fromisoformat(day))) == half_hours
    table = readings(date.fromisoformat(day), SITES, SEED)
    assert len(pc.unique(table["horodatage"])) == half_hours


def test_a_year_has_one_half_hour_after_the_other() -> None:
    found = [each for month in months() for day in days_of(month) for each in instants_of(day)]
    assert len(found) == len({*found}) == HALF_HOURS
    assert {(later - earlier).seconds for earlier, later in pairwise(found)} == {1800}


def test_a_seed_gives_the_same_rows_and_another_one_others(winter: pa.Table) -> None:
    same, other = (readings(date(2024, 1, 17), SITES, seed) for seed in (SEED, SEED + 1))
    assert digest(same) == digest(winter) != digest(other)


def test_few_readings_are_missing_empty_estimated_or_published_twice(winter: pa.Table) -> None:
    expected = SITES * 48
    keys = len({*zip(winter["site"].to_pylist(), winter["horodatage"].to_pylist(), strict=True)})
    twice = winter.num_rows - keys
    shares = {
        "missing": 1 - keys / expected,
        "empty": winter["puissance_w"].null_count / winter.num_rows,
        "twice": twice / keys,
        "estimated": pc.sum(pc.equal(winter["statut"], "E")).as_py() / winter.num_rows,
    }
    assert 0 < shares["missing"] < 0.002
    assert 0.001 < shares["empty"] < 0.004
    assert 0.0005 < shares["twice"] < 0.002
    assert 0.005 < shares["estimated"] < 0.02
    corrected = winter.filter(pc.equal(winter["statut"], "C"))
    assert corrected.num_rows == twice
    assert pc.min(corrected["publie_le"]).as_py() > pc.max(winter["horodatage"]).as_py()


def test_power_follows_the_hour_the_weekday_and_the_cold(winter: pa.Table) -> None:
    def power(table: pa.Table) -> np.ndarray:
        found = table.group_by("horodatage").aggregate([("puissance_w", "mean")]).sort_by("horodatage")
        return np.asarray(found["puissance_w_mean"].to_numpy())

    by_half_hour, summer = power(winter), power(readings(date(2024, 7, 17), SITES, SEED))
    assert summer[39] > 1.5 * summer[6]  # half past seven in the evening, three at night
    assert by_half_hour.mean() > 1.3 * summer.mean()
    sunday = power(readings(date(2024, 7, 21), SITES, SEED))
    assert sunday[20] / sunday[15] > 1.1 > summer[20] / summer[15]  # ten, half past seven: late on Sundays


def test_a_month_is_its_days_and_so_many_rows_are_so_many_sites(tmp_path: Path) -> None:
    written = write_month(tmp_path / "2024-02.parquet", "2024-02", 3, SEED)
    days = [readings(day, 3, SEED) for day in days_of("2024-02")]
    assert written == sum(day.num_rows for day in days)
    read = pq.read_table(tmp_path / "2024-02.parquet")
    assert read.to_pylist() == pa.concat_tables(days, promote_options="permissive").to_pylist()
    assert [sites_of(rows) * HALF_HOURS // 10**6 for rows in (10**7, 10**8, 10**9)] == [9, 99, 1000]
