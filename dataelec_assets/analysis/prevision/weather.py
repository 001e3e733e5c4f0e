"""The weather that is known at the issue time, and what replaces the rest.

Observed weather is what was measured, whenever it was published: a perfect forecast, which nobody has. Climatology is
the normal of each day: regional temperatures are published so late that even last week's are missing. Forecast weather
comes from the newest weather forecast for the chief towns before noon of the issue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataelec_assets.analysis.prevision.days import Days, day_of_year
from dataelec_assets.analysis.prevision.inputs import LEADS, Floats, Integers, Territory

OBSERVED, CLIMATOLOGY, FORECAST = "observee", "climatologie", "prevue"

MINIMUM, MEAN, MAXIMUM = range(3)

# Regional temperatures come once a month: the catalogue expects the newest to be this old at most. Neither a fit nor a
# normal uses a day that is younger than this at its issue time.
TEMPERATURE_DELAY_DAYS = 45

# A normal needs every season once; with two pairs of waves it follows the seasons but not single spells of weather.
_FEWEST_DAYS, _WAVES = 365, 2

# Normals of a month use what was published before every issue that targets it: horizons reach seven days back, plus the
# day of issue itself.
_LEAD_DAYS = 8 + TEMPERATURE_DELAY_DAYS

# The last day of many months is not published: a gap of up to this many days is bridged, a longer one is unknown.
_LONGEST_GAP = 3

# Daily memory of heavy walls: 0.99 per half-hour, of the reference's table, is 0.62 a day and 0.995 is 0.79.
MEMORY = 0.8

# A memory of 0.8 a day keeps one ten-thousandth of what lies this far back, which no longer matters.
_REMEMBERED_DAYS = 40

# Chief towns are not regions: they are corrected by their difference on days when both were known. At least a month of
# days, so that the correction is not one spell of weather; at most a year, so that seasons cancel out.
_FEWEST_OF_BOTH, _MOST_OF_BOTH = 30, 365


@dataclass(frozen=True, slots=True)
class Weather:
    """Temperatures of every day of a grid.

    Attributes:
        temperatures: minimum, mean and maximum; NaN where unknown.
        memory: smoothed mean temperature; it restarts after a gap.
    """

    temperatures: Floats
    memory: Floats

    def since(self, start: int) -> Weather:
        """Return the days from the row ``start``."""
        return Weather(self.temperatures[start:], self.memory[start:])


def weather_by_name(territory: Territory, normal: Floats) -> dict[str, Weather]:
    """Return each weather that a forecast may use; ``normal`` comes from :func:`normals`."""
    return {OBSERVED: _weather(_bridged(territory.temperatures)), CLIMATOLOGY: _weather(normal)}


def forecast_issues(territory: Territory) -> Integers:
    """Return the rows of the issue days that had a weather forecast for the next day at noon."""
    return np.flatnonzero(~np.isnan(territory.forecasts[:, 1 - LEADS[0]]).any(axis=1))


def forecast_weather(territory: Territory, issue: int, normal: Floats) -> tuple[int, Weather]:
    """Return the weather for the forecasts issued on one day, with the row at which it begins.

    Days before the issue take the analysis of the forecast read at the noon after them; days from the issue on take its
    own forecast; where there is neither, the normal is used.

    Args:
        territory: the territory.
        issue: row of the issue day.
        normal: from :func:`normals`.
    """
    start, end = max(issue - _REMEMBERED_DAYS, 0), min(issue + LEADS[-1] + 1, len(normal))
    correction = _correction(territory, issue)
    known = normal[start:end].copy()
    said = np.full(known.shape, np.nan)
    eves = _analyses(territory, issue)
    said[: issue - start] = eves[start:issue]
    ahead = territory.forecasts[issue, -LEADS[0] :]
    said[issue - start :] = ahead[: end - issue]
    there = ~np.isnan(said).any(axis=1)
    known[there] = said[there] + correction
    return start, _weather(known)


def _analyses(territory: Territory, issue: int) -> Floats:
    """Return, for each day before an issue day, its analysis in the forecast read at the next noon."""
    return territory.forecasts[1 : issue + 1, 0]


def _correction(territory: Territory, issue: int) -> Floats:
    """Return how much warmer the region was than its chief town (low, mean, high), as known on the issue day."""
    end = max(issue - TEMPERATURE_DELAY_DAYS, 0)
    start = max(end - _MOST_OF_BOTH, 0)
    differences = territory.temperatures[start:end] - _analyses(territory, issue)[start:end]
    both = ~np.isnan(differences).any(axis=1)
    return differences[both].mean(axis=0) if both.sum() >= _FEWEST_OF_BOTH else np.zeros(differences.shape[1])


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
