"""Civil days as numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]

_PARIS = ZoneInfo("Europe/Paris")

# 02:00 and 02:30, which RTE prints on the day of the spring change and no clock shows.
_SKIPPED_LABELS = slice(4, 6)


def day_of_year(dates: Days) -> Floats:
    """Return 1 for the first of January of each date's year, and so on."""
    return np.asarray(dates - dates.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.float64) + 1.0


def month_and_day(dates: Days) -> Floats:
    """Return the month and the day of the month as one number: 1224 is Christmas Eve."""
    months = dates.astype("datetime64[M]")
    month = (months - dates.astype("datetime64[Y]").astype("datetime64[M]")).astype(np.float64) + 1
    day = np.asarray(dates - months.astype("datetime64[D]")).astype(np.float64) + 1
    return np.asarray(100 * month + day)


def christmas(printed: Floats) -> Floats:
    """Return 1 for the days around Christmas, as :func:`month_and_day` writes them."""
    return ((printed >= 1224) | (printed <= 102)).astype(np.float64)  # noqa: PLR2004 - 24 December to 2 January


def summer_time(dates: Days) -> Floats:
    """Return 1 for days whose noon is on summer time: last Sunday of March to the Saturday before that of October."""
    years = dates.astype("datetime64[Y]")
    begins, ends = (_last_sunday((years + 0).astype("datetime64[M]") + month) for month in (2, 9))
    return ((dates >= begins) & (dates < ends)).astype(np.float64)


def fictitious_labels(dates: Days, labels: int) -> NDArray[np.bool_]:
    """Return the labels of each day that no clock shows."""
    result = np.zeros((len(dates), labels), dtype=bool)
    spring = dates == _last_sunday(dates.astype("datetime64[Y]").astype("datetime64[M]") + 2)
    result[spring, _SKIPPED_LABELS] = True
    return result


def instant_of(day: date, label: int) -> datetime:
    """Return the instant of a half-hour label; for a repeated hour the second pass, which is the one RTE prints."""
    hour, half = divmod(label, 2)
    return datetime(day.year, day.month, day.day, hour, 30 * half, fold=1, tzinfo=_PARIS).astimezone(UTC)


def _last_sunday(months: Days) -> Days:
    last = (months + 1).astype("datetime64[D]") - 1
    # 1970-01-01 was a Thursday: day 3 of a week that begins on a Monday.
    weekday = (last.astype(np.int64) + 3) % 7
    return np.asarray(last - ((weekday + 1) % 7).astype("timedelta64[D]"))
