"""The vocabulary of a catalogue entry: what a source is, without any I/O.

Plain frozen dataclasses, validated when they are made, so that a mistake in an entry stops the program at load
with a message that names the entry and the field. Standard library only: the catalogue is imported by every
command and must cost nothing (docs/decisions/0003).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, get_args

from dataelec_assets.catalog.portals import PORTALS, PortalInfo

ColumnType = Literal["text", "int", "double", "date", "datetime"]
PortalType = Literal["text", "int", "double", "date", "datetime", "geo_point_2d"]
Cadence = Literal["quarter-hourly", "hourly", "six-hourly", "daily", "monthly", "yearly"]
Grain = Literal["day", "month", "year", "edition", "none"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_EDITION = re.compile(r"\d{4}(-\d{2}){0,2}|all")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class CatalogError(ValueError):
    """An entry of the catalogue is wrong; the message names the entry and the field."""


def slug(text: str) -> str:
    """Return ``text`` as unaccented snake_case, the form in which headers are compared.

    >>> slug("Consommation Tertiaire  (MWh)")
    'consommation_tertiaire_mwh'
    """
    plain = unicodedata.normalize("NFKD", text.replace("\ufeff", "")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def _require(condition: bool, message: str) -> None:  # noqa: FBT001 - reads as a sentence at the call
    if not condition:
        raise CatalogError(message)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a data set, as a contract.

    Attributes:
        name: technical name on the portal and in the lake.
        type: type in the lake. Every measure is ``double``: portals flip between int, double and text, and a
            decimal that appears must not be rounded away.
        labels: the labels printed in exports over the years, for files saved with labels.
        unit: unit of a measure, as published (``MW``, ``GWh PCS 0 °C``); None for keys and texts.
        description: French, one line, shown in the dictionary and in the Dagster UI.
        nullable: whether a null is legitimate.
        required: False for a column that the portal did not always publish.
        null_markers: texts that stand for null, such as ``ND``.
        declared: type that the portal declares when it differs from ``type`` (numbers typed as text, points).
        date_format: strftime format in which the portal writes a date that it types as text, other than ISO. What is
            read goes by the value (:mod:`dataelec_assets.lake.dates`).
        since: first day that a column of dates, instants or years can tell, where that is before the beginning of the
            data set, such as the day on which a commune changed its name.
        width: least number of characters of a code; a code that a file holds as a number gets its leading zeros back.
    """

    name: str
    type: ColumnType
    labels: tuple[str, ...] = ()
    unit: str | None = None
    description: str = ""
    nullable: bool = True
    required: bool = True
    null_markers: tuple[str, ...] = ()
    declared: PortalType | None = None
    date_format: str | None = None
    since: date | None = None
    width: int | None = None

    def __post_init__(self) -> None:
        """Validate.

        Raises:
            CatalogError: a field is wrong; the message names the column and the field.
        """
        where = f"column {self.name!r}"
        _require(bool(_NAME.fullmatch(self.name)), f"{where}: name must be unaccented snake_case")
        _require(self.type in get_args(ColumnType), f"{where}: unknown type {self.type!r}")
        _require(
            self.declared is None or self.declared in get_args(PortalType),
            f"{where}: unknown declared type {self.declared!r}",
        )
        _require(self.date_format is None or self.type == "date", f"{where}: date_format is for type 'date' only")
        _require(self.since is None or self.type in ("date", "datetime", "int"), f"{where}: since is for times only")
        for attribute in ("labels", "null_markers"):
            _require(
                isinstance(getattr(self, attribute), tuple),
                f"{where}: {attribute} must be a tuple (a missing comma?)",
            )

    @property
    def portal_type(self) -> PortalType:
        """Type that the portal declares."""
        return self.declared or self.type

    @property
    def header_slugs(self) -> tuple[str, ...]:
        """Every header under which the column may appear, as slugs, technical name first."""
        return tuple(dict.fromkeys([self.name, *(slug(label) for label in self.labels)]))


