"""Compares two publications: schema, rows, and values by table and month.

Two of one engine are compared to the last digit. Spark adds up doubles in another order than DuckDB, so where one of
the two is Spark's, doubles that differ by less than ``TOLERANCE`` are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dataelec_assets.database import connect, literal
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.atomic_files import read_json

# Relative. With the order of addition a sum of some thousand doubles moves by less than 1e-13; 2e-14 was seen.
TOLERANCE = 1e-12

_PACKAGE = "datapackage.json"

# These describe the publication itself and differ whenever it does.
_META = ("meta_publication", "meta_sources")

# Columns that place a row in time, the best first.
_DATES = ("date_locale", "date", "instant_utc", "jour")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two publications.

    Attributes:
        table: where.
        kind: ``table`` (in one only), ``schema``, ``rows`` (their number) or ``values``.
        month: month of the rows (``YYYY-MM``), None when the table has no date or the kind is not about rows.
        before, after: what the first and the second publication hold; for values, the rows that only one of them has.
        columns: columns whose values differ, for values.
    """

    table: str
    kind: str
    month: str | None
    before: str
    after: str
    columns: tuple[str, ...] = ()


def compare_publications(before: Path, after: Path) -> list[Difference]:
    """Return every difference between two publications; none when they hold the same.

    Args:
        before: a served file, a folder that has one, or one that Spark has published.
        after: another one.

    Rows are compared as sets, month by month, by a hash of each row, so that their order does not matter.

    Raises:
        LakeError: one of them is not there or cannot be read.
    """
    places = [_served(path) for path in (before, after)]
    is_exact = all(place.is_file() for place in places)
    with connect() as connection:
        for name, path in zip("ab", places, strict=True):
            try:
                _open(connection, name, path)
            except duckdb.Error as error:
                reason = str(error).strip().splitlines()[0]
                raise LakeError(f"{path} cannot be read: {reason}", advice="Name two served DuckDB files.") from error
        return list(_differences(connection, is_exact=is_exact))


def _open(connection: duckdb.DuckDBPyConnection, name: str, place: Path) -> None:
    """Attach a served file, or a database whose views are the tables of a folder."""
    if place.is_file():
        connection.execute(f"ATTACH {literal(str(place))} AS {name} (READ_ONLY)")
        return
    connection.execute(f"ATTACH ':memory:' AS {name}")
    for each in read_json(place / _PACKAGE)["resources"]:
        paths = each["path"] if isinstance(each["path"], list) else [each["path"]]
        files = ", ".join(literal(str(place / path)) for path in paths)
        connection.execute(
            f'CREATE VIEW {name}.main."{each["name"]}" AS SELECT * FROM read_parquet([{files}], '
            "hive_partitioning = true, hive_types_autocast = false)"
        )


def _served(path: Path) -> Path:
    """Return the served file of a folder, such as a lake or its ``serving``; the folder that Spark has published."""
    if path.is_dir():
        found = [each for each in (path / "dataelec.duckdb", path / "serving" / "dataelec.duckdb") if each.exists()]
        found += [each.resolve() for each in (path / "parquet", path) if (each / _PACKAGE).exists()]
        if not found:
            raise LakeError(f"{path} holds no served file.", advice="Name a DuckDB file, or a folder that has one.")
        return found[0]
    if not path.exists():
        raise LakeError(f"{path} does not exist.", advice="Name a DuckDB file, or a folder that has one.")
    return path


