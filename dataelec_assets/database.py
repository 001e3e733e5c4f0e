"""The one place that opens DuckDB: nothing that it reads or writes depends on the machine.

A connection takes the machine's time zone, and its cursors do not inherit the connection's: on a machine in French
time, months began at midnight in Paris or in London depending on the call. So the zone is pinned for both. A rule of
ruff keeps every other module from opening DuckDB by itself (``pyproject.toml``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    import duckdb

# Readable by DuckDB 1.2 and later: BI drivers embed older engines. The same value is in dbt/profiles.yml.
STORAGE_VERSION = "v1.2.0"

# Beyond it DuckDB spills to disk, beside its file or where `spill` says; the same value, with its reason, is in
# dbt/profiles.yml.
MEMORY_LIMIT = "1200MB"


def connect(
    path: Path | None = None,
    *,
    read_only: bool = False,
    time_zone: str = "UTC",
    config: Mapping[str, str | int] | None = None,
    spill: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file whose cursors see instants in UTC.

    Args:
        path: the file; None: a database in memory.
        read_only: open it beside other readers.
        time_zone: zone in which this connection itself shows instants; its cursors stay in UTC.
        config: settings for opening DuckDB.
        spill: folder for what exceeds ``MEMORY_LIMIT``, for a database in memory: by default DuckDB takes most of the
            machine's memory, then the working folder.

    Raises:
        duckdb.Error: the file cannot be opened.
    """
    import duckdb

    target = ":memory:" if path is None else str(path)
    settings: dict[str, Any] = dict(config or {})
    if spill is not None:
        spill.mkdir(parents=True, exist_ok=True)
        # A folder of its own, which DuckDB makes when needed and removes, with all that it holds.
        settings |= {"memory_limit": MEMORY_LIMIT, "temp_directory": str(spill / f"duckdb-{uuid4().hex}")}
    connection = duckdb.connect(target, read_only=read_only, config=settings)
    connection.execute("SET GLOBAL TimeZone = 'UTC'")  # for cursors
    connection.execute(f"SET TimeZone = '{time_zone}'")  # for this connection, instead of the machine's
    return connection


class Database:
    """A database in memory that opens when it is first needed, which takes 25 ms; several threads may ask.

    Args:
        spill: as :func:`connect` takes it.
    """

    def __init__(self, spill: Path | None = None) -> None:
        self._spill = spill
        self._opening = Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a new cursor.

        Raises:
            duckdb.Error: the database cannot be opened.
        """
        with self._opening:
            if self._connection is None:
                self._connection = connect(spill=self._spill)
            return self._connection.cursor()

    @contextmanager
    def apart(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor whose tables and views are its own, and go with it; a cursor of it begins elsewhere.

        In a twentieth of the time of another database, and all that run side by side share one limit of memory.

        Raises:
            duckdb.Error: the database cannot be opened.
        """
        name = f"apart_{uuid4().hex}"
        with self.cursor() as cursor:
            cursor.execute(f"ATTACH ':memory:' AS {name}")
            try:
                cursor.execute(f"USE {name}")
                yield cursor
            finally:
                cursor.execute("USE memory")
                cursor.execute(f"DETACH {name}")

    def interrupt(self) -> None:
        """End what runs on the first connection."""
        if self._connection is not None:
            self._connection.interrupt()

    def close(self) -> None:
        """Close the database, and remove what it has spilled."""
        if self._connection is not None:
            self._connection.close()


def literal(text: str) -> str:
    """Return ``text`` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
