"""Invented indicators of sustainable development, in the shapes and with the faults of published files.

Four files of one archive. Those of communes and EPCI have a row for each year, those of départements and régions a
column; counts are published everywhere but for EPCI, so that something is left to be summed. The faults are those seen
in files of this kind: codes without their zero, decimal commas, markers for what is unknown or secret, repeated rows,
units and labels written in several ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dataelec_assets.sample.noise import generator
from dataelec_assets.sample.territories import DEPARTEMENTS, Commune

YEARS = (2020, 2022)

_HEADER = (
    *("codgeo", "libgeo", "variable", "libelle_variable", "sous_champ", "libelle_sous_champ"),
    *("type_var", "unite", "no_ind"),
)

# Below it a commune's median is secret: INSEE tells none of fewer than about a thousand persons.
_FEWEST_PERSONS = 1_000

Row = tuple[str, str, "Variable", str, str, int, str]


@dataclass(frozen=True, slots=True)
class Variable:
    """One invented variable: code, label, nature, unit and number of its indicator, as published."""

    code: str
    label: str
    kind: str
    unit: str
    number: str


AREA = Variable("surf_bio", "Surface agricole en bio", "Effectif", "ha", "i02a")
SHARE = Variable("part_bio", "Part de la surface agricole en bio", "Ratio", "%", "i02b")
JOBS = Variable("emplois", "Emplois au lieu de travail", "Effectif", "nombre", "i08")
MEDIAN = Variable("niv_vie_med", "Niveau de vie médian", "Médiane", "€", "i01")
INDEX = Variable("ind_vieil", "Indice de vieillissement", "Indice", "indice", "i03")


@dataclass(frozen=True, slots=True)
class _Figures:
    """What is true of one commune, or of several together."""

    area: float
    farmed: float
    women: int
    men: int
    median: float
    index: float
    inhabitants: int


def files(places: Sequence[Commune], seed: int) -> Iterator[tuple[str, str, str, list[Sequence[object]]]]:
    """Yield grain, delimiter, header and rows of each file.

    Args:
        places: the communes.
        seed: of the figures.
    """
    figures = {place.code: _figures(place, seed) for place in places}
    region_of = {name: region for region, names in DEPARTEMENTS.items() for name in names.split()}
    grains = {
        "communes": [(place.code, place.name, [place]) for place in places],
        "epci": _together(places, lambda place: place.epci, "EPCI"),
        "departements": _together(places, lambda place: place.departement, "Département"),
        "regions": _together(places, lambda place: region_of[place.departement], "Région"),
    }
    for grain, territories in grains.items():
        rows = [
            row
            for code, name, members in territories
            for row in _rows(grain, code, name, [figures[member.code] for member in members])
        ]
        if grain in ("communes", "epci"):
            yield grain, ",", ",".join((*_HEADER, "annee", "valeur")), _long(rows)
        else:
            yield grain, ";", ";".join((*_HEADER, *(f"A{year}" for year in YEARS))), _wide(rows)


def _together(
    places: Sequence[Commune], code_of: Callable[[Commune], str], words: str
) -> list[tuple[str, str, list[Commune]]]:
    groups: dict[str, list[Commune]] = {}
    for place in places:
        groups.setdefault(code_of(place), []).append(place)
    return [(code, f"{words} {code}", members) for code, members in sorted(groups.items())]


def _figures(place: Commune, seed: int) -> _Figures:
    draws = generator(seed, "indicators", int(place.code.replace("A", "1").replace("B", "2"))).random(5)
    farmed = 200 + 3_000 * float(draws[0])
    jobs = round(0.4 * place.inhabitants * (0.6 + float(draws[2])))
    women = round(0.48 * jobs)
    return _Figures(
        area=round(farmed * 0.25 * float(draws[1]), 1),
        farmed=round(farmed, 1),
        women=women,
        men=jobs - women,
        median=round(18_000 + 9_000 * float(draws[3]), -1),
        index=round(60 + 80 * float(draws[4]), 1),
        inhabitants=place.inhabitants,
    )


def _rows(grain: str, code: str, name: str, parts: Sequence[_Figures]) -> Iterator[Row]:
    """Yield the rows of a territory: code, name, variable, part with its label, year, value."""
    weights = np.array([max(part.inhabitants, 1) for part in parts], dtype=np.float64)
    area, farmed = (sum(getattr(part, each) for part in parts) for each in ("area", "farmed"))
    # Invented: the publisher's medians and indices cannot be made from those of the parts, which is the point.
    median = float(np.average([part.median for part in parts], weights=weights))
    index = float(np.average([part.index for part in parts], weights=weights))
    for position, year in enumerate(YEARS):
        growth = 1 + 0.04 * position
        if grain != "epci":
            yield code, name, AREA, "", "", year, f"{area * growth:.1f}"
            for part, label, count in (
                ("F", "Femmes", sum(part.women for part in parts)),
                ("H", "Hommes", sum(part.men for part in parts)),
            ):
                yield code, name, JOBS, part, label, year, str(count)
        yield code, name, SHARE, "", "", year, f"{100 * area * growth / farmed:.2f}".replace(".", ",")
        is_secret = grain == "communes" and parts[0].inhabitants < _FEWEST_PERSONS
        yield code, name, MEDIAN, "", "", year, "s" if is_secret else f"{median * growth:.0f}"
        yield code, name, INDEX, "", "", year, "nd" if year == YEARS[0] and grain == "epci" else f"{index:.1f}"


def _about(row: Row, grain: str) -> tuple[object, ...]:
    """Return the columns before the value, with the faults that people leave in them."""
    code, name, variable, part, part_label, _, _ = row
    is_small = grain != "epci" and code.startswith("0")
    unit = {"ha": "hectares", "%": "pourcentage", "€": "euros"}.get(variable.unit, variable.unit)
    label = variable.label.replace("é", "e").upper() if is_small else variable.label
    return (
        code.lstrip("0") if is_small else code,
        name,
        f"{variable.code} " if is_small else variable.code,
        f"{label}  " if is_small else label,
        part,
        part_label,
        variable.kind,
        unit if is_small else variable.unit,
        variable.number,
    )


def _long(rows: Iterable[Row]) -> list[Sequence[object]]:
    lines: list[Sequence[object]] = []
    for number, row in enumerate(rows):
        grain = "communes" if len(row[0]) == 5 else "epci"  # noqa: PLR2004 - characters of a commune's code
        lines.append((*_about(row, grain), row[5], row[6]))
        # As where two extracts were pasted together.
        if number % 500 == 0:
            lines.append(lines[-1])
    return lines


def _wide(rows: Iterable[Row]) -> list[Sequence[object]]:
    cells: dict[tuple[object, ...], dict[int, str]] = {}
    for row in rows:
        cells.setdefault(_about(row, "departements"), {})[row[5]] = row[6]
    return [(*about, *(values.get(year, "") for year in YEARS)) for about, values in cells.items()]
