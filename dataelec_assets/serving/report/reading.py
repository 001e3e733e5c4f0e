"""The served file, read-only. What it lacks becomes a reason, in French, that a page can show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from dataelec_assets.database import connect

Row = dict[str, Any]

_READ = re.compile(r"\b(?:from|join) ((?:dim|fct|mart|meta)_\w+)")
_NAME = re.compile(r"Table with name (\w+)")


class Unavailable(Exception):
    """A part of the report cannot be made; the message says why, in French."""


class Served:
    """A connection to the served file.

    Args:
        connection: to the file.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return what a query finds.

        Raises:
            Unavailable: a table or a column is not in the file, or nothing was found.
        """
        try:
            cursor = self._connection.execute(query, list(parameters))
            names = [column[0] for column in cursor.description or ()]
            found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except duckdb.CatalogException as error:
            name = _NAME.search(str(error))
            raise Unavailable(
                f"Le fichier servi n’a pas la table {name[1]}." if name else f"Le fichier servi est incomplet : {error}"
            ) from error
        except duckdb.BinderException as error:
            reason = str(error).splitlines()[0]
            if "not found" not in reason and "does not have a column" not in reason:
                raise  # a fault of the query, not of the file
            raise Unavailable(f"Une table n’a pas les colonnes attendues : {reason}.") from error
        if not found:
            tables = " et ".join(dict.fromkeys(_READ.findall(query)))
            raise Unavailable(f"Rien dans {tables} : données pas encore chargées, ou d’une période trop courte.")
        return found

    def published_on(self) -> date:
        """Return the day of the publication, in Paris.

        Raises:
            Unavailable: the file does not say it.
        """
        found: date = self.row("select cast(publiee_a as date) as jour from meta_publication")["jour"]
        return found

    def row(self, query: str, parameters: Sequence[Any] = ()) -> Row:
        """Return the first row that a query finds.

        Raises:
            Unavailable: see :meth:`rows`.
        """
        return self.rows(query, parameters)[0]


def crossed(rows: Sequence[Row], line: str, column: str, value: str) -> pd.DataFrame:
    """Return ``value`` with a line for each value of ``line`` and a column for each value of ``column``.

    Both keep the order in which they first appear; a pair without a row, or without a value, is NaN.
    """
    found = pd.DataFrame(list(rows))
    table = found.pivot(index=line, columns=column, values=value)
    return table.reindex(index=found[line].unique(), columns=found[column].unique())


@contextmanager
def served_file(path: Path) -> Iterator[Served]:
    """Open the served file; it stays open to other readers."""
    with connect(path, read_only=True, time_zone="Europe/Paris") as connection:
        connection.execute("SET threads = 1")  # sums of doubles in one order: equal content, equal bytes
        yield Served(connection)
