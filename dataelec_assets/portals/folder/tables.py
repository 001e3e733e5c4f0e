"""The rows of one data set, read from its files into one table.

Longer than 300 lines because the shapes in which people keep a data set are told apart here, side by side.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import duckdb

from dataelec_assets.catalog import Column, Dataset
from dataelec_assets.errors import UnexpectedContent
from dataelec_assets.lake.dates import FORMS
from dataelec_assets.portals.client import PortalField
from dataelec_assets.portals.folder.fields import (
    Header,
    literal,
    misfit,
    native_value,
    quoted,
    read_headers,
    type_of,
    value_of,
)
from dataelec_assets.portals.folder.labels import restore_instants, restore_labels, restore_territories
from dataelec_assets.portals.folder.looks import Stopping
from dataelec_assets.portals.folder.readers import Staged, stage_file
from dataelec_assets.portals.folder.stamps import SourceFile

# Decompression and JSON parsing of one file use one core; more readers than cores of a laptop gain nothing.
_READERS = 2

_NATURE_OF_REAL_TIME = "Données temps réel"
_DERIVED = frozenset({"nature", "perimetre", "date", "heure"})

_TIMES = ("date", "datetime")

TABLE = "published"


@dataclass(frozen=True, slots=True)
class State:
    """The rows of a data set, in the table or view ``published``: instants, days, texts, and numbers that came typed.

    Attributes:
        fields: the columns, in order, with the catalogue's types; others are texts.
        count: number of rows.
        processed_at: instant (UTC) of the newest file.
        notices: what was restored, and what is null because files lack it, for the user.
        missing: contracted columns that no file holds and that the others do not tell.
    """

    fields: tuple[PortalField, ...]
    count: int
    processed_at: datetime
    notices: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [field.name for field in self.fields]


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that is ready to be read, on a cursor of its own."""

    cursor: duckdb.DuckDBPyConnection
    staged: Staged
    headers: list[Header]

    @property
    def texts(self) -> str:
        """SQL of its rows as texts, under technical names."""
        columns = ", ".join(f"{quoted(header.printed)} AS {quoted(header.name)}" for header in self.headers)
        return f"(SELECT {columns or 'NULL'} FROM ({self.staged.query}))"


def read_state(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, files: Sequence[SourceFile], stop: threading.Event
) -> State:
    """Read ``files`` (oldest first) into the table or view ``published`` of ``con``.

    Raises:
        UnexpectedContent: a file cannot be read, or holds a day or an instant that is none; the message names it.
        Stopping: ``stop`` was set meanwhile.
    """
    return _Reading(con, dataset, files, stop).state()


