"""Published rows, in memory: loaded, revised, and the text that a portal makes of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

# Type that a portal declares -> type in which the rows are held.
SQL_TYPES = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMPTZ",
    "geo_point_2d": "VARCHAR",
}

PUBLISHED = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def quoted(name: str) -> str:
    """Return a name as SQL wants it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL wants it."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(slots=True)
class Table:
    """A data set.

    Attributes:
        portal, id: where it is.
        sql: name of the table that holds its rows.
        types: of each column, as the portal declares it, in its order.
        labels: of each column.
        title: for people.
        version: when the portal processed it, UTC.
        licence: as the portal names it; empty where it says nothing.
    """

    portal: str
    id: str
    sql: str
    types: dict[str, str]
    labels: dict[str, str]
    title: str
    version: datetime
    licence: str = ""

    def move(self) -> None:
        """Move the version by a minute: later than before, and the same in every run."""
        self.version += timedelta(minutes=1)


class Tables:
    """The data sets of every portal; one request or revision at a time."""

    def __init__(self) -> None:
        self._con = duckdb.connect()
        self._con.execute("SET TimeZone = 'UTC'")
        self._lock = threading.RLock()
        self._tables: dict[tuple[str, str], Table] = {}

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._con.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep revisions out while a reply is made."""
        with self._lock:
            yield

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._lock:
            return self._con.execute(sql).fetchall()

    def find(self, portal: str, dataset: str) -> Table | None:
        """Return a data set; None when the portal has none of that id."""
        return self._tables.get((portal, dataset))

    def named_otherwise(self, portal: str, name: str, other: Callable[[str], str]) -> str:
        """Return the id of the data set that has this id or this other name; the name itself when none has."""
        ids = [table.id for table in self._tables.values() if table.portal == portal]
        return next((each for each in ids if name in (each, other(each))), name)

    def named(self, dataset: str) -> Table:
        """Return the one data set that is called ``id`` or ``portal/id``."""
        (found,) = [each for each in self._tables.values() if dataset in (each.id, f"{each.portal}/{each.id}")]
        return found

    def publish(
        self,
        portal: str,
        dataset: str,
        types: Mapping[str, str],
        rows: pa.Table | Sequence[Mapping[str, object]],
        *,
        labels: Mapping[str, str] | None = None,
        title: str | None = None,
        version: datetime = PUBLISHED,
        licence: str = "",
    ) -> None:
        """Put rows in the place of those that a data set has; a column that they lack is null.

        Args:
            portal: its name.
            dataset: its id.
            types: of each column, a key of ``SQL_TYPES``.
            rows: texts are read as the declared type; an empty one is null.
            labels: of columns, in the place of their names.
            title: for people.
            version: when the portal processed them, UTC.
            licence: as the portal names it.
        """
        arrived = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows))
        with self._lock:
            known = self._tables.get((portal, dataset))
            sql = known.sql if known else f"t{len(self._tables)}"
            self._con.register("arrived", arrived)
            columns = ", ".join(
                f"{_read(quoted(name) if name in arrived.column_names else 'NULL', kind)} AS {quoted(name)}"
                for name, kind in types.items()
            )
            self._con.execute(f"CREATE OR REPLACE TABLE {sql} AS SELECT {columns} FROM arrived")
            self._con.unregister("arrived")
            named = {name: (labels or {}).get(name, name) for name in types}
            self._tables[portal, dataset] = Table(
                portal, dataset, sql, dict(types), named, title or dataset, version, licence
            )

    def remove(self, dataset: str) -> None:
        """Take a data set away."""
        with self._lock:
            table = self.named(dataset)
            del self._tables[table.portal, table.id]

    def touch(self, dataset: str) -> None:
        """Process again without a change: the version moves, the rows stay."""
        with self._lock:
            self.named(dataset).move()

    def _change(self, dataset: str, statement: str) -> int:
        with self._lock:
            table = self.named(dataset)
            row = self._con.execute(statement.format(table=table.sql)).fetchone()
            table.move()
            return int(row[0]) if row else 0

    def revise(self, dataset: str, where: str | None, values: Mapping[str, object]) -> int:
        """Give values to the rows that satisfy ``where`` (SQL); return how many there are."""
        types = self.named(dataset).types
        parts = []
        for name, value in values.items():
            given = "NULL" if value is None else literal(str(value).lower() if isinstance(value, bool) else str(value))
            parts.append(f"{quoted(name)} = CAST({given} AS {SQL_TYPES[types[name]]})")
        return self._change(dataset, f"UPDATE {{table}} SET {', '.join(parts)}{_where(where)}")

    def delete(self, dataset: str, where: str | None = None) -> int:
        """Delete the rows that satisfy ``where`` (SQL); return how many there were."""
        return self._change(dataset, f"DELETE FROM {{table}}{_where(where)}")

    def repeat(self, dataset: str, where: str, times: int) -> None:
        """Let each distinct row that satisfies ``where`` be there so many times, as a publisher does by mistake."""
        with self._lock:
            table = self.named(dataset).sql
            self._con.execute(f"CREATE OR REPLACE TEMP TABLE kept AS SELECT DISTINCT * FROM {table} WHERE {where}")
            self._con.execute(f"DELETE FROM {table} WHERE {where}")
            self._change(dataset, f"INSERT INTO {{table}} SELECT kept.* FROM kept, range({times})")

    def go_on(self, dataset: str, where: str, values: Mapping[str, str]) -> int:
        """Publish the rows that satisfy ``where`` (SQL) once more, with other values (SQL); return how many."""
        replaced = ", ".join(f"{value} AS {quoted(name)}" for name, value in values.items())
        return self._change(
            dataset, f"INSERT INTO {{table}} SELECT * REPLACE ({replaced}) FROM {{table}}{_where(where)}"
        )

    def drop(self, dataset: str, column: str) -> None:
        """Take a column away."""
        with self._lock:
            table = self.named(dataset)
            self._change(dataset, f"ALTER TABLE {{table}} DROP COLUMN {quoted(column)}")
            del table.types[column], table.labels[column]

    def rename(self, dataset: str, old: str, new: str) -> None:
        """Give a column another name, at its place."""
        with self._lock:
            table = self.named(dataset)
            self._change(dataset, f"ALTER TABLE {{table}} RENAME COLUMN {quoted(old)} TO {quoted(new)}")
            table.types = {new if name == old else name: kind for name, kind in table.types.items()}
            table.labels = {
                new if name == old else name: new if name == old else label for name, label in table.labels.items()
            }

    def rename_keeping_label(self, dataset: str, old: str, new: str) -> None:
        """Give a column another technical name; its label stays."""
        label = self.named(dataset).labels[old]
        self.rename(dataset, old, new)
        self.named(dataset).labels[new] = label

    def retype(self, dataset: str, column: str, kind: str) -> None:
        """Declare another type of a column, and hold its values as such."""
        with self._lock:
            table = self.named(dataset)
            value = _read(f"CAST({quoted(column)} AS VARCHAR)", kind)
            self._change(
                dataset, f"ALTER TABLE {{table}} ALTER COLUMN {quoted(column)} TYPE {SQL_TYPES[kind]} USING {value}"
            )
            table.types[column] = kind

    def add(self, dataset: str, column: str, kind: str, value: str) -> None:
        """Add a column that has the same value everywhere."""
        with self._lock:
            table = self.named(dataset)
            default = literal(value)
            self._change(
                dataset, f"ALTER TABLE {{table}} ADD COLUMN {quoted(column)} {SQL_TYPES[kind]} DEFAULT {default}"
            )
            table.types[column], table.labels[column] = kind, column

    def count(self, table: Table, where: str | None = None) -> int:
        """Return the number of rows that satisfy ``where``."""
        ((count,),) = self.query(f"SELECT count(*) FROM {table.sql}{_where(where)}")
        return int(count)

    def csv(self, table: Table, select: str, form: CsvForm) -> list[tuple[int, str]]:
        """Return place and line of rows.

        Args:
            table: of which.
            select: rest of the query after ``FROM table``; ``rowid`` is the place.
            form: how cells are written.
        """
        cells = f", {literal(form.delimiter)}, ".join(form.cell(name, kind) for name, kind in table.types.items())
        return self.query(f"SELECT rowid, concat({cells}) FROM {table.sql} {select}")


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How a portal writes CSV.

    Attributes:
        delimiter: between cells.
        end: of a line.
        with_bom: whether a byte-order mark comes first.
        quotes_texts: whether every text is quoted, and not only one that has to be.
    """

    delimiter: str
    end: str
    with_bom: bool
    quotes_texts: bool = False

    def document(self, headers: Sequence[str], lines: Sequence[str]) -> bytes:
        """Return the whole file."""
        first = self.delimiter.join(f'"{each}"' if self.quotes_texts else each for each in headers)
        text = "".join(f"{line}{self.end}" for line in (first, *lines))
        return (("\ufeff" if self.with_bom else "") + text).encode()

    def cell(self, name: str, kind: str) -> str:
        """Return SQL for a cell; ``concat`` leaves a null empty."""
        text = text_of(quoted(name), kind)
        is_text = SQL_TYPES[kind] == "VARCHAR"
        quoting = f"'\"' || replace({text}, '\"', '\"\"') || '\"'"
        if self.quotes_texts:
            return quoting if is_text or kind in ("date", "datetime") else text
        if not is_text:
            return text
        marks = " OR ".join(f"contains({text}, {each})" for each in (literal(self.delimiter), "'\"'", "chr(10)"))
        return f"CASE WHEN {marks} THEN {quoting} ELSE {text} END"


def text_of(sql: str, kind: str) -> str:
    """Return SQL for the text of a value: instants in UTC with their offset, no fraction."""
    if kind == "datetime":
        return f"strftime(timezone('UTC', {sql}), '%Y-%m-%dT%H:%M:%S+00:00')"
    return f"CAST({sql} AS VARCHAR)"


def _where(condition: str | None) -> str:
    return f" WHERE {condition}" if condition else ""


def _read(sql: str, kind: str) -> str:
    """Return SQL that reads a value, a text or not, as the declared type."""
    return f"CAST(nullif(CAST({sql} AS VARCHAR), '') AS {SQL_TYPES[kind]})"
