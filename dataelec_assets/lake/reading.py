"""Reads published files by contract, in every shape found in the wild, with DuckDB.

The catalogue says what a column is; nothing is inferred. A contracted column that is missing, a value that cannot
be read, a null where none may be, an unknown region: each stops the file with an error that names it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import duckdb

from dataelec_assets.catalog import Column, Dataset
from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from dataelec_assets.errors import ContractViolation
from dataelec_assets.lake.dates import FORMS, bounded_columns, date_sql, first_day, outside_sql
from dataelec_assets.lake.file_formats import RawFile, in_a_known_encoding, parquet_header, resolve_header
from dataelec_assets.lake.unpacking import readable
from dataelec_assets.lake.year_columns import one_row_a_year, year_headers
from dataelec_assets.limits import LONGEST_LINE

if TYPE_CHECKING:
    import pyarrow as pa

SQL_TYPES = {
    "text": "VARCHAR",
    "int": "INTEGER",
    "double": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP WITH TIME ZONE",
}


# DuckDB quotes the offending bytes in its message, which its Python binding cannot decode when they are not UTF-8.
_UNREADABLE = (duckdb.Error, UnicodeDecodeError)


def literal(text: str) -> str:
    """Return ``text`` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def _converted(dataset: Dataset, column: Column, expression: str, *, trying: bool) -> str:
    """Return SQL that turns a text ``expression`` into the column's type.

    Args:
        dataset: the contract.
        column: one of its columns.
        expression: SQL of type VARCHAR.
        trying: give NULL for what cannot be read; otherwise it stops the query.
    """
    text = expression
    if column.null_markers:
        markers = ", ".join(literal(marker) for marker in column.null_markers)
        text = f"CASE WHEN {text} NOT IN ({markers}) THEN {text} END"
    if column.type == "date":
        day = date_sql(text, first_day(dataset, column))
        stop = f"CASE WHEN nullif(trim({text}), '') IS NOT NULL THEN error({literal(f'{column.name} is no date')}) END"
        return f"({day})" if trying else f"coalesce({day}, {stop})"
    if column.type == "text":
        # Never shortens: a code that is too long must stay visible (`lpad` would cut it to one that looks right).
        return f"repeat('0', {column.width} - length({text})) || {text}" if column.width else text
    return f"{'TRY_CAST' if trying else 'CAST'}({text} AS {SQL_TYPES[column.type]})"


def _source(dataset: Dataset, raw: RawFile, *, all_text: bool) -> tuple[str, dict[str, str]]:
    """Return a FROM clause with one column per contracted column, and the SQL of each typed column."""
    path = literal(str(raw.path))
    if raw.format == "parquet":
        return _parquet_source(dataset, raw, all_text=all_text)
    if raw.format == "csv":
        found = resolve_header(dataset, raw)
        names = {header: name for name, header in found.items()}
        # A marker such as ND stands for null in the columns that declare it, so those are read as text first.
        columns = {
            names.get(header, f"extra_{position}"): (
                "VARCHAR" if all_text or header not in names else _read_type(dataset.column(names[header]))
            )
            for position, header in enumerate(raw.header)
        }
        encoding = "" if raw.encoding == "utf-8" else ", encoding='latin-1'"
        markers = sorted({marker for column in dataset.columns for marker in column.null_markers})
        nulls = "" if all_text else ", nullstr=[" + ", ".join(literal(each) for each in ["", *markers]) + "]"
        lines = ", new_line='\\r'" if raw.new_line == "\r" else ""
        clause = (
            f"read_csv({path}, auto_detect=false, header=false, skip=1, delim={literal(raw.delimiter)}, "
            f"quote='\"', escape='\"', max_line_size={LONGEST_LINE}, columns={columns}{nulls}{encoding}{lines})"
        )
        if dataset.years_in_columns is not None:
            years = year_headers(dataset, raw.header)
            cells = {f"extra_{raw.header.index(header)}": year for header, year in years.items()}
            clause, melted = one_row_a_year(dataset, clause, cells)
            found, columns = {**found, **dict.fromkeys(melted, "")}, {**columns, **melted}
    else:
        found = resolve_header(dataset, raw) if raw.format == "json" and raw.header else {}
        columns = {
            column.name: "VARCHAR" if all_text or column.null_markers else _read_type(column)
            for column in dataset.columns
        }
        if raw.format == "records-v1":
            struct = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            records = f"read_json({path}, format='array', columns={{fields: 'STRUCT({struct})'}})"
            clause = f"(SELECT unnest(fields) FROM {records})"
        else:
            clause = f"read_json({path}, format='array', columns={columns})"
    present = set(found) if raw.format == "csv" else set(dataset.column_names)
    expressions = {}
    for column in dataset.columns:
        if column.name not in present:
            expressions[column.name] = f"CAST(NULL AS {SQL_TYPES[column.type]})"
        elif columns[column.name] == "VARCHAR":
            text = f"nullif({column.name}, '')" if all_text else column.name
            expressions[column.name] = _converted(dataset, column, text, trying=all_text)
        else:
            expressions[column.name] = column.name
    return clause, expressions


