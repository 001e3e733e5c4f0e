"""The features of a forecast: calendar, weather, and the consumption that was known when it was issued.

Every column belongs to a target day. Consumption is read only through :class:`Known`, which enforces the issue time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataelec_assets.analysis.prevision.days import christmas, day_of_year, month_and_day, summer_time
from dataelec_assets.analysis.prevision.inputs import (
    CLOSED,
    MORNING_LABELS,
    Booleans,
    Floats,
    Territory,
    day_mean,
    morning_mean,
)
from dataelec_assets.analysis.prevision.weather import MAXIMUM, MEAN, MINIMUM, Weather, lagged

# Heating below 15 °C, cooling above 20 °C: what the reference measured for France; further hinges let the slope bend.
_HEATING_C, _COOLING_C = (15.0, 10.0, 5.0), (20.0, 23.0)

# Weights of today, yesterday and the day before in the temperature that buildings feel (analytics reference, 1.2).
_SMOOTHING = (0.6, 0.3, 0.1)

# Blocks of three hours that describe the shape of a known day.
_BLOCKS = 8

_WEEK = 7

# Any fixed day: the same day has the same number whatever the first day that is read.
_TREND_ORIGIN = np.datetime64("2020-01-01")

# Periods of July and August in which activity differs (first and last day, as month × 100 + day).
_SUMMER = ((715, 731), (801, 810), (811, 820), (821, 831))


class IssueTimeError(ValueError):
    """A feature uses a reading that was not available when the forecast was issued."""


@dataclass(frozen=True, slots=True)
class Known:
    """Consumption as known at noon on the issue day.

    Attributes:
        load: as first known (MW).
        horizon: days from the issue day to the target day.
    """

    load: Floats
    horizon: int

    def whole_day(self, values: Floats, days_before: int) -> Floats:
        """Return a value of the day ``days_before`` the target.

        Raises:
            IssueTimeError: that day was not over.
        """
        if days_before <= self.horizon:
            raise IssueTimeError(f"day -{days_before} is not over at noon of day -{self.horizon}")
        return lagged(values, days_before)

    def morning(self, values: Floats) -> Floats:
        """Return a value computed from the morning of the issue day only."""
        return lagged(values, self.horizon)


def same_weekday(horizon: int) -> int:
    """Return how many days before the target its newest complete day of the same weekday is."""
    return _WEEK * (1 + horizon // _WEEK)


def calendar_features(territory: Territory) -> Floats:
    """Return the calendar features of each day, known for years ahead."""
    dates = territory.dates
    weekday, off = territory.weekday, territory.holiday
    working = (weekday < 6).astype(np.float64)  # noqa: PLR2004 - Saturday
    printed = month_and_day(dates)
    angle = 2 * np.pi * day_of_year(dates) / 365.25
    columns = [
        *((weekday == each).astype(np.float64) for each in range(1, 8)),
        off * working,
        off * (1 - working),
        _next(off) * (1 - off),
        np.nan_to_num(lagged(off, 1)) * (1 - off),
        territory.bridge,
        territory.school,
        territory.school * working,
        christmas(printed),
        *(((printed >= first) & (printed <= last)).astype(np.float64) for first, last in _SUMMER),
        summer_time(dates),
        # Level of the years: the ridge keeps it small, lags carry the rest.
        (dates - _TREND_ORIGIN).astype(np.float64) / 365.25,
    ]
    for order in range(1, 5):
        columns += [np.sin(order * angle), np.cos(order * angle)]
    return np.column_stack(columns)


def load_features(territory: Territory, horizon: int) -> Floats:
    """Return past consumption and its calendar, up to the issue time of each target day."""
    known = Known(territory.first_load, horizon)
    day, morning = day_mean(known.load), morning_mean(known.load)
    yesterday, last_week = horizon + 1, same_weekday(horizon)
    newest_day, newest_morning = known.whole_day(day, yesterday), known.morning(morning)
    blocks, morning_blocks = _shapes(known.load, day, morning)
    columns = [
        newest_morning,
        newest_day,
        known.whole_day(day, last_week),
        np.mean([known.whole_day(day, yesterday + each) for each in range(_WEEK)], axis=0),
        *(newest_day * (territory.weekday == each) for each in range(1, 8)),
        *(newest_morning * (territory.weekday == each) for each in range(1, 8)),
        *known.whole_day(blocks, yesterday).T,
        *known.whole_day(blocks, last_week).T,
        *known.morning(morning_blocks).T,
    ]
    working_off = territory.holiday * (territory.weekday < 6)  # noqa: PLR2004 - Saturday
    feasts, clock = christmas(month_and_day(territory.dates)), summer_time(territory.dates)
    for values in (working_off, territory.bridge, territory.school, feasts, clock):
        columns += [lagged(values, each) for each in (horizon, yesterday, last_week)]
    columns.append(np.mean([lagged(working_off, yesterday + each) for each in range(_WEEK)], axis=0))
    return np.column_stack(columns)


def weekends_of(territory: Territory) -> Booleans:
    """Return which days are Saturdays, Sundays or public holidays."""
    return np.asarray((territory.day_type == CLOSED) | (territory.weekday == 6))  # noqa: PLR2004 - Saturday


def weather_features(weekend: Booleans, horizon: int, weather: Weather) -> Floats:
    """Return the weather features of each target day, and of the days whose consumption is known.

    Args:
        weekend: of each day, from :func:`weekends_of`.
        horizon: days between issue and target.
        weather: of the same days; a target looks back 16 of them, to what was felt two weeks before.
    """
    minimum, mean, maximum = (weather.temperatures[:, each] for each in (MINIMUM, MEAN, MAXIMUM))
    felt = np.zeros(len(mean))
    for each, weight in enumerate(_SMOOTHING):
        felt = felt + weight * lagged(mean, each)
    heating, cooling = _below(felt, _HEATING_C[0]), _above(felt, _COOLING_C[0])
    columns = [
        *(_below(felt, each) for each in _HEATING_C),
        *(_above(felt, each) for each in _COOLING_C),
        _below(weather.memory, _HEATING_C[0]),
        _above(weather.memory, _COOLING_C[0]),
        _below(minimum, _HEATING_C[1] + 2),
        _below(maximum, _HEATING_C[0] + 3),
        _above(maximum, _COOLING_C[1] + 3),
        heating * weekend,
        maximum - minimum,
        mean,
        # The weather of the days whose consumption is known, already reflected in the lags.
        *(lagged(each, days) for days in (horizon, horizon + 1, same_weekday(horizon)) for each in (heating, cooling)),
        np.mean([lagged(heating, horizon + 1 + each) for each in range(_WEEK)], axis=0),
    ]
    return np.column_stack(columns)


def _shapes(load: Floats, day: Floats, morning: Floats) -> tuple[Floats, Floats]:
    """Return the mean power of the blocks of each day, and of its morning."""
    filled = np.where(np.isnan(load), day[:, None], load)
    blocks = filled.reshape(len(load), _BLOCKS, -1).mean(axis=2)
    size = load.shape[1] // _BLOCKS
    whole = MORNING_LABELS // size
    known = np.where(np.isnan(load), morning[:, None], load)[:, : whole * size]
    return blocks, known.reshape(len(load), whole, size).mean(axis=2)


def _below(values: Floats, threshold: float) -> Floats:
    return np.maximum(threshold - values, 0.0)


def _above(values: Floats, threshold: float) -> Floats:
    return np.maximum(values - threshold, 0.0)


def _next(values: Floats) -> Floats:
    return np.append(values[1:], 0.0)
