"""What the page of a département or an EPCI shows, gathered before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dataelec_assets.serving.outlines import neighbours
from dataelec_assets.serving.report.territories.headlines import Breaks, Series
from dataelec_assets.serving.report.territories.places import Grain, Place, Places
from dataelec_assets.serving.report.territories.readings import Known, Reading, in_year, newest
from dataelec_assets.serving.report.territories.typology import Kind, Types

# Peers of a type that a page names: those nearest in population.
PEERS = 10

FRANCE = Place("nation", "FR", "France")


@dataclass(frozen=True, slots=True)
class Line:
    """A series of a territory with what it is measured against, in the year of the territory's own newest value."""

    series: Series
    own: Reading
    parent: float | None
    nation: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A rate of several territories in one year, the territory of the page first; None without a row that year."""

    series: Series
    year: int
    values: tuple[tuple[Place, Reading | None], ...]


@dataclass(frozen=True, slots=True)
class History:
    """A series through the years, and the years that begin a new one."""

    series: Series
    readings: tuple[Reading, ...]
    breaks: tuple[tuple[int, str], ...]

    @property
    def drawn_breaks(self) -> dict[int, tuple[int, str]]:
        """The breaks that part values of this series, by the first year with a value after each."""
        years = [each.year for each in self.readings if each.value is not None]
        found: dict[int, tuple[int, str]] = {}
        for year, reason in self.breaks:
            after = [each for each in years if each >= year]
            if after and min(years) < year:
                found[min(after)] = (year, reason)
        return found


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a page shows: equal sheets make equal pages.

    Attributes:
        place: the territory.
        above: what contains it, the widest first.
        parent: what its values are set against.
        lines: its series.
        around: rates beside the territories around it.
        peers: one rate beside the territories of its type.
        histories: series followed through the years.
        sectors: consumption by sector.
        members: EPCI of a département, communes of an EPCI.
        kind: its type; None where no typology is made.
    """

    place: Place
    above: tuple[Place, ...]
    parent: Place | None
    lines: tuple[Line, ...]
    around: tuple[Comparison, ...]
    peers: tuple[Comparison, ...]
    histories: tuple[History, ...]
    sectors: tuple[tuple[Series, Reading], ...]
    members: tuple[Place, ...]
    kind: Kind | None


class Gathering:
    """Gathers the sheets.

    Args:
        places: the territories.
        series: what is shown of each.
        readings: values by grain and code.
        breaks: years that begin a new series, by code of indicator.
        types: of the EPCI.
    """

    def __init__(
        self,
        places: Places,
        series: Sequence[Series],
        readings: dict[tuple[str, str], Known],
        breaks: Breaks,
        types: Types,
    ) -> None:
        self.places, self.series, self.types = places, series, types
        self._readings, self._breaks = readings, breaks
        self._members: dict[tuple[Grain, str], list[Place]] = {}
        for epci in places.each("epci"):
            self._members.setdefault(("departement", epci.departement), []).append(epci)
        for commune in places.each("commune"):
            if commune.epci:
                self._members.setdefault(("epci", commune.epci), []).append(commune)

    def sheets(self) -> Iterator[Sheet]:
        """Yield the sheet of each département and EPCI."""
        for grain in ("departement", "epci"):
            for place in self.places.each(grain):
                yield self._sheet(place)

    def known(self, place: Place) -> Known:
        """Return the readings of a territory; empty without any."""
        return self._readings.get((place.grain, place.code), {})

    def above(self, place: Place) -> tuple[Place, ...]:
        """Return what contains a territory, the widest first."""
        found = [self.places.get("region", place.region)]
        if place.grain != "departement":
            found.append(self.places.get("departement", place.departement))
        if place.grain == "commune":
            found.append(self.places.get("epci", place.epci))
        return tuple(each for each in found if each is not None)

    def _sheet(self, place: Place) -> Sheet:
        known, above = self.known(place), self.above(place)
        parent = above[-1] if above else None
        others = self._around(place)
        return Sheet(
            place,
            above,
            parent,
            tuple(self._lines(known, parent)),
            tuple(self._comparisons(place, [*others, *([] if parent is None else [parent]), FRANCE])),
            tuple(self._comparisons(place, self._peers(place)))[:1],
            tuple(
                History(each, known[each.key], tuple(self._breaks.get(each.code, ())))
                for each in self.series
                if each.is_followed and known.get(each.key)
            ),
            tuple(
                (each, found)
                for each in self.series
                if each.part
                for found in [newest(known.get(each.key, ()))]
                if found is not None
            ),
            tuple(self._members.get((place.grain, place.code), ())),
            self.types.of(place),
        )

    def _lines(self, known: Known, parent: Place | None) -> Iterator[Line]:
        for series in self.series:
            own = newest(known.get(series.key, ()))
            if own is None or series.part:
                continue
            beside = [
                None if each is None else in_year(self.known(each).get(series.key, ()), own.year)
                for each in (parent, FRANCE)
            ]
            values = [None if each is None else each.value for each in beside]
            yield Line(series, own, values[0], values[1])

    def _around(self, place: Place) -> list[Place]:
        if place.grain == "departement":
            found = (self.places.get("departement", code) for code in neighbours("departements").get(place.code, ()))
            return [each for each in found if each is not None]
        members = self._members.get(("departement", place.departement), [])
        return [each for each in members if each.code != place.code]

    def _peers(self, place: Place) -> list[Place]:
        alike = (self.places.get("epci", code) for code in self.types.alike(place))
        known = [each for each in alike if each is not None]
        return sorted(known, key=lambda each: (_apart(each.population, place.population), each.code))[:PEERS]

    def _comparisons(self, place: Place, others: Sequence[Place]) -> Iterator[Comparison]:
        if not others:
            return
        # On 1,255 pages of EPCI, only what is shown large or was imported.
        compared = [each for each in self.series if each.is_compared]
        for series in (each for each in compared if place.grain != "epci" or each.is_large or each.owner):
            own = newest(self.known(place).get(series.key, ()))
            if own is None or own.value is None:
                continue
            beside = [(other, in_year(self.known(other).get(series.key, ()), own.year)) for other in others]
            if any(found is not None and found.value is not None for _, found in beside):
                yield Comparison(series, own.year, ((place, own), *beside))


def _apart(one: int, other: int) -> float:
    """Return how many times one population holds the other, at least 1: what is near for a town is not for a city."""
    smaller, larger = sorted((max(one, 1), max(other, 1)))
    return larger / smaller
