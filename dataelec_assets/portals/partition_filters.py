"""Partitions of a data set as the portal sees them: keys, bounds and filters. Pure functions.

A partition key is a civil day or month of Paris (``2019-03-31``, ``2019-03``), a civil year (``2019``), an edition of
the catalogue (``2022``, ``2026-01``) or ``all``, as the catalogue says.
Rows without a date belong to the partition ``UNDATED``, so that they are counted and not lost.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dataelec_assets.catalog import Dataset

PARIS = ZoneInfo("Europe/Paris")
ALL = "all"
UNDATED = "undated"

_FORM = {
    "day": re.compile(r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"),
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])"),
    "year": re.compile(r"(\d{4})()"),
}

# Words that ODSQL reserves unless they are back-quoted.
_RESERVED = re.compile(
    "and|as|asc|avg|by|count|date_format|day|dayofweek|desc|distinct|equi|false|group|hour|ifnull|or|limit|lower|max|"
    "millisecond|min|minute|month|not|null|quarter|range|search|second|select|sum|top|true|upper|where|year"
)


def odsql_name(column: str) -> str:
    """Return a column's name for ODSQL, back-quoted when it is a reserved word."""
    return f"`{column}`" if _RESERVED.fullmatch(column) else column


def partition_bounds(dataset: Dataset, key: str) -> tuple[datetime, datetime]:
    """Return the bounds of a partition (UTC); the first instant belongs to it, the last does not.

    Args:
        dataset: entry of the catalogue.
        key: day, month or year of Paris.

    Raises:
        ValueError: the key does not have the form of the data set's partitions, or the data set is not cut by time.
    """
    first, after = _civil_bounds(dataset, key)
    return _midnight(first), _midnight(after)


def where_of(dataset: Dataset, key: str) -> str | None:
    """Return the filter that selects a partition on the portal; None when the data set is not cut there.

    Instants are compared with full timestamps with an offset, days with date literals; bounds are half-open.

    Raises:
        ValueError: the key does not have the form of the data set's partitions.
    """
    on = dataset.partitioning.on
    if on is None or dataset.stamped_by is not None:
        _require_known(dataset, key)
        return None
    if key == UNDATED:
        return f"{odsql_name(on)} is null"
    return where_of_span(dataset, key, key)


def where_of_span(dataset: Dataset, first: str, last: str) -> str:
    """Return the filter that selects the partitions from one to another, both with all their rows.

    Raises:
        ValueError: a key does not have the form of the data set's partitions, or the portal does not cut the data set.
    """
    on = dataset.partitioning.on
    if on is None:
        raise ValueError(f"{dataset.id} is not cut by time, so {first!r} has no filter")
    name = odsql_name(on)
    if dataset.column(on).portal_type == "datetime":
        start, end = partition_bounds(dataset, first)[0], partition_bounds(dataset, last)[1]
        return f"{name} >= '{start.isoformat()}' and {name} < '{end.isoformat()}'"
    begin, after = _civil_bounds(dataset, first)[0], _civil_bounds(dataset, last)[1]
    if dataset.column(on).portal_type == "int":
        is_one = first == last
        return f"{name} = {begin.year}" if is_one else f"{name} >= {begin.year} and {name} < {after.year}"
    return f"{name} >= date'{begin.isoformat()}' and {name} < date'{after.isoformat()}'"


def place_in_span(dataset: Dataset, keys: Iterable[str]) -> Callable[[str], str | None]:
    """Return what tells the partition of a row, by the bounds of the filters.

    Args:
        dataset: entry of the catalogue, which is cut by time.
        keys: partitions.

    Returns:
        A function of the text of an instant with its offset, a day (ISO) or a year. It returns one of the keys, an
        empty text between the first and the last of them, None for what lies outside or is no time.

    Raises:
        ValueError: a key does not have the form of the data set's partitions, or the data set is not cut by time.
    """
    on, ordered = dataset.partitioning.on, sorted(keys)
    kind = dataset.column(on).portal_type if on is not None else "text"
    read: Callable[[str], Any]
    bounds: list[tuple[Any, Any]]
    if kind == "datetime":
        read, bounds = datetime.fromisoformat, [partition_bounds(dataset, key) for key in ordered]
    elif kind == "int":
        read = int
        bounds = [(first.year, after.year) for first, after in (_civil_bounds(dataset, key) for key in ordered)]
    else:
        read, bounds = date.fromisoformat, [_civil_bounds(dataset, key) for key in ordered]
    starts, ends = [start for start, _ in bounds], [end for _, end in bounds]

    def place(text: str) -> str | None:
        try:
            when = read(text)
            position = bisect_right(starts, when) - 1
        except (TypeError, ValueError):  # no time, or an instant without an offset
            return None
        if position < 0 or when >= ends[-1]:
            return None
        return ordered[position] if when < ends[position] else ""

    return place


def _require_known(dataset: Dataset, key: str) -> None:
    """Check the key of a partition that no filter selects: an edition, the whole, the day of a stamped state."""
    if dataset.stamped_by is not None:
        _civil_bounds(dataset, key)
    elif dataset.partitioning.grain == "edition":
        if key not in {edition.key for edition in dataset.editions}:
            known = ", ".join(edition.key for edition in dataset.editions)
            raise ValueError(f"{dataset.id}: no edition {key!r}, the catalogue has {known}")
    elif dataset.partitioning.grain == "import":
        raise ValueError(f"{dataset.id}: imports are not fetched")
    elif key != ALL:
        raise ValueError(f"{dataset.id}: no partition {key!r}, the only one is {ALL!r}")


def partition_of(dataset: Dataset, when: datetime | date | int) -> str:
    """Return the key of the partition that holds an instant (with offset), a civil day of Paris or a year.

    Raises:
        ValueError: the instant has no offset, or the data set is not cut by time.
    """
    if dataset.partitioning.grain == "none":
        return ALL
    if dataset.partitioning.grain == "edition":
        raise ValueError(f"{dataset.id} is cut by edition: no time tells a partition")
    if isinstance(when, int):
        return f"{when:04d}"
    if isinstance(when, datetime):
        if when.tzinfo is None:
            raise ValueError(f"{dataset.id}: {when.isoformat()} has no offset, so it is not an instant")
        when = when.astimezone(PARIS)
    lengths = {"year": 4, "month": 7, "day": 10}
    return f"{when.year:04d}-{when.month:02d}-{when.day:02d}"[: lengths[dataset.partitioning.grain]]


def _civil_bounds(dataset: Dataset, key: str) -> tuple[date, date]:
    """Return the first day of a partition and the first day after it."""
    grain = dataset.partitioning.grain
    if grain in ("none", "edition", "import"):
        raise ValueError(f"{dataset.id} is not cut by time, so {key!r} has no bounds")
    found = _FORM[grain].fullmatch(key)
    if not found:
        raise ValueError(f"{dataset.id}: {key!r} is no {grain}, such as {_example(grain)}")
    year, month = int(found[1]), int(found[2] or 1)
    if grain == "day":
        day = date(year, month, int(found[3]))
        return day, day + timedelta(days=1)
    if grain == "year":
        return date(year, 1, 1), date(year + 1, 1, 1)
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def _example(grain: str) -> str:
    return {"day": "2019-03-31", "month": "2019-03"}.get(grain, "2019")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=PARIS).astimezone(UTC)
