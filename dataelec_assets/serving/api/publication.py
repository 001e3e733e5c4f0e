"""The publication that is served: opened once, lent to requests, closed when the last of them has ended.

A rename replaces a publication. DuckDB keeps one instance per path and process and would go on answering from the old
file, so each publication is attached to its own in-memory instance, which keeps the file that it opened whatever takes
its place. A request uses one publication from its first byte to its last.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from dataelec_assets.database import connect
from dataelec_assets.serving.api.names import codes_of, create_names
from dataelec_assets.serving.api.problems import Problem
from dataelec_assets.serving.api.schema import Table, absent, read_tables
from dataelec_assets.serving.api.territories import create_territories, grains_by_code

_log = logging.getLogger(__name__)

# Of DuckDB, for all requests together: pages are small and whole tables are streamed.
MEMORY_LIMIT = "256MB"

# Answers remembered per publication: enough for every département, région and EPCI many times over.
MOST_REMEMBERED = 4096

# In seconds: longer than a publication takes to open, short beside what a client waits for.
PATIENCE = 5.0

FileIdentity = tuple[int, int, int, int]


@dataclass
class Publication:
    """An open publication.

    Attributes:
        connection: to the in-memory instance to which the file is attached as ``publication``.
        identifier, published_at, version, synthetic: what ``meta_publication`` says.
        tables: by name.
        territories: grains at which each code is a territory.
        indicators: codes of the indicators.
        remembered: earlier answers, for :mod:`.legacy`.
    """

    connection: duckdb.DuckDBPyConnection
    identifier: str
    published_at: datetime
    version: str
    synthetic: bool
    tables: dict[str, Table]
    territories: dict[str, tuple[str, ...]]
    indicators: frozenset[str]
    remembered: dict[Any, Any] = field(default_factory=dict)
    _users: int = 0
    _retired: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def table(self, name: str) -> Table:
        """Return a table.

        Raises:
            Problem: this publication lacks it.
        """
        if name not in self.tables:
            raise absent(name)
        return self.tables[name]

    def summary(self) -> dict[str, Any]:
        """Return the publication as every answer names it."""
        return {
            "publication_id": self.identifier,
            "publiee_a": f"{self.published_at:%Y-%m-%dT%H:%M:%SZ}",
            "est_synthetique": self.synthetic,
        }

    def remember(self, key: Any, value: Any) -> None:
        """Keep an answer while this publication is served; the oldest makes room for it."""
        if len(self.remembered) >= MOST_REMEMBERED:
            self.remembered.pop(next(iter(self.remembered)), None)
        self.remembered[key] = value

    def acquire(self) -> None:
        """Count one more user."""
        with self._lock:
            self._users += 1

    def release(self) -> None:
        """Count one user fewer; the last one of a retired publication closes it."""
        with self._lock:
            self._users -= 1
            last = self._retired and self._users == 0
        if last:
            self.connection.close()

    def retire(self) -> None:
        """Close as soon as nobody uses it."""
        with self._lock:
            self._retired = True
            idle = self._users == 0
        if idle:
            self.connection.close()

    @contextmanager
    def in_use(self) -> Iterator[Publication]:
        """Release, at the end, the use that the caller holds."""
        try:
            yield self
        finally:
            self.release()


def open_publication(path: Path) -> tuple[Publication, FileIdentity]:
    """Open the served file as it is now.

    Raises:
        OSError: there is no file.
        duckdb.Error: the file cannot be read.
        IndexError: it does not say which publication it is.
    """
    # A rename in between is seen at the next request. Trying until nothing moves would never end where it moves often.
    before = _identity(path)
    return _open(path), before


def _identity(path: Path) -> FileIdentity:
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _open(path: Path) -> Publication:
    # One thread per query: requests run side by side. Nothing spills, since no file may be written.
    config: dict[str, str | int] = {"threads": 1, "memory_limit": MEMORY_LIMIT, "max_temp_directory_size": "0MB"}
    connection = connect(config=config)
    try:
        name = str(path).replace("'", "''")
        connection.execute(f"ATTACH '{name}' AS publication (READ_ONLY)")
        identifier, published_at, version, synthetic = connection.execute(
            "SELECT publication_id, publiee_a, version_code, est_synthetique FROM publication.main.meta_publication"
        ).fetchall()[0]
        tables = read_tables(connection)
        create_territories(connection, tables)
        create_names(connection, tables)
        territories = grains_by_code(connection)
        indicators = codes_of(connection, "indicateur")
        connection.execute("SET python_enable_replacements = false")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return Publication(
        connection, identifier, published_at.astimezone(UTC), version, bool(synthetic), tables, territories, indicators
    )


class Publications:
    """Lends each request the publication that is served when it begins.

    Args:
        path: the served file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._current: Publication | None = None
        self._seen: FileIdentity | None = None
        self._opening: asyncio.Task[None] | None = None

    async def acquire(self) -> Publication:
        """Return the current publication, counted as in use; the caller releases it.

        A request waits for the opening that is under way, once and for a limited time: where publications come faster
        than they are opened, it is answered from the last one that is open.

        Raises:
            Problem: nothing is served yet.
        """
        if self._opening is None and self._identity_now() != self._seen:
            self._opening = asyncio.create_task(self._renew())
        if self._opening is not None:
            await asyncio.wait({self._opening}, timeout=PATIENCE if self._current else None)
        if self._current is None:
            raise Problem(
                503, "Rien n'est encore publié : lancer dataelec refresh sur ce lac.", headers={"Retry-After": "30"}
            )
        self._current.acquire()
        return self._current

    async def _renew(self) -> None:
        try:
            self._take(*await asyncio.to_thread(self._open))
        finally:
            self._opening = None

    def _identity_now(self) -> FileIdentity | None:
        """Return which file is there; one that is gone for a moment counts as unchanged."""
        try:
            return _identity(self.path)
        except OSError:
            return self._seen

    def _open(self) -> tuple[Publication | None, FileIdentity | None]:
        """Return the publication that is served now, and its file's identity."""
        seen = self._identity_now()
        try:
            return open_publication(self.path)
        except (OSError, IndexError, duckdb.Error) as error:
            # The previous publication stays served; the same file is not tried again.
            _log.warning("the served file cannot be opened: %s", str(error).splitlines()[0])
            return None, seen

    def _take(self, publication: Publication | None, seen: FileIdentity | None) -> None:
        """Replace the current publication, on the event loop, where uses are counted too."""
        self._seen = seen
        if publication is None:
            return
        old, self._current = self._current, publication
        _log.info("publication %s is served", publication.identifier)
        if old is not None:
            old.retire()

    def close(self) -> None:
        """Release the publication."""
        if self._opening is not None:
            self._opening.cancel()
        if self._current is not None:
            self._current.retire()
        self._current, self._seen = None, None
