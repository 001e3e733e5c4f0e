"""A small served file, written by hand: the columns are those of dbt's contracts, the rows are invented.

A mart that renames a column fails the tests of the report, without a build.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from dataelec_assets.warehouse.dictionary import table_docs

_ROWS = Path(__file__).parent / "rows"

# In this order: each may use the temporary tables of those before.
ANALYSES = ("territories", "periods", "mix", "sensitivity", "questions", "forecasts", "charging")


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create every served table as dbt's contracts describe it, without rows."""
    for table in table_docs():
        columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
        connection.execute(f"create table {table.name} ({columns})")


def fill(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Run scripts of rows."""
    for name in names:
        connection.execute((_ROWS / f"{name}.sql").read_text(encoding="utf-8"))


def write_served(path: Path, *, empty: bool = False, last: str = "subjects") -> Path:
    """Write a served file.

    Args:
        path: of the file.
        empty: with the publication and its sources, and no other row.
        last: script of rows for indicators and types: ``subjects``, or ``places``, with the surroundings of Gironde.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        create_tables(connection)
        fill(connection, "meta")
        if not empty:
            fill(connection, "dimensions", "facts", *ANALYSES, last)
    return path
