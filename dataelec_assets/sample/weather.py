"""The invented weather as Open-Meteo gives it: what will be, with an error that grows with time, and what has been."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.portals.open_meteo import FORECAST_DAYS, PAST_DAYS, UNITS
from dataelec_assets.sample.noise import autoregressive, generator
from dataelec_assets.sample.regions import REGIONS, Floats
from dataelec_assets.sample.timeline import PARIS, Horizon
from dataelec_assets.sample.world import World, create

_DATASET, _ARCHIVE = "previsions-meteo-regions", "archives-meteo-regions"

# As ERA5's; and before the month in which the archive ends, two months and a little: a demonstration is small.
_ARCHIVE_LAG, _ARCHIVE_DAYS = 5, 61

# Forecasts of the day of ``now`` and of the two days before, each issued early in the morning, before the noon at which
# a forecast of consumption is issued.
_ISSUES, _HOUR_UTC = 3, 5

# Standard deviation of the error, °C: where it starts, and what each day ahead adds. A choice, of the order of what
# weather services tell of themselves: about 1 °C for tomorrow, 3 °C for a week ahead.
_ERROR_C, _ERROR_PER_DAY_C = 0.6, 0.35

# It keeps its sign for hours: a cold front that comes late is late everywhere, and all day.
_PERSISTENCE, _SHARED = 0.97, 0.8

_WARMEST_HOUR = 15


def write_forecasts(folder: Path, seed: int, horizon: Horizon) -> Iterator[tuple[str, Path, int]]:
    """Write one reply per issue.

    Args:
        folder: of the portals.
        seed: of all series.
        horizon: how far the portal is.

    Yields:
        Data set, file and rows of each.
    """
    # The world as it will be: a day has the same state however far the horizon is.
    world = create(seed, replace(horizon, now=horizon.now + timedelta(days=FORECAST_DAYS)))
    for issued in _issues(horizon):
        path = folder / "open_meteo" / _DATASET / f"{_DATASET}_snapshot_{issued:%Y%m%dT%H%M}Z_synthetique.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        places = list(_places(world, issued))
        path.write_text(json.dumps(places, separators=(",", ":")), "utf-8", newline="\n")
        yield _DATASET, path, len(places) * len(places[0]["hourly"]["time"])


def write_archive(folder: Path, seed: int, horizon: Horizon) -> Iterator[tuple[str, Path, int]]:
    """Write the archive of the last whole days: one file, in force since the newest forecast.

    Args:
        folder: of the portals.
        seed: of all series.
        horizon: how far the portal is.

    Yields:
        Data set, file and rows.
    """
    world = create(seed, horizon)
    last = horizon.today - timedelta(days=_ARCHIVE_LAG)
    first = max(date(last.year, last.month, 1) - timedelta(days=_ARCHIVE_DAYS), horizon.start)
    hours = _hours_between(first, last)
    # Drawn day by day: a day is the same however far the archive reaches.
    days = Counter(hour.astimezone(PARIS).date().toordinal() for hour in hours)
    drawn = [generator(seed, "archive", day).standard_normal((2, days[day], len(REGIONS))) for day in sorted(days)]
    wind, rain = np.concatenate(drawn, axis=1)
    name = f"{_ARCHIVE}_snapshot_{_issues(horizon)[-1]:%Y%m%dT%H%M}Z_synthetique.json"
    path = folder / "open_meteo_archive" / _ARCHIVE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    measured = (_temperatures(world, hours), np.maximum(rain - 1.5, 0), np.abs(4 + 2 * wind))
    places = list(_replies(hours, *(np.round(each, 1) for each in measured)))
    path.write_text(json.dumps(places, separators=(",", ":")), "utf-8", newline="\n")
    yield _ARCHIVE, path, len(places) * len(hours)


def _hours_between(first: date, last: date) -> list[datetime]:
    """Return the hours (UTC) of the days of Paris from the first to the last, both included."""
    begins, ends = (
        datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)
        for day in (first, last + timedelta(days=1))
    )
    return [begins + timedelta(hours=each) for each in range(int((ends - begins).total_seconds()) // 3600)]


def _issues(horizon: Horizon) -> list[datetime]:
    newest = horizon.now.astimezone(UTC).replace(hour=_HOUR_UTC, minute=0, second=0, microsecond=0)
    if newest > horizon.now:
        newest -= timedelta(days=1)
    return [newest - timedelta(days=back) for back in reversed(range(_ISSUES))]


def _places(world: World, issued: datetime) -> Iterator[dict[str, Any]]:
    first = issued.replace(hour=0) - timedelta(days=PAST_DAYS)
    hours = [first + timedelta(hours=each) for each in range(24 * (PAST_DAYS + FORECAST_DAYS))]
    truth = _temperatures(world, hours)
    known = hours.index(issued)
    error = np.zeros(truth.shape)
    error[known:] = _errors(world.seed, issued, truth[known:].shape)
    draws = generator(world.seed, "hourly weather", issued.toordinal())
    wind = np.round(np.abs(4 + 2 * draws.standard_normal(truth.shape)), 1)
    rain = np.round(np.maximum(draws.standard_normal(truth.shape) - 1.5, 0), 1)
    measured = (np.round(truth + error, 1), np.asarray(rain, np.float64), np.asarray(wind, np.float64))
    yield from _replies(hours, *measured)


def _replies(hours: list[datetime], temperature: Floats, rain: Floats, wind: Floats) -> Iterator[dict[str, Any]]:
    """Yield the series of each chief town; all of shape (hours, regions)."""
    texts = [f"{hour:%Y-%m-%dT%H:%M}" for hour in hours]
    codes = [region.code for region in REGIONS]
    for code in sorted(CHIEF_TOWNS):
        _, latitude, longitude = CHIEF_TOWNS[code]
        at = codes.index(code)
        yield {
            "latitude": round(latitude, 2),
            "longitude": round(longitude, 2),
            "elevation": 50.0,
            "hourly_units": {"time": "iso8601", **UNITS},
            "hourly": {
                "time": texts,
                "temperature_2m": temperature[:, at].tolist(),
                "precipitation": rain[:, at].tolist(),
                "wind_speed_10m": wind[:, at].tolist(),
            },
        }


def _temperatures(world: World, hours: list[datetime]) -> Floats:
    """Return the temperature of each hour and region, from the day's mean and range, warmest in the afternoon."""
    local = [hour.astimezone(PARIS) for hour in hours]
    rows = [world.index(each.date()) for each in local]
    angle = 2 * np.pi * (np.array([each.hour for each in local]) - _WARMEST_HOUR) / 24
    half = np.maximum(world.half_range[rows], 0.5)
    return np.asarray(world.temperature[rows] + half * np.cos(angle)[:, None], dtype=np.float64)


def _errors(seed: int, issued: datetime, shape: tuple[int, ...]) -> Floats:
    """Return the error of each hour ahead and region, °C: autoregressive, in part shared by all regions."""
    draws = generator(seed, "forecast of temperature", issued.toordinal())
    series = autoregressive(draws.standard_normal((shape[0], shape[1] + 1)), _PERSISTENCE)
    mixed = _SHARED * series[:, :1] + np.sqrt(1 - _SHARED**2) * series[:, 1:]
    days = np.arange(shape[0])[:, None] / 24
    return np.asarray((_ERROR_C + _ERROR_PER_DAY_C * days) * mixed, dtype=np.float64)