def _read_type(column: Column) -> str:
    # A date is read by its form: the engine would take 01/01/16 for a day of the year 1.
    return "VARCHAR" if column.type in ("text", "date") else SQL_TYPES[column.type]


def _parquet_source(dataset: Dataset, raw: RawFile, *, all_text: bool) -> tuple[str, dict[str, str]]:
    names = parquet_header(dataset, raw.path)
    found = {
        column: '"' + header.replace('"', '""') + '"'
        for column, header in resolve_header(dataset, RawFile(raw.path, "parquet", header=names)).items()
    }
    source = f"read_parquet({literal(str(raw.path))})"
    if all_text:
        texts = ", ".join(f"CAST({header} AS VARCHAR) AS {name}" for name, header in found.items())
        absent = {column.name: f"CAST(NULL AS {SQL_TYPES[column.type]})" for column in dataset.columns}
        read = {name: _converted(dataset, dataset.column(name), name, trying=True) for name in found}
        return f"(SELECT {texts} FROM {source})", {**absent, **read}
    expressions = {
        column.name: (
            _converted(dataset, column, f"CAST({found[column.name]} AS VARCHAR)", trying=False)
            if column.type in ("text", "date") or column.declared == "text"
            else f"CAST({found[column.name]} AS {SQL_TYPES[column.type]})"
        )
        if column.name in found
        else f"CAST(NULL AS {SQL_TYPES[column.type]})"
        for column in dataset.columns
    }
    return source, expressions


