"""What a portal holds in each partition, summed up in one grouped call for the whole history. Pure functions.

The call asks, per partition and status, for the number of rows, the number of measured values, the sum of every
numeric measure and the last instant. So a fingerprint notices rows and values that appear or disappear, a
revised value and a changed status. It misses changes that leave every sum of a partition the same to twelve digits.

The portal refuses ``sum`` on a column that it types as text this year. For such a column the call asks for the number
of distinct values, which misses a value that becomes equal to another one; when the column is one of the catalogue's
principal measures, the plan also fetches the look-back (:mod:`dataelec_assets.ingest.plan`).
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import ContractViolation, UnexpectedContent
from dataelec_assets.portals.partition_filters import ALL, UNDATED, odsql_name

# The portal sums doubles over shards in any order, so the last digits move although no row did; twelve digits keep one
# hundredth in a sum below ten thousand million.
_DIGITS = 12

_SUM, _DISTINCT = "s", "d"


@dataclass(frozen=True, slots=True)
class Query:
    """The grouped call of a data set.

    Attributes:
        select, group_by: ODSQL, to be sent with ``timezone=Europe/Paris``.
        columns: alias of each aggregate → (column, kind of aggregate).
        weak: principal measures that the portal types as text and therefore does not sum.
    """

    select: str
    group_by: str
    columns: Mapping[str, tuple[str, str]]
    weak: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What one partition holds.

    Attributes:
        rows: number of rows.
        measured: number of rows whose first principal measure has a value.
        last: last day or instant, as the portal writes it.
        sums: per column its sum, or ``d:`` and the number of distinct values of a column typed as text.
        statuses: per status the number of its rows and a digest of their sums.
    """

    rows: int
    measured: int = 0
    last: str | None = None
    sums: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The fingerprint as text: equal content, equal text."""
        content = [self.rows, self.measured, self.last, dict(self.sums), dict(self.statuses)]
        return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """The fingerprint in 32 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:32]

    @classmethod
    def read(cls, text: str) -> Fingerprint | None:
        """Return the fingerprint that was written as ``text``; None when another version of the program wrote it."""
        try:
            rows, measured, last, sums, statuses = json.loads(text)
            return cls(int(rows), int(measured), last, dict(sums), dict(statuses))
        except (ValueError, TypeError):
            return None


