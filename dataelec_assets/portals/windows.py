"""Partitions of a data set as the portal sees them: filters, and which of them changed. Pure functions.

A partition key is a civil month of Paris (``2019-03``), a civil year (``2019``) or ``all``, as the catalogue says.
Rows without a date belong to the partition ``UNDATED``, so that they are seen and not lost.

One grouped call tells for the whole history which partitions changed. A change that keeps the number of rows, every
sum, the statuses and the last instant of a partition goes unnoticed: hence the catalogue's look-back and the periodic
full reading.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import UnexpectedContent

PARIS = ZoneInfo("Europe/Paris")
ALL = "all"
UNDATED = "undated"

_FORM = {"month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])"), "year": re.compile(r"(\d{4})()")}

# Words that ODSQL reads as its own unless they stand in back-quotes.
_RESERVED = re.compile(
    "and|as|asc|avg|by|count|date_format|day|dayofweek|desc|distinct|equi|false|group|hour|ifnull|or|limit|lower|max|"
    "millisecond|min|minute|month|not|null|quarter|range|search|second|select|sum|top|true|upper|where|year"
)

# The portal sums doubles over shards in any order, so their last digits move although no row did; twelve digits keep
# one hundredth in a sum below ten thousand million.
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the portal holds in one partition: number of rows, and a hash that changes with the content."""

    rows: int
    digest: str


def odsql_name(column: str) -> str:
    """Return a column's name as ODSQL wants it: in back-quotes when it is a reserved word."""
    return f"`{column}`" if _RESERVED.fullmatch(column) else column


def partition_bounds(dataset: Dataset, key: str) -> tuple[datetime, datetime]:
    """Return the instants, UTC, between which a partition lies; the first belongs to it, the last does not.

    Args:
        dataset: entry of the catalogue.
        key: month or year of Paris.

    Raises:
        ValueError: the key has not the form of the data set's partitions, or the data set is not cut by time.
    """
    first, after = _civil_bounds(dataset, key)
    return _midnight(first), _midnight(after)


def where_of(dataset: Dataset, key: str) -> str | None:
    """Return the filter that selects a partition on the portal; None when the data set is not cut.

    Instants are compared with full timestamps with an offset, days with date literals; bounds are half-open.

    Raises:
        ValueError: the key has not the form of the data set's partitions.
    """
    on = dataset.partitioning.on
    if on is None:
        if key != ALL:
            raise ValueError(f"{dataset.id}: no partition {key!r}, the only one is {ALL!r}")
        return None
    name = odsql_name(on)
    if key == UNDATED:
        return f"{name} is null"
    if dataset.column(on).portal_type == "datetime":
        start, end = (bound.isoformat() for bound in partition_bounds(dataset, key))
        return f"{name} >= '{start}' and {name} < '{end}'"
    first, after = _civil_bounds(dataset, key)
    return f"{name} >= date'{first.isoformat()}' and {name} < date'{after.isoformat()}'"


def partition_of(dataset: Dataset, when: datetime | date) -> str:
    """Return the key of the partition that holds an instant (with offset) or a civil day of Paris.

    Raises:
        ValueError: the instant has no offset.
    """
    if dataset.partitioning.grain == "none":
        return ALL
    if isinstance(when, datetime):
        if when.tzinfo is None:
            raise ValueError(f"{dataset.id}: {when.isoformat()} has no offset, so it is no instant")
        when = when.astimezone(PARIS)
    year = f"{when.year:04d}"
    return year if dataset.partitioning.grain == "year" else f"{year}-{when.month:02d}"


def fingerprint_query(dataset: Dataset) -> tuple[str, str]:
    """Return ``(select, group_by)`` of the call, to be asked with ``timezone=Europe/Paris``.

    One row comes per partition and status: ``n``, one ``somme_…`` per measure of the catalogue, ``dernier``.
    """
    on = dataset.partitioning.on
    select = [
        "count(*) as n",
        *(f"sum({odsql_name(name)}) as somme_{name}" for name in dataset.fingerprint),
    ]
    group_by = []
    if on is not None:
        select.append(f"max({odsql_name(on)}) as dernier")
        group_by.append(f"year({odsql_name(on)}) as annee")
        if dataset.partitioning.grain == "month":
            group_by.append(f"month({odsql_name(on)}) as mois")
    if dataset.status_column:
        group_by.append(odsql_name(dataset.status_column))
    return ", ".join(select), ", ".join(group_by)


def fingerprints(dataset: Dataset, rows: Iterable[Mapping[str, object]]) -> dict[str, Fingerprint]:
    """Fold the rows of the call into one fingerprint per partition, in the order of their keys.

    Rows of the portal without a date are counted under ``UNDATED``.

    Args:
        dataset: entry of the catalogue.
        rows: reply to ``fingerprint_query``, in any order.

    Raises:
        UnexpectedContent: a row has not the form that was asked for.
    """
    counts: defaultdict[str, int] = defaultdict(int)
    contents: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        try:
            key, count, content = _read(dataset, row)
        except (KeyError, TypeError, ValueError) as error:
            raise UnexpectedContent(
                f"a group of the portal cannot be read ({type(error).__name__}: {error}): {dict(row)!r}",
                dataset_id=dataset.id,
            ) from error
        counts[key] += count
        contents[key].append(content)
    return {key: Fingerprint(counts[key], _digest(contents[key])) for key in sorted(counts)}


def _civil_bounds(dataset: Dataset, key: str) -> tuple[date, date]:
    """Return the first day of a partition and the first day after it."""
    grain = dataset.partitioning.grain
    if grain == "none":
        raise ValueError(f"{dataset.id} is not cut by time, so {key!r} has no bounds")
    found = _FORM[grain].fullmatch(key)
    if not found:
        raise ValueError(f"{dataset.id}: {key!r} is no {grain}, such as {_example(grain)}")
    year, month = int(found[1]), int(found[2] or 1)
    if grain == "year":
        return date(year, 1, 1), date(year + 1, 1, 1)
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def _example(grain: str) -> str:
    return "2019-03" if grain == "month" else "2019"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=PARIS).astimezone(UTC)


def _read(dataset: Dataset, row: Mapping[str, object]) -> tuple[str, int, str]:
    """Return the partition of a group, its number of rows, and its content in canonical form."""
    content: dict[str, object] = {"n": _whole(row["n"])}
    for name in dataset.fingerprint:
        total = row[f"somme_{name}"]
        content[f"somme_{name}"] = None if total is None else _canonical(total)
    if dataset.partitioning.on is not None:
        content["dernier"] = row["dernier"]
    if dataset.status_column:
        content[dataset.status_column] = row.get(dataset.status_column)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return _key(dataset, row), _whole(row["n"]), text


def _key(dataset: Dataset, row: Mapping[str, object]) -> str:
    grain = dataset.partitioning.grain
    if grain == "none":
        return ALL
    parts = [row["annee"]] if grain == "year" else [row["annee"], row["mois"]]
    if any(part is None for part in parts):
        return UNDATED
    return "-".join(f"{_whole(part):0{width}d}" for part, width in zip(parts, (4, 2), strict=False))


def _whole(value: object) -> int:
    """Return a whole number, whether the portal types it as int, double or text."""
    number = float(str(value))
    if not number.is_integer():
        raise ValueError(f"{value!r} is no whole number")
    return int(number)


def _canonical(total: object) -> str:
    """Return a sum such that neither the type nor the last digits make a difference."""
    return f"{float(str(total)):.{_DIGITS}g}"


def _digest(contents: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(contents)).encode()).hexdigest()