@dataclass(frozen=True, slots=True)
class Edition:
    """One file of a publisher over plain HTTP: a new one for each year or date, or always the same address.

    Attributes:
        key: year or date of the edition (``2022``, ``2026-01``): its partition. ``all``: a file that is replaced where
            it lies, the one edition of a data set that is not cut.
        path: address below the portal's root.
        labels: what saved copies of the file are named by, beside the key; of a file that is replaced, how their names
            begin.
        member: file inside a zip archive; ``*`` stands for any characters. None when the address is the file itself.
    """

    key: str
    path: str
    member: str | None = None
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Validate.

        Raises:
            CatalogError: the key is no year or date, or the path is not relative.
        """
        where = f"edition {self.key!r}"
        _require(
            bool(_EDITION.fullmatch(self.key)),
            f"{where}: key must be a year or a date, such as 2022 or 2026-01, or all",
        )
        _require(
            bool(self.path) and not self.path.startswith("/") and "://" not in self.path,
            f"{where}: path must be relative to the portal's root",
        )
        _require(isinstance(self.labels, tuple), f"{where}: labels must be a tuple (a missing comma?)")


@dataclass(frozen=True, slots=True)
class YearsInColumns:
    """How a file that has a column for each year becomes one with a row for each.

    A file that holds the two columns ``year`` and ``value`` is taken as it is: both shapes give the same rows.

    Attributes:
        pattern: header of a year, such as ``A{annee}`` for ``A2020``.
        year: contracted column, a whole number, that gets the year.
        value: contracted column, a text, that gets the cell; an empty cell gives no row.
    """

    pattern: str
    year: str
    value: str

    def __post_init__(self) -> None:
        """Validate.

        Raises:
            CatalogError: the pattern has no place for the year.
        """
        _require(
            self.pattern.count("{annee}") == 1, f"years_in_columns: pattern {self.pattern!r} must hold {{annee}} once"
        )

    def year_of(self, header: str) -> int | None:
        """Return the year that a header stands for, None when it is another column's."""
        before, _, after = self.pattern.partition("{annee}")
        found = re.fullmatch(rf"{re.escape(before)}(\d{{4}}){re.escape(after)}", header.strip(), re.IGNORECASE)
        return int(found[1]) if found else None


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
        _require(self.grain in get_args(Grain), f"partitioning: unknown grain {self.grain!r}")
        is_by_time = self.grain in ("day", "month", "year")
        _require((self.on is not None) == is_by_time, "partitioning: 'on' goes with day, month or year")

    @property
    def hive_key(self) -> str:
        """Name of the partition in the lake's folders and in the warehouse, such as ``mois``."""
        # A data set that is cut by a column `annee` has that column already.
        year = "annee_lot" if self.on == "annee" else "annee"
        return {"day": "jour", "month": "mois", "year": year, "edition": "edition", "none": "lot"}[self.grain]

    @property
    def is_within_months(self) -> bool:
        """Whether a partition lies in one month, the first seven characters of its key; facts are renewed by month."""
        return self.grain in ("day", "month")