def fingerprint_query(dataset: Dataset, types: Mapping[str, str] | None = None) -> Query:
    """Return the grouped call for a data set.

    Args:
        dataset: entry of the catalogue.
        types: type of each column as the portal declares it now; None: as the catalogue does.

    Raises:
        ContractViolation: the portal lacks a column that is needed.
    """
    declared = types if types is not None else {column.name: column.portal_type for column in dataset.columns}
    _require_columns(dataset, declared)
    on, select, columns = dataset.partitioning.on, ["count(*) as n"], {}
    if dataset.fingerprint:
        select.append(f"count({odsql_name(dataset.fingerprint[0])}) as mesures")
    for position, name in enumerate(each for each in dataset.measures if each in declared):
        kind = _DISTINCT if declared[name] == "text" else _SUM
        alias = f"{kind}{position}"
        aggregate = f"sum({odsql_name(name)})" if kind == _SUM else f"count(distinct {odsql_name(name)})"
        select.append(f"{aggregate} as {alias}")
        columns[alias] = (name, kind)
    group_by = []
    if on is not None:
        select.append(f"max({odsql_name(on)}) as dernier")
        is_number = dataset.column(on).portal_type == "int"
        group_by.append(f"{odsql_name(on)} as annee" if is_number else f"year({odsql_name(on)}) as annee")
        if dataset.partitioning.grain == "month":
            group_by.append(f"month({odsql_name(on)}) as mois")
    if dataset.status_column:
        group_by.append(odsql_name(dataset.status_column))
    weak = tuple(name for name in dataset.fingerprint if declared[name] == "text")
    return Query(", ".join(select), ", ".join(group_by), columns, weak)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a portal shows of a data set.

    Attributes:
        partitions: fingerprint of each partition.
        weak: principal measures that the portal could not sum.
        versions: when each partition was published (ISO, UTC), where that differs from the data set's version.
    """

    partitions: Mapping[str, Fingerprint]
    weak: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


def _require_columns(dataset: Dataset, declared: Mapping[str, str]) -> None:
    """Name the missing column: the portal would only refuse the request."""
    for name in (*dataset.fingerprint, dataset.partitioning.on, dataset.status_column):
        if name is not None and name not in declared:
            raise ContractViolation(
                f"column {name!r} is missing; the portal has {', '.join(declared)}.",
                dataset_id=dataset.id,
                column=name,
            )


def fingerprints(dataset: Dataset, query: Query, rows: Iterable[Mapping[str, object]]) -> dict[str, Fingerprint]:
    """Fold the rows of the call into one fingerprint per partition, in the order of their keys.

    Rows of the portal without a date are counted under ``UNDATED``.

    Args:
        dataset: entry of the catalogue.
        query: the call that was made.
        rows: its reply, in any order.

    Raises:
        UnexpectedContent: a row does not have the expected form.
    """
    groups: defaultdict[str, list[Mapping[str, object]]] = defaultdict(list)
    found: dict[str, Fingerprint] = {}
    row: Mapping[str, object] = {}
    try:
        for row in rows:
            groups[_key(dataset, row)].append(row)
        for key in sorted(groups):
            row = groups[key][0]
            found[key] = _folded(dataset, query, groups[key])
    except (KeyError, TypeError, ValueError) as error:
        raise UnexpectedContent(
            f"a group of the portal cannot be read ({type(error).__name__}: {error}): {dict(row)!r}",
            dataset_id=dataset.id,
        ) from error
    return found


def _folded(dataset: Dataset, query: Query, group: list[Mapping[str, object]]) -> Fingerprint:
    """Return the fingerprint of the groups of one partition, one per status."""
    lasts = [str(row["dernier"]) for row in group if dataset.partitioning.on is not None and row["dernier"] is not None]
    statuses = {}
    if dataset.status_column:
        for row in group:
            sums = json.dumps(_sums(query, [row]), sort_keys=True)
            mark = f"{_whole(row['n'])}:{hashlib.sha256(sums.encode()).hexdigest()[:12]}"
            statuses[str(row.get(dataset.status_column) or "")] = mark
    return Fingerprint(
        sum(_whole(row["n"]) for row in group),
        sum(_whole(row["mesures"]) for row in group) if dataset.fingerprint else 0,
        max(lasts, default=None),
        _sums(query, group),
        statuses,
    )


def _sums(query: Query, group: list[Mapping[str, object]]) -> dict[str, str]:
    """Return the total of each column over several groups; empty for a column without any value."""
    totals = {}
    for alias, (name, kind) in query.columns.items():
        values = [float(str(row[alias])) for row in group if row[alias] is not None]
        mark = f"{_DISTINCT}:" if kind == _DISTINCT else ""
        totals[name] = f"{mark}{sum(sorted(values)):.{_DIGITS}g}" if any(values) or (values and kind == _SUM) else ""
    return totals


Difference = Literal["new rows", "revised", "status changed", "contract changed"]


def difference(known: str, now: Fingerprint) -> Difference | None:
    """Return why a partition is stale; None when the lake holds what the portal shows.

    A column whose type has flipped is left out, since its two aggregates cannot be compared.

    Args:
        known: text of the fingerprint of what the lake holds.
        now: what the portal shows.

    Returns:
        ``new rows``, ``revised``, ``status changed``, ``contract changed`` (other measures than before), or None.
    """
    before = Fingerprint.read(known)
    if known == now.text or before is None:
        return None if before else "contract changed"
    both = before.sums.keys() & now.sums.keys()
    flipped = {name for name in both if _is_flipped(before.sums[name], now.sums[name])}
    # A column that appears without values changes nothing.
    others = any({**before.sums, **now.sums}[name] for name in before.sums.keys() ^ now.sums.keys())
    reasons: dict[Difference, bool] = {
        "new rows": (now.rows, now.measured) > (before.rows, before.measured) and now.rows >= before.rows,
        "revised": (now.rows, now.measured, now.last) != (before.rows, before.measured, before.last)
        or any(before.sums[name] != now.sums[name] for name in both - flipped),
        "contract changed": others,
        # A flip changes the digest of every status; without one, rows have swapped their statuses.
        "status changed": _counts(before.statuses) != _counts(now.statuses)
        or (before.statuses != now.statuses and not flipped and before.sums.keys() == now.sums.keys()),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _is_flipped(before: str, now: str) -> bool:
    return bool(before and now) and before.startswith(f"{_DISTINCT}:") != now.startswith(f"{_DISTINCT}:")


def _counts(statuses: Mapping[str, str]) -> dict[str, str]:
    return {status: mark.partition(":")[0] for status, mark in statuses.items()}


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
        raise ValueError(f"{value!r} is not a whole number")
    return int(number)
