"""The served tables as Parquet files; what has not changed since the last publication is linked, not written again.

A table is one file, ``<table>.parquet``; a monthly fact is a folder of months, ``<table>/2025-01.parquet``.
``index.json`` beside them says what each file was made from: the mark of the build that last renewed its rows
(:mod:`.renewed`), and a digest of the rows. Rows of equal mark are not read; rows of equal digest are not written.
Whatever the index does not vouch for is read, checked and written again.

Longer than 300 lines because what is read, checked and written follows from one comparison.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb

from dataelec_assets.database import literal
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.atomic_files import forbid_writing, read_json, write_json
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.renewed import Marks, monthly_models

INDEX = "index.json"

_FORM = 1

_MONTH = "mois"

# Name of the one part of a table that is not cut by month.
_WHOLE = ""

# Part of a row of a monthly fact; null for the rows that have no month.
_PART_OF_ROW = f"nullif({_MONTH}, '')"

# Files of a monthly fact for what has no month: rows without one, which checks refuse, and a table without rows, so
# that `<table>/*.parquet` is always found.
_NO_MONTH, _EMPTY = "sans_mois", "vide"


@dataclass(frozen=True, slots=True)
class Rows:
    """What a part of a table holds.

    Attributes:
        mark: of the build that last renewed it; None when that is not known.
        rows: their number.
        digest: of the rows in any order; comparable within one version of DuckDB.
    """

    mark: str | None
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a table as a Parquet file.

    Attributes:
        file: its path below the folder of the publication, with slashes.
        mark, rows, digest: as in :class:`Rows`.
        bytes, mtime_ns: its size and time of change: a file that has others is not the one that was written.
        sha256: of its bytes.
    """

    file: str
    mark: str | None
    rows: int
    digest: str
    bytes: int
    mtime_ns: int
    sha256: str

    def lies_in(self, folder: Path) -> bool:
        """Return whether the file is there as it was written."""
        try:
            stat = (folder / self.file).stat()
        except OSError:
            return False
        return (stat.st_size, stat.st_mtime_ns) == (self.bytes, self.mtime_ns)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as Parquet files: a digest of its columns and their types, and its parts by month (or the whole)."""

    columns: str
    parts: Mapping[str, Part]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return sum(part.rows for part in self.parts.values())


@dataclass(frozen=True, slots=True)
class Index:
    """What the Parquet files of a publication are.

    Attributes:
        rules: of personal data, by which every row was checked.
        described: digest of what the tables' descriptions were made from.
        tables: by name.
    """

    rules: str
    described: str
    tables: Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds now: a digest of its columns and their types, and its parts by month (or the whole)."""

    columns: str
    parts: Mapping[str, Rows]


def read_index(folder: Path) -> Index | None:
    """Return the index of a folder; None when there is none that this version can compare with."""
    try:
        content: dict[str, Any] = read_json(folder / INDEX)
        if (content["form"], content["engine"]) != (_FORM, duckdb.__version__):
            return None
        tables = {
            name: Table(each["columns"], {month: Part(**part) for month, part in each["parts"].items()})
            for name, each in content["tables"].items()
        }
        return Index(content["rules"], content["described"], tables)
    except (LakeError, KeyError, TypeError, AttributeError):
        return None


def survey(
    connection: duckdb.DuckDBPyConnection, before: Index | None, marks: Marks | None, unmarked: Collection[str]
) -> dict[str, Content]:
    """Return what each table of ``main`` holds; rows that nothing has renewed since the last publication are not read.

    Args:
        connection: to what is about to be published.
        before: of the last publication.
        marks: of the warehouse; None when they are not known.
        unmarked: tables that are not, or not all, as the build left them.
    """
    found = {}
    for table, columns in _columns(connection).items():
        digest = hashlib.sha256(repr(columns).encode()).hexdigest()
        own = None if table in unmarked else marks
        known = before.tables.get(table) if before is not None else None
        parts = None
        if known is not None and known.columns == digest and own is not None:
            parts = _renewed(connection, table, columns, known, own)
        if parts is None:
            parts = _read(connection, table, columns, own)
        found[table] = Content(digest, parts)
    return found


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the type of each column of each table of ``main``, in order; views are not served."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "SEMI JOIN (FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'main') "
        "USING (table_oid, database_oid) ORDER BY table_name, column_index"
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def _is_monthly(table: str, columns: Collection[str]) -> bool:
    return table in monthly_models() and _MONTH in columns


def _renewed(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], known: Table, marks: Marks
) -> dict[str, Rows] | None:
    """Return the parts of a table, of which only those of new marks are read; None when all must be."""
    if not _is_monthly(table, columns):
        part = known.parts.get(_WHOLE)
        return {_WHOLE: _unread(part)} if part is not None and part.mark == marks.of(table) else None
    if _WHOLE in known.parts:
        return None
    there = {month: _unread(part) for month, part in known.parts.items() if part.mark == marks.of(table, month)}
    moved = (known.parts.keys() | marks.months(table)) - there.keys() - {_EMPTY}
    if not there:
        return None
    parts = there | (_read(connection, table, columns, marks, moved) if moved else {})
    if len(parts) > 1:
        parts.pop(_EMPTY, None)
    # A model that wrote outside its months would be found here.
    (counted,) = connection.execute(f'SELECT count(*) FROM main."{table}"').fetchall()[0]
    return parts if counted == sum(part.rows for part in parts.values()) else None


