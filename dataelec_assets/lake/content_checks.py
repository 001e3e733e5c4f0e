"""Checks of a file's content that types alone cannot make; each error names the column, an example and a count."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from dataelec_assets.database import literal
from dataelec_assets.errors import ContractViolation
from dataelec_assets.lake.contract_sql import source_sql
from dataelec_assets.lake.dates import FORMS, bounded_columns, first_day, outside_sql
from dataelec_assets.lake.file_formats import RawFile

if TYPE_CHECKING:
    import duckdb


def unreadable() -> tuple[type[Exception], ...]:
    """Return what DuckDB raises of a file that it cannot read.

    It quotes the offending bytes in its message, which its Python binding cannot decode when they are not UTF-8.
    """
    import duckdb

    return (duckdb.Error, UnicodeDecodeError)


def raise_for_unreadable(connection: duckdb.DuckDBPyConnection, dataset: Dataset, raw: RawFile) -> None:
    """Raise the error of the first column whose text cannot be converted, with an example.

    Raises:
        ContractViolation: naming the column, the value and how many there are.
    """
    clause, expressions = source_sql(dataset, raw, all_text=True)
    for column in dataset.columns:
        expression = expressions[column.name]
        if column.type == "text" or expression.startswith("CAST(NULL"):
            continue
        markers = ", ".join(literal(marker) for marker in ("", *column.null_markers))
        bad = f"{column.name} IS NOT NULL AND {column.name} NOT IN ({markers}) AND {expression} IS NULL"
        query = f"SELECT count(*), min({column.name}) FROM {clause} WHERE {bad}"
        try:
            ((count, example),) = connection.execute(query).fetchall()
        except unreadable():
            # The structure of the file is broken, not this column: the caller reports the first error.
            return
        if count:
            forms = f": {FORMS} is expected" if column.type == "date" else ""
            raise ContractViolation(
                f"column {column.name!r} holds {count} value(s) that cannot be read as {column.type}, "
                f"such as {example!r}{forms}.",
                dataset_id=dataset.id,
                column=column.name,
                request=raw.path.name,
            )


def refuse_impossible(
    cursor: duckdb.DuckDBPyConnection, dataset: Dataset, raw: RawFile, table: str, last: date | None
) -> None:
    """Refuse days outside the span of the data set, and numbers that are not finite, such as ``inf``.

    Raises:
        ContractViolation: naming the column, an example as printed, how many there are and the possible span.
    """
    impossible: dict[str, tuple[str, str]] = {}
    for column in bounded_columns(dataset):
        first = first_day(dataset, column)
        bounds = (first.year, last and last.year) if column.type == "int" else (first, last)
        words = f"outside {bounds[0]} … {bounds[1] or ''}".rstrip()
        impossible[column.name] = (outside_sql(dataset, column, last), words)
    for column in dataset.columns:
        if column.type == "double":
            impossible[column.name] = (f"NOT isfinite({column.name})", "that are not finite numbers")
    if not impossible:
        return
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition, _ in impossible.values())
    (found,) = cursor.execute(f"SELECT {counts} FROM {table}").fetchall()
    for (name, (condition, words)), count in zip(impossible.items(), found, strict=True):
        if count:
            example = _printed(cursor, dataset, raw, name, condition)
            raise ContractViolation(
                f"column {name!r} holds {count} value(s) {words}, such as {example}.",
                dataset_id=dataset.id,
                column=name,
                request=raw.path.name,
            )


def _printed(cursor: duckdb.DuckDBPyConnection, dataset: Dataset, raw: RawFile, name: str, condition: str) -> str:
    """Return the first value of a column that satisfies a condition, as it stands in the file and as it is read."""
    clause, expressions = source_sql(dataset, raw, all_text=True)
    row = cursor.execute(
        f"SELECT printed, CAST({name} AS VARCHAR) FROM (SELECT CAST({name} AS VARCHAR) AS printed, "
        f"{expressions[name]} AS {name} FROM {clause}) WHERE {condition} LIMIT 1"
    ).fetchone()
    printed, read = row or (None, None)
    return repr(printed) if printed == read else f"{printed!r} ({read})"


# Characters that mean nothing in a text: a NUL, a bell, an escape. Tabs and line ends occur in addresses, and stay.
_CONTROLS = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F]"


def without_controls(cursor: duckdb.DuckDBPyConnection, dataset: Dataset, table: str, request: str) -> tuple[str, ...]:
    """Replace control characters, which cut texts short in other programs, by spaces; return where.

    Raises:
        ContractViolation: a mandatory key holds one, so that its row cannot be identified.
    """
    texts = [column for column in dataset.columns if column.type == "text"]
    if not texts:
        return ()
    counts = ", ".join(f"count(*) FILTER (regexp_matches({column.name}, '{_CONTROLS}'))" for column in texts)
    (found,) = cursor.execute(f"SELECT {counts} FROM {table}").fetchall()
    notes = []
    for column, count in zip(texts, found, strict=True):
        if not count:
            continue
        name, holds = column.name, f"regexp_matches({column.name}, '{_CONTROLS}')"
        ((example,),) = cursor.execute(f"SELECT min({name}) FROM {table} WHERE {holds}").fetchall()
        words = f"column {name!r} holds {count} value(s) with control characters, such as {example!r}"
        if name in dataset.key and not column.nullable:
            raise ContractViolation(f"{words}.", dataset_id=dataset.id, column=name, request=request)
        cursor.execute(f"UPDATE {table} SET {name} = regexp_replace({name}, '{_CONTROLS}', ' ', 'g') WHERE {holds}")
        notes.append(f"{words}; a space replaces them")
    return tuple(notes)


def check_content(cursor: duckdb.DuckDBPyConnection, dataset: Dataset, table: str, rows: int, request: str) -> None:
    """Check nulls and region codes.

    Raises:
        ContractViolation: naming the column and what was found.
    """
    full = [column.name for column in dataset.columns if not column.nullable]
    if full:
        (present,) = cursor.execute(f"SELECT {', '.join(f'count({name})' for name in full)} FROM {table}").fetchall()
        for name, count in zip(full, present, strict=True):
            if count < rows:
                raise ContractViolation(
                    f"column {name!r} is null on {rows - count} of {rows} rows; nulls are not allowed there.",
                    dataset_id=dataset.id,
                    column=name,
                    request=request,
                )
    if dataset.territories:
        codes = cursor.execute(f"SELECT DISTINCT {dataset.territories} FROM {table}").fetchall()
        unknown = sorted({code for (code,) in codes} - set(METROPOLITAN_REGIONS))
        if unknown:
            raise ContractViolation(
                f"column {dataset.territories!r} holds unknown region code(s) {', '.join(map(repr, unknown))}.",
                dataset_id=dataset.id,
                column=dataset.territories,
                request=request,
            )
