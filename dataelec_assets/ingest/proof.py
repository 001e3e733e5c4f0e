"""Whether an arrival is what its portal has announced: rows, sums, last instant and statuses, figure by figure.

The grouped call gives all of them for each partition before anything is downloaded. A number of rows alone proves
little: an export from a cache, a wrong digit or a row in the place of another leave it as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.arrow_reading import span_of_values
from dataelec_assets.portals.fingerprints import Fingerprint

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# The portal adds doubles over shards in any order, and a fingerprint keeps twelve digits of each sum, so half a unit of
# the twelfth is all that rounding can explain: 5e-12 of a sum that begins with 1.
_TOLERANCE = 5e-12


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One figure that an arrival and its portal tell differently.

    Attributes:
        what: the figure, such as ``sum of consommation``.
        found: in the arrival.
        announced: by the portal.
    """

    what: str
    found: str
    announced: str

    def __str__(self) -> str:
        """Return both figures of an arrival, as text."""
        return self.describe("in the export")

    def describe(self, where: str) -> str:
        """Return both figures as text; ``where`` the first one was found."""
        return f"{self.what} is {self.found} {where}, {self.announced} at the portal"


def can_be_proved(dataset: Dataset, announced: Fingerprint) -> bool:
    """Return whether the portal has summed up the rows: plain files, weather and present states tell no sum."""
    return any(name in dataset.measures for name in announced.sums)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a portal sums up of a partition, found in an arrival.

    Attributes:
        rows: number of rows.
        measured: number of values of the first fingerprint measure.
        last: newest day, instant or year.
        sums: of each summed column, its total and that of its absolute values; None without a value.
        statuses: number of rows of each status, an empty text for none.
    """

    rows: int
    measured: int
    last: object
    sums: Mapping[str, tuple[float | None, float | None]]
    statuses: Mapping[str, int]


def _summed_columns(dataset: Dataset, announced: Fingerprint) -> list[str]:
    """Return the columns whose sums can be compared.

    A column that the portal types as text has no sum, only a number of distinct texts, which says nothing of the
    numbers: it is left out.
    """
    return [name for name, said in announced.sums.items() if name in dataset.measures and not said.startswith("d:")]


def disagreements(
    cursor: duckdb.DuckDBPyConnection, dataset: Dataset, table: str, announced: Fingerprint
) -> list[Disagreement]:
    """Compare a table of this data set with what the portal has announced of it.

    Args:
        cursor: of the connection that has the table.
        dataset: the contract.
        table: name of the table, with the contract's columns.
        announced: of its partition.

    Returns:
        The figures that differ, the number of rows first; none when the content is proved.
    """
    summed = _summed_columns(dataset, announced)
    on, status = dataset.partitioning.on, dataset.status_column
    wanted = [
        "count(*)",
        f"count({dataset.fingerprint[0]})" if dataset.fingerprint else "0",
        f"max({on})" if on is not None else "NULL",
        *(f"sum({value})" for name in summed for value in (f"CAST({name} AS DOUBLE)", f"abs(CAST({name} AS DOUBLE))")),
    ]
    ((rows, measured, last, *sums),) = cursor.execute(f"SELECT {', '.join(wanted)} FROM {table}").fetchall()
    counted = []
    if status is not None and announced.statuses:
        counted = cursor.execute(f"SELECT coalesce({status}, ''), count(*) FROM {table} GROUP BY ALL").fetchall()
    totals = dict(zip(summed, zip(sums[::2], sums[1::2], strict=True), strict=True))
    return differing(dataset, Figures(rows, measured, last, totals, dict(counted)), announced)


def figures_of(dataset: Dataset, rows: pa.Table, announced: Fingerprint) -> Figures:
    """Return the figures of typed rows that a portal has announced."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def totals(name: str) -> tuple[float | None, float | None]:
        values = rows.column(name).cast(pa.float64())
        return pc.sum(values).as_py(), pc.sum(pc.abs(values)).as_py()

    on, status = dataset.partitioning.on, dataset.status_column
    counted: dict[str, int] = {}
    if status is not None and announced.statuses:
        for each in pc.value_counts(pc.fill_null(rows.column(status), "")).to_pylist():
            counted[each["values"]] = each["counts"]
    first = rows.column(dataset.fingerprint[0]) if dataset.fingerprint else None
    return Figures(
        rows.num_rows,
        rows.num_rows - first.null_count if first is not None else 0,
        span_of_values(rows.column(on))[1] if on is not None else None,
        {name: totals(name) for name in _summed_columns(dataset, announced)},
        counted,
    )


