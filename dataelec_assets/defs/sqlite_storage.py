"""Dagster's own SQLite storage, with its files kept open.

Dagster opens each SQLite file again for each event, up to four times, with a new engine that compiles its statements
again, and whoever closes a file last writes its log back to the disk: 10 CPU-milliseconds an event, and more waiting.
Here a process keeps a file open, writes events of assets many at a time, and does not wait for the disk. A power cut or
a kill may cost the last events, which are history and never data (docs/decisions/0040). Files and tables are Dagster's:
its own storage reads and writes them too, at the same time.

Longer than 300 lines because what is replaced in Dagster's three storages shares the files that stay open.

The methods that are replaced are not all public: `tests/defs/test_sqlite_storage.py` compares with Dagster's own.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as db
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS, DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from dagster._core.storage.sqlite_storage import (
    DagsterSqliteStorage,
    _event_logs_directory,
    _runs_directory,
    _schedule_directory,
)
from dagster._serdes import ConfigurableClassData
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool

# Files that a process keeps open: the UI may look at thousands of runs, a refresh writes to one and to the index.
_OPEN_FILES = 8

# Engines of a process that has forked: SQLite allows the child neither to use nor to close its parent's connections.
_INHERITED: list[Engine] = []

# Events that wait for the others of their block: those of which a refresh records hundreds.
_TOGETHER = (
    DagsterEventType.ASSET_MATERIALIZATION,
    DagsterEventType.ASSET_OBSERVATION,
    DagsterEventType.ASSET_CHECK_EVALUATION,
)

# Events stored at once: about a tenth of a second, for which other processes that write wait.
_AT_ONCE = 200

_Known = OrderedDict[Path, tuple[Engine, int]]


class OpenFiles:
    """The SQLite files that a process keeps open, the last used ones.

    A file that was removed or replaced is opened again. A forked process opens its own.
    """

    def __init__(self) -> None:
        self._known: _Known = OrderedDict()
        self._lock = threading.Lock()
        self._pid = os.getpid()
        weakref.finalize(self, _close, self._known, self._pid)

    def engine(self, path: Path) -> Engine:
        """Return the engine of a file that is there."""
        with self._lock:
            if self._pid != os.getpid():
                _INHERITED.extend(engine for engine, _ in self._known.values())
                self._known, self._pid = OrderedDict(), os.getpid()
                weakref.finalize(self, _close, self._known, self._pid)
            inode = path.stat().st_ino
            if path in self._known:
                engine, known_inode = self._known.pop(path)
                if known_inode == inode:
                    self._known[path] = (engine, inode)
                    return engine
                engine.dispose()
            self._known[path] = (_engine_of(path), inode)
            while len(self._known) > _OPEN_FILES:
                _, (oldest, _) = self._known.popitem(last=False)
                oldest.dispose()
            return self._known[path][0]

    @contextmanager
    def transaction(self, path: Path) -> Iterator[Connection]:
        """Open a transaction on a file that is there."""
        with self.engine(path).connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close all files; they are opened again when they are asked for."""
        with self._lock:
            _close(self._known, self._pid)


def _close(known: _Known, pid: int) -> None:
    if pid == os.getpid():
        while known:
            _, (engine, _) = known.popitem()
            engine.dispose()


def _engine_of(path: Path) -> Engine:
    """Return an engine that keeps one connection; more are opened, and closed again, when threads ask at once."""
    engine = db.create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=-1,
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
    )

    @db.event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _record: object) -> None:
        # With the write-ahead log, which Dagster sets, a file is whole after any crash (sqlite.org/pragma.html).
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


def _tables(path: Path) -> set[str]:
    """Return the tables of a file that Dagster has finished making; none while it has not."""
    if not path.exists():
        return set()
    with closing(sqlite3.connect(path, timeout=SQLITE_BUSY_TIMEOUT_SECONDS)) as connection:
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        is_made = "alembic_version" in found and connection.execute("SELECT 1 FROM alembic_version").fetchone()
    return found if is_made else set()


