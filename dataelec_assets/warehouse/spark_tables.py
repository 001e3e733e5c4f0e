"""Tables of Spark that outlive a session: a session of this process forgets its catalogue when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def columns_of(session: SparkSession, folder: Path) -> dict[str, Any]:
    """Return, for each table below a folder, its columns with Spark's types and those by which it is cut.

    Args:
        session: which knows the tables.
        folder: has a folder for each schema, and in it one for each table.
    """
    found = {}
    for path in sorted(folder.glob("*/*/")):
        name = f"{path.parent.name}.{path.name}"
        if not session.catalog.tableExists(name):
            continue  # a working table that was dropped: its files stay
        columns = session.catalog.listColumns(name)
        found[name] = {
            "columns": {each.name: each.dataType for each in columns},
            "cut_by": [each.name for each in columns if each.isPartition],
        }
    return found


def show_tables(session: SparkSession, folder: Path, tables: Mapping[str, Any]) -> None:
    """Let a new session know the tables that are below a folder.

    Args:
        session: which does not know them yet.
        folder: where they are.
        tables: as :func:`columns_of` returned them.
    """
    for name, about in tables.items():
        schema, table = name.split(".")
        session.sql(f"create schema if not exists {schema}")
        columns = ", ".join(f"`{column}` {kind}" for column, kind in about["columns"].items())
        cut = f" partitioned by ({', '.join(about['cut_by'])})" if about["cut_by"] else ""
        place = (folder / schema / table).resolve().as_posix()
        session.sql(f"drop table if exists {name}")
        session.sql(f"create table {name} ({columns}) using parquet{cut} location '{place}'")
        if cut:
            session.sql(f"msck repair table {name}")