@dataclass(frozen=True, slots=True)
class Dataset:
    """One data set of one portal.

    Attributes:
        portal: short name of the portal; its base URL is a setting.
        id: identifier on the portal.
        title: title on the portal.
        publisher: who produces the data.
        licence: licence of the data.
        cadence: how often the publisher updates.
        expected_lag: age of the newest measured value when all is well.
        history_start: first civil day of the published history: a row of an earlier one is refused.
        history_end: last civil day of a history that the publisher has stopped, which may grow old; else None.
        horizon: how far beyond tomorrow (Paris) its days and instants may lie, such as those of a forecast: a row of a
            later one is refused. Real time needs none: its blank rows end with tomorrow.
        partitioning: how the history is cut.
        key: columns that identify a published row; empty when rows are legitimately repeated.
        lookback: partitions newer than now minus this are asked for again even when the portal's fingerprint is equal.
        fingerprint: principal measures, the first of which says whether a row is measured. Every numeric measure is
            summed to tell whether a partition changed; should one of these become text, the look-back is fetched too.
        status_column: column whose values count as content (a status can change alone), or None.
        keep_vanished: rows that leave the portal stay in our history (real-time sets: they move to another set).
        stamped_by: for a set that shows its present state only, without the time of it: column of the contract that no
            file holds, the portal's version when the state was fetched. Every state is kept; each is fetched whole.
        columns: the contract.
        header_sets: generations of headers that one column at a time cannot tell apart: sets of columns of which an
            arrival has exactly one, whole.
        territories: column that holds the region code, when there is one.
        summed: measures that the copy holds summed over all rows that are equal in every other column: for files whose
            single rows say nothing, such as a census. Raw keeps the rows.
        left_in_raw: headers that are known and not loaded (shapes, columns without use), ``*`` for any; another one is
            reported as new.
        personal: headers of columns that are or may be about persons (names, contacts, free text). They stay in raw and
            are never loaded; nothing that the warehouse serves may bear such a name (docs/confidentialite.md).
        years_in_columns: for files that may have one column for each year; None for all others.
        dated_by: column that tells the time of a row when the data set is not cut by it; tells how old it is.
        editions: files of a publisher who issues one for each year or date; for portals of plain files only.
        page_path: address of the page for people below the portal's root, where the portal has no rule for it.
        withdrawn: the publisher no longer serves it, saved copies do: that it is absent is expected.
        warning: known limit that every user must see, in French; None when there is none.
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
    page_path: str | None = None
    withdrawn: bool = False
    history_end: date | None = None
    warning: str | None = None
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Validate.

        Raises:
            CatalogError: a field is wrong; the message names the data set and the field.
        """
        where = f"data set {self.id!r}"
        _require(bool(_ID.fullmatch(self.id)), f"{where}: id must be kebab-case as on the portal")
        _require(self.portal in PORTALS, f"{where}: unknown portal {self.portal!r}, known are {', '.join(PORTALS)}")
        _require(self.cadence in get_args(Cadence), f"{where}: unknown cadence {self.cadence!r}")
        _require(
            self.history_end is None or self.history_end >= self.history_start,
            f"{where}: history_end is before history_start",
        )
        _require(bool(self.columns), f"{where}: columns is empty")
        for column in self.columns:
            _require(column.name not in self._by_name, f"{where}: column {column.name!r} appears twice")
            self._by_name[column.name] = column
        for attribute in ("left_in_raw", "personal"):
            _require(
                isinstance(getattr(self, attribute), tuple), f"{where}: {attribute} must be a tuple (a missing comma?)"
            )
        self._validate_references(where)
        self._validate_headers(where)
        self._validate_editions(where)

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
                _require(
                    name is None or name in self._by_name,
                    f"{where}: {attribute} names unknown column {name!r}",
                )
        for name in self.fingerprint:
            _require(
                self._by_name[name].portal_type in ("int", "double"),
                f"{where}: fingerprint column {name!r} is declared text on the portal, which cannot be summed",
            )
        if self.partitioning.on is not None:
            kinds = ("date", "datetime", "int") if self.partitioning.grain == "year" else ("date", "datetime")
            _require(
                self._by_name[self.partitioning.on].portal_type in kinds,
                f"{where}: partitioning.on must be a {' or '.join(kinds)} on the portal",
            )
            _require(
                self.info.api != "data-fair" or self._by_name[self.partitioning.on].portal_type == "int",
                f"{where}: data-fair cuts by a year that is a number, or not at all",
            )
        melted = self.years_in_columns
        _require(
            melted is None or (self._by_name[melted.year].type, self._by_name[melted.value].type) == ("int", "text"),
            f"{where}: years_in_columns needs a year that is an int and a value that is a text",
        )
        _require(
            self.partitioning.grain != "day" or self.stamped_by is not None,
            f"{where}: days are for stamped sets, of which nothing is summed on the portal",
        )
        _require(
            self.stamped_by is None
            or (
                self.info.api == "opendatasoft"
                and self.keep_vanished
                and self.partitioning == Partitioning("day", on=self.stamped_by)
                and self.stamped_by in self.key
            ),
            f"{where}: a stamped set is Opendatasoft's, cut by day of its stamp, which is in its key, and keeps rows",
        )
        _require(
            self.dated_by is None or self._by_name[self.dated_by].type in ("date", "datetime", "int"),
            f"{where}: dated_by must be a day, an instant or a year",
        )

    def _validate_editions(self, where: str) -> None:
        is_files = self.info.api == "files"
        _require(is_files == bool(self.editions), f"{where}: editions go with a portal of plain files")
        keys = [edition.key for edition in self.editions]
        grain = "none" if keys == ["all"] else "edition"
        _require(
            self.partitioning.grain == grain if is_files else self.partitioning.grain != "edition",
            f"{where}: partitioning must be {grain!r} with these editions",
        )
        _require(grain == "none" or "all" not in keys, f"{where}: an edition 'all' is the only one")
        _require(len(set(keys)) == len(keys), f"{where}: an edition appears twice")

    def _validate_headers(self, where: str) -> None:
        seen: dict[str, str] = {}
        for column in self.columns:
            for header in column.header_slugs:
                other = seen.setdefault(header, column.name)
                _require(other == column.name, f"{where}: columns {other!r} and {column.name!r} share {header!r}")
        for name in {name for names in self.header_sets for name in names}:
            is_everywhere = all(name in names for names in self.header_sets)
            _require(
                is_everywhere or not self._by_name[name].required,
                f"{where}: column {name!r} is required and absent from one of header_sets",
            )
        for name in self.left_in_raw:
            _require(slug(name) not in seen, f"{where}: {name!r} is loaded, it cannot be left in raw")
        for name in self.personal:
            _require(bool(slug(name)), f"{where}: personal names no column: {name!r}")
            _require(slug(name) not in seen, f"{where}: {name!r} is personal, it must not be loaded")

    @property
    def table(self) -> str:
        """Name in SQL: the id in snake_case."""
        return self.id.replace("-", "_")

    @property
    def time_column(self) -> str | None:
        """Column that tells the time of a row: a day, an instant or a year; None when there is none."""
        return self.partitioning.on or self.dated_by

    @property
    def info(self) -> PortalInfo:
        """The portal it is on."""
        return PORTALS[self.portal]

    @property
    def page(self) -> str:
        """The publisher's page, for people."""
        if self.page_path is not None:
            return f"{self.info.url}/{self.page_path}"
        return self.info.page.format(url=self.info.url, id=self.id)

    @property
    def measures(self) -> tuple[str, ...]:
        """Numeric columns that are no part of the key, in order."""
        return tuple(each.name for each in self.columns if each.type in ("int", "double") and each.name not in self.key)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the contracted columns, in order."""
        return tuple(self._by_name)

    def column(self, name: str) -> Column:
        """Return the column called ``name``; KeyError when there is none."""
        return self._by_name[name]