def _unread(part: Part) -> Rows:
    return Rows(part.mark, part.rows, part.digest)


def _read(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    marks: Marks | None,
    months: Collection[str] | None = None,
) -> dict[str, Rows]:
    """Return the parts of a table from its rows; of some months only, when they are given."""
    is_monthly = _is_monthly(table, columns)
    names = ", ".join(f'"{name}"' for name in columns)
    # Sums of hashes do not depend on the order of the rows, nor are equal rows lost as in a set.
    rows = connection.execute(
        f"SELECT {_PART_OF_ROW if is_monthly else 'NULL'}, count(*), sum(CAST(hash({names}) AS HUGEINT)) "
        f'FROM main."{table}" {_where(months)} GROUP BY 1'
    ).fetchall()
    found = {}
    for month, count, digest in rows:
        part = (_NO_MONTH if month is None else month) if is_monthly else _WHOLE
        found[part] = Rows(marks.of(table, part) if marks is not None else None, count, str(digest))
    if not found and months is None:
        part = _EMPTY if is_monthly else _WHOLE
        found[part] = Rows(marks.of(table, part) if marks is not None else None, 0, "0")
    return found


def _where(months: Collection[str] | None) -> str:
    """Return the condition that keeps the rows of some parts of a table."""
    if months is None or _WHOLE in months:
        return ""
    named = ", ".join(literal(month) for month in sorted(months) if month not in (_NO_MONTH, _EMPTY)) or "NULL"
    return f"WHERE {_MONTH} IN ({named})" + (f" OR {_PART_OF_ROW} IS NULL" if _NO_MONTH in months else "")


def unchecked(found: Mapping[str, Content], before: Index | None, rules: str) -> Iterator[tuple[str, str]]:
    """Yield each table that has rows which no publication under these rules held, with the condition of these rows."""
    for table, content in found.items():
        known = before.tables.get(table) if before is not None and before.rules == rules else None
        months = [
            month
            for month, rows in content.parts.items()
            if known is None or known.columns != content.columns or not _is_same(known.parts.get(month), rows)
        ]
        if months:
            yield table, "" if len(months) == len(content.parts) else _where(months)


def _is_same(part: Part | None, rows: Rows) -> bool:
    return part is not None and (part.rows, part.digest) == (rows.rows, rows.digest)


def write_tables(
    connection: duckdb.DuckDBPyConnection, new: Path, found: Mapping[str, Content], old: Path, before: Index | None
) -> dict[str, Table]:
    """Write the tables of ``main`` as Parquet files, or link them; return what was written.

    Args:
        connection: to what is about to be published.
        new: an empty folder.
        found: what the tables hold, as :func:`survey` returns it.
        old: folder of the last publication.
        before: its index; None: nothing is linked.
    """
    tables = {}
    # A month is too small for DuckDB to cut it among cores, so files are written side by side.
    with ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="export") as pool:
        for table, content in sorted(found.items()):
            known = before.tables.get(table) if before is not None else None
            usable = known.parts if known is not None and known.columns == content.columns else {}
            if _WHOLE not in content.parts:
                (new / table).mkdir()
            parts: dict[str, Part | Future[Part]] = {}
            for month, rows in sorted(content.parts.items()):
                part, name = usable.get(month), _file_name(table, month)
                if part is not None and _is_same(part, rows) and part.lies_in(old):
                    _link(old / part.file, new / name)
                    parts[month] = replace(part, mark=rows.mark)
                else:
                    where = _where([month]) if len(content.parts) > 1 else ""
                    query = f'SELECT * FROM main."{table}" {where}'
                    parts[month] = pool.submit(_written, connection.cursor(), query, new, name, rows)
            tables[table] = (content.columns, parts)
        return {
            table: Table(
                columns, {month: each if isinstance(each, Part) else each.result() for month, each in parts.items()}
            )
            for table, (columns, parts) in tables.items()
        }


def write_index(paths: LakePaths, folder: Path, index: Index) -> None:
    """Write the index of a folder, in which everything else is written."""
    write_json(paths, folder / INDEX, {"form": _FORM, "engine": duckdb.__version__, **asdict(index)}, indent=None)


def _file_name(table: str, month: str) -> str:
    return f"{table}.parquet" if month == _WHOLE else f"{table}/{quote(month, safe='')}.parquet"


def _link(source: Path, target: Path) -> None:
    """Let ``target`` be ``source``; a copy with its time where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _written(cursor: duckdb.DuckDBPyConnection, query: str, folder: Path, name: str, rows: Rows) -> Part:
    """Write the rows of a query as one file, on a cursor that is closed afterwards."""
    path = folder / name
    with cursor:
        cursor.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")
    forbid_writing(path)
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    stat = path.stat()
    return Part(name, rows.mark, rows.rows, rows.digest, stat.st_size, stat.st_mtime_ns, sha256)
