"""Paging by key: the next page begins after the last row of this one, so no row is skipped or given twice.

A cursor holds the publication, a digest of the question and the key of the last row. It ends with its publication:
pages of two publications would not fit together.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dataelec_assets.serving.api.problems import Problem, refused
from dataelec_assets.serving.api.schema import Column, Kind, Value, parse

LONGEST_CURSOR = 2000

# Of tables: every row has one, and it stays the same for as long as the publication lives.
ROW_NUMBER = Column("rowid", Kind.INTEGER)


@dataclass(frozen=True, slots=True)
class Order:
    """Columns that order the rows and together tell them apart.

    Nulls come last, and first in the reverse order, so that both orders hold the same rows.
    """

    columns: tuple[Column, ...]
    descending: bool = False

    @property
    def sql(self) -> str:
        """What stands after ORDER BY."""
        way = "DESC NULLS FIRST" if self.descending else "ASC NULLS LAST"
        return ", ".join(f"{name} {way}" for name in self.names)

    @property
    def names(self) -> list[str]:
        """The key under names of its own: a column may be written as text under its own name."""
        return [f"_cle_{number}" for number in range(len(self.columns))]

    @property
    def selected(self) -> list[str]:
        """The key as it is selected."""
        return [f"{column.sql} AS {name}" for column, name in zip(self.columns, self.names, strict=True)]

    def after(self, key: Sequence[Value | None]) -> tuple[str, list[Value]]:
        """Return the condition, with its parameters, that holds for the rows after the one with this key."""
        return self._after(list(zip(self.columns, key, strict=True)))

    def _after(self, rest: list[tuple[Column, Value | None]]) -> tuple[str, list[Value]]:
        if not rest:
            return "false", []
        (column, value), *others = rest
        inner, parameters = self._after(others)
        name, beyond = column.sql, "<" if self.descending else ">"
        if value is None:
            further = f"{name} IS NOT NULL" if self.descending else "false"
            return f"({further} OR ({name} IS NULL AND {inner}))", parameters
        further = f"{name} {beyond} ?" if self.descending else f"({name} {beyond} ? OR {name} IS NULL)"
        return f"({further} OR ({name} = ? AND {inner}))", [value, value, *parameters]


def question_digest(*parts: Any) -> str:
    """Return a digest of what is asked: a cursor goes with its question only."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def write_cursor(publication: str, digest: str, key: Sequence[Any]) -> str:
    """Return the cursor of the rows after the one with this key."""
    plain = [each.isoformat() if isinstance(each, date | datetime) else each for each in key]
    text = json.dumps([publication, digest, plain], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def read_cursor(cursor: str, publication: str, digest: str, order: Order) -> list[Value | None]:
    """Return the key that a cursor holds.

    Raises:
        Problem: it was not made by this API, for this question and this publication.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        issued_for, asked, plain = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        pairs = list(zip(order.columns, plain, strict=True))
    except (ValueError, TypeError, RecursionError):
        raise refused("curseur", "illisible ; suivre le lien « next » d'une réponse") from None
    if asked != digest:
        raise refused("curseur", "fait pour d'autres filtres ; suivre le lien « next » d'une réponse")
    if issued_for != publication:
        raise Problem(410, "La publication a été remplacée depuis ce curseur : reprendre à la première page.")
    return [_value(column, each) for column, each in pairs]


def _value(column: Column, plain: Any) -> Value | None:
    if plain is None:
        return None
    text = str(plain).lower() if isinstance(plain, bool) else repr(plain) if isinstance(plain, float) else str(plain)
    return parse(column, text, "curseur")
