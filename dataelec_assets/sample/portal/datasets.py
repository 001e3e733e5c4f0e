"""One data set of one portal: its states over time, its edits, and what it says of itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import duckdb

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import SettingsError, SourceError
from dataelec_assets.portals.folder.fields import TEMPORAL, quoted
from dataelec_assets.portals.folder.stamps import SourceFile
from dataelec_assets.portals.folder.tables import State, build_state
from dataelec_assets.sample.portal.replies import unknown_dataset

# Exports of ODRÉ come as several sorted runs, one per index shard: four to five order breaks were counted.
_SHARDS = 5

Edit = Callable[[duckdb.DuckDBPyConnection, State], State]


class PortalDataset:
    """A data set, loaded when it is first asked for.

    Safe to use from several threads: a state is never changed, it is replaced.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        portal: str,
        dataset_id: str,
        files: tuple[SourceFile, ...],
        entry: Dataset | None,
        *,
        stop: threading.Event,
    ) -> None:
        self._stop = stop
        self.portal = portal
        self.id = dataset_id
        self.files = files
        self.entry = entry
        self.private_key: str | None = None
        self._con = con
        self._at: datetime | None = None
        self._state: State | None = None
        self._dropped_next: str | None = None
        self._edits: list[Edit] = []
        self._moves = 0
        self._lock = threading.RLock()

    @property
    def name(self) -> str:
        """``portal/data-set-id``."""
        return f"{self.portal}/{self.id}"

    @property
    def stamps(self) -> tuple[datetime, ...]:
        """Instants (UTC) at which a new file is published, in order."""
        return tuple(sorted({file.at for file in self.files if file.at is not None}))

    @property
    def visible(self) -> tuple[SourceFile, ...]:
        """Files that make the state shown, oldest first.

        Raises:
            PortalError: 404, nothing is published yet.
        """
        files = self._visible(self._at)
        if not files:
            raise unknown_dataset(self.id)
        return files

    def _visible(self, at: datetime | None) -> tuple[SourceFile, ...]:
        shown = tuple(file for file in self.files if file.at is None or at is None or file.at <= at)
        whole = [file for file in shown if file.kind in ("snapshot", "vintage")]
        is_keyed = bool(self.entry and self.entry.key and not self.entry.stamped_by)
        return shown if is_keyed or not whole else (whole[-1],)

    def show_at(self, at: datetime | None) -> None:
        """Go to the state of instant ``at`` (None: the newest). A state whose files are the same is kept."""
        with self._lock:
            if self._visible(at) != self._visible(self._at):
                self._forget()
            self._at = at

    def current(self) -> State:
        """Return the current state, loading it if need be.

        Raises:
            PortalError: 404, nothing is published yet at the instant shown.
            SettingsError: a file cannot be read.
            Stopping: the portal is asked to end.
        """
        with self._lock:
            if self._state is None:
                files = self.visible
                with self._con.cursor() as cursor:
                    try:
                        state = build_state(cursor, self.id, self.entry, files, self._stop)
                    except SourceError as error:
                        raise SettingsError(str(error)) from error
                    _shuffle(cursor, self.entry, state)
                    for edit in self._edits:
                        state = edit(cursor, state)
                self._state = state
            return replace(self._state, processed_at=self._state.processed_at + self._shift)

    @property
    def _shift(self) -> timedelta:
        """Every move shifts ``data_processed`` by a minute: later than before, and the same in every run."""
        return timedelta(minutes=self._moves)

    def touch(self) -> None:
        """Reprocess without any change: ``data_processed`` moves, the rows stay."""
        with self._lock:
            self._moves += 1

    def edit(self, change: Edit) -> State:
        """Apply ``change`` to this state and to every later one; ``data_processed`` moves."""
        with self._lock:
            base = self.current()
            with self._con.cursor() as cursor:
                cursor.begin()
                try:
                    changed = change(cursor, base)
                except BaseException:
                    cursor.rollback()
                    raise
                cursor.commit()
            self._state = replace(changed, processed_at=base.processed_at - self._shift)
            self._edits.append(change)
            self._moves += 1
            return self.current()

    def _forget(self) -> None:
        """Drop the state before the last: a request that started on the last one may still be reading it."""
        if self._state is not None:
            if self._dropped_next is not None:
                self._con.execute(f"DROP TABLE {self._dropped_next}")
            self._dropped_next = self._state.table
        self._state = None


def _shuffle(con: duckdb.DuckDBPyConnection, entry: Dataset | None, state: State) -> None:
    """Store the rows in shards, in an order that depends on them only: equal data exports to equal bytes."""
    columns = ", ".join(quoted(field.name) for field in state.fields)
    key = ", ".join(quoted(name) for name in (entry.key if entry else ()) if name in state.by_name) or columns
    moments = [quoted(field.name) for field in state.fields if field.type in TEMPORAL][:1]
    order = ", ".join([f"hash({key}) % {_SHARDS}", *moments, f"hash({columns})"])
    con.execute(f"CREATE OR REPLACE TABLE {state.table} AS SELECT {columns} FROM {state.table} ORDER BY {order}")
