"""Civil days, printed labels, instants, and how far each data set is published at a given instant.

RTE prints the same labels on every civil day of Europe/Paris: 48 half-hours, 96 quarter-hours or 24 hours. In spring
the labels of the hour that does not exist share the instants of the next hour; in autumn the repeated hour is printed
once, with the instants of its second pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

PARIS = ZoneInfo("Europe/Paris")
HALF_HOURS = 48
QUARTER_HOURS = 96
_SWITCH = 120  # minutes after midnight at which French clocks change, on the clock printed by RTE

ONE_DAY = np.timedelta64(1, "D")

Days = NDArray[np.datetime64]
Instants = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a run of civil days looks like on the clock of Paris.

    Attributes:
        days: civil days, shape (days,), datetime64[D].
        before, after: UTC offset before and after 02:00 of each day, minutes, shape (days,).
    """

    days: Days
    before: NDArray[np.int64]
    after: NDArray[np.int64]

    @classmethod
    def of(cls, days: Days) -> Calendar:
        """Look the offsets of ``days`` up in the time-zone database."""

        def at_noon(day: date) -> int:
            offset = datetime.combine(day, time(12), PARIS).utcoffset()
            return 60 if offset is None else int(offset.total_seconds()) // 60

        plain: list[date] = days.astype("datetime64[D]").tolist()
        after = [at_noon(day) for day in plain]
        before = [at_noon(plain[0] - timedelta(days=1)), *after[:-1]] if plain else []
        return cls(days, np.array(before, dtype=np.int64), np.array(after, dtype=np.int64))

    def instants(self, labels: int) -> Instants:
        """Return the UTC instant of every label, shape (days, labels), datetime64[ms]."""
        wall = np.arange(labels) * (1440 // labels)
        # Spring: 02:00 to 02:59 keep the old offset, which gives them the instants of the next hour.
        switched = np.where(
            (self.after > self.before)[:, None], wall[None, :] >= _SWITCH + 60, wall[None, :] >= _SWITCH
        )
        offset = np.where(switched, self.after[:, None], self.before[:, None])
        minutes = self.days.astype("datetime64[m]")[:, None] + (wall[None, :] - offset).astype("timedelta64[m]")
        return np.asarray(minutes, dtype="datetime64[ms]")

    def fictitious(self, labels: int) -> NDArray[np.bool_]:
        """Return which labels name an hour that does not exist, shape (days, labels)."""
        wall = np.arange(labels) * (1440 // labels)
        missing = (wall >= _SWITCH) & (wall < _SWITCH + 60)
        return (self.after > self.before)[:, None] & missing[None, :]

    def __getitem__(self, chosen: slice | NDArray[np.bool_]) -> Calendar:
        """Return the calendar of some of the days."""
        return Calendar(self.days[chosen], self.before[chosen], self.after[chosen])


def label_texts(labels: int) -> list[str]:
    """Return the printed labels of a day, ``HH:MM``."""
    step = 1440 // labels
    return [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 1440, step)]


@dataclass(frozen=True)
class Horizon:
    """How far each data set is published when the portal is looked at.

    The lags are those observed on the portal, within the catalogue's ``expected_lag``.

    Attributes:
        start: first civil day of the history.
        now: the instant, with a time zone.
    """

    start: date
    now: datetime

    @cached_property
    def today(self) -> date:
        """Civil day of Paris."""
        return self.now.astimezone(PARIS).date()

    @cached_property
    def tomorrow(self) -> date:
        """Last day of the real-time sets, which holds forecasts only."""
        return self.today + timedelta(days=1)

    @cached_property
    def last_measured(self) -> datetime:
        """Newest measure of the real-time sets: values come about one hour late."""
        return self.now.astimezone(UTC) - timedelta(hours=1)

    def end_of_month(self, months_back: int) -> date:
        """Return the last day of the month that ended ``months_back`` months ago (1: last month)."""
        months = self.today.year * 12 + self.today.month - months_back
        return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)

    @cached_property
    def definitive(self) -> date:
        """Last definitive day of éCO2mix: the year before last is definitive."""
        return date(self.today.year - 2, 12, 31)

    @cached_property
    def consolidated(self) -> date:
        """Last consolidated day of éCO2mix; real time begins the day after."""
        return self.end_of_month(3)
