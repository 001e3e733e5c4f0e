"""Invented indicators of sustainable development, in the layout of the published archive.

A file for each grain: a line for each territory, indicator, variable and sub-field, newest year first, texts quoted,
``i`` or ``c`` as nature, no label and no unit. Codes are those of INSEE's dictionary. Counts and the shares made of
them are left out for EPCI, so that something is to be summed and made again; a variable that two indicators use has a
line under each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dataelec_assets.sample.noise import generator
from dataelec_assets.sample.territories import DEPARTEMENTS, OVERSEAS, Commune

YEARS = (2022, 2021, 2020)

HEADER = ("codgeo", "libgeo", "no_indic", "ODD1", "Cible1", "ODD2", "Cible2", "type_var", "variable", "sous_champ")

# Below it a commune's median is not published: INSEE tells none of fewer than about a thousand persons.
_FEWEST_PERSONS = 1_000

# Goal, target, and those of a second filing, by indicator.
_GOALS = {
    "i007b": ("2", "2.4", "", ""),
    "i017": ("3", "3", "", ""),
    "i021": ("3", "3", "11", "11"),
    "i042": ("8", "8.5", "", ""),
    "i073": ("10", "10.2", "", ""),
    "i071": ("10", "10.2", "", ""),
}

# Texts of a line, and its values, newest year first; None for an empty cell.
Line = tuple[tuple[str, ...], list[float | None]]


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


def files(places: Sequence[Commune], seed: int) -> Iterator[tuple[str, list[Line]]]:
    """Yield grain and lines of each file.

    Args:
        places: the communes.
        seed: of the figures.
    """
    figures = {place.code: _figures(place, seed) for place in places}
    region_of = {name: region for region, names in DEPARTEMENTS.items() for name in names.split()}
    mainland = [place for place in places if region_of[place.departement] not in OVERSEAS]
    grains = {
        "communes": [(place.code, place.name, [place]) for place in places],
        "epci": _together(places, lambda place: place.epci, "EPCI"),
        "crte": _together(places, lambda place: f"CRTE{place.departement}", "Contrat"),
        "departements": _together(places, lambda place: place.departement, "Département"),
        "regions": _together(places, lambda place: region_of[place.departement], "Région"),
        "metropole": [("MET", "France métropolitaine", mainland)],
        "france": [("FRA", "France", list(places))],
    }
    for grain, territories in grains.items():
        yield (
            grain,
            [
                line
                for code, name, members in territories
                for line in _lines(grain, code, name, [figures[member.code] for member in members])
            ],
        )


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


def _lines(grain: str, code: str, name: str, parts: Sequence[_Figures]) -> Iterator[Line]:
    """Yield the lines of a territory."""
    weights = np.array([max(part.inhabitants, 1) for part in parts], dtype=np.float64)
    area, farmed = (sum(getattr(part, each) for part in parts) for each in ("area", "farmed"))
    # Invented: the publisher's medians and indices cannot be made from those of the parts, which is the point.
    median = float(np.average([part.median for part in parts], weights=weights))
    index = float(np.average([part.index for part in parts], weights=weights))
    growth = [1 + 0.02 * (year - YEARS[-1]) for year in YEARS]

    def line(number: str, role: str, variable: str, part: str, values: list[float | None]) -> Line:
        return (code, name, number, *_GOALS[number], role, variable, part), values

    if grain != "epci":
        areas = [round(area * each, 1) for each in growth]
        yield line("i007b", "i", "part_agribio_surf", "", [round(100 * each / farmed, 2) for each in areas])
        yield line("i007b", "c", "agribio_surf", "tot", list(areas))
        yield line("i007b", "c", "saue", "", [round(farmed, 1)] * len(YEARS))
        for sex, count in (("f", sum(part.women for part in parts)), ("h", sum(part.men for part in parts))):
            yield line("i042", "c", "actifs_occ", sex, [count] * len(YEARS))
    people = sum(part.inhabitants for part in parts)
    yield line("i017", "c", "pop", "", [None, people, None])
    yield line("i021", "c", "pop", "", [None, people, None])
    is_told = grain != "communes" or people >= _FEWEST_PERSONS
    yield line("i073", "i", "niveau_vie_median", "", [round(median * each) if is_told else None for each in growth])
    yield line("i071", "i", "niveau_vie_rap_interdec", "", [None, round(index / 30, 1), None])
