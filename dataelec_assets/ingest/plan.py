"""Which partitions of a source are stale, and why: one pure function of the portal, the lake and the clock.

Staleness is a level, not an event: the sensor, ``dataelec refresh``, ``dataelec status`` and ``--dry-run`` get the same
answer as long as nothing was done about it, so what failed is asked for again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.dates import first_day, last_day
from dataelec_assets.portals.fingerprints import Fingerprint, difference
from dataelec_assets.portals.partition_filters import UNDATED, partition_of

Reason = Literal[
    "never fetched", "revised", "new rows", "status changed", "contract changed", "look-back", "not copied", "asked for"
]

# What is fetched again when the portal cannot sum a principal measure and the catalogue sets no look-back: the month in
# progress and the one before, which covers every true revision measured in 5.5 months of snapshots (longest 49 h).
WEAK_LOOKBACK = timedelta(days=31)

_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Stale:
    """A partition that is not up to date.

    Attributes:
        partition: its key.
        reason: ``never fetched``, ``revised``, ``new rows``, ``status changed`` and ``look-back`` come from the portal;
            ``contract changed`` from the catalogue; ``not copied`` from a cut refresh; ``asked for`` from a user.
        fetch: whether it is to be downloaded; otherwise its copy is to be made again from raw.
    """

    partition: str
    reason: Reason
    fetch: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What a refresh of one source has to do.

    Attributes:
        stale: what to renew, oldest first.
        warnings: what the portal has or has no more, and that changes nothing in the lake.
        not_loaded: rows at the portal that belong to no partition that can be.
    """

    stale: tuple[Stale, ...]
    warnings: tuple[str, ...] = ()
    not_loaded: int = 0

    @property
    def to_fetch(self) -> tuple[Stale, ...]:
        """The partitions to download."""
        return tuple(each for each in self.stale if each.fetch)

    def reasons(self) -> str:
        """Return how many partitions there are for each reason, as text."""
        return ", ".join(f"{count} {reason}" for reason, count in sorted(Counter(e.reason for e in self.stale).items()))


def plan_source(
    dataset: Dataset,
    portal: Mapping[str, Fingerprint],
    lake: Mapping[str, str],
    now: datetime,
    *,
    weak: Iterable[str] = (),
    copies: Iterable[Stale] = (),
) -> Plan:
    """Compare what the portal shows with what the lake holds.

    Args:
        dataset: the catalogue entry.
        portal: fingerprint of each partition at the portal.
        lake: text of the fingerprint of each partition in the lake, from its newest manifest.
        now: current instant (UTC), for the look-back.
        weak: principal measures that the portal could not sum; partitions inside the look-back are then stale.
        copies: partitions whose Parquet copy was not made from their present vintages and contract.

    Returns:
        The plan, one line per partition: what is fetched is copied too.
    """
    edge = _look_back_from(dataset, now) if tuple(weak) else None
    stale = {each.partition: each for each in copies}
    left_out = {UNDATED, *impossible_partitions(dataset, portal, now)}
    for partition, fingerprint in portal.items():
        if partition in left_out:
            continue
        reason: Reason | None = difference(lake[partition], fingerprint) if partition in lake else "never fetched"
        if reason is None and edge is not None and partition >= edge:
            reason = "look-back"
        if reason is not None:
            stale[partition] = Stale(partition, reason)
    return Plan(
        tuple(stale[key] for key in sorted(stale)),
        tuple(_warnings(dataset, portal, lake, now)),
        sum(portal[key].rows for key in left_out & portal.keys()),
    )


def impossible_partitions(dataset: Dataset, keys: Iterable[str], now: datetime | None) -> list[str]:
    """Return the keys of days, months or years in which no row of a data set can be, sorted.

    They are never asked for: what is in them is a mistake of the publisher, such as the year 1 for 2001.

    Args:
        dataset: entry of the catalogue.
        keys: partitions.
        now: the clock, which decides what lies too far ahead; None: what was kept must not go because a clock went
            back.
    """
    on = dataset.partitioning.on
    if on is None or dataset.stamped_by is not None:
        return []
    first = partition_of(dataset, first_day(dataset, dataset.column(on)))
    last = partition_of(dataset, last_day(dataset, now)) if now is not None else "9999"
    return sorted(key for key in keys if key != UNDATED and not first <= key <= last)


def begins_impossibly(dataset: Dataset, first: str | None) -> bool:
    """Return whether the oldest day, instant or year of a lake (ISO) lies in a partition that cannot be."""
    on = dataset.partitioning.on
    if on is None or first is None:
        return False
    parse: dict[str, Callable[[str], datetime | date | int]] = {
        "datetime": datetime.fromisoformat,
        "date": date.fromisoformat,
        "int": int,
    }
    try:
        key = partition_of(dataset, parse[dataset.column(on).type](first))
    except ValueError:
        return True  # before the year 1
    return bool(impossible_partitions(dataset, [key], None))


def _look_back_from(dataset: Dataset, now: datetime) -> str | None:
    """Return the first partition of the look-back; None for editions, of which nothing is summed."""
    if dataset.partitioning.grain == "edition":
        return None
    span = dataset.lookback or WEAK_LOOKBACK
    if not dataset.lookback and dataset.cadence == "yearly":
        # The newest year is as old as the expected lag when the next one comes.
        span = max(span, dataset.expected_lag + _YEAR)
    return partition_of(dataset, now - span)


def _warnings(
    dataset: Dataset, portal: Mapping[str, Fingerprint], lake: Mapping[str, str], now: datetime
) -> Iterator[str]:
    on = dataset.partitioning.on
    if UNDATED in portal:
        yield f"{portal[UNDATED].rows} row(s) at the portal have no {on}; they are not loaded"
    if on is not None and (impossible := impossible_partitions(dataset, portal, now)):
        rows = sum(portal[key].rows for key in impossible)
        first, last = first_day(dataset, dataset.column(on)), last_day(dataset, now)
        yield (
            f"{rows} row(s) at the portal have a {on} outside {first} … {last}, such as {impossible[0]}; they are not "
            "loaded"
        )
    vanished = [] if dataset.keep_vanished else sorted(set(lake) - set(portal))
    if vanished:
        yield (
            f"the portal no longer shows {len(vanished)} partition(s), first {vanished[0]}; "
            "they are kept as last published"
        )