class EventLog(SqliteEventLogStorage):
    """Events of runs, in a file for each run and an index of all."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._files = OpenFiles()
        self._made: set[str] = set()
        self._present: set[str] = set()
        self._columns: set[str] = set()
        self._turn = threading.RLock()
        self._waiting: list[EventLogEntry] | None = None
        self._transactions: dict[str, Connection] | None = None
        super().__init__(base_dir, inst_data)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Store the events of assets in the block many at a time, also when it fails: what is recorded has happened."""
        with self._turn:
            self._waiting = []
            try:
                yield
            finally:
                events, self._waiting = self._waiting, None
                self._store(events)

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event, or let it wait for others of its block."""
        with self._turn:
            kind = event.dagster_event_type if event.is_dagster_event else None
            if self._waiting is None:
                super().store_event(event)
                return
            if kind in _TOGETHER:
                self._waiting.append(event)
            if kind not in _TOGETHER or len(self._waiting) == _AT_ONCE:
                events, self._waiting = self._waiting, []
                self._store(events)
            if kind not in _TOGETHER:
                super().store_event(event)

    def _store(self, events: Sequence[EventLogEntry]) -> None:
        """Do for many events of assets what Dagster does for one, with one statement for each table."""
        if not events:
            return
        rows = [self._event_to_row(event) for event in events]
        for run_id in {event.run_id for event in events}:
            with self.run_connection(run_id) as connection:
                connection.execute(SqlEventLogStorageTable.insert(), [row for row in rows if row["run_id"] == run_id])
        insertion = SqlEventLogStorageTable.insert().returning(
            SqlEventLogStorageTable.c.id, sort_by_parameter_order=True
        )
        with self._one_transaction(), self.index_connection() as connection:
            ids = [int(row[0]) for row in connection.execute(insertion, rows)]
            stored = list(zip(events, ids, strict=True))
            made = [each for each in stored if each[0].dagster_event_type in ASSET_EVENTS]
            self._store_asset_event_tags(connection, [event for event, _ in made], [found for _, found in made])
            # An asset keeps the last event of each kind: earlier ones would be written over at once.
            last = {(event.get_dagster_event().asset_key, event.dagster_event_type): found for event, found in made}
            for event, found in made:
                if found in last.values():
                    self._store_asset_event(connection, event, found)
            for event, found in stored:
                if event.dagster_event_type in ASSET_CHECK_EVENTS:
                    self.store_asset_check_event(event, found)

    @contextmanager
    def _one_transaction(self) -> Iterator[None]:
        """Give the statements of the block the same transaction in each file."""
        with ExitStack() as stack:
            self._transactions = {}
            try:
                yield
            finally:
                opened, self._transactions = self._transactions, None
                for connection in opened.values():
                    stack.callback(connection.close)
                    stack.callback(connection.commit)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        path = Path(self.path_for_shard(shard))
        with self._turn:
            self._make(shard, path)
            if self._transactions is None:
                with self._files.transaction(path) as connection:
                    yield connection
            else:
                if shard not in self._transactions:
                    self._transactions[shard] = self._files.engine(path).connect()
                    self._transactions[shard].begin()
                yield self._transactions[shard]

    def _make(self, shard: str, path: Path) -> None:
        """Make the file of a run with the tables of the index, in whichever revision of Dagster it is."""
        if shard in self._made and path.exists():
            return
        if not _tables(path):
            index = Path(self.path_for_shard(INDEX_SHARD_NAME))
            if shard == INDEX_SHARD_NAME or not _tables(index):
                self._initdb(_engine_of(path), for_index_shard=shard == INDEX_SHARD_NAME)
            else:
                _make_as(index, path)
        self._made.add(shard)

    def has_table(self, table_name: str) -> bool:
        """Return whether the index has a table; one that was there stays."""
        if table_name not in self._present:
            self._present = _tables(Path(self.path_for_shard(INDEX_SHARD_NAME)))
        return table_name in self._present

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        if column_name not in self._columns and super()._has_asset_key_col_on_connection(conn, column_name):
            self._columns.add(column_name)
        return column_name in self._columns

    def dispose(self) -> None:
        """Close the files."""
        super().dispose()
        self._files.close()


def _make_as(model: Path, path: Path) -> None:
    """Make a file with the tables and the revision of another one; several processes may do so at once."""
    with closing(sqlite3.connect(model, timeout=SQLITE_BUSY_TIMEOUT_SECONDS)) as connection:
        statements = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type = 'index'"
        ).fetchall()
        revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    with closing(sqlite3.connect(path, timeout=SQLITE_BUSY_TIMEOUT_SECONDS, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():  # else another process was faster
            for (statement,) in statements:
                connection.execute(statement)
            connection.executemany("INSERT INTO alembic_version VALUES (?)", revisions)
        connection.execute("COMMIT")


class Runs(SqliteRunStorage):
    """Runs and their tags."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._files = OpenFiles()
        super().__init__(conn_string, inst_data)

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> Self:
        """Open the file of a folder; make it when it is not there."""
        if "instance_info" in _tables(Path(base_dir) / "runs.db"):
            return cls(create_db_conn_string(base_dir, "runs"), inst_data)
        return super().from_local(base_dir, inst_data)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Open a transaction."""
        with self._files.transaction(_path_of(self._conn_string)) as connection:
            yield connection

    def dispose(self) -> None:
        """Close the file."""
        super().dispose()
        self._files.close()


class Schedules(SqliteScheduleStorage):
    """Ticks and states of schedules and sensors."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._files = OpenFiles()
        super().__init__(conn_string, inst_data)

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> SqliteScheduleStorage:
        """Open the file of a folder; make it when it is not there."""
        if _tables(Path(base_dir) / "schedules.db"):
            return cls(create_db_conn_string(base_dir, "schedules"), inst_data)
        return super().from_local(base_dir, inst_data)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Open a transaction."""
        with self._files.transaction(_path_of(self._conn_string)) as connection:
            yield connection

    def dispose(self) -> None:
        """Close the file."""
        super().dispose()
        self._files.close()


def _path_of(address: str) -> Path:
    return Path(address.removeprefix("sqlite:///"))


class SqliteStorage(DagsterSqliteStorage):
    """The storage that `dagster.yaml` names: the same folders as Dagster's own."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        # Not the constructor of the parent, which would open the same files by Dagster's own classes.
        super(DagsterSqliteStorage, self).__init__()  # type: ignore[no-untyped-call]  # Dagster's
        self.base_dir = base_dir
        self._inst_data = inst_data
        self._run_storage = Runs.from_local(_runs_directory(base_dir))
        self._event_log_storage = EventLog(_event_logs_directory(base_dir))
        self._schedule_storage = Schedules.from_local(_schedule_directory(base_dir))

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> SqliteStorage:
        """Return the storage of a folder, made when it is not there."""
        return cls.from_local(inst_data=inst_data, **config_value)