def differing(dataset: Dataset, found: Figures, announced: Fingerprint) -> list[Disagreement]:
    """Compare figures of an arrival with those of the portal. Sums are compared to twelve digits.

    Returns:
        The figures that differ, the number of rows first; none when the content is proved.
    """
    compared = [
        _counted("number of rows", found.rows, announced.rows),
        _counted(f"number of values of {dataset.fingerprint[0]}", found.measured, announced.measured)
        if dataset.fingerprint and dataset.info.api == "opendatasoft"  # the others count rows only
        else None,
        _last(dataset.partitioning.on, found.last, announced.last),
        *(_summed(name, *totals, announced.sums[name]) for name, totals in found.sums.items()),
        *_statuses(dataset, found.statuses, announced.statuses),
    ]
    return [each for each in compared if each is not None]


def _counted(what: str, found: int, announced: int) -> Disagreement | None:
    return None if found == announced else Disagreement(what, f"{found:,}", f"{announced:,}")


def _summed(name: str, found: float | None, magnitude: float | None, announced: str) -> Disagreement | None:
    # A portal answers 0 or nothing for a column without any value.
    said, ours = float(announced or 0), found or 0.0
    # An infinite value would make the tolerance infinite too.
    if isfinite(ours) and abs(ours - said) <= _TOLERANCE * max(abs(said), magnitude or 0.0):
        return None
    return Disagreement(f"sum of {name}", f"{ours:.15g}", announced or "nothing")


def _last(on: str | None, found: Any, announced: str | None) -> Disagreement | None:
    if on is None or announced is None or found is None:
        return None
    if isinstance(found, datetime):
        instant = datetime.fromisoformat(announced)
        if instant.tzinfo is None:
            return None  # nothing says which clock it is of; the machine's would be a guess
        said: object = instant.astimezone(UTC)
        ours: object = found.astimezone(UTC)
    else:
        # A day may come with a midnight; a year as a whole number or not.
        said = announced[:10] if "-" in announced else int(float(announced))
        ours = found.isoformat() if hasattr(found, "isoformat") else found
    return None if ours == said else Disagreement(f"last {on}", str(ours), announced)


def _statuses(dataset: Dataset, found: Mapping[str, int], announced: Mapping[str, str]) -> list[Disagreement | None]:
    if dataset.status_column is None or not announced:
        return []
    said = {status: int(mark.partition(":")[0]) for status, mark in announced.items()}
    return [
        _counted(f"number of rows of status {status or 'none'!r}", found.get(status, 0), said.get(status, 0))
        for status in sorted(found.keys() | said.keys())
    ]


# A portal serves fewer groups than this in one call.
_MOST_GROUPS = 19_000


def doubled_by(
    cursor: duckdb.DuckDBPyConnection, dataset: Dataset, table: str, declared: Collection[str]
) -> tuple[str, ...]:
    """Return the columns by which rows are to be counted at the portal, where some rows of a table share a key.

    The key; of more keys than a portal serves groups, or of a key that it has only in part, the column of time alone.
    None where no rows share a key.

    Args:
        cursor: of the connection that has the table.
        dataset: the contract.
        table: name of the table.
        declared: columns that the portal has now.
    """
    if not dataset.key:
        return ()
    query = (
        f"SELECT count(*) FROM {table}",
        f"SELECT count(*) FROM (SELECT DISTINCT {', '.join(dataset.key)} FROM {table})",
    )
    rows, keys = (cursor.execute(each).fetchall()[0][0] for each in query)
    if rows == keys:
        return ()
    on = dataset.partitioning.on
    if rows < _MOST_GROUPS and set(dataset.key) <= set(declared):
        return dataset.key
    return (on,) if on is not None else ()


def doubled_otherwise(
    cursor: duckdb.DuckDBPyConnection, columns: Sequence[str], table: str, announced: list[int]
) -> Disagreement | None:
    """Compare how many rows each group has, where rows share a key: publishers double rows too.

    Args:
        cursor: of the connection that has the table.
        columns: of the groups.
        table: name of the table.
        announced: rows of each group at the portal, in ascending order.

    Returns:
        What differs; None when the portal has as many groups with as many rows.
    """
    rows = cursor.execute(f"SELECT count(*) FROM {table} GROUP BY {', '.join(columns)} ORDER BY 1").fetchall()
    found = [count for (count,) in rows]
    if found == announced:
        return None
    return Disagreement(f"number of distinct {' + '.join(columns)}", f"{len(found):,}", f"{len(announced):,}")
