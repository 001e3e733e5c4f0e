"""How the history of a data set is cut: by day, month or year, or by the publisher's editions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from dataelec_assets.catalog.columns import require

Grain = Literal["day", "month", "year", "edition", "none"]

_EDITION = re.compile(r"\d{4}(-\d{2}){0,2}|all")


@dataclass(frozen=True, slots=True)
class Edition:
    """One file of a publisher over plain HTTP: a new one for each year or date, or always the same address.

    Attributes:
        key: year or date of the edition (``2022``, ``2026-01``): its partition. ``all``: a file that is replaced where
            it lies, the one edition of a data set that is not cut.
        path: address below the portal's root.
        labels: other words that identify saved copies of the file, beside the key; of a file that is replaced, the
            beginnings of their names.
        member: file inside a zip archive; ``*`` stands for any characters. None when the address is the file itself.
    """

    key: str
    path: str
    member: str | None = None
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Validate.

        Raises:
            CatalogError: the key is neither a year nor a date, or the path is not relative.
        """
        where = f"edition {self.key!r}"
        require(
            bool(_EDITION.fullmatch(self.key)),
            f"{where}: key must be a year or a date, such as 2022 or 2026-01, or all",
        )
        require(
            bool(self.path) and not self.path.startswith("/") and "://" not in self.path,
            f"{where}: path must be relative to the portal's root",
        )
        require(isinstance(self.labels, tuple), f"{where}: labels must be a tuple (a missing comma?)")


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How the history is cut.

    By civil day, month or year (Europe/Paris) of column ``on``, by the publisher's editions, each a file of its own, or
    not at all. A year may also be a whole number in the data.
    """

    grain: Grain
    on: str | None = None

    def __post_init__(self) -> None:
        """Validate.

        Raises:
            CatalogError: the grain is unknown, or it needs a column and has none.
        """
        require(self.grain in get_args(Grain), f"partitioning: unknown grain {self.grain!r}")
        is_by_time = self.grain in ("day", "month", "year")
        require((self.on is not None) == is_by_time, "partitioning: 'on' goes with day, month or year")

    @property
    def hive_key(self) -> str:
        """Name of the partition in the lake's folders and in the warehouse, such as ``mois``."""
        # A data set that is cut by a column `annee` has that column already.
        year = "annee_lot" if self.on == "annee" else "annee"
        return {"day": "jour", "month": "mois", "year": year, "edition": "edition", "none": "lot"}[self.grain]

    @property
    def is_within_months(self) -> bool:
        """Whether a partition lies within one month, the first seven characters of its key; facts go by month."""
        return self.grain in ("day", "month")
