"""Reads published files by contract with DuckDB: typed, sorted, checked.

A contracted column that is missing, a value that cannot be read, a null where none may be, an unknown region: each
stops the file with an error that names it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import ContractViolation
from dataelec_assets.lake.arrow_reading import Facts, read_rows, sort_columns
from dataelec_assets.lake.content_checks import (
    check_content,
    raise_for_unreadable,
    refuse_impossible,
    unreadable,
    without_controls,
)
from dataelec_assets.lake.contract_sql import typed_select
from dataelec_assets.lake.file_formats import RawFile, in_a_known_encoding
from dataelec_assets.lake.unpacking import readable
from dataelec_assets.lake.workbooks import as_table
from dataelec_assets.limits import LONGEST_LINE

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def load(
    cursor: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    raw: RawFile,
    table: str,
    *,
    order: bool = True,
    last: date | None = None,
) -> Facts:
    """Read a published file into a temporary table, typed by the contract, and check its content.

    Args:
        cursor: of a connection from :func:`~dataelec_assets.database.connect`; it owns the table.
        dataset: the contract.
        raw: the file.
        table: name of the temporary table; an older one of this name is replaced.
        order: sort by the key, then by every other column, so that equal content gives equal bytes.
        last: last possible day of a row (:func:`~dataelec_assets.lake.dates.last_day`); None for an arrival that was
            kept: it has passed this check once, and its content does not change with the clock.

    Returns:
        The facts of the table, which has the contract's columns in the contract's order.

    Raises:
        ContractViolation: a column is missing, a value is unreadable or impossible, or a null or a region code is not
            allowed.
    """
    if (typed := read_rows(dataset, raw, last)) is not None:
        take(cursor, typed.table, table)
        return typed.facts
    with as_table(dataset, raw) as plain, in_a_known_encoding(dataset.id, plain) as known:
        facts = _loaded(cursor, dataset, known, table, order=order)
        check_content(cursor, dataset, table, facts.rows, raw.path.name)
        refuse_impossible(cursor, dataset, known, table, last)
        return replace(facts, notes=without_controls(cursor, dataset, table, raw.path.name))


def take(cursor: duckdb.DuckDBPyConnection, rows: pa.Table, table: str) -> None:
    """Make a temporary table of some rows, in their order."""
    cursor.register("rows_in_arrow", rows)
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM rows_in_arrow")
    cursor.unregister("rows_in_arrow")


def _loaded(cursor: duckdb.DuckDBPyConnection, dataset: Dataset, raw: RawFile, table: str, *, order: bool) -> Facts:
    sorting = f" ORDER BY {', '.join(sort_columns(dataset))}" if order else ""
    try:
        with readable(cursor, raw) as plain:
            select = _summed(dataset, typed_select(dataset, plain))
            cursor.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {select}{sorting}")
    except unreadable() as error:
        raise_for_unreadable(cursor, dataset, raw)
        raise ContractViolation(
            f"the file cannot be read: {_reason(str(error))}", dataset_id=dataset.id, request=raw.path.name
        ) from error
    return facts_of(cursor, dataset, table)


def _reason(words: str) -> str:
    """Return, in one line, why DuckDB cannot read a file."""
    where = re.search(r"CSV Error on Line: (\d+)", words)
    line = f"line {int(where[1]):,}" if where else "a line"
    if "Maximum line size" in words:
        return f"{line} is longer than {LONGEST_LINE:,} bytes; it probably opens a quote that is never closed."
    if "unterminated quote" in words:
        return f"{line} opens a quote that is never closed."
    if fields := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", words):
        wanted, found = int(fields[1]), int(fields[2])
        return f"{line} has {'fewer' if found < wanted else 'more'} than the {wanted} fields of its header."
    return (words.strip().splitlines() or ["no reason given"])[0]


# A census weight is a small number that INSEE prints with fourteen digits.
_EXACT = "DECIMAL(18, 12)"


def _summed(dataset: Dataset, select: str) -> str:
    """Return a SELECT that adds up the measures of ``summed``, exactly: the order of the rows does not matter."""
    if not dataset.summed:
        return select
    columns = ", ".join(
        f"CAST(sum(CAST({name} AS {_EXACT})) AS DOUBLE) AS {name}" if name in dataset.summed else name
        for name in dataset.column_names
    )
    return f"SELECT {columns} FROM ({select}) GROUP BY ALL"


def facts_of(cursor: duckdb.DuckDBPyConnection, dataset: Dataset, table: str) -> Facts:
    """Return the facts of a table of this data set."""
    on = dataset.time_column
    if on is None:
        columns = "count(*), NULL, NULL, NULL"
    else:
        forms = {"datetime": "strftime({}, '%Y-%m-%dT%H:%M:%S+00:00')", "date": "strftime({}, '%Y-%m-%d')"}
        form = forms.get(dataset.column(on).type, "CAST({} AS VARCHAR)")
        measured = dataset.fingerprint[0] if dataset.fingerprint else on
        bounds = (f"min({on})", f"max({on})", f"max({on}) FILTER ({measured} IS NOT NULL)")
        texts = ", ".join(form.format(bound) for bound in bounds)
        columns = f"count(*), {texts}"
    ((rows, first, last, last_measured),) = cursor.execute(f"SELECT {columns} FROM {table}").fetchall()
    return Facts(rows, first, last, last_measured)
