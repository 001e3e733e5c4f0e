"""How the history of a data set is cut: by day, month or year, by the publisher's editions, or by import."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from dataelec_assets.catalog.columns import require
from dataelec_assets.catalog.portals import PORTALS

Grain = Literal["day", "month", "year", "edition", "import", "none"]

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
        elsewhere: other addresses of the same file, asked in turn when there is nothing at the first: below the
            portal's root too, or below that of another portal of plain files (``transport:resource/points``).
    """

    key: str
    path: str
    member: str | None = None
    labels: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Every address, in the order in which they are asked."""
        return (self.path, *self.elsewhere)

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
        for path in (self.path, *(placed(each)[1] for each in self.elsewhere)):
            require(
                bool(path) and not path.startswith("/") and "://" not in path,
                f"{where}: path must be relative to the portal's root",
            )
        for each in self.elsewhere:
            portal, _ = placed(each)
            is_of_files = portal is None or (portal in PORTALS and PORTALS[portal].api == "files")
            require(is_of_files, f"{where}: {portal!r} does not publish plain files")
        require(isinstance(self.labels, tuple), f"{where}: labels must be a tuple (a missing comma?)")


def placed(path: str) -> tuple[str | None, str]:
    """Return the portal that an address names, None for the edition's own, and the path below its root."""
    portal, colon, rest = path.partition(":")
    return (portal, rest) if colon and not rest.startswith("//") else (None, path)


_YEAR = "{edition}"


@dataclass(frozen=True, slots=True)
class Search:
    """Where the files of years to come will show, and by what they are recognised.

    In the patterns ``{edition}`` stands for a year and ``*`` for any characters; capitals do not count.

    Attributes:
        files: names of the files, best first; matched whole, since beside the file of France lie those of its parts.
        title: of the file, or of the page that it is on, where its name does not tell the year.
        member: file inside an archive.
        datagouv: id of the data set on data.gouv.fr, whose API lists the publisher's files; None: it is not there.
        pages: pages of the publisher that list the files, or link to a page for each year.
        due: years after its own, month and day by which an edition has come out in every year that is known.
    """

    files: tuple[str, ...]
    due: tuple[int, int, int]
    title: str | None = None
    member: str | None = None
    datagouv: str | None = None
    pages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Validate.

        Raises:
            CatalogError: nothing tells the year, or there is nowhere to look.
        """
        require(
            all(_YEAR in each for each in self.files) or _YEAR in (self.title or ""),
            f"search: {_YEAR} must stand in every file name, or in the title",
        )
        require(bool(self.datagouv or self.pages), "search: neither data.gouv.fr nor a page to look at")

    def year_of_file(self, name: str) -> tuple[int, str | None] | None:
        """Return how good a file's name is (0 is best) and the year that it tells, if it does; None: another file."""
        for rank, pattern in enumerate(self.files):
            if found := _matches(pattern, name):
                return rank, found.groupdict().get("edition")
        return None

    def year_of_title(self, text: str) -> str | None:
        """Return the year that a title tells; None when it is another one."""
        found = _matches(self.title, text) if self.title else None
        return found["edition"] if found else None

    def year_of_copy(self, name: str) -> str | None:
        """Return the year that the name of a saved file tells: an archive, or a member of one; None: another file."""
        bare = name.lower().removesuffix(".gz")
        of_file = self.year_of_file(bare)
        if of_file is not None and of_file[1] is not None:
            return of_file[1]
        if self.member is None:
            return None
        # People add words to the names of members that they unpack.
        found = _matches(f"{self.member.rpartition('.')[0]}*", bare)
        return None if found is None else found.groupdict().get("edition") or self.year_of_title(bare)

    def edition(self, key: str, path: str) -> Edition:
        """Return the edition of a year that lies at an address."""
        member = self.member.replace(_YEAR, key) if self.member and path.lower().endswith(".zip") else None
        return Edition(key, path, member=member)

    def due_on(self, key: str) -> date:
        """Return the day by which the edition of a year is out."""
        years, month, day = self.due
        return date(int(key) + years, month, day)


def _matches(pattern: str, text: str) -> re.Match[str] | None:
    # The first year that a title names is that of the data; a later one may say from when it holds.
    known = re.escape(pattern).replace(re.escape(_YEAR), r"(?P<edition>(?:19|20)\d\d)").replace(r"\*", ".*?")
    return re.fullmatch(known, text, re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How the history is cut.

    By civil day, month or year (Europe/Paris) of column ``on``, by the publisher's editions, each a file of its own, by
    the name that a user gives to what he imports, or not at all. A year may also be a whole number in the data.
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
        same = {"edition": "edition", "import": "nom_import", "none": "lot"}
        return ({"day": "jour", "month": "mois", "year": year} | same)[self.grain]

    @property
    def is_of_known_keys(self) -> bool:
        """Whether the catalogue tells the partitions that there may be; nobody knows what users will import."""
        return self.grain not in ("import", "none")

    @property
    def is_within_months(self) -> bool:
        """Whether a partition lies within one month, the first seven characters of its key; facts go by month."""
        return self.grain in ("day", "month")
