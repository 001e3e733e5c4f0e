"""The SELECT that reads a published file by contract, in every format found in the wild.

The catalogue defines every column; nothing is inferred.
"""

from __future__ import annotations

from dataelec_assets.catalog import Column, Dataset
from dataelec_assets.database import literal
from dataelec_assets.errors import ContractViolation
from dataelec_assets.lake.dates import date_sql, first_day
from dataelec_assets.lake.file_formats import RawFile, parquet_header, resolve_header
from dataelec_assets.lake.year_columns import one_row_a_year, year_headers
from dataelec_assets.limits import LONGEST_LINE

SQL_TYPES = {
    "text": "VARCHAR",
    "int": "INTEGER",
    "double": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP WITH TIME ZONE",
}


def _converted(dataset: Dataset, column: Column, expression: str, *, trying: bool) -> str:
    """Return SQL that turns a text ``expression`` into the column's type.

    Args:
        dataset: the contract.
        column: one of its columns.
        expression: SQL of type VARCHAR.
        trying: give NULL for what cannot be read, instead of stopping the query.
    """
    text = expression
    if column.null_markers:
        markers = ", ".join(literal(marker) for marker in column.null_markers)
        text = f"CASE WHEN {text} NOT IN ({markers}) THEN {text} END"
    if column.type == "date":
        day = date_sql(text, first_day(dataset, column))
        stop = (
            f"CASE WHEN nullif(trim({text}), '') IS NOT NULL THEN error({literal(f'{column.name} is not a date')}) END"
        )
        return f"({day})" if trying else f"coalesce({day}, {stop})"
    if column.type == "text":
        # Never shortens: a code that is too long must stay visible (`lpad` would cut it to a plausible one).
        return f"repeat('0', {column.width} - length({text})) || {text}" if column.width else text
    return f"{'TRY_CAST' if trying else 'CAST'}({text} AS {SQL_TYPES[column.type]})"


def source_sql(dataset: Dataset, raw: RawFile, *, all_text: bool) -> tuple[str, dict[str, str]]:
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
    # A date is read by its form: the engine would read 01/01/16 as a day of the year 1.
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
    clause, expressions = source_sql(dataset, raw, all_text=False)
    if dataset.stamped_by is not None:
        if raw.stamp is None:
            raise ContractViolation(
                f"{dataset.stamped_by!r}, the portal's version of this state, is unknown.",
                dataset_id=dataset.id,
                column=dataset.stamped_by,
                request=raw.path.name,
            )
        expressions[dataset.stamped_by] = f"CAST({literal(raw.stamp)} AS TIMESTAMP WITH TIME ZONE)"
    columns = ", ".join(f"{expression} AS {name}" for name, expression in expressions.items())
    return f"SELECT {columns}{extra} FROM {clause}"
