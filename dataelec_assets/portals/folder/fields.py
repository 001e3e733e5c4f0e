"""The fields that the portal declares: types, labels, and how file headers are brought to technical names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dataelec_assets.catalog import Column, Dataset, slug

FieldType = Literal["text", "int", "double", "date", "datetime", "boolean", "geo_point_2d"]

NUMERIC: frozenset[str] = frozenset({"int", "double"})
TEMPORAL: frozenset[str] = frozenset({"date", "datetime"})

# How a value is stored. Instants are UTC without zone: DuckDB formats them faster than zoned ones.
SQL_TYPES: dict[FieldType, str] = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "double": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "boolean": "BOOLEAN",
    "geo_point_2d": "STRUCT(lon DOUBLE, lat DOUBLE)",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a data set as the portal declares it."""

    name: str
    label: str
    type: FieldType


@dataclass(frozen=True, slots=True)
class Header:
    """One column of a file: as printed there, and the technical name it stands for."""

    printed: str
    name: str
    column: Column | None


def read_headers(printed: Iterable[str], entry: Dataset | None) -> list[Header]:
    """Bring the headers of a file to technical names.

    A header of a data set in the catalogue is compared, as a slug, with the technical names and the labels of
    every year; any other becomes its own slug. Columns without a name (a separator too many) are left out, and a
    name that comes twice gets a number.
    """
    contract = {} if entry is None else {header: c for c in entry.columns for header in c.header_slugs}
    headers: list[Header] = []
    taken: set[str] = set()
    for text in printed:
        plain = slug(text)
        if not plain:
            continue
        column = contract.get(plain)
        name = base = column.name if column else plain
        number = 1
        while name in taken:
            number += 1
            name, column = f"{base}_{number}", None
        taken.add(name)
        headers.append(Header(text, name, column))
    return headers


def quoted(name: str) -> str:
    """Return ``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return ``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def cast(name: str, field_type: FieldType) -> str:
    """Return SQL that reads the text column ``name`` as ``field_type``; NULL where it cannot be read.

    Days and instants are read in ISO form only: nothing tells the order of their parts in a file without a contract.
    Whole numbers written with decimals ("12.0") are integers; an instant without offset is read as UTC; what is not
    finite is no number.
    """
    column = quoted(name)
    number, instant = f"TRY_CAST({column} AS DOUBLE)", f"TRY_CAST({column} AS TIMESTAMPTZ)"
    begins_with_year = f"{column} SIMILAR TO '[0-9]{{4}}-.*'"
    point = f"CASE WHEN {column} LIKE '{{%' THEN {_point_of_json(column)} ELSE {_point_of_text(column)} END"
    forms: dict[FieldType, str] = {
        "text": column,
        "int": f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({column} AS BIGINT) END",
        "double": f"CASE WHEN isfinite({number}) THEN {number} END",
        "date": f"CASE WHEN {begins_with_year} THEN TRY_CAST({column} AS DATE) END",
        "datetime": f"CASE WHEN {begins_with_year} THEN CAST({instant} AS TIMESTAMP) END",
        "boolean": f"TRY_CAST({column} AS BOOLEAN)",
        "geo_point_2d": point,
    }
    return forms[field_type]


def _point_of_json(column: str) -> str:
    valid = f"CASE WHEN json_valid({column}) THEN {column} END"
    lon, lat = (f"TRY_CAST(json_extract_string({valid}, '$.{axis}') AS DOUBLE)" for axis in ("lon", "lat"))
    return f"CASE WHEN {lon} IS NOT NULL AND {lat} IS NOT NULL THEN {{'lon': {lon}, 'lat': {lat}}} END"


def _point_of_text(column: str) -> str:
    lat, lon = (f"TRY_CAST(trim(split_part({column}, ',', {part})) AS DOUBLE)" for part in (1, 2))
    matches = rf"regexp_full_match({column}, '-?\d+(\.\d+)?\s*,\s*-?\d+(\.\d+)?')"
    return f"CASE WHEN {matches} THEN {{'lon': {lon}, 'lat': {lat}}} END"
