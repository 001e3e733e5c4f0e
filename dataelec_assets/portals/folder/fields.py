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


def number(name: str) -> str:
    """Return SQL of the number that a text column holds; NULL where it holds none, or one that is not finite."""
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


def misfit(dataset: Dataset, column: Column) -> str:
    """Return SQL that tells whether a text column of days or instants holds something else."""
    text = quoted(column.name)
    read = value_of(dataset, column) if is_instant(column) else date_sql(text, first_day(dataset, column))
    return f"nullif({text}, '') IS NOT NULL AND ({read}) IS NULL"