def typed_select(dataset: Dataset, raw: RawFile, extra: str = "") -> str:
    """Return the SELECT that reads ``raw`` with the contract's columns, types and order.

    Raises:
        ContractViolation: a column is missing, or the stamp of a data set that needs one.
    """
    clause, expressions = _source(dataset, raw, all_text=False)
    if dataset.stamped_by is not None:
        if raw.stamp is None:
            raise ContractViolation(
                f"nothing tells {dataset.stamped_by!r}, the version of the portal that this state was.",
                dataset_id=dataset.id,
                column=dataset.stamped_by,
                request=raw.path.name,
            )
        expressions[dataset.stamped_by] = f"CAST({literal(raw.stamp)} AS TIMESTAMP WITH TIME ZONE)"
    columns = ", ".join(f"{expression} AS {name}" for name, expression in expressions.items())
    return f"SELECT {columns}{extra} FROM {clause}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a loaded table without looking at its rows again.

    Attributes:
        rows: number of rows.
        first, last: smallest and largest value of the column of time (ISO; instants in UTC; a year as it is), None when
            there is none.
        last_measured: its largest value on a row where the first fingerprint measure is not null: future rows without a
            measure do not make a source fresh.
        notes: what was mended while reading, for the user.
    """

    rows: int
    first: str | None
    last: str | None
    last_measured: str | None
    notes: tuple[str, ...] = ()


def load(
    cursor: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    raw: RawFile,
    table: str,
    *,
    order: bool = True,
    last: date | None = None,
) -> Facts:
    """Read a published file into a temporary table, typed by the contract, and check what types cannot say.

    Args:
        cursor: of a connection from :func:`connect`; the table is its own.
        dataset: the contract.
        raw: the file.
        table: name of the temporary table; an older one of this name is replaced.
        order: sort by the key, then by every other column, so that equal content gives equal bytes.
        last: day after which no row can be (:func:`~dataelec_assets.lake.dates.last_day`); None: an arrival that was
            kept has passed this once, and what it holds does not change with the clock.

    Returns:
        The facts of the table, which has the contract's columns in the contract's order.

    Raises:
        ContractViolation: a column is missing, a value cannot be read or cannot be true, a null or a region code is not
            allowed.
    """
    with in_a_known_encoding(dataset.id, raw) as known:
        facts = _loaded(cursor, dataset, known, table, order=order)
        check_content(cursor, dataset, table, facts.rows, raw.path.name)
        _refuse_impossible(cursor, dataset, known, table, last)
        return replace(facts, notes=_without_controls(cursor, dataset, table, raw.path.name))


def _loaded(cursor: duckdb.DuckDBPyConnection, dataset: Dataset, raw: RawFile, table: str, *, order: bool) -> Facts:
    sorting = f" ORDER BY {', '.join(sort_columns(dataset))}" if order else ""
    try:
        with readable(cursor, raw) as plain:
            select = _summed(dataset, typed_select(dataset, plain))
            cursor.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {select}{sorting}")
    except _UNREADABLE as error:
        raise_for_unreadable(cursor, dataset, raw)
        raise ContractViolation(
            f"the file cannot be read: {_reason(str(error))}", dataset_id=dataset.id, request=raw.path.name
        ) from error
    return facts_of(cursor, dataset, table)


def _reason(words: str) -> str:
    """Return in one line why DuckDB cannot read a file."""
    where = re.search(r"CSV Error on Line: (\d+)", words)
    line = f"line {int(where[1]):,}" if where else "a line"
    if "Maximum line size" in words:
        return f"{line} is longer than {LONGEST_LINE:,} bytes; a quote that is opened there is probably never closed."
    if "unterminated quote" in words:
        return f"{line} opens a quote that is never closed."
    if fields := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", words):
        wanted, found = int(fields[1]), int(fields[2])
        return f"{line} has {'fewer' if found < wanted else 'more'} than the {wanted} fields of its header."
    return (words.strip().splitlines() or ["no reason given"])[0]


# A census weight is a small number that INSEE prints with fourteen digits.
_EXACT = "DECIMAL(18, 12)"


def _summed(dataset: Dataset, select: str) -> str:
    """Return a SELECT with the measures of ``summed`` added up, exactly: the order of the rows does not matter."""
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


def read_table(connection: duckdb.DuckDBPyConnection, dataset: Dataset, raw: RawFile) -> pa.Table:
    """Return a published file as an Arrow table, typed by the contract, sorted by key, instants in UTC.

    Raises:
        ContractViolation: see :func:`load`.
    """
    cursor = connection.cursor()
    load(cursor, dataset, raw, "arrival")
    return arrow_of(cursor, "arrival")


def arrow_of(cursor: duckdb.DuckDBPyConnection, table: str) -> pa.Table:
    """Return a temporary table as Arrow, in the order of its rows."""
    return cursor.sql(f"FROM {table}").to_arrow_table()


def sort_columns(dataset: Dataset) -> tuple[str, ...]:
    """Return the key followed by the other columns: a total order up to identical rows."""
    return tuple(dict.fromkeys([*dataset.key, *dataset.column_names]))


def raise_for_unreadable(connection: duckdb.DuckDBPyConnection, dataset: Dataset, raw: RawFile) -> None:
    """Raise the error of the first column whose text cannot be converted, with an example.

    Raises:
        ContractViolation: naming the column, the value and how many there are.
    """
    clause, expressions = _source(dataset, raw, all_text=True)
    for column in dataset.columns:
        expression = expressions[column.name]
        if column.type == "text" or expression.startswith("CAST(NULL"):
            continue
        markers = ", ".join(literal(marker) for marker in ("", *column.null_markers))
        bad = f"{column.name} IS NOT NULL AND {column.name} NOT IN ({markers}) AND {expression} IS NULL"
        query = f"SELECT count(*), min({column.name}) FROM {clause} WHERE {bad}"
        try:
            ((count, example),) = connection.execute(query).fetchall()
        except _UNREADABLE:
            # The file is broken in its structure, not in this column: the caller reports the first error.
            return
        if count:
            forms = f": {FORMS} is wanted" if column.type == "date" else ""
            raise ContractViolation(
                f"column {column.name!r} holds {count} value(s) that are no {column.type}, such as {example!r}{forms}.",
                dataset_id=dataset.id,
                column=column.name,
                request=raw.path.name,
            )


def _refuse_impossible(
    cursor: duckdb.DuckDBPyConnection, dataset: Dataset, raw: RawFile, table: str, last: date | None
) -> None:
    """Refuse days outside the span of the data set, and numbers that are none, such as ``inf``.

    Raises:
        ContractViolation: naming the column, the value as it is printed, how many there are and what is possible.
    """
    impossible: dict[str, tuple[str, str]] = {}
    for column in bounded_columns(dataset):
        first = first_day(dataset, column)
        bounds = (first.year, last and last.year) if column.type == "int" else (first, last)
        words = f"outside {bounds[0]} … {bounds[1] or ''}".rstrip()
        impossible[column.name] = (outside_sql(dataset, column, last), words)
    for column in dataset.columns:
        if column.type == "double":
            impossible[column.name] = (f"NOT isfinite({column.name})", "that are no finite number")
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
    clause, expressions = _source(dataset, raw, all_text=True)
    row = cursor.execute(
        f"SELECT printed, CAST({name} AS VARCHAR) FROM (SELECT CAST({name} AS VARCHAR) AS printed, "
        f"{expressions[name]} AS {name} FROM {clause}) WHERE {condition} LIMIT 1"
    ).fetchone()
    printed, read = row or (None, None)
    return repr(printed) if printed == read else f"{printed!r} ({read})"


# What no text of a publisher means: a NUL, a bell, an escape. Tabs and line ends stand in addresses, and stay.
_CONTROLS = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F]"


def _without_controls(cursor: duckdb.DuckDBPyConnection, dataset: Dataset, table: str, request: str) -> tuple[str, ...]:
    """Put a space in the place of control characters, which cut texts short in other programs; say where.

    Raises:
        ContractViolation: one stands in a key that each row must have: nothing tells which row is meant.
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
        notes.append(f"{words}; a space stands there now")
    return tuple(notes)


def check_content(cursor: duckdb.DuckDBPyConnection, dataset: Dataset, table: str, rows: int, request: str) -> None:
    """Check what types cannot say: nulls and region codes.

    Raises:
        ContractViolation: naming the column and what was found.
    """
    full = [column.name for column in dataset.columns if not column.nullable]
    if full:
        (present,) = cursor.execute(f"SELECT {', '.join(f'count({name})' for name in full)} FROM {table}").fetchall()
        for name, count in zip(full, present, strict=True):
            if count < rows:
                raise ContractViolation(
                    f"column {name!r} is null on {rows - count} of {rows} rows and may not be.",
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
