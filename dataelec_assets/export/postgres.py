"""A publication as a schema of PostgreSQL: tables, comments, keys and wide views, for tools that read no DuckDB file.

Longer than 300 lines because one transaction, from its lock to the rights on its views, is read as a whole.

The published Parquet files are the source, so that one publication is exported whatever is published meanwhile. Only
parts whose file differs from that of the last export are copied, by Arrow and ``COPY`` (ADBC), into tables that nobody
reads yet. All is one transaction: readers see the former publication until it ends, and an export that is killed
changes nothing. What locks readers out comes last: new tables take the place of old ones, months are exchanged, foreign
keys declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import adbc_driver_postgresql.dbapi as postgres
import pyarrow as pa
import pyarrow.parquet as pq
from adbc_driver_manager import Error as AdbcError

from dataelec_assets.errors import DataElecError, WrongUsage
from dataelec_assets.lake.atomic_files import read_json
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.parquet_tables import Table, read_index
from dataelec_assets.warehouse.semantics import rules
from dataelec_assets.warehouse.wide_views import SCHEMA as VIEWS
from dataelec_assets.warehouse.wide_views import views

# What the schema remembers of the last export.
_PARTS = "dataelec_parties"

# Beside the months of a table, or its one part: what its columns are.
_COLUMNS = "colonnes"

# Of PostgreSQL, in bytes.
_LONGEST_NAME = 63

# Rows of one message of COPY: 65,536 rows of the widest table are 40 MB.
_BATCH = 65_536

# From this version on, a unique key may hold nulls that count as equal.
_NULLS_EQUAL_SINCE = 150_000

_TYPES: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_int64, "bigint"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_floating, "double precision"),
    (pa.types.is_decimal, "numeric"),
    (pa.types.is_date, "date"),
    (pa.types.is_timestamp, "timestamptz"),
)


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did: the publication, rows copied by table, tables that were as they are."""

    publication: str
    schema: str
    copied: dict[str, int]
    unchanged: int


def require_address(uri: str) -> None:
    """Refuse what is not a PostgreSQL address, without repeating it: it may hold a password.

    Raises:
        WrongUsage: it is none.
    """
    try:
        scheme = urlsplit(uri).scheme
    except ValueError:
        scheme = ""
    if scheme not in ("postgresql", "postgres"):
        raise WrongUsage(
            "This is not a PostgreSQL address.", advice="Write it as postgresql://user@host:5432/database."
        )


def without_password(uri: str) -> str:
    """Return an address that can be shown."""
    parts = urlsplit(uri)
    host = parts.netloc.rpartition("@")[2]
    user = parts.username or ""
    # What stands behind the question mark may hold a password too.
    return urlunsplit((parts.scheme, f"{user}@{host}" if user else host, parts.path, "", ""))


def export(paths: LakePaths, uri: str, schema: str, say: Callable[[str], None]) -> Exported:
    """Bring a schema of PostgreSQL up to date with the publication.

    Args:
        paths: folders of the lake.
        uri: of the database, as ``postgresql://user@host/base``; libpq takes what it lacks from its own variables.
        schema: for the tables; the views lie in another one, ``<schema>_vues``. Nothing else of it is touched.
        say: prints one line.

    Raises:
        WrongUsage: the address is not one of PostgreSQL.
        DataElecError: nothing is published, or the server refuses; the schema is as it was.
    """
    require_address(uri)
    folder = (paths.serving / "parquet").resolve()
    index = read_index(folder)
    if index is None:
        raise DataElecError("Nothing is published.", advice="Run `dataelec refresh`, then export.")
    package = read_json(folder / "datapackage.json")
    about = {each["name"]: each for each in package["resources"]}
    tables = {name: table for name, table in index.tables.items() if name in about}
    try:
        with postgres.connect(uri) as connection, connection.cursor() as cursor:
            run = _Export(cursor, schema, folder, about, say)
            exported = Exported(package["id"], schema, *run.all(tables))
            connection.commit()
    except AdbcError as error:
        reason = str(error).strip().splitlines()[0]
        if password := urlsplit(uri).password:
            reason = reason.replace(password, "…")
        raise DataElecError(
            f"{without_password(uri)}: {reason}", advice=f"The schema {schema} is as it was."
        ) from error
    return exported


