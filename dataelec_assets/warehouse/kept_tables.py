"""Tables that could not be built well stay as they were last published."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dataelec_assets.database import connect, literal
from dataelec_assets.privacy.personal import PERSONAL_VALUE
from dataelec_assets.warehouse.publication import recorded

if TYPE_CHECKING:
    import duckdb

# A database's words on a failure may quote a value.
_MASK = re.compile(PERSONAL_VALUE)


def keep_tables(connection: duckdb.DuckDBPyConnection, served: Path | None, tables: Iterable[str]) -> None:
    """Replace tables of a draft by those of the served file, with their comments.

    Args:
        connection: of the draft.
        served: the file that is served now; None when nothing is.
        tables: their names. One that the served file lacks is left without rows.
    """
    names = sorted(tables)
    if not names:
        return
    known: set[str] = set()
    if served is not None:
        connection.execute(f"ATTACH {literal(str(served))} AS servi (READ_ONLY)")
        rows = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'servi'").fetchall()
        known = {name for (name,) in rows}
    for name in names:
        if name in known:
            connection.execute(f'CREATE OR REPLACE TABLE main."{name}" AS FROM servi.main."{name}"')
            _comment(connection, name)
        elif _is_there(connection, name):
            connection.execute(f'DELETE FROM main."{name}"')
    if served is not None:
        connection.execute("DETACH servi")


def _is_there(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'main' "
        "AND table_name = ?",
        [name],
    ).fetchone()
    return bool(found and found[0])


def _comment(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Copy the comments of a table and its columns, which CREATE TABLE AS leaves out."""
    tables = connection.execute(
        "SELECT comment FROM duckdb_tables() WHERE database_name = 'servi' AND table_name = ?", [name]
    ).fetchall()
    columns = connection.execute(
        "SELECT column_name, comment FROM duckdb_columns() WHERE database_name = 'servi' AND table_name = ?", [name]
    ).fetchall()
    for (comment,) in tables:
        if comment is not None:
            connection.execute(f'COMMENT ON TABLE main."{name}" IS {literal(comment)}')
    for column, comment in columns:
        if comment is not None:
            connection.execute(f'COMMENT ON COLUMN main."{name}"."{column}" IS {literal(comment)}')


def kept_tables(path: Path) -> dict[str, str]:
    """Return the tables of the served file that belong to an earlier publication, each with the reason (French)."""
    return {name: reason for name, reason, _ in _known(path)}


def origin_of(path: Path, tables: Collection[str], served: str | None) -> dict[str, str]:
    """Return the publication of each table to keep, which may have been kept before.

    Args:
        path: the served file.
        tables: names of the tables.
        served: id of the publication in the file; None when nothing is served.
    """
    if not tables:
        return {}
    known = {name: origin for name, _, origin in _known(path)}
    return {name: known.get(name) or served or "" for name in tables}


def _known(path: Path) -> list[tuple[str, str, str | None]]:
    """Return table, reason and publication of what the served file has kept."""
    known = recorded(path)
    if not path.exists() or (known is not None and known.tables.get("meta_quarantaine") == 0):
        return []
    with connect(path, read_only=True) as connection:
        if not _is_there(connection, "meta_quarantaine"):  # published by an earlier version
            return []
        return connection.execute(
            "SELECT table_conservee, constat, version_servie FROM meta_quarantaine "
            "WHERE table_conservee IS NOT NULL ORDER BY 1"
        ).fetchall()


def tell_kept(
    connection: duckdb.DuckDBPyConnection, kept: Mapping[str, str], origin: Mapping[str, str], now: datetime
) -> None:
    """Add the kept tables, with their reasons, to the quarantine of a draft."""
    for name in sorted(kept):
        connection.execute(
            "INSERT INTO meta_quarantaine (table_conservee, regle, statut, constat, depuis, version_servie) "
            "VALUES (?, ?, 'table de la publication précédente', ?, ?, ?)",
            [name, kept[name].partition(" : ")[0], _MASK.sub("[masqué]", kept[name]), now, origin[name] or None],
        )