class _Reading:
    def __init__(
        self, con: duckdb.DuckDBPyConnection, dataset: Dataset, files: Sequence[SourceFile], stop: threading.Event
    ) -> None:
        self.con, self.dataset, self.files, self.stop = con, dataset, files, stop
        self.contract = {column.name: column for column in dataset.columns if column.name != dataset.stamped_by}
        # Label of each column, and which files hold it.
        self.labels = {name: (column.labels or (name,))[0] for name, column in self.contract.items()}
        self.holders: dict[str, list[int]] = {}
        self.notices: list[str] = []
        self.missing: list[str] = []
        # Where the tables are: a cursor does not begin where its connection is.
        ((self.place,),) = con.execute("SELECT current_database()").fetchall()

    def state(self) -> State:
        with ThreadPoolExecutor(_READERS) as pool:
            opened = list(pool.map(self._open, self.files))
            for number, source in enumerate(opened):
                for header in source.headers:
                    self.holders.setdefault(header.name, []).append(number)
                    if header.name not in self.contract:
                        self.labels[header.name] = header.printed  # the newest file has the last word
            if not self._is_as_published(opened):
                self._type(opened, pool)
                self._restore()
                self._collapse_repetitions()
                self._keep_newest()
        for source in opened:
            source.cursor.close()
        row = self.con.execute(f"SELECT count(*) FROM {TABLE}").fetchone()
        types = {name: column.portal_type for name, column in self.contract.items()}
        return State(
            tuple(PortalField(name, label, types.get(name, "text")) for name, label in self.labels.items()),
            row[0] if row else 0,
            max(file.processed_at for file in self.files),
            tuple(self.notices),
            tuple(self.missing),
        )

    def _open(self, file: SourceFile) -> _Source:
        self._go_on()
        cursor = self.con.cursor()
        cursor.execute(f"USE {self.place}")
        staged = stage_file(cursor, self.dataset.id, file.path)
        return _Source(cursor, staged, read_headers(staged.headers, self.dataset))

    def _go_on(self) -> None:
        if self.stop.is_set():
            raise Stopping

    def _is_as_published(self, opened: Sequence[_Source]) -> bool:
        """Show the rows of one whole Parquet file as they lie there; False where something is to be done about them.

        Nothing is copied, and a value whose type tells what it is need not go through its text.
        """
        (source, *others), kind_of = opened, opened[0].staged.kinds
        if (
            others
            or kind_of is None
            or self.files[0].kind == "snapshot"
            or not self.contract.keys() <= self.holders.keys()
        ):
            return False
        texts, values, misfits = [], {}, []
        for header in source.headers:
            name, printed, column = header.name, quoted(header.printed), self.contract.get(header.name)
            native = native_value(self.dataset, column, kind_of[header.printed]) if column is not None else None
            texts.append(f"{printed if native else f'CAST({printed} AS VARCHAR)'} AS {quoted(name)}")
            values[name] = native or self._value(name)
            if column is not None and column.type in _TIMES:
                misfits.append(
                    f"{quoted(name)} IS NOT NULL AND ({native}) IS NULL" if native else misfit(self.dataset, column)
                )
        rows = f"(SELECT {', '.join(texts)} FROM {source.staged.source})"
        if misfits:
            found = self.con.execute(f"SELECT bool_or({' OR '.join(f'({each})' for each in misfits)}) FROM {rows}")
            if (found.fetchone() or (None,))[0]:
                return False
        columns = ", ".join(f"{values[name]} AS {quoted(name)}" for name in self.labels)
        self.con.execute(f"CREATE VIEW {TABLE} AS SELECT {columns} FROM {rows}")
        return True

    def _value(self, name: str) -> str:
        return value_of(self.dataset, self.contract[name]) if name in self.contract else quoted(name)

    def _type(self, opened: Sequence[_Source], pool: ThreadPoolExecutor) -> None:
        """Read every file into the table ``typed``, a few files at a time.

        Raises:
            UnexpectedContent: a day or an instant cannot be read: file, row, column and value.
        """
        times = [column for column in self.contract.values() if column.type in _TIMES]
        columns = "".join(
            f", {quoted(name)} {type_of(self.contract[name]) if name in self.contract else 'VARCHAR'}"
            for name in self.labels
        )
        self.con.execute(f"CREATE TABLE typed (_file INTEGER, _pos BIGINT, _misfit BOOLEAN{columns})")
        queries = []
        for number, source in enumerate(opened):
            values = "".join(f", {self._value(each.name)} AS {quoted(each.name)}" for each in source.headers)
            there = {each.name for each in source.headers}
            wrong = [f"({misfit(self.dataset, column)})" for column in times if column.name in there]
            queries.append(
                f"INSERT INTO typed BY NAME SELECT {number} AS _file, row_number() OVER () AS _pos, "
                f"{' OR '.join(wrong) or 'false'} AS _misfit{values} FROM {source.texts}"
            )
        # Appends of several connections to one table do not conflict, and their order does not matter here.
        list(pool.map(self._insert, opened, queries))
        if (self.con.execute("SELECT bool_or(_misfit) FROM typed").fetchone() or (None,))[0]:
            raise self._no_time(opened, times)

    def _insert(self, source: _Source, query: str) -> None:
        self._go_on()
        source.cursor.execute(query)

    def _no_time(self, opened: Sequence[_Source], times: Sequence[Column]) -> UnexpectedContent:
        """Return the fault of the first column that holds something else than a day or an instant."""
        column, counts = next(
            (column, counts) for column in times if any(counts := [self._misfits(each, column) for each in opened])
        )
        number = next(number for number, count in enumerate(counts) if count)
        row = opened[number].cursor.execute(
            f"SELECT _pos, {quoted(column.name)} FROM "
            f"(SELECT row_number() OVER () AS _pos, {quoted(column.name)} FROM {opened[number].texts}) "
            f"WHERE {misfit(self.dataset, column)} ORDER BY _pos LIMIT 1"
        )
        place, value = row.fetchone() or (0, None)
        wanted = FORMS if column.type == "date" else "AAAA-MM-JJTHH:MM:SS+00:00"
        file = self.files[number].path
        return UnexpectedContent(
            f"{file.name}, row {place}, column {column.name!r}: {value!r} is not a {column.type} "
            f"({sum(counts)} such value(s))",
            dataset_id=self.dataset.id,
            request=str(file),
            advice=f"Write {wanted}; until then nothing of this data set is read: its last good state stays served.",
        )

    def _misfits(self, source: _Source, column: Column) -> int:
        if column.name not in [each.name for each in source.headers]:
            return 0
        query = f"SELECT count(*) FROM {source.texts} WHERE {misfit(self.dataset, column)}"
        return int((source.cursor.execute(query).fetchone() or (0,))[0])

    def _restore(self) -> None:
        """Fill the contracted columns that files lack, where the others tell them."""
        lacking = {
            name: [number for number in range(len(self.files)) if number not in self.holders.get(name, ())]
            for name in self.contract
        }
        lacking = {name: numbers for name, numbers in lacking.items() if numbers}
        restored = self._restore_constants(lacking)
        restored |= self._restore_instants(lacking.get("date_heure", []))
        restored |= self._restore_territories(lacking)
        if lacking.get("heure") and "date" in lacking and self.holders.get("date_heure"):
            restored |= self._restore_labels(lacking["heure"])
        self.missing = [name for name in lacking if name not in restored and name not in self.holders]
        for words, names in (("restored", restored), ("null", lacking.keys() - restored)):
            by_count: dict[int, list[str]] = {}
            for name in lacking:
                if name in names:
                    by_count.setdefault(len(lacking[name]), []).append(name)
            for count, columns in by_count.items():
                self.notices.append(f"{words} in {count} of {len(self.files)} files: {', '.join(columns)}")

    def _restore_constants(self, lacking: dict[str, list[int]]) -> set[str]:
        constants = {"perimetre": "France"}
        if self.dataset.id.endswith("-tr"):
            constants["nature"] = _NATURE_OF_REAL_TIME
        found = {name: value for name, value in constants.items() if name in lacking}
        for name, value in found.items():
            files = ", ".join(map(str, lacking[name]))
            self.con.execute(f"UPDATE typed SET {quoted(name)} = {literal(value)} WHERE _file IN ({files})")
        return set(found)

    def _restore_instants(self, files: list[int]) -> set[str]:
        """Date the rows of files that print a day and a label only, such as RTE's own."""
        files = [number for number in files if all(number in self.holders.get(name, ()) for name in ("date", "heure"))]
        if not files:
            return set()
        restore_instants(self.con, "typed", files=files, date_format=self._form_of_days())
        return {"date_heure"}

    def _restore_territories(self, lacking: dict[str, list[int]]) -> set[str]:
        """Give the rows of files that name their region, as RTE's own do, its code."""
        code = self.dataset.territories
        files = [number for number in lacking.get(code or "", ()) if number in self.holders.get("perimetre", ())]
        if code is None or not files:
            return set()
        label = "libelle_region" if "libelle_region" in self.labels else None
        restore_territories(self.con, "typed", files=files, code=code, label=label)
        return {code, *([label] if label else [])}

    def _restore_labels(self, files: list[int]) -> set[str]:
        structural = {*_DERIVED, "date_heure", self.dataset.territories}
        restore_labels(
            self.con,
            "typed",
            files=files,
            territory=self.dataset.territories,
            measures=[name for name in self.labels if name not in structural],
            date_format=self._form_of_days(),
        )
        return {"date", "heure"}

    def _form_of_days(self) -> str:
        return self.contract["date"].date_format or "%Y-%m-%d"

    def _collapse_repetitions(self) -> None:
        """Drop the equal rows that a collecting script's paging repeated; published files are left as they are."""
        collected = [number for number, file in enumerate(self.files) if file.kind == "snapshot"]
        if not collected or not self.dataset.key:
            return
        columns = ", ".join(quoted(name) for name in self.labels)
        self.con.execute(
            f"DELETE FROM typed WHERE (_file, _pos) IN (SELECT (_file, _pos) FROM ("
            f"SELECT _file, _pos, row_number() OVER (PARTITION BY _file, {columns} ORDER BY _pos) AS n FROM typed "
            f"WHERE _file IN ({', '.join(map(str, collected))})) WHERE n > 1)"
        )

    def _keep_newest(self) -> None:
        """Keep, key by key, the rows of the newest file that has the key."""
        columns = ", ".join(quoted(name) for name in self.labels)
        key = ", ".join(quoted(name) for name in self.dataset.key if name in self.labels)
        if not key or len(self.files) == 1:
            self.con.execute(f"CREATE VIEW {TABLE} AS SELECT {columns} FROM typed")
            return
        newest = f"SELECT *, max(_file) OVER (PARTITION BY {key}) AS _newest FROM typed"
        self.con.execute(f"CREATE TABLE {TABLE} AS SELECT {columns} FROM ({newest}) WHERE _file = _newest")
        self.con.execute("DROP TABLE typed")