def _columns(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND "
        "schema_name = 'main' ORDER BY table_name, column_index",
        [database],
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def _views(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the views over the tables of a served file, which no folder has."""
    rows = connection.execute(
        "SELECT view_name FROM duckdb_views() WHERE database_name IN ('a', 'b') AND schema_name = 'main' "
        "AND NOT contains(sql, 'read_parquet')"
    ).fetchall()
    return {name for (name,) in rows}


def _differences(connection: duckdb.DuckDBPyConnection, *, is_exact: bool) -> Iterator[Difference]:
    first, second = _columns(connection, "a"), _columns(connection, "b")
    beside = set() if is_exact else _views(connection)
    for table in sorted((first.keys() | second.keys()) - set(_META) - beside):
        if table not in first or table not in second:
            there = {True: "present", False: "absent"}
            yield Difference(table, "table", None, there[table in first], there[table in second])
            continue
        old, new = first[table], second[table]
        for column in [*old, *(name for name in new if name not in old)]:
            if old.get(column) != new.get(column):
                yield Difference(table, "schema", None, old.get(column, "absent"), new.get(column, "absent"), (column,))
        common = [column for column in old if old[column] == new.get(column)]
        if common:
            doubles = () if is_exact else [column for column in common if old[column] == "DOUBLE"]
            yield from _rows(connection, table, common, doubles)


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], doubles: Sequence[str]
) -> Iterator[Difference]:
    date = next((name for name in _DATES if name in columns), None)
    month = f"strftime({date}, '%Y-%m')" if date else "NULL"
    # Sums of hashes do not depend on the order of the rows, nor are equal rows lost as in a set.
    hashes = ", ".join(f"sum(CAST(hash({name}) AS HUGEINT))" for name in columns)
    rows = f"sum(CAST(hash({', '.join(columns)}) AS HUGEINT))"
    summed = [
        {
            row[0]: row[1:]
            for row in connection.execute(
                f"SELECT {month}, count(*), {rows}, {hashes} FROM {database}.main.{table} GROUP BY 1"
            ).fetchall()
        }
        for database in "ab"
    ]
    nothing = (0, None, *(None for _ in columns))
    for key in sorted(summed[0].keys() | summed[1].keys(), key=str):
        old, new = (each.get(key, nothing) for each in summed)
        if old[0] != new[0]:
            yield Difference(table, "rows", key, str(old[0]), str(new[0]))
        if old[1] != new[1] and old[0] and new[0]:
            moved = tuple(name for name, a, b in zip(columns, old[2:], new[2:], strict=True) if a != b)
            condition = f"WHERE {month} IS NOT DISTINCT FROM {literal(key) if key is not None else 'NULL'}"
            if old[0] == new[0] and doubles:
                far = _far(connection, table, columns, doubles, condition)
                if far is not None and not far:
                    continue
                moved = far or moved
            select = f"SELECT {', '.join(columns)} FROM"
            only = [
                connection.execute(
                    f"SELECT count(*) FROM ({select} {here}.main.{table} {condition} EXCEPT ALL "
                    f"{select} {there}.main.{table} {condition})"
                ).fetchall()[0][0]
                for here, there in (("a", "b"), ("b", "a"))
            ]
            yield Difference(table, "values", key, f"{only[0]} row(s) only here", f"{only[1]} row(s) only here", moved)


def _far(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], doubles: Sequence[str], condition: str
) -> tuple[str, ...] | None:
    """Return the columns of doubles that differ by more than the tolerance; None when other columns differ too.

    Rows that agree in everything but doubles are compared in the order of these.
    """
    exact = [column for column in columns if column not in doubles]
    ranked = (
        f"SELECT {', '.join(columns)}, row_number() OVER (PARTITION BY {', '.join(exact) or '1'} "
        f"ORDER BY {', '.join(doubles)}) AS rang_ici FROM {{}}.main.{table} {condition}"
    )
    same = " AND ".join(f"a.{each} IS NOT DISTINCT FROM b.{each}" for each in [*exact, "rang_ici"])
    far = [
        f"count(*) FILTER (WHERE NOT coalesce(a.{each} = b.{each} OR abs(a.{each} - b.{each}) <= "
        f"{TOLERANCE} * greatest(abs(a.{each}), abs(b.{each})), a.{each} IS NULL AND b.{each} IS NULL))"
        for each in doubles
    ]
    unmatched, *counts = connection.execute(
        f"WITH a AS ({ranked.format('a')}), b AS ({ranked.format('b')}) "
        f"SELECT count(*) FILTER (WHERE a.rang_ici IS NULL OR b.rang_ici IS NULL), {', '.join(far)} "
        f"FROM a FULL JOIN b ON {same}"
    ).fetchall()[0]
    return None if unmatched else tuple(column for column, count in zip(doubles, counts, strict=True) if count)
