"""The last check before a publication: nothing that looks personal is published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

import duckdb

from dataelec_assets.database import literal
from dataelec_assets.errors import WarehouseError
from dataelec_assets.privacy.personal import PERSONAL_VALUE, is_personal_name


def refuse_personal_data(connection: duckdb.DuckDBPyConnection, personal_names: Collection[str]) -> None:
    """Check the name of each column, and each text of the tables in ``main``.

    Args:
        connection: to what is about to be published.
        personal_names: columns that the catalogue calls personal.

    Raises:
        WarehouseError: a column has such a name, or holds what looks like an e-mail address or a telephone number.
            The message names the columns and never shows a value.
    """
    found = [*_named(connection, personal_names), *_holding(connection)]
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


def _holding(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    columns: dict[str, list[str]] = defaultdict(list)
    for table, column in connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = current_database() "
        "AND schema_name = 'main' AND data_type = 'VARCHAR' ORDER BY ALL"
    ).fetchall():
        columns[table].append(column)
    for table, names in columns.items():
        counts = ", ".join(
            f'count(*) FILTER (WHERE regexp_matches("{name}", {literal(PERSONAL_VALUE)}))' for name in names
        )
        for name, count in zip(
            names, connection.execute(f'SELECT {counts} FROM "{table}"').fetchone() or (), strict=True
        ):
            if count:
                yield f"{table}.{name} holds an e-mail address or a telephone number in {count} row(s)"
