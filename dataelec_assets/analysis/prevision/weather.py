"""What is known of the weather at the issue time, and what stands in for the rest.

Observed weather takes what was measured, whenever it was published: a perfect forecast, which nobody has. Climatology
takes the normal of each day: regional temperatures are published so late that even last week's are not there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataelec_assets.analysis.prevision.days import Days, day_of_year
from dataelec_assets.analysis.prevision.inputs import Floats, Territory

OBSERVED, CLIMATOLOGY = "observee", "climatologie"

MINIMUM, MEAN, MAXIMUM = range(3)

# Regional temperatures come once a month: the catalogue expects the newest to be this old at most. Neither a fit nor a
# normal uses a day that is younger than this at its issue time.
TEMPERATURE_DELAY_DAYS = 45

# A normal needs every season once; with two pairs of waves it follows the year without following its weather.
_FEWEST_DAYS, _WAVES = 365, 2

# Normals of a month are drawn from what was published before every issue that targets it: horizons reach seven days
# back, one more for the day of issue itself.
_LEAD_DAYS = 8 + TEMPERATURE_DELAY_DAYS

# The last day of many months is not published: a gap of up to this many days is bridged, a longer one is unknown.
_LONGEST_GAP = 3

# Daily memory of heavy walls: 0.99 per half-hour, of the reference's table, is 0.62 a day and 0.995 is 0.79.
MEMORY = 0.8


@dataclass(frozen=True, slots=True)
class Weather:
    """Temperatures of every day of a grid.

    Attributes:
        temperatures: minimum, mean and maximum; NaN where unknown.
        memory: smoothed mean temperature; it starts anew after a hole.
    """

    temperatures: Floats
    memory: Floats


def weather_by_name(territory: Territory) -> dict[str, Weather]:
    """Return each weather that a forecast may be given."""
    return {OBSERVED: _weather(_bridged(territory.temperatures)), CLIMATOLOGY: _weather(normals(territory))}


def lagged(values: Floats, days: int) -> Floats:
    """Return ``values`` as they were ``days`` before each row; NaN before the first."""
    if days == 0:
        return values
    result = np.full(values.shape, np.nan)
    result[days:] = values[:-days]
    return result


def normals(territory: Territory) -> Floats:
    """Return the normal temperatures of each day, from what was published before its month; NaN in the first year."""
    published = territory.temperatures
    dates = territory.dates
    months = dates.astype("datetime64[M]")
    waves = _waves(dates)
    normal = np.full(published.shape, np.nan)
    there = np.asarray(~np.isnan(published).any(axis=1))
    for month in np.unique(months):
        start = territory.position(month.astype("datetime64[D]"))
        rows = np.flatnonzero(there[: max(start - _LEAD_DAYS, 0)])
        if len(rows) >= _FEWEST_DAYS:
            past = waves[rows]
            inside = np.asarray(months == month)
            normal[inside] = waves[inside] @ np.linalg.solve(past.T @ past, past.T @ published[rows])
    return normal


def _weather(temperatures: Floats) -> Weather:
    memory = np.full(len(temperatures), np.nan)
    current = np.nan
    for row, value in enumerate(temperatures[:, MEAN].tolist()):
        current = value if np.isnan(current) else MEMORY * current + (1 - MEMORY) * value
        memory[row] = current
    return Weather(temperatures, memory)


def _bridged(published: Floats) -> Floats:
    """Return the temperatures with short gaps held at the day before them."""
    there = ~np.isnan(published).any(axis=1)
    positions = np.arange(len(published))
    newest = np.maximum.accumulate(np.where(there, positions, -1))
    near = (newest >= 0) & (positions - newest <= _LONGEST_GAP)
    return np.where(near[:, None], published[np.maximum(newest, 0)], np.nan)


def _waves(dates: Days) -> Floats:
    angle = 2 * np.pi * day_of_year(dates) / 365.25
    columns = [np.ones(len(dates))]
    for order in range(1, _WAVES + 1):
        columns += [np.sin(order * angle), np.cos(order * angle)]
    return np.column_stack(columns)
