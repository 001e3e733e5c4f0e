"""Guesses a contract from a sample: types, units, key, time, measures. Each guess is for a person to confirm."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, combinations

from dataelec_assets.catalog import Cadence, Column, Partitioning, load_catalog, slug
from dataelec_assets.catalog.columns import ColumnType, PortalType
from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from dataelec_assets.errors import SettingsError
from dataelec_assets.portals.client import PortalField
from dataelec_assets.privacy.personal import is_personal_name
from dataelec_assets.scaffold.sample import Sample

# Texts that publishers print instead of a number.
_MARKERS = frozenset({"ND", "nd", "NC", "n.d.", "-", "s"})

_WHOLE = re.compile(r"-?\d{1,15}")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?([eE][+-]?\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}/\d{2}/\d{4}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?")
_YEAR = re.compile(r"(19|20)\d{2}")

_CODE = re.compile(r"(^|_)(code|insee|codgeo|siren|siret|naf|iris|epci)(_|$)")
_YEARS = frozenset({"annee", "year", "an", "millesime"})

_IN_BRACKETS = re.compile(r"\s*\(([^()]*)\)")
_UNIT = re.compile(r"([kMGT]?(W|Wh|VA)|°C|%|m/s|mm|hPa|€|€/MWh|g/kWh|h|km)( .*)?")
_UNIT_IN_NAME = re.compile(r"_([kmgt]?wh?|kva)$")
_SUFFIXES = {"°C": "c", "%": "pct", "m/s": "m_s", "g/kWh": "g_par_kwh", "€/MWh": "eur_par_mwh"}

# A cell of this length is a shape, not a value.
_LONGEST_CELL = 500
_WIDEST_KEY = 5

# Cadence and expected lag in days, by the kind of time that a row has.
_RHYTHMS: dict[str, tuple[Cadence, int]] = {
    "datetime": ("daily", 15),
    "date": ("monthly", 75),
    "int": ("yearly", 700),
    "none": ("yearly", 700),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What an entry says, as far as a sample shows it.

    Attributes:
        columns: the contract.
        key: columns that identify each row of the sample; empty when none do.
        partitioning: by month when rows have a day or an instant, else not cut.
        dated_by: column of years of a data set that is not cut.
        fingerprint: the first measures.
        territories: column of codes of metropolitan regions.
        staged: columns of the staging model, with their names in the warehouse.
        left_in_raw: headers of shapes and points.
        personal: headers that look like contacts.
        history_start: the earliest time in the sample.
        cadence: after the kind of time.
        lag_days: expected age of the newest value, in days.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partitioning: Partitioning
    dated_by: str | None
    fingerprint: tuple[str, ...]
    territories: str | None
    staged: tuple[str, ...]
    left_in_raw: tuple[str, ...]
    personal: tuple[str, ...]
    history_start: date
    cadence: Cadence
    lag_days: int


def guess(sample: Sample) -> Draft:
    """Return the contract that a sample suggests.

    Raises:
        SettingsError: two headers give the same name, or no column is left to load.
    """
    declared = load_catalog().personal_names
    left, personal, found = [], [], dict[str, Column]()
    headers: dict[str, str] = {}
    for header in sample.header:
        known = sample.fields.get(header)
        name = known.name if known else _name(header)
        if is_personal_name(slug(header), declared):
            personal.append(header)
        elif _is_shape(name, sample.values(header), known):
            left.append(header)
        elif name in found or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise SettingsError(
                f"The header {header!r} gives the name {name!r}, which is not usable or is another column's too.",
                advice="Rename the column in the sample; the entry's `labels` then hold the printed header.",
            )
        else:
            found[name] = _column(name, header, sample.values(header), known)
            headers[name] = header
    if not found:
        raise SettingsError("The sample has no column that could be loaded.")
    time = _time(found.values())
    key = _key(sample, headers, found.values(), time)
    columns = tuple(replace(each, nullable=False) if each.name in key else each for each in found.values())
    measures = [each.name for each in columns if each.type == "double" and each.name not in key]
    years = time is not None and time.type == "int"
    cadence, lag = _RHYTHMS[time.type if time else "none"]
    return Draft(
        columns=columns,
        key=key,
        partitioning=Partitioning("none") if time is None or years else Partitioning("month", on=time.name),
        dated_by=time.name if time and years else None,
        fingerprint=tuple(each for each in measures if found[each].portal_type != "text")[:3],
        territories=next((n for n, h in headers.items() if _are_regions(n, sample.values(h))), None),
        staged=_staged(columns),
        left_in_raw=tuple(left),
        personal=tuple(personal),
        history_start=_earliest(sample.values(headers[time.name])) if time else date(2000, 1, 1),
        cadence=cadence,
        lag_days=lag,
    )


def _name(header: str) -> str:
    """Return the technical name that a printed header suggests: without its unit, unaccented."""
    return slug(_IN_BRACKETS.sub("", header)) or slug(header)


def _is_shape(name: str, values: Sequence[str], known: PortalField | None) -> bool:
    is_declared = known is not None and known.type in ("geo_point_2d", "geo_shape", "file")
    return is_declared or name.startswith("geo_") or any(len(each) > _LONGEST_CELL for each in values)


def _column(name: str, header: str, values: Sequence[str], known: PortalField | None) -> Column:
    label = known.label if known else header
    markers = tuple(sorted({*values} & _MARKERS))
    plain = [each for each in values if each not in _MARKERS]
    kind, width = _kind(name, plain)
    if kind == "text":
        markers = ()
    unit = _unit(label, name) if kind == "double" else None
    # A column with words among its numbers is a text on the portal, which cannot sum it.
    declared: PortalType | None = "text" if markers and kind == "double" else None
    if known is not None and known.type in ("text", "int", "double", "date", "datetime"):
        portal_type: PortalType = known.type  # type: ignore[assignment]
        declared = portal_type if portal_type != kind else None
    return Column(
        name,
        kind,
        labels=(label,) if label != name else (),
        unit=unit,
        description=_IN_BRACKETS.sub("", label).replace("_", " ").strip(),
        null_markers=markers,
        declared=declared,
        width=width,
    )


def _kind(name: str, values: Sequence[str]) -> tuple[ColumnType, int | None]:
    """Return the type of a column and, of a code, its width."""
    if not values:
        return "text", None
    if _CODE.search(name):
        widths = {len(each) for each in values}
        is_digits = all(each.isdigit() for each in values)
        return "text", widths.pop() if len(widths) == 1 and is_digits else None
    if name in _YEARS and all(_YEAR.fullmatch(each) for each in values):
        return "int", None
    for kind, pattern in (("date", _DAY), ("datetime", _INSTANT), ("double", _NUMBER)):
        if all(pattern.fullmatch(each) for each in values):
            return kind, None  # type: ignore[return-value]
    return "text", None


def _unit(label: str, name: str) -> str | None:
    for inside in _IN_BRACKETS.findall(label):
        if _UNIT.fullmatch(inside.strip()):
            return str(inside.strip())
    found = _UNIT_IN_NAME.search(name)
    return {"w": "W", "wh": "Wh", "kva": "kVA"}.get(found[1]) or _spelt(found[1]) if found else None


def _spelt(unit: str) -> str:
    """Return a unit in its own spelling: ``mwh`` is ``MWh``."""
    prefix = unit[0] if unit[0] == "k" else unit[0].upper()
    return f"{prefix}W{unit[2:]}"


def _time(columns: Iterable[Column]) -> Column | None:
    """Return the column with the time of a row: an instant before a day, a day before a year."""
    by_type = {kind: [each for each in columns if each.type == kind] for kind in ("datetime", "date", "int")}
    return next((each for each in chain.from_iterable(by_type.values())), None)


def _key(sample: Sample, headers: dict[str, str], columns: Iterable[Column], time: Column | None) -> tuple[str, ...]:
    """Return the fewest columns that identify each row: the time and all codes first, then others as they come."""
    usable = [
        each for each in columns if each.type != "double" and len(sample.values(headers[each.name])) == len(sample.rows)
    ]
    varying = [each.name for each in usable if len({*sample.values(headers[each.name])}) > 1]
    base = [name for name in varying if time is not None and name == time.name]
    base += [name for name in varying if name not in base and _CODE.search(name)]
    others = [name for name in varying if name not in base]
    for more in range(min(len(others), max(_WIDEST_KEY - len(base), 0)) + 1):
        for extra in combinations(others, more):
            if (names := (*base, *extra)) and _identifies(sample, [headers[name] for name in names]):
                return names
    return ()


def _identifies(sample: Sample, headers: Sequence[str]) -> bool:
    positions = [sample.header.index(header) for header in headers]
    return len({tuple(row[each] for each in positions) for row in sample.rows}) == len(sample.rows)


def _are_regions(name: str, values: Sequence[str]) -> bool:
    return "region" in name and bool(values) and {each.zfill(2) for each in values} <= {*METROPOLITAN_REGIONS}


def _staged(columns: Iterable[Column]) -> tuple[str, ...]:
    """Return columns with their names in the warehouse: as other data sets call them, measures with their unit."""
    known = {
        published: renamed
        for dataset in load_catalog().values()
        for published, _, renamed in (each.partition(" as ") for each in dataset.staged)
        if renamed
    }
    staged: dict[str, str] = {}
    for column in columns:
        unit = _SUFFIXES.get(column.unit or "", slug((column.unit or "").partition(" ")[0]))
        name = known.get(column.name, column.name)
        if name == column.name and column.type == "datetime":
            name = "instant_utc"
        elif name == column.name and unit and not name.endswith(f"_{unit}"):
            name = f"{name}_{unit}"
        staged[column.name if name in staged else name] = column.name
    return tuple(column if name == column else f"{column} as {name}" for name, column in staged.items())


def _earliest(values: Sequence[str]) -> date:
    days = (f"{each[6:10]}-{each[3:5]}-{each[:2]}" if "/" in each else each for each in values)
    first = min(days)
    return date(int(first[:4]), 1, 1) if len(first) < len("2026-01") else date.fromisoformat(first[:10])
