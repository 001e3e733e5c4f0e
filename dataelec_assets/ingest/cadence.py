"""When a source is asked again: by its cadence, and with growing patience while it fails. Pure functions."""

from __future__ import annotations

from datetime import datetime, timedelta

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.rhythms import RHYTHMS
from dataelec_assets.lake.state import SourceState

# The first new try comes soon, since most faults of a portal last minutes; the wait doubles up to a quarter of a day,
# so that a portal that is down for a night is asked seven times and not a thousand.
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=6)


def back_off(failures: int) -> timedelta:
    """Return how long to wait after this many failures in a row (at least one)."""
    wait = FIRST_RETRY
    for _ in range(min(failures - 1, 16)):  # the longest wait is reached long before
        wait *= 2
    return min(wait, LONGEST_RETRY)


def due_at(dataset: Dataset, state: SourceState) -> datetime | None:
    """Return when the source is to be asked next (UTC); None: at once, it was never asked."""
    if state.checked_at is None:
        return None
    checked, poll = datetime.fromisoformat(state.checked_at), RHYTHMS[dataset.cadence].poll
    if state.status == "absent":
        # It may be published one day; nothing has to be repaired in minutes.
        return checked + max(poll, LONGEST_RETRY)
    if state.failures:
        return checked + back_off(state.failures)
    return checked + (min(poll, FIRST_RETRY) if state.stale else poll)


def is_due(dataset: Dataset, state: SourceState, now: datetime) -> bool:
    """Return whether the source is to be asked now (``now`` in UTC)."""
    when = due_at(dataset, state)
    # Asked in the future: the clock has gone back since, and it may be long until it is there again.
    return when is None or when <= now or datetime.fromisoformat(str(state.checked_at)) > now
