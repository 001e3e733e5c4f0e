"""The columns of a data set as a contract, and the form in which their headers are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, get_args

ColumnType = Literal["text", "int", "double", "date", "datetime"]
PortalType = Literal["text", "int", "double", "date", "datetime", "geo_point_2d"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class CatalogError(ValueError):
    """An entry of the catalogue is wrong; the message names the entry and the field."""


# Every command compares all headers of the catalogue, most of which several data sets share.
@lru_cache(maxsize=1 << 14)
def slug(text: str) -> str:
    """Return ``text`` as unaccented snake_case, the form in which headers are compared.

    >>> slug("Consommation Tertiaire  (MWh)")
    'consommation_tertiaire_mwh'
    """
    plain = unicodedata.normalize("NFKD", text.replace("\ufeff", "")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def require(condition: bool, message: str) -> None:  # noqa: FBT001 - reads as a sentence at the call
    """Raise CatalogError with this message unless the condition holds."""
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
        required: False for a column that the portal has not always published.
        null_markers: texts that stand for null, such as ``ND``.
        declared: type that the portal declares when it differs from ``type`` (numbers typed as text, points).
        date_format: strftime format of a date that the portal types as text and does not write in ISO form. Reading
            goes by the value (:mod:`dataelec_assets.lake.dates`).
        since: earliest day that a column of dates, instants or years may hold, where that is before the start of the
            data set, such as the day on which a commune changed its name.
        width: least number of characters of a code; a code stored as a number gets its leading zeros back.
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
        require(bool(_NAME.fullmatch(self.name)), f"{where}: name must be unaccented snake_case")
        require(self.type in get_args(ColumnType), f"{where}: unknown type {self.type!r}")
        require(
            self.declared is None or self.declared in get_args(PortalType),
            f"{where}: unknown declared type {self.declared!r}",
        )
        require(self.date_format is None or self.type == "date", f"{where}: date_format is for type 'date' only")
        require(self.since is None or self.type in ("date", "datetime", "int"), f"{where}: since is for times only")
        for attribute in ("labels", "null_markers"):
            require(
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
class YearsInColumns:
    """How a file with a column for each year becomes one with a row for each.

    A file that already has the columns ``year`` and ``value`` stays as it is: both shapes give the same rows.

    Attributes:
        pattern: header of a year, such as ``A{annee}`` for ``A2020``.
        year: contracted column, an integer, for the year.
        value: contracted column, a text, for the cell; an empty cell gives no row.
    """

    pattern: str
    year: str
    value: str

    def __post_init__(self) -> None:
        """Validate.

        Raises:
            CatalogError: the pattern has no place for the year.
        """
        require(
            self.pattern.count("{annee}") == 1, f"years_in_columns: pattern {self.pattern!r} must hold {{annee}} once"
        )

    def year_of(self, header: str) -> int | None:
        """Return the year that a header stands for; None for any other header."""
        before, _, after = self.pattern.partition("{annee}")
        found = re.fullmatch(rf"{re.escape(before)}(\d{{4}}){re.escape(after)}", header.strip(), re.IGNORECASE)
        return int(found[1]) if found else None
