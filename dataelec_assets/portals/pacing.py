"""What a portal grants within each minute, hour and day of the clock, shared by all its clients in this process.

Some portals refuse what is too much and say nothing before. Their rules are in the catalogue: here they are kept, so
that a first load takes some minutes more and loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock

from dataelec_assets.catalog.portals import Limit, Span

# A wait for the next minute is part of the work; for the next hour the refresh would stand still.
LONGEST_PAUSE = timedelta(minutes=2)


class LimitReached(Exception):
    """The portal has refused a call because a unit of its clock is used up.

    Args:
        until: when the next unit begins (UTC).
        reason: what the portal said.
    """

    def __init__(self, until: datetime, reason: str) -> None:
        super().__init__(reason)
        self.until = until


def now() -> datetime:
    """Return the time (UTC)."""
    return datetime.now(UTC)


def end_of(span: Span, when: datetime) -> datetime:
    """Return the begin of the next minute, hour, day or month of UTC."""
    minute = when.astimezone(UTC).replace(second=0, microsecond=0)
    if span == "minute":
        return minute + timedelta(minutes=1)
    if span == "hour":
        return minute.replace(minute=0) + timedelta(hours=1)
    midnight = minute.replace(hour=0, minute=0)
    if span == "day":
        return midnight + timedelta(days=1)
    return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)


class Budget:
    """The calls of one portal, or what they weigh, by unit of its clock.

    Args:
        limits: what it grants; limits of single data sets, which the portal's own headers tell, do not count here.
    """

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._limits = tuple(each for each in limits if not each.of_dataset)
        self._spent: dict[Limit, tuple[datetime, float]] = {}
        self._closed_until: datetime | None = None
        self._lock = Lock()

    def take(self, weight: float) -> datetime | None:
        """Take a call out of the budget; None when it may be sent now, else when to ask again (UTC).

        A call that weighs more than a whole unit is sent when nothing else was in that unit.

        Args:
            weight: of the call, where calls are weighted; every other limit counts it once.
        """
        with self._lock:
            when = now()
            if self._closed_until is not None and when < self._closed_until:
                return self._closed_until
            costs = {limit: weight if limit.is_weighted else 1.0 for limit in self._limits}
            waits = []
            for limit, cost in costs.items():
                end, spent = self._spent.get(limit, (when, 0.0))
                if when >= end:
                    end, spent = end_of(limit.span, when), 0.0
                self._spent[limit] = end, spent
                if spent and spent + cost > limit.calls:
                    waits.append(end)
            if waits:
                return max(waits)
            for limit, cost in costs.items():
                end, spent = self._spent[limit]
                self._spent[limit] = end, spent + cost
            return None

    def close(self, until: datetime) -> None:
        """Send nothing before an instant: others at this address have used up what was left."""
        with self._lock:
            self._closed_until = until


_of_portals: dict[tuple[str, tuple[Limit, ...]], Budget] = {}
_lock = Lock()


def budget_at(root: str, limits: Sequence[Limit]) -> Budget:
    """Return the budget of a portal, which all its clients in this process share."""
    with _lock:
        return _of_portals.setdefault((root, tuple(limits)), Budget(limits))
