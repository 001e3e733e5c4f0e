"""Invented forecasts: the same bytes each time, what was is what comes later, and errors that grow."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from dataelec_assets.sample.timeline import Horizon
from dataelec_assets.sample.weather import write_archive, write_forecasts

SEED, START = 7, date(2023, 1, 1)
NOW = datetime(2023, 12, 31, 12, tzinfo=UTC)


def written(folder: Path, now: datetime = NOW, seed: int = SEED) -> dict[str, list[dict[str, Any]]]:
    """Return the replies by the name of their file."""
    files = [path for _, path, _ in write_forecasts(folder, seed, Horizon(START, now))]
    return {path.name: json.loads(path.read_text("utf-8")) for path in files}


def temperatures(reply: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the temperatures of all places by hour."""
    hours = reply[0]["hourly"]["time"]
    return {
        hour: np.array([place["hourly"]["temperature_2m"][row] for place in reply]) for row, hour in enumerate(hours)
    }


def test_three_mornings_are_written_the_same_each_time(tmp_path: Path) -> None:
    first = written(tmp_path / "a")
    assert list(first) == [
        f"previsions-meteo-regions_snapshot_202312{day}T0500Z_synthetique.json" for day in (29, 30, 31)
    ]
    assert written(tmp_path / "b") == first
    assert written(tmp_path / "c", seed=8) != first


def test_a_forecast_stays_what_it_was_when_the_portal_is_seen_later(tmp_path: Path) -> None:
    before, after = written(tmp_path / "a"), written(tmp_path / "b", NOW + timedelta(days=1))
    assert [before[name] == after[name] for name in before.keys() & after.keys()] == [True, True]


def test_before_the_morning_the_newest_is_that_of_the_day_before(tmp_path: Path) -> None:
    assert max(written(tmp_path, NOW.replace(hour=4))).startswith("previsions-meteo-regions_snapshot_20231230")


def mean_error(folder: Path, days_ahead: int) -> float:
    """Return the mean absolute error of the hours that lie so many days ahead, over thirty issues."""
    errors: list[float] = []
    for number in range(30):
        issue = datetime(2023, 3, 1, 12, tzinfo=UTC) + timedelta(days=7 * number)
        forecast = written(folder / f"{number}a", issue)
        later = written(folder / f"{number}b", issue + timedelta(days=days_ahead + 2))
        said, truth = temperatures(forecast[max(forecast)]), temperatures(later[max(later)])
        day = f"{issue + timedelta(days=days_ahead):%Y-%m-%d}"
        for hour in (each for each in said if each.startswith(day)):
            errors.extend(np.abs(said[hour] - truth[hour]))
    return float(np.mean(errors))


def test_the_error_grows_with_the_horizon(tmp_path: Path) -> None:
    tomorrow, in_six_days = mean_error(tmp_path / "one", 1), mean_error(tmp_path / "six", 6)
    assert 0.4 < tomorrow < 1.2
    assert 1.5 < in_six_days < 3.5


def test_what_is_past_has_no_error(tmp_path: Path) -> None:
    replies = written(tmp_path)
    first, last = (temperatures(replies[name]) for name in (min(replies), max(replies)))
    past = [hour for hour in first.keys() & last.keys() if hour < "2023-12-29T05:00"]
    assert len(past) == 5
    assert all(np.array_equal(first[hour], last[hour]) for hour in past)


def test_a_day_is_the_same_however_far_the_archive_reaches(tmp_path: Path) -> None:
    def winds(folder: str, now: datetime) -> dict[str, float]:
        ((_, path, rows),) = write_archive(tmp_path / folder, 7, Horizon(date(2023, 1, 1), now))
        hourly = json.loads(path.read_text("utf-8"))[0]["hourly"]
        hours, wind = hourly["time"], hourly["wind_speed_10m"]
        assert rows == 13 * len(hours)
        return dict(zip(hours, wind, strict=True))

    first = winds("a", datetime(2023, 5, 20, 12, tzinfo=UTC))
    later = winds("b", datetime(2023, 6, 7, 12, tzinfo=UTC))
    both = first.keys() & later.keys()
    assert len(both) > 24 * 40
    assert {hour: first[hour] for hour in both} == {hour: later[hour] for hour in both}