class _Export:
    """One export, in a transaction that the caller commits."""

    def __init__(
        self, cursor: Any, schema: str, folder: Path, about: Mapping[str, Any], say: Callable[[str], None]
    ) -> None:
        self._cursor, self._schema, self._folder, self._about, self._say = cursor, schema, folder, about, say
        self._own, self._views = _text(schema), f"{schema}_{VIEWS}"

    def all(self, tables: Mapping[str, Table]) -> tuple[dict[str, int], int]:
        """Copy what has changed, then put it in place; return rows copied by table, and how many tables stay."""
        # Two exports of one schema take turns.
        self._run(f"SELECT pg_advisory_xact_lock(hashtext({_text('dataelec.' + self._schema)}))")
        self._run(f"CREATE SCHEMA IF NOT EXISTS {_name(self._schema)}")
        self._run(f"CREATE TABLE IF NOT EXISTS {self._table(_PARTS)} (nom_table text, partie text, empreinte text)")
        known: dict[str, dict[str, str]] = {}
        for table, part, digest in self._rows(f"SELECT nom_table, partie, empreinte FROM {self._table(_PARTS)}"):
            known.setdefault(table, {})[part] = digest
        there = {name for (name,) in self._rows(f"SELECT tablename FROM pg_tables WHERE schemaname = {self._own}")}
        copied, replaced, renewed = dict[str, int](), list[str](), dict[str, list[str]]()
        for name, table in sorted(tables.items()):
            wanted = {_COLUMNS: table.columns, **{month: part.sha256 for month, part in table.parts.items()}}
            before = known.get(name, {}) if name in there else {}
            changed = [key for key in wanted | before if wanted.get(key) != before.get(key)]
            if not changed:
                continue
            if before and _COLUMNS not in changed and "" not in table.parts:
                renewed[name] = changed
                copied[name] = self._fill(name, table, [month for month in changed if month in table.parts])
            else:
                replaced.append(name)
                copied[name] = self._fill(name, table, table.parts)
                self._finish(name)
            self._remember(name, wanted)
            self._say(f"  {name}: {copied[name]:,} row(s)")
        gone = sorted((there & known.keys()) - tables.keys())
        self._swap(replaced, renewed, gone)
        return copied, len(tables) - len(copied)

    def _fill(self, name: str, table: Table, months: Iterable[str]) -> int:
        """Create a table beside the present one and copy months into it, or the whole; return the number of rows."""
        draft = self._table(_draft(name))
        schema = pq.read_schema(self._folder / next(iter(table.parts.values())).file)
        columns = ", ".join(f"{_name(field.name)} {_type(field.type)}" for field in schema)
        self._run(f"DROP TABLE IF EXISTS {draft}")
        self._run(f"CREATE TABLE {draft} ({columns})")
        return sum(self._copy(_draft(name), table.parts[month].file) for month in months)

    def _finish(self, name: str) -> None:
        """Build the key of a new table, and say what it is."""
        draft = self._table(_draft(name))
        if key := self._about[name]["schema"].get("primaryKey"):
            self._run(f"ALTER TABLE {draft} ADD CONSTRAINT {_name(name + '_cle_nouvelle')} {self._key(draft, key)}")
        self._describe(draft, name)

    def _copy(self, name: str, file: str) -> int:
        with pq.ParquetFile(self._folder / file) as source:
            reader = pa.RecordBatchReader.from_batches(source.schema_arrow, source.iter_batches(_BATCH))
            self._cursor.adbc_ingest(name, reader, mode="append", db_schema_name=self._schema)
            return int(source.metadata.num_rows)

    def _key(self, draft: str, columns: Sequence[str]) -> str:
        names = ", ".join(_name(each) for each in columns)
        nulls = " OR ".join(f"{_name(each)} IS NULL" for each in columns)
        if not self._rows(f"SELECT 1 FROM {draft} WHERE {nulls} LIMIT 1"):
            return f"PRIMARY KEY ({names})"
        ((version,),) = self._rows("SELECT current_setting('server_version_num')::int")
        return f"UNIQUE {'NULLS NOT DISTINCT ' if version >= _NULLS_EQUAL_SINCE else ''}({names})"

    def _describe(self, draft: str, name: str) -> None:
        about = self._about[name]
        self._run(f"COMMENT ON TABLE {draft} IS {_text(about['description'])}")
        for each in about["schema"]["fields"]:
            if text := each.get("description"):
                unit = f" ({each['unit']})" if each.get("unit") else ""
                self._run(f"COMMENT ON COLUMN {draft}.{_name(each['name'])} IS {_text(text + unit)}")

    def _remember(self, name: str, wanted: Mapping[str, str]) -> None:
        self._run(f"DELETE FROM {self._table(_PARTS)} WHERE nom_table = {_text(name)}")
        rows = ", ".join(f"({_text(name)}, {_text(part)}, {_text(digest)})" for part, digest in wanted.items())
        self._run(f"INSERT INTO {self._table(_PARTS)} VALUES {rows}")

    def _swap(self, replaced: Sequence[str], renewed: Mapping[str, Sequence[str]], gone: Sequence[str]) -> None:
        """Put new tables and months in place of the old ones, with their rights, relations and views."""
        rights = self._rights()
        for name, months in renewed.items():
            # A relation is checked for each new row, also one that was declared without a check of the old ones.
            of_table = f"contype = 'f' AND conrelid = {_text(self._table(name))}::regclass"
            for (constraint,) in self._rows(f"SELECT conname FROM pg_constraint WHERE {of_table}"):
                self._run(f"ALTER TABLE {self._table(name)} DROP CONSTRAINT {_name(constraint)}")
            where = ", ".join(map(_text, months))
            self._run(f"DELETE FROM {self._table(name)} WHERE mois IN ({where})")
            self._run(f"INSERT INTO {self._table(name)} SELECT * FROM {self._table(_draft(name))}")
            self._run(f"DROP TABLE {self._table(_draft(name))}")
        for name in (*replaced, *gone):
            self._run(f"DROP TABLE IF EXISTS {self._table(name)} CASCADE")
        for name in gone:
            self._run(f"DELETE FROM {self._table(_PARTS)} WHERE nom_table = {_text(name)}")
        for name in replaced:
            self._run(f"ALTER TABLE {self._table(_draft(name))} RENAME TO {_name(name)}")
            if self._about[name]["schema"].get("primaryKey"):
                old, new = _name(name + "_cle_nouvelle"), _name(name + "_cle")
                self._run(f"ALTER TABLE {self._table(name)} RENAME CONSTRAINT {old} TO {new}")
        self._relate()
        if replaced or gone:
            self._make_views()
        there = {
            (schema, name)
            for schema, name in self._rows(
                "SELECT schemaname, tablename FROM pg_tables UNION ALL SELECT schemaname, viewname FROM pg_views"
            )
        }
        for schema, name, grantee, privilege in rights:
            if (schema, name) in there:
                self._run(f"GRANT {privilege} ON {_name(schema)}.{_name(name)} TO {grantee}")

    def _rights(self) -> list[tuple[str, str, str, str]]:
        """Return who may do what with the relations: a relation that is made again would lose it."""
        return self._rows(
            "SELECT table_schema, table_name, CASE grantee WHEN 'PUBLIC' THEN 'PUBLIC' ELSE quote_ident(grantee) END, "
            f"privilege_type FROM information_schema.role_table_grants WHERE table_schema IN ({self._own}, "
            f"{_text(self._views)}) AND grantee <> current_user"
        )

    def _relate(self) -> None:
        """Declare the foreign keys that are missing; the build has checked the rows, so the server need not."""
        of_schema = f"contype = 'f' AND connamespace = {self._own}::regnamespace"
        known = {name for (name,) in self._rows(f"SELECT conname FROM pg_constraint WHERE {of_schema}")}
        for name, about in self._about.items():
            for each in about["schema"].get("foreignKeys", ()):
                (column,), (target,) = each["fields"], each["reference"]["fields"]
                constraint, other = f"{name}_{column}_fk"[-_LONGEST_NAME:], each["reference"]["resource"]
                if constraint in known or other not in self._about:
                    continue
                key = f"FOREIGN KEY ({_name(column)}) REFERENCES {self._table(other)} ({_name(target)}) NOT VALID"
                self._run(f"ALTER TABLE {self._table(name)} ADD CONSTRAINT {_name(constraint)} {key}")

    def _make_views(self) -> None:
        served = {
            name: {each["name"]: each.get("description") for each in about["schema"]["fields"]}
            for name, about in self._about.items()
        }
        self._run(f"CREATE SCHEMA IF NOT EXISTS {_name(self._views)}")
        found = views(served, rules())
        for view in reversed(found):
            self._run(f"DROP VIEW IF EXISTS {_name(self._views)}.{view.name}")
        for view in found:
            name = f"{_name(self._views)}.{view.name}"
            select = view.select.replace(f" {VIEWS}.", f" {_name(self._views)}.").replace(
                " main.", f" {_name(self._schema)}."
            )
            self._run(f"CREATE VIEW {name} AS {select}")
            self._run(f"COMMENT ON VIEW {name} IS {_text(view.description)}")
            for column, text in view.columns.items():
                if text:
                    self._run(f"COMMENT ON COLUMN {name}.{_name(column)} IS {_text(text)}")

    def _table(self, name: str) -> str:
        return f"{_name(self._schema)}.{_name(name)}"

    def _run(self, sql: str) -> None:
        self._cursor.execute(sql)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        self._cursor.execute(sql)
        return list(self._cursor.fetchall())


def _draft(name: str) -> str:
    return f"{name}__nouveau"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _type(kind: pa.DataType) -> str:
    return next((name for fits, name in _TYPES if fits(kind)), "text")
