"""Columns of files under their technical names, and their values in the one form in which they are compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dataelec_assets.catalog import Column, Dataset, slug
from dataelec_assets.lake.dates import date_sql, first_day


@dataclass(frozen=True, slots=True)
class Header:
    """One column of a file: as printed there, and the technical name it stands for."""

    printed: str
    name: str


def read_headers(printed: Iterable[str], dataset: Dataset) -> list[Header]:
    """Bring the headers of a file to technical names.

    A header is compared, as a slug, with the technical names and the labels of every year; any other becomes its own
    slug. Columns without a name (a separator too many) are left out, and a name that comes twice gets a number.
    """
    contract = {header: column.name for column in dataset.columns for header in column.header_slugs}
    headers: list[Header] = []
    taken: set[str] = set()
    for text in printed:
        plain = slug(text)
        if not plain:
            continue
        name = base = contract.get(plain, plain)
        number = 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        headers.append(Header(text, name))
    return headers


def quoted(name: str) -> str:
    """Return ``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return ``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def number(name: str, kind: str = "VARCHAR") -> str:
    """Return SQL of the number (DOUBLE) that a column holds; NULL where it holds none, or one that is not finite."""
    if kind in _WHOLE:
        return f"CAST({quoted(name)} AS DOUBLE)"
    value = f"TRY_CAST({quoted(name)} AS DOUBLE)"
    return f"CASE WHEN isfinite({value}) THEN {value} END"


def is_instant(column: Column) -> bool:
    """Return whether a contracted column is kept as an instant (UTC without zone)."""
    return column.type == "datetime"


def is_day(column: Column) -> bool:
    """Return whether a contracted column is kept as a day; one that the portal types as text stays a text."""
    return column.type == "date" and column.portal_type != "text"


def value_of(dataset: Dataset, column: Column) -> str:
    """Return SQL that reads a text column by its contract.

    Instants and days are NULL where they cannot be read. Whole numbers lose their decimals (``11.0``), others are as
    DuckDB prints them, so that equal rows are equal texts; what is not a number stays as published.
    """
    text = quoted(column.name)
    if is_instant(column):
        instant = f"TRY_CAST({text} AS TIMESTAMPTZ)"
        return f"CASE WHEN {text} SIMILAR TO '[0-9]{{4}}-.*' THEN CAST({instant} AS TIMESTAMP) END"
    if column.type == "date":
        day = date_sql(text, first_day(dataset, column))
        # As text it is written in one form, whatever the forms of the files are: it is part of the key.
        form = literal(column.date_format or "%Y-%m-%d")
        return day if is_day(column) else f"coalesce(strftime({day}, {form}), {text})"
    if column.portal_type in ("int", "double"):
        value = number(column.name)
        whole = f"CASE WHEN {value} = trunc({value}) THEN CAST(TRY_CAST({value} AS BIGINT) AS VARCHAR) END"
        return f"coalesce({whole}, CAST({value} AS VARCHAR), {text})"
    if column.portal_type == "geo_point_2d":
        json = f"CASE WHEN {text} LIKE '{{%' AND json_valid({text}) THEN {text} END"
        lat, lon = (f"json_extract_string({json}, '$.{axis}')" for axis in ("lat", "lon"))
        # As an export prints it, latitude first.
        spaced = rf"regexp_replace({text}, '^\s*(-?[0-9.]+)\s*,\s*(-?[0-9.]+)\s*$', '\1, \2')"
        return f"coalesce({lat} || ', ' || {lon}, {spaced})"
    return f"nullif({text}, '')"


# Types of Parquet whose values are the numbers of the contract without going through a text.
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
_NUMBERS = (*_WHOLE, "DOUBLE")
# Up to here every whole number has a DOUBLE of its own.
EXACT = 2**53
_INSTANTS = ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE")


def native_value(dataset: Dataset, column: Column, kind: str) -> str | None:
    """Return SQL of what :func:`value_of` and :func:`printed` make of a column of type ``kind``, in one.

    None where its text is to be read: of days, which have several forms, and of a key, which is sorted as text.
    """
    name = quoted(column.name)
    if is_instant(column) and kind in _INSTANTS:
        # What lies outside is left to the reading of texts, which says whether it is an instant.
        return (
            f"CASE WHEN {name} BETWEEN {kind} '1000-01-01 00:00:00+00' AND {kind} '9999-12-31 00:00:00+00' "
            f"THEN CAST({name} AS TIMESTAMP) END"
        )
    is_number = column.type not in ("date", "datetime") and column.portal_type in ("int", "double")
    return name if is_number and kind in _NUMBERS and column.name not in dataset.key else None


def printed(name: str, kind: str) -> str:
    """Return SQL of the text of a column of type ``kind``; what :func:`value_of` gives stays as it is."""
    value = quoted(name)
    if kind == "TIMESTAMP":
        return f"strftime({value}, '%Y-%m-%dT%H:%M:%S+00:00')"
    if kind not in _NUMBERS:
        return value
    # Any other number is printed as the DOUBLE that a text of it would be read as.
    is_whole = f"{value} BETWEEN -{EXACT} AND {EXACT}" + (f" AND {value} = trunc({value})" if kind == "DOUBLE" else "")
    double = f"CAST({value} AS DOUBLE)"
    whole = f"CASE WHEN isfinite({double}) AND {double} = trunc({double}) THEN TRY_CAST({double} AS BIGINT) END"
    return (
        f"CASE WHEN {is_whole} THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) "
        f"ELSE coalesce(CAST({whole} AS VARCHAR), CAST({double} AS VARCHAR)) END"
    )


def type_of(column: Column) -> str:
    """Return the type (DuckDB's) of what :func:`value_of` gives."""
    if is_instant(column):
        return "TIMESTAMP"
    return "DATE" if is_day(column) else "VARCHAR"


def misfit(dataset: Dataset, column: Column) -> str:
    """Return SQL that tells whether a text column of days or instants holds something else."""
    text = quoted(column.name)
    read = value_of(dataset, column) if is_instant(column) else date_sql(text, first_day(dataset, column))
    return f"nullif({text}, '') IS NOT NULL AND ({read}) IS NULL"
