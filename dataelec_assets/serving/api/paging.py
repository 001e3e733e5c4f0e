"""Paging by offset within one publication: its rows never change, so a position in a total order always names one row.

A cursor holds the publication, a digest of the question and the offset of the next page. It expires with its
publication, because pages of two publications would not fit together.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from dataelec_assets.serving.api.problems import Problem, refused
from dataelec_assets.serving.api.schema import Column, Kind

LONGEST_CURSOR = 2000

# Every row of a table has one, which stays the same within a publication: it makes any order total.
ROW_NUMBER = Column("rowid", Kind.INTEGER)

_LARGEST_OFFSET = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Order:
    """Columns that order the rows and together identify each one.

    Nulls come last, and first in the reverse order, so that one order is exactly the other reversed.
    """

    columns: tuple[Column, ...]
    descending: bool = False

    @property
    def sql(self) -> str:
        """The ORDER BY of the query that selects the rows."""
        return self._by([column.sql for column in self.columns])

    @property
    def selected(self) -> list[str]:
        """The key under names of its own: an outer query may have turned a column into text under its own name."""
        return [f"{column.sql} AS {name}" for column, name in zip(self.columns, self._names, strict=True)]

    @property
    def outer_sql(self) -> str:
        """The ORDER BY of a query around the one that selects :attr:`selected`."""
        return self._by(self._names)

    @property
    def _names(self) -> list[str]:
        return [f"_cle_{number}" for number in range(len(self.columns))]

    def _by(self, names: list[str]) -> str:
        direction = "DESC NULLS FIRST" if self.descending else "ASC NULLS LAST"
        return ", ".join(f"{name} {direction}" for name in names)


def question_digest(*parts: Any) -> str:
    """Return a digest of a question: a cursor is valid for its own question only."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def write_cursor(publication: str, digest: str, offset: int) -> str:
    """Return the cursor of the page that begins after ``offset`` rows."""
    text = json.dumps([publication, digest, offset], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, publication: str, digest: str) -> int:
    """Return the offset that a cursor holds.

    Raises:
        Problem: it was not made by this API, for this question and this publication.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        issued_for, asked, offset = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError):
        raise _unreadable() from None
    if type(offset) is not int or not 0 <= offset <= _LARGEST_OFFSET:
        raise _unreadable()
    if asked != digest:
        raise refused("curseur", "fait pour d'autres filtres ; suivre le lien « next » d'une réponse")
    if issued_for != publication:
        raise Problem(410, "La publication a été remplacée depuis ce curseur : reprendre à la première page.")
    return offset


def _unreadable() -> Problem:
    return refused("curseur", "illisible ; suivre le lien « next » d'une réponse")
