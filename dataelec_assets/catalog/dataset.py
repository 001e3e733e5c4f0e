"""One data set, as an entry of the catalogue declares it: no I/O, standard library only.

Plain frozen dataclasses, validated when they are made, so that a mistake in an entry stops the program at load
with a message that names the entry and the field; every command imports them, so they must cost nothing
(docs/decisions/0003).

Longer than 300 lines because a data set is one class, and each of its fields is said and checked in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, get_args

from dataelec_assets.catalog.columns import CatalogError, Column, YearsInColumns, require, slug
from dataelec_assets.catalog.dido import PORTAL as DIDO
from dataelec_assets.catalog.dido import DidoFiles
from dataelec_assets.catalog.evidence import CLAIMS, Claim, Proof, require_claims
from dataelec_assets.catalog.partitioning import Edition, Partitioning, Search
from dataelec_assets.catalog.portals import PORTALS, PortalInfo

Cadence = Literal["quarter-hourly", "hourly", "six-hourly", "daily", "monthly", "yearly"]

# Up to the lag that the catalogue expects all is well; up to twice that, one publication is missing; beyond, several.
WARN_AFTER, FAIL_AFTER = 1, 2

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_STAGED = re.compile(r"([a-z][a-z0-9_]*)(?: as ([a-z][a-z0-9_]*))?")


@dataclass(frozen=True, slots=True)
class Dataset:
    """One data set of one portal.

    Attributes:
        portal: short name of the portal; its base URL is a setting.
        id: identifier on the portal.
        title: title on the portal.
        publisher: the producer of the data.
        licence: licence of the data.
        cadence: how often the publisher updates.
        expected_lag: age of the newest measured value when all is well.
        history_start: first civil day of the published history: a row of an earlier one is refused.
        history_end: last civil day of a history that the publisher has stopped, which may grow old; else None.
        horizon: how far beyond tomorrow (Paris) its days and instants may lie, such as those of a forecast: a row of a
            later one is refused. Real time needs none: its blank rows end with tomorrow.
        partitioning: how the history is cut.
        key: columns that identify a published row; empty when rows are legitimately repeated.
        lookback: partitions newer than now minus this are fetched again even when the portal's fingerprint is the same.
        fingerprint: principal measures, the first of which says whether a row is measured. Every numeric measure is
            summed to tell whether a partition changed; should one of these become text, the look-back is fetched too.
        status_column: column whose values count as content (a status can change alone), or None.
        keep_vanished: rows that leave the portal stay in our history (real-time sets: they move to another set).
        stamped_by: for a set that shows only its present state, undated: column of the contract that no file holds; it
            takes the portal's version when the state was fetched. Every state is kept; each is fetched whole.
        columns: the contract.
        header_sets: generations of headers that no single column tells apart: an arrival has exactly one of these sets
            of columns, complete.
        territories: column that holds the region code, when there is one.
        summed: measures that the copy holds summed over all rows that are equal in every other column: for files whose
            single rows say nothing, such as a census. Raw keeps the rows.
        left_in_raw: headers that are known and not loaded (shapes, unused columns), ``*`` for any; others are reported
            as new.
        personal: headers of columns that are or may be about persons (names, contacts, free text). They stay in raw and
            are never loaded; no served column may have such a name (docs/confidentialite.md).
        years_in_columns: for files that may have one column for each year; None for all others.
        dated_by: column with the time of a row when the data set is not cut by it; it shows how old the data is.
        editions: the files of a publisher who issues one for each year or date; for portals of plain files only.
        dido: the files of DiDo that hold the same, with more columns: asked first, the edition only where they cannot
            be had; None for all others.
        sheet: of a workbook (XLSX) that holds the rows; None for all other files.
        search: how editions are found that the publisher has added; None: those that are listed are all.
        archives: addresses of RTE's archives below the portal's root, ``{region}`` and ``{annee}`` in them.
        stands_in_for: id of the data set whose rows it repeats. It is asked only while that one has been away for
            longer than its cadence, or by name; where both have a row, that of the other one counts.
        page_path: address of the page for people below the portal's root, where the portal has no rule for it.
        withdrawn: the publisher no longer serves it, saved copies exist: it is expected to be absent.
        staged: columns of the staging model that `make generate` writes, as ``name`` or ``name as new_name``; empty
            when the model is written by hand, since it does more than rename.
        warning: known limit that every user must see, in French; None when there is none.
        known: how its claims are known; those that hold for a whole portal are said once, of the portal.
        unverified: its claims that nothing proves.
    """

    portal: str
    id: str
    title: str
    publisher: str
    cadence: Cadence
    expected_lag: timedelta
    history_start: date
    partitioning: Partitioning
    key: tuple[str, ...]
    fingerprint: tuple[str, ...]
    columns: tuple[Column, ...]
    licence: str = "Licence Ouverte v2.0 (Etalab)"
    lookback: timedelta = timedelta(0)
    horizon: timedelta = timedelta(0)
    status_column: str | None = None
    keep_vanished: bool = False
    stamped_by: str | None = None
    territories: str | None = None
    header_sets: tuple[tuple[str, ...], ...] = ()
    summed: tuple[str, ...] = ()
    left_in_raw: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    years_in_columns: YearsInColumns | None = None
    dated_by: str | None = None
    editions: tuple[Edition, ...] = ()
    dido: DidoFiles | None = None
    sheet: str | None = None
    search: Search | None = None
    archives: tuple[str, ...] = ()
    stands_in_for: str | None = None
    page_path: str | None = None
    withdrawn: bool = False
    history_end: date | None = None
    warning: str | None = None
    staged: tuple[str, ...] = ()
    known: tuple[Proof, ...] = ()
    unverified: tuple[Claim, ...] = ()
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Validate.

        Raises:
            CatalogError: a field is wrong; the message names the data set and the field.
        """
        where = f"data set {self.id!r}"
        require(bool(_ID.fullmatch(self.id)), f"{where}: id must be kebab-case as on the portal")
        require(self.portal in PORTALS, f"{where}: unknown portal {self.portal!r}, known are {', '.join(PORTALS)}")
        require(self.cadence in get_args(Cadence), f"{where}: unknown cadence {self.cadence!r}")
        require(
            self.history_end is None or self.history_end >= self.history_start,
            f"{where}: history_end is before history_start",
        )
        require(bool(self.columns), f"{where}: columns is empty")
        for column in self.columns:
            require(column.name not in self._by_name, f"{where}: column {column.name!r} appears twice")
            self._by_name[column.name] = column
        for attribute in ("left_in_raw", "personal", "archives"):
            require(
                isinstance(getattr(self, attribute), tuple), f"{where}: {attribute} must be a tuple (a missing comma?)"
            )
        require((self.info.api == "rte") == bool(self.archives), f"{where}: archives go with a portal of RTE's")
        self._validate_references(where)
        self._validate_headers(where)
        self._validate_editions(where)
        self._validate_staged(where)
        require_claims(where, self.unverified)
        proved = {claim for proof in self.known for claim in proof.claims}
        require(proved.isdisjoint(self.unverified), f"{where}: a claim is both known and unverified")

    def _validate_staged(self, where: str) -> None:
        require(isinstance(self.staged, tuple), f"{where}: staged must be a tuple (a missing comma?)")
        names = []
        for each in self.staged:
            found = _STAGED.fullmatch(each)
            if found is None:
                raise CatalogError(f"{where}: staged {each!r} must be `name` or `name as new_name`")
            require(found[1] in self._by_name, f"{where}: staged names unknown column {found[1]!r}")
            names.append(found[2] or found[1])
        require(len(set(names)) == len(names), f"{where}: staged has a name twice")

    def _validate_references(self, where: str) -> None:
        used = {
            "partitioning.on": (self.partitioning.on,),
            "key": self.key,
            "fingerprint": self.fingerprint,
            "status_column": (self.status_column,),
            "territories": (self.territories,),
            "dated_by": (self.dated_by,),
            "stamped_by": (self.stamped_by,),
            "summed": self.summed,
            "years_in_columns": (self.years_in_columns.year, self.years_in_columns.value)
            if self.years_in_columns
            else (),
            "header_sets": tuple(name for each in self.header_sets for name in each),
        }
        for attribute, names in used.items():
            for name in names:
                require(
                    name is None or name in self._by_name,
                    f"{where}: {attribute} names unknown column {name!r}",
                )
        for name in self.fingerprint:
            require(
                self._by_name[name].portal_type in ("int", "double"),
                f"{where}: fingerprint column {name!r} is declared text on the portal, which cannot be summed",
            )
        if self.partitioning.on is not None:
            kinds = ("date", "datetime", "int") if self.partitioning.grain == "year" else ("date", "datetime")
            require(
                self._by_name[self.partitioning.on].portal_type in kinds,
                f"{where}: partitioning.on must be a {' or '.join(kinds)} on the portal",
            )
            require(
                self.info.api != "data-fair" or self._by_name[self.partitioning.on].portal_type == "int",
                f"{where}: data-fair cuts by a year that is a number, or not at all",
            )
        melted = self.years_in_columns
        require(
            melted is None or (self._by_name[melted.year].type, self._by_name[melted.value].type) == ("int", "text"),
            f"{where}: years_in_columns needs a year that is an int and a value that is a text",
        )
        require(
            self.partitioning.grain != "day" or self.stamped_by is not None,
            f"{where}: days are for stamped sets, which are never summed on the portal",
        )
        require(
            self.stamped_by is None
            or (
                self.info.api == "opendatasoft"
                and self.keep_vanished
                and self.partitioning == Partitioning("day", on=self.stamped_by)
                and self.stamped_by in self.key
            ),
            f"{where}: a stamped set is Opendatasoft's, cut by day of its stamp, which is in its key, and keeps rows",
        )
        require(
            self.dated_by is None or self._by_name[self.dated_by].type in ("date", "datetime", "int"),
            f"{where}: dated_by must be a day, an instant or a year",
        )

    def _validate_editions(self, where: str) -> None:
        is_files = self.info.api == "files"
        require(is_files == bool(self.editions), f"{where}: editions go with a portal of plain files")
        require(
            self.info.is_local == (self.partitioning.grain == "import"),
            f"{where}: what users import, and nothing else, is cut by import",
        )
        keys = [edition.key for edition in self.editions]
        grain = "none" if keys == ["all"] else "edition"
        require(
            self.partitioning.grain == grain if is_files else self.partitioning.grain != "edition",
            f"{where}: partitioning must be {grain!r} with these editions",
        )
        require(grain == "none" or "all" not in keys, f"{where}: an edition 'all' is the only one")
        require(len(set(keys)) == len(keys), f"{where}: an edition appears twice")
        require(self.dido is None or len(keys) == 1, f"{where}: DiDo stands for one edition, replaced in place")
        require(
            self.search is None or all(len(key) == len("2026") for key in keys),
            f"{where}: search is for editions of years",
        )

    def _validate_headers(self, where: str) -> None:
        seen: dict[str, str] = {}
        for column in self.columns:
            for header in column.header_slugs:
                other = seen.setdefault(header, column.name)
                require(other == column.name, f"{where}: columns {other!r} and {column.name!r} share {header!r}")
        for name in {name for names in self.header_sets for name in names}:
            is_everywhere = all(name in names for names in self.header_sets)
            require(
                is_everywhere or not self._by_name[name].required,
                f"{where}: column {name!r} is required and absent from one of header_sets",
            )
        for name in self.left_in_raw:
            require(slug(name) not in seen, f"{where}: {name!r} is loaded, it cannot be left in raw")
        for name in self.personal:
            require(bool(slug(name)), f"{where}: personal names no column: {name!r}")
            require(slug(name) not in seen, f"{where}: {name!r} is personal, it must not be loaded")

    @property
    def table(self) -> str:
        """Name in SQL: the id in snake_case."""
        return self.id.replace("-", "_")

    @property
    def staging_model(self) -> str:
        """Name of its staging model."""
        return f"stg_{self.portal}__{self.table}"

    @property
    def time_column(self) -> str | None:
        """Column with the time of a row: a day, an instant or a year; None when there is none."""
        return self.partitioning.on or self.dated_by

    @property
    def portals(self) -> tuple[str, ...]:
        """Short names of the portals that are asked for it, in turn."""
        return (self.portal,) if self.dido is None else (DIDO, self.portal)

    @property
    def info(self) -> PortalInfo:
        """Its portal."""
        return PORTALS[self.portal]

    @property
    def is_optional(self) -> bool:
        """Whether most lakes do without it: it needs a key, or stands in for another one or for another portal."""
        return self.info.needs_key or self.stands_in_for is not None or self.info.in_place_of is not None

    @property
    def knowledge(self) -> dict[Claim, Proof | None]:
        """How each claim is known: the first proof of its own, else of its portal; None: nothing proves it.

        A data set without units makes no claim of them.
        """
        claims = (each for each in CLAIMS if each != "units" or any(column.unit for column in self.columns))
        return {claim: self._proof_of(claim) for claim in claims}

    def _proof_of(self, claim: Claim) -> Proof | None:
        if claim in self.unverified:
            return None
        return next((proof for proof in (*self.known, *self.info.known) if claim in proof.claims), None)

    @property
    def page(self) -> str:
        """The publisher's page, for people."""
        if self.page_path is not None:
            return f"{self.info.url}/{self.page_path}"
        return self.info.page.format(url=self.info.url, id=self.id)

    @property
    def measures(self) -> tuple[str, ...]:
        """Numeric columns outside the key, in order."""
        return tuple(each.name for each in self.columns if each.type in ("int", "double") and each.name not in self.key)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the contracted columns, in order."""
        return tuple(self._by_name)

    def column(self, name: str) -> Column:
        """Return the column called ``name``; KeyError when there is none."""
        return self._by_name[name]
