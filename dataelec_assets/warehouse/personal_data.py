"""The last check before a publication: nothing that looks personal is published."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

import duckdb

from dataelec_assets.database import literal
from dataelec_assets.errors import WarehouseError
from dataelec_assets.privacy.personal import PERSONAL_VALUE, is_personal_name

_TYPE = "VARCHAR"

# No address is shorter (`a@b.fr`), nor is any number: columns of codes and months need not be searched.
_SHORTEST = 6


def _looks_personal(column: str) -> str:
    return f'regexp_matches("{column}", {literal(PERSONAL_VALUE)})'


def rules_digest() -> str:
    """Return a digest of what is looked for in values: rows that were checked by other rules are checked again."""
    return hashlib.sha256(f"{_TYPE} {_looks_personal('*')}".encode()).hexdigest()[:16]


def refuse_personal_data(
    connection: duckdb.DuckDBPyConnection,
    personal_names: Collection[str],
    rows: Iterable[tuple[str, str]] | None = None,
) -> None:
    """Check the name of each column, and each text of the tables in ``main``.

    Args:
        connection: to what is about to be published.
        personal_names: columns that the catalogue calls personal.
        rows: tables whose texts are checked, each with the SQL condition (``WHERE …``) of the rows that were not
            checked before, empty for all of them; None: all rows of all tables.

    Raises:
        WarehouseError: a column has such a name, or holds what looks like an e-mail address or a telephone number.
            The message names the columns and never shows a value.
    """
    found = [*_named(connection, personal_names), *_holding(connection, rows)]
    if found:
        raise WarehouseError(
            f"Personal data would be published: {'; '.join(found)}.",
            advice="The served file is unchanged. Declare the column as `personal` in its entry of the catalogue, or "
            "mask what it holds by the macro `sans_coordonnees` in its staging model (docs/confidentialite.md).",
        )


def _named(connection: duckdb.DuckDBPyConnection, personal_names: Collection[str]) -> Iterator[str]:
    # Views over the lake included: such a column must not even be worked with.
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = current_database() ORDER BY ALL"
    ).fetchall():
        if is_personal_name(column, personal_names):
            yield f"{table}.{column} is named like a personal column"


def _holding(connection: duckdb.DuckDBPyConnection, rows: Iterable[tuple[str, str]] | None) -> Iterator[str]:
    columns: dict[str, list[str]] = defaultdict(list)
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = current_database() "
        "AND schema_name = 'main' AND data_type = ? ORDER BY ALL",
        [_TYPE],
    ).fetchall():
        columns[table].append(column)
    for table, condition in ((table, "") for table in columns) if rows is None else rows:
        names = columns.get(table, [])
        if not names:
            continue
        longest = ", ".join(f'max(strlen("{name}"))' for name in names)
        lengths = connection.execute(f'SELECT {longest} FROM main."{table}" {condition}').fetchone() or ()
        names = [name for name, length in zip(names, lengths, strict=True) if (length or 0) >= _SHORTEST]
        for name in names:
            # Six million rows of a column hold a dozen texts: each is looked at once, in a twentieth of the time.
            found = connection.execute(
                f'SELECT sum(rows) FROM (SELECT "{name}", count(*) FROM main."{table}" {condition} GROUP BY ALL) '
                f"AS found(text, rows) WHERE {_looks_personal('text')}"
            ).fetchone()
            count = found[0] if found else None
            if count:
                yield f"{table}.{name} holds an e-mail address or a telephone number in {count} row(s)"
