"""The state of the synthetic France day by day: weather, water, availability of the reactors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import holidays
import numpy as np
from numpy.typing import NDArray

from dataelec_assets.sample.noise import autoregressive, generator
from dataelec_assets.sample.regions import MAINLAND, REGIONS, Floats, per_region
from dataelec_assets.sample.timeline import ONE_DAY, Calendar, Horizon

_YEAR = 365.25

# Anomalies around the season, measured on the published regional temperatures of 2016-2025: all regions share a
# national part (2.64 °C, 0.86 from a day to the next); the region's own part forgets faster.
_SHARED_SPREAD, _SHARED_PERSISTENCE = 2.64, 0.86
_OWN_PERSISTENCE = 0.5
_COLDEST_ANOMALY = 3.0  # standard deviations: decades of draws must not leave what France has known

_SUNDAY, _SATURDAY = 6, 5
_EPOCH = date(2023, 1, 1)


@dataclass(frozen=True, slots=True)
class World:
    """Daily state, one row a day, from the day before the history to the day after tomorrow.

    Attributes:
        seed: seed of all series.
        calendar: the days.
        season: day of the year as an angle, radians, shape (days,).
        temperature: mean temperature, °C, shape (days, 13).
        half_range: half the difference between maximum and minimum, °C, shape (days, 13).
        wind: wind, as a standard normal, shape (days, 12).
        clarity: share of the clear-sky sunshine that reaches the ground, shape (days, 12).
        wetness: inflow of the rivers relative to the season, shape (days, 1).
        reactors: share of the nuclear capacity that is available, shape (days, 12).
        activity: load of the day relative to a plain weekday, shape (days,).
        borders: pull of each of the five borders beside the French balance, MW, shape (days, 5).
    """

    seed: int
    calendar: Calendar
    season: Floats
    temperature: Floats
    half_range: Floats
    wind: Floats
    clarity: Floats
    wetness: Floats
    reactors: Floats
    activity: Floats
    borders: Floats

    def index(self, day: date) -> int:
        """Return the row of a civil day."""
        return int((np.datetime64(day, "D") - self.calendar.days[0]).astype(np.int64))

    @property
    def years(self) -> list[int]:
        """Civil years of the history, the first day (which only serves interpolation) left out."""
        first, last = self.calendar.days[1], self.calendar.days[-1]
        return list(range(first.astype(object).year, last.astype(object).year + 1))


def create(seed: int, horizon: Horizon) -> World:
    """Draw the daily state. A day has the same state however far the horizon is."""
    first, last = horizon.start - timedelta(days=1), horizon.tomorrow + timedelta(days=1)
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + ONE_DAY)
    count = len(days)
    day_of_year = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64) + 1
    season = 2 * np.pi * day_of_year / _YEAR

    def normals(name: str, columns: int, persistence: float) -> Floats:
        return autoregressive(generator(seed, name).standard_normal((count, columns)), persistence)

    shared = np.clip(normals("temperature", 1, _SHARED_PERSISTENCE), -_COLDEST_ANOMALY, _COLDEST_ANOMALY)
    own = np.clip(normals("regional temperature", len(REGIONS), _OWN_PERSISTENCE), -_COLDEST_ANOMALY, _COLDEST_ANOMALY)
    angle = season[:, None] - 2 * np.pi * per_region("warmest", REGIONS) / _YEAR
    temperature = (
        per_region("mean", REGIONS)
        + per_region("swing", REGIONS) * np.cos(angle)
        + _SHARED_SPREAD * shared
        + per_region("spread", REGIONS) * own
    )
    clouds = 0.8 * normals("clouds", 1, 0.5) + 0.6 * normals("regional clouds", len(MAINLAND), 0.3)
    clarity = 1 / (1 + np.exp(-(0.4 - 0.6 * np.cos(season)[:, None] + 0.9 * clouds)))
    # Clear days are the days of large differences between night and afternoon.
    half_range = per_region("day_range", REGIONS) / 2 * (0.55 + 0.75 * np.c_[clarity, clarity[:, -1]])
    return World(
        seed=seed,
        calendar=Calendar.of(days),
        season=season,
        temperature=temperature,
        half_range=half_range,
        wind=0.8 * normals("wind", 1, 0.6) + 0.6 * normals("regional wind", len(MAINLAND), 0.5),
        clarity=clarity,
        wetness=np.exp(0.2 * normals("rivers", 1, 0.97)),
        # About 47 GW in winter and 38 GW in summer, the maintenance season.
        reactors=np.clip(
            0.70 + 0.08 * np.cos(season)[:, None] + 0.05 * normals("reactors", len(MAINLAND), 0.98), 0.35, 0.95
        ),
        activity=_activity(days) * (1 + 0.006 * normals("activity", 1, 0.5)[:, 0]),
        borders=600 * normals("borders", 5, 0.8),
    )


def _activity(days: NDArray[np.datetime64]) -> Floats:
    """Return the load of each day relative to a plain weekday: week-ends, holidays, summer, Christmas, slow decline."""
    plain: list[date] = days.tolist()
    off = holidays.country_holidays("FR", years=range(plain[0].year, plain[-1].year + 1))
    weekday = np.array([day.weekday() for day in plain])
    factor = np.select([weekday == _SUNDAY, weekday == _SATURDAY], [0.86, 0.91], 1.0)
    factor[np.array([day in off for day in plain])] = 0.86
    august = np.array([day.month == 8 and day.day <= 25 for day in plain])  # noqa: PLR2004 - the summer break
    christmas = np.array([day.month == 12 and day.day >= 24 for day in plain])  # noqa: PLR2004 - to the year's end
    factor[august] *= 0.94
    factor[christmas] *= 0.95
    years = np.array([(day - _EPOCH).days / _YEAR for day in plain])
    # -0.5 % a year, as consumption has declined, but not beyond five years around the epoch.
    return np.asarray(factor * (1 - 0.005 * np.clip(years, -5, 5)), dtype=np.float64)
