"""Build the table of one data set as it stood at an instant."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import duckdb

from dataelec_assets.catalog import Column, Dataset
from dataelec_assets.errors import UnexpectedContent
from dataelec_assets.lake.dates import FORMS, date_sql, first_day
from dataelec_assets.portals.folder.fields import (
    SQL_TYPES,
    TEMPORAL,
    Field,
    FieldType,
    Header,
    cast,
    literal,
    quoted,
    read_headers,
)
from dataelec_assets.portals.folder.labels import restore_instants, restore_labels, restore_territories
from dataelec_assets.portals.folder.readers import Staged, stage_file
from dataelec_assets.portals.folder.stamps import SourceFile

_numbers = itertools.count(1)

# Decompression and JSON parsing of one file use one core; more readers than cores of a laptop gain nothing.
_READERS = 2

# What a value may be, narrowest first; a column that nothing fits is a text.
_INFERRED: tuple[FieldType, ...] = ("int", "double", "date", "datetime", "geo_point_2d", "boolean")
_INFERRED_OF_STRINGS: tuple[FieldType, ...] = ("date", "datetime")

_NATURE_OF_REAL_TIME = "Données temps réel"
_DERIVED = frozenset({"nature", "perimetre", "date", "heure"})


@dataclass(frozen=True, slots=True)
class State:
    """One state of a data set: a table, and what the portal says of it.

    Attributes:
        table: name of the DuckDB table, one column per field.
        fields: the declared fields, in order.
        count: number of rows.
        processed_at: instant (UTC) of the processing.
        notices: what was restored or declared otherwise than in the catalogue, for the user.
        missing: contracted columns that no file holds and that the others do not tell.
    """

    table: str
    fields: tuple[Field, ...]
    count: int
    processed_at: datetime
    notices: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def by_name(self) -> dict[str, Field]:
        """The fields by technical name."""
        return {field.name: field for field in self.fields}


def visible_files(files: Sequence[SourceFile], at: datetime | None, entry: Dataset) -> tuple[SourceFile, ...]:
    """Return the files that make the state at instant ``at`` (None: the newest), oldest first.

    A whole state (vintage or snapshot, in one file or several of the same stamp) replaces all that was before it; parts
    of a history add up. A data set that shows its present state only is what its newest stamp holds. Where rows that
    have left the portal are kept, every file counts, row by row the newest one.
    """
    shown = [file for file in files if file.at is None or at is None or file.at <= at]
    if entry.stamped_by is not None:
        return tuple(file for file in shown if file.at == shown[-1].at)
    whole = [file.at for file in shown if file.at is not None and file.kind in ("snapshot", "vintage")]
    if not whole or (entry.keep_vanished and entry.key):
        return tuple(shown)
    newest = max(whole)
    return tuple(
        file
        for file in shown
        if file.at is not None and (file.at > newest or (file.at == newest and file.kind in ("snapshot", "vintage")))
    )


class Stopping(Exception):
    """The reading was called off."""


def build_state(
    con: duckdb.DuckDBPyConnection,
    dataset_id: str,
    entry: Dataset | None,
    files: Sequence[SourceFile],
    stop: threading.Event,
) -> State:
    """Read ``files`` (oldest first) into a new table.

    Raises:
        UnexpectedContent: a file cannot be read, or holds a day or an instant that is none; the message names it.
        Stopping: ``stop`` was set meanwhile.
    """
    return _Builder(con, dataset_id, entry, files, stop).build()


class _Builder:
    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        dataset_id: str,
        entry: Dataset | None,
        files: Sequence[SourceFile],
        stop: threading.Event,
    ) -> None:
        self.dataset_id = dataset_id
        self.stop = stop
        self.con = con
        self.entry = entry
        self.files = files
        self.number = next(_numbers)
        self.labels: dict[str, str] = {}
        self.texts: set[str] = set()
        self.points: set[str] = set()
        self.holders: dict[str, list[int]] = {}
        self.notices: list[str] = []
        self.missing: list[str] = []
        if entry is not None:
            self.labels = {
                column.name: (column.labels or (column.name,))[0]
                for column in entry.columns
                if column.name != entry.stamped_by
            }

    def build(self) -> State:
        raw, typed, table = (f"{stem}_{self.number}" for stem in ("raw", "typed", "data"))
        self._stage(raw)
        fields = self._declare(raw)
        columns = ", ".join(f"{self._read(field)} AS {quoted(field.name)}" for field in fields)
        self.con.execute(f"CREATE TEMP TABLE {typed} AS SELECT {columns}, _file, _pos FROM {raw}")
        self.con.execute(f"DROP TABLE {raw}")
        self._restore(typed, fields)
        self._collapse_repetitions(typed, fields)
        self._keep_newest(typed, table, fields)
        self.con.execute(f"DROP TABLE {typed}")
        row = self.con.execute(f"SELECT count(*) FROM {table}").fetchone()
        processed_at = max(file.processed_at for file in self.files)
        return State(table, fields, row[0] if row else 0, processed_at, tuple(self.notices), tuple(self.missing))

    def _stage(self, raw: str) -> None:
        """Read every file into one table of texts, a few files at a time."""
        with ThreadPoolExecutor(_READERS) as pool:
            opened = list(pool.map(self._open, self.files))
            sources = []
            for number, (cursor, staged) in enumerate(opened):
                headers = read_headers(staged.headers, self.entry)
                self._note(number, staged, headers)
                columns = "".join(f", {quoted(header.printed)} AS {quoted(header.name)}" for header in headers)
                place = f"{number} AS _file, row_number() OVER () AS _pos"
                sources.append((cursor, f"INSERT INTO {raw} BY NAME SELECT {place}{columns} FROM ({staged.query})"))
            columns = "".join(f", {quoted(name)} VARCHAR" for name in self.labels)
            self.con.execute(f"CREATE TABLE {raw} (_file INTEGER, _pos BIGINT{columns})")
            # Appends of several connections to one table do not conflict, and their order does not matter here.
            list(pool.map(self._insert, sources))
        for cursor, _ in opened:
            cursor.close()

    def _insert(self, source: tuple[duckdb.DuckDBPyConnection, str]) -> None:
        self._go_on()
        cursor, query = source
        cursor.execute(query)

    def _go_on(self) -> None:
        if self.stop.is_set():
            raise Stopping

    def _open(self, file: SourceFile) -> tuple[duckdb.DuckDBPyConnection, Staged]:
        self._go_on()
        cursor = self.con.cursor()
        return cursor, stage_file(cursor, self.dataset_id, file.path)

    def _note(self, number: int, staged: Staged, headers: Sequence[Header]) -> None:
        for header in headers:
            self.holders.setdefault(header.name, []).append(number)
            if header.column is None:
                self.labels[header.name] = header.printed  # the newest file has the last word
            if header.printed in staged.texts:
                self.texts.add(header.name)
            if header.printed in staged.points:
                self.points.add(header.name)

    def _declare(self, raw: str) -> tuple[Field, ...]:
        """Give every column its type: the catalogue's, or a wider one where a value of the files needs it."""
        wanted = {
            name: (self.entry.column(name).portal_type if self.entry and name in self.entry.column_names else None)
            for name in self.labels
        }
        candidates = {name: self._candidates(name, declared) for name, declared in wanted.items()}
        tests = [
            f"count({quoted(name)}) FILTER ({self._misfit(name, kind)})"
            for name, kinds in candidates.items()
            for kind in kinds
        ] + [f"count({quoted(name)})" for name in candidates]
        tests += [f"count(*) FILTER ({quoted(name)} SIMILAR TO '0[0-9]+')" for name in candidates]
        results = list(self.con.execute(f"SELECT {', '.join(tests)} FROM {raw}").fetchone() or ())
        fields = []
        failures = {(name, kind): results.pop(0) for name, kinds in candidates.items() for kind in kinds}
        filled = {name: results.pop(0) for name in candidates}
        zeros = {name: results.pop(0) for name in candidates}
        for name, declared in wanted.items():
            if self._is_time(name) and failures[name, candidates[name][0]]:
                raise self._no_time(raw, name)
            fitting = [kind for kind in candidates[name] if not failures[name, kind]]
            if declared is None and (not filled[name] or zeros[name]):
                fitting = []  # an empty column, or codes such as 01001
            kind: FieldType = fitting[0] if fitting else "text"
            if declared not in (None, kind):
                self.notices.append(f"{name} is declared {kind}, not {declared}: some values of the files need it")
            fields.append(Field(name, self.labels[name], kind))
        return tuple(fields)

    def _candidates(self, name: str, declared: FieldType | None) -> tuple[FieldType, ...]:
        if declared == "int":
            return ("int", "double")
        if declared is not None:
            return (declared,)
        if name in self.points:
            return ("geo_point_2d",)
        return _INFERRED_OF_STRINGS if name in self.texts else _INFERRED

    def _contracted_day(self, name: str) -> Column | None:
        """Return the contract of a column of days, which the portal may declare a text; None for another column."""
        column = self.entry.column(name) if self.entry and name in self.entry.column_names else None
        return column if column is not None and column.type == "date" else None

    def _day(self, name: str) -> str | None:
        """Return SQL that reads a contracted column of days as the lake does; None for another column."""
        column = self._contracted_day(name)
        return date_sql(quoted(name), first_day(self.entry, column)) if self.entry and column else None

    def _read(self, field: Field) -> str:
        day, column = self._day(field.name), self._contracted_day(field.name)
        if day is None or column is None:
            return cast(field.name, field.type)
        # Declared a text, it is written in one form, whatever the forms of the files are: it is part of the key.
        text = f"coalesce(strftime({day}, {literal(column.date_format or '%Y-%m-%d')}), {quoted(field.name)})"
        return text if field.type == "text" else day

    def _misfit(self, name: str, kind: FieldType) -> str:
        """Return SQL that tells whether a value is not of ``kind``; an instant is no date, although it casts to one."""
        if (day := self._day(name)) is not None:
            return f"nullif({quoted(name)}, '') IS NOT NULL AND {day} IS NULL"
        return f"{cast(name, kind)} IS NULL" + (f" OR length({quoted(name)}) > 10" if kind == "date" else "")

    def _is_time(self, name: str) -> bool:
        """Return whether a column of the contract is of days or instants: no query works on texts in their place."""
        column = self.entry.column(name) if self.entry and name in self.entry.column_names else None
        return column is not None and column.type in TEMPORAL

    def _no_time(self, raw: str, name: str) -> UnexpectedContent:
        """Return the error of the first value of a column that is no day or instant: file, row, column and value."""
        kind = self.entry.column(name).type if self.entry else "date"
        misfit = self._misfit(name, "date" if kind == "date" else "datetime")
        row = self.con.execute(
            f"SELECT _file, _pos, {quoted(name)}, count(*) OVER () FROM {raw} "
            f"WHERE {quoted(name)} IS NOT NULL AND ({misfit}) ORDER BY _file, _pos LIMIT 1"
        ).fetchone()
        number, place, value, count = row or (0, 0, None, 0)
        wanted = FORMS if kind == "date" else "AAAA-MM-JJTHH:MM:SS+00:00"
        file = self.files[number].path
        return UnexpectedContent(
            f"{file.name}, row {place}, column {name!r}: {value!r} is not a {kind} ({count} such value(s))",
            dataset_id=self.dataset_id,
            request=str(file),
            advice=f"Write {wanted}; until then nothing of this data set is read: its last good state stays served.",
        )

    def _restore(self, typed: str, fields: Sequence[Field]) -> None:
        """Fill the contracted columns that the files lack, where they can be told from the others."""
        if self.entry is None:
            return
        everywhere = range(len(self.files))
        lacking = {
            field.name: [number for number in everywhere if number not in self.holders.get(field.name, ())]
            for field in fields
            if field.name in self.entry.column_names
        }
        lacking = {name: numbers for name, numbers in lacking.items() if numbers}
        restored = self._restore_constants(typed, lacking)
        restored |= self._restore_instants(typed, lacking.get("date_heure", []))
        restored |= self._restore_territories(typed, fields, lacking)
        if lacking.get("heure") and "date" in lacking and self.holders.get("date_heure"):
            restored |= self._restore_labels(typed, fields, lacking["heure"])
        self.missing = [name for name in lacking if name not in restored and name not in self.holders]
        for verb, names in (("restored", restored), ("served null", lacking.keys() - restored)):
            for count, columns in _grouped({name: len(lacking[name]) for name in lacking if name in names}).items():
                self.notices.append(f"{verb} in {count} of {len(self.files)} files: {', '.join(columns)}")

    def _restore_constants(self, typed: str, lacking: dict[str, list[int]]) -> set[str]:
        constants = {"perimetre": "France"}
        if self.entry is not None and self.entry.id.endswith("-tr"):
            constants["nature"] = _NATURE_OF_REAL_TIME
        found = {name: value for name, value in constants.items() if name in lacking}
        for name, value in found.items():
            files = ", ".join(map(str, lacking[name]))
            self.con.execute(f"UPDATE {typed} SET {quoted(name)} = {literal(value)} WHERE _file IN ({files})")
        return set(found)

    def _restore_instants(self, typed: str, files: list[int]) -> set[str]:
        """Date the rows of files that print a day and a label only, such as RTE's own."""
        files = [number for number in files if all(number in self.holders.get(name, ()) for name in ("date", "heure"))]
        column = self._contracted_day("date")
        if not files or column is None:
            return set()
        restore_instants(self.con, typed, files=files, date_format=column.date_format or "%Y-%m-%d")
        return {"date_heure"}

    def _restore_territories(self, typed: str, fields: Sequence[Field], lacking: dict[str, list[int]]) -> set[str]:
        """Give the rows of files that name their region, as RTE's own do, its code."""
        code = self.entry.territories if self.entry else None
        files = [number for number in lacking.get(code or "", ()) if number in self.holders.get("perimetre", ())]
        if code is None or not files:
            return set()
        label = "libelle_region" if any(field.name == "libelle_region" for field in fields) else None
        restore_territories(self.con, typed, files=files, code=code, label=label)
        return {code, *([label] if label else [])}

    def _restore_labels(self, typed: str, fields: Sequence[Field], files: list[int]) -> set[str]:
        if self.entry is None:
            return set()
        structural = {*_DERIVED, "date_heure", self.entry.territories}
        column = self.entry.column("date")
        restore_labels(
            self.con,
            typed,
            files=files,
            territory=self.entry.territories,
            measures=[field.name for field in fields if field.name not in structural],
            date_format=column.date_format or "%Y-%m-%d",
        )
        return {"date", "heure"}

    def _collapse_repetitions(self, typed: str, fields: Sequence[Field]) -> None:
        """Drop the equal rows that a collecting script's paging repeated; published files are left as they are."""
        collected = [number for number, file in enumerate(self.files) if file.kind == "snapshot"]
        if not collected or self.entry is None or not self.entry.key:
            return
        columns = ", ".join(quoted(field.name) for field in fields)
        self.con.execute(
            f"DELETE FROM {typed} WHERE (_file, _pos) IN (SELECT (_file, _pos) FROM ("
            f"SELECT _file, _pos, row_number() OVER (PARTITION BY _file, {columns} ORDER BY _pos) AS n FROM {typed} "
            f"WHERE _file IN ({', '.join(map(str, collected))})) WHERE n > 1)"
        )

    def _keep_newest(self, typed: str, table: str, fields: Sequence[Field]) -> None:
        """Keep, key by key, the rows of the newest file that has the key."""
        columns = ", ".join(quoted(field.name) for field in fields)
        key = [quoted(name) for name in (self.entry.key if self.entry else ()) if name in self.labels]
        identity = ", ".join(key) or columns
        source = typed
        if key and len(self.files) > 1:
            newest = f"SELECT *, max(_file) OVER (PARTITION BY {identity}) AS _newest FROM {typed}"
            source = f"({newest}) WHERE _file = _newest"
        self.con.execute(f"CREATE TABLE {table} AS SELECT {columns} FROM {source}")


def _grouped(counts: dict[str, int]) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = {}
    for name, count in counts.items():
        groups.setdefault(count, []).append(name)
    return groups


def sql_type(kind: FieldType) -> str:
    """Return the type under which values of ``kind`` are stored."""
    return SQL_TYPES[kind]
