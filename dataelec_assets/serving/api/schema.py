"""What a publication holds: tables and columns from its file, keys and units from the dictionary."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

import duckdb

from dataelec_assets.serving.api.problems import Problem, refused
from dataelec_assets.warehouse.dictionary import table_docs


class Kind(StrEnum):
    """What a column holds, for reading filters and writing answers."""

    TEXT = "texte"
    INTEGER = "entier"
    NUMBER = "nombre"
    BOOLEAN = "booleen"
    DATE = "date"
    INSTANT = "instant"
    OTHER = "autre"


_KINDS = {
    "VARCHAR": Kind.TEXT,
    "TINYINT": Kind.INTEGER,
    "SMALLINT": Kind.INTEGER,
    "INTEGER": Kind.INTEGER,
    "BIGINT": Kind.INTEGER,
    "FLOAT": Kind.NUMBER,
    "DOUBLE": Kind.NUMBER,
    "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    "TIMESTAMP WITH TIME ZONE": Kind.INSTANT,
}

# The name of a column ends with its unit; for tables that the dictionary lacks.
_SUFFIXES = {
    "_g_par_kwh": "g/kWh",
    "_mw_par_c": "MW/°C",
    "_mwh": "MWh",
    "_gwh": "GWh",
    "_twh": "TWh",
    "_kwh": "kWh",
    "_mw": "MW",
    "_pct": "%",
    "_c": "°C",
}

Value = str | int | float | bool | date | datetime

_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a served table."""

    name: str
    kind: Kind
    unit: str | None = None
    description: str | None = None

    @property
    def sql(self) -> str:
        """The name as an identifier of SQL."""
        return quoted(self.name)


@dataclass(frozen=True, slots=True)
class Table:
    """A served table; ``key`` is empty where the dictionary has none, ``warnings`` are its known limits."""

    name: str
    description: str | None
    rows: int
    key: tuple[str, ...]
    columns: dict[str, Column]
    warnings: tuple[tuple[str, str], ...] = ()

    @property
    def sql(self) -> str:
        """The table as a relation of SQL."""
        return f"publication.main.{quoted(self.name)}"

    def column(self, name: str) -> Column:
        """Return a column.

        Raises:
            Problem: the table lacks it.
        """
        if name not in self.columns:
            raise refused(name, f"{self.name} n'a pas cette colonne ; elle a {', '.join(self.columns)}")
        return self.columns[name]


def quoted(name: str) -> str:
    """Return ``name`` as an identifier of SQL. Names come from the file's own catalogue, never from a request."""
    return '"' + name.replace('"', '""') + '"'


def unit_of(column: str, documented: str | None) -> str | None:
    """Return the unit of a column: the dictionary's, else the one at the end of its name."""
    return documented or next((unit for suffix, unit in _SUFFIXES.items() if column.endswith(suffix)), None)


def read_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, Table]:
    """Return the tables of the attached publication by name; views are left out."""
    docs = {doc.name: doc for doc in table_docs()}
    columns: dict[str, dict[str, Column]] = {}
    for table, name, sql_type, comment in connection.execute(
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
        "WHERE database_name = 'publication' AND schema_name = 'main' ORDER BY table_name, column_index"
    ).fetchall():
        units = {column.name: column.unit for column in docs[table].columns} if table in docs else {}
        column = Column(name, _kind(sql_type), unit_of(name, units.get(name)), comment)
        columns.setdefault(table, {})[name] = column
    names = connection.execute(
        "SELECT table_name, comment FROM duckdb_tables() "
        "WHERE database_name = 'publication' AND schema_name = 'main' ORDER BY table_name"
    ).fetchall()
    warnings: dict[str, list[tuple[str, str]]] = {}
    if "meta_avertissements" in columns:
        for table, name, text in connection.execute(
            "SELECT nom_table, nom_colonne, avertissement FROM publication.main.meta_avertissements ORDER BY ALL"
        ).fetchall():
            warnings.setdefault(table, []).append((name, text))
    found = {}
    for name, comment in names:
        (rows,) = connection.execute(f"SELECT count(*) FROM publication.main.{quoted(name)}").fetchall()[0]
        key = docs[name].key if name in docs else ()
        known = key if all(column in columns[name] for column in key) else ()
        found[name] = Table(name, comment, rows, known, columns[name], tuple(warnings.get(name, ())))
    return found


def _kind(sql_type: str) -> Kind:
    if sql_type.startswith(("DECIMAL", "HUGEINT", "UBIGINT", "UHUGEINT")):
        return Kind.NUMBER
    return _KINDS.get(sql_type, Kind.OTHER)


def parse(column: Column, text: str, parameter: str) -> Value:
    """Return the value of ``text`` in a filter on ``column``.

    Raises:
        Problem: it cannot be read.
    """
    try:
        value = _READERS[column.kind](text)
    except KeyError:
        raise refused(parameter, "cette colonne ne peut pas être filtrée") from None
    except (ValueError, OverflowError):
        raise refused(parameter, _EXPECTED[column.kind]) from None
    return value


def _integer(text: str) -> int:
    value = int(text)
    if not -_LARGEST <= value < _LARGEST:
        raise ValueError(text)
    return value


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _boolean(text: str) -> bool:
    return {"true": True, "vrai": True, "1": True, "false": False, "faux": False, "0": False}[text.lower()]


def _checked_boolean(text: str) -> bool:
    try:
        return _boolean(text)
    except KeyError:
        raise ValueError(text) from None


def _instant(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_READERS: dict[Kind, Callable[[str], Value]] = {
    Kind.TEXT: str,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _checked_boolean,
    Kind.DATE: date.fromisoformat,
    Kind.INSTANT: _instant,
}
_EXPECTED = {
    Kind.TEXT: "texte attendu",
    Kind.INTEGER: "entier attendu",
    Kind.NUMBER: "nombre attendu, avec un point",
    Kind.BOOLEAN: "true ou false attendu",
    Kind.DATE: "date attendue, comme 2024-01-31",
    Kind.INSTANT: "instant attendu, comme 2024-01-31T12:00:00Z",
}


def absent(name: str) -> Problem:
    """Return the refusal of a table that this publication lacks."""
    return Problem(404, f"La table {name} n'est pas dans cette publication ; /v1/tables donne celles qui y sont.")
