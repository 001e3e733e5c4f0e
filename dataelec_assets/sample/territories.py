"""Invented territories: communes with inhabitants and yearly consumption, in the real régions and départements.

Real are the codes of régions and départements and the municipal arrondissements of Paris, Lyon and Marseille; every
other commune, its name and all figures are invented. Sums over communes give those of the départements and régions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dataelec_assets.sample.noise import generator
from dataelec_assets.sample.regions import REGIONS

# Départements by région, INSEE 2016.
DEPARTEMENTS = {
    "01": "971", "02": "972", "03": "973", "04": "974", "06": "976",
    "11": "75 77 78 91 92 93 94 95", "24": "18 28 36 37 41 45", "27": "21 25 39 58 70 71 89 90",
    "28": "14 27 50 61 76", "32": "02 59 60 62 80", "44": "08 10 51 52 54 55 57 67 68 88", "52": "44 49 53 72 85",
    "53": "22 29 35 56", "75": "16 17 19 23 24 33 40 47 64 79 86 87",
    "76": "09 11 12 30 31 32 34 46 48 65 66 81 82", "84": "01 03 07 15 26 38 42 43 63 69 73 74",
    "93": "04 05 06 13 83 84", "94": "2A 2B",
}  # fmt: skip
OVERSEAS = {"01": "Guadeloupe", "02": "Martinique", "03": "Guyane", "04": "La Réunion", "06": "Mayotte"}

# Communes in each région, about: a few dozen.
_PER_REGION = 24

# Inhabitants: of France by share of the load, of Corse and of each région overseas.
_MAINLAND_INHABITANTS, _OTHERS = 64_000_000, 350_000

# Cities of which INSEE publishes arrondissements: code, name, first arrondissement and how many.
_CITIES = {
    "75": ("75056", "Paris", 75101, 20),
    "69": ("69123", "Lyon", 69381, 9),
    "13": ("13055", "Marseille", 13201, 16),
}


@dataclass(frozen=True, slots=True)
class Commune:
    """One commune.

    Attributes:
        code, name: INSEE code (five characters) and name.
        departement, region, epci: where it lies; the EPCI is invented.
        inhabitants: municipal population in the first year.
        arrondissements: codes of its municipal arrondissements, of three cities only.
    """

    code: str
    name: str
    departement: str
    region: str
    epci: str
    inhabitants: int
    arrondissements: tuple[str, ...] = ()


def communes(seed: int) -> list[Commune]:
    """Return the communes, by région and département."""
    return list(_communes(seed))


def _communes(seed: int) -> Iterator[Commune]:
    load = {region.code: region.load for region in REGIONS}
    total = sum(load.values())
    for region, names in DEPARTEMENTS.items():
        departements = names.split()
        wanted = _MAINLAND_INHABITANTS * load.get(region, 0) / total or _OTHERS
        count = max(2, round(_PER_REGION / len(departements)))
        draws = generator(seed, "communes", int(region)).lognormal(0, 1.2, size=(len(departements), count))
        inhabitants = draws / draws.sum() * wanted
        for row, departement in enumerate(departements):
            for number in range(count):
                yield _commune(region, departement, number, round(inhabitants[row, number]))


def _commune(region: str, departement: str, number: int, inhabitants: int) -> Commune:
    epci = f"2{departement.replace('A', '1').replace('B', '2'):0>3}{number // 3:05d}"
    if departement in _CITIES and number == 0:
        code, name, first, count = _CITIES[departement]
        parts = tuple(str(first + position) for position in range(count))
        return Commune(code, name, departement, region, epci, max(inhabitants, 20_000), parts)
    width = 5 - len(departement)
    code = f"{departement}{number + 1:0{width}d}"
    return Commune(code, f"Exemple-{code}", departement, region, epci, inhabitants)


def inhabitants_of(commune: Commune, year: int) -> int:
    """Return the municipal population of a year: half a percent more each year after 2021."""
    return round(commune.inhabitants * 1.005 ** (year - 2021))


def shares(total: int, parts: int) -> list[int]:
    """Split a whole number into parts as equal as can be, the sum kept."""
    return [total // parts + (position < total % parts) for position in range(parts)]


def yearly_by_commune(
    places: list[Commune], region_gwh: Mapping[str, Mapping[str, float]]
) -> Iterator[tuple[Commune, str, str, float, int, bool]]:
    """Yield the consumption of a year: commune, filière, sector, MWh, number of sites, whether it is kept secret.

    Nine tenths of what the grid carries in a région reach customers there, shared out by inhabitants.

    Args:
        places: the communes.
        region_gwh: per région, ``consommation`` (electricity) and ``gaz`` of the year in GWh.
    """
    inhabitants: dict[str, int] = {}
    for place in places:
        inhabitants[place.region] = inhabitants.get(place.region, 0) + place.inhabitants
    for place in places:
        part = place.inhabitants / inhabitants[place.region]
        for filiere, measure in (("Electricité", "consommation"), ("Gaz", "gaz")):
            whole = 900 * part * region_gwh.get(place.region, {}).get(measure, 0.0)
            if not whole:
                continue
            for sector, share, people_per_site in _SECTORS[filiere]:
                sites = max(1, round(place.inhabitants / people_per_site))
                # As the law of statistics has it: fewer than eleven sites tell nothing.
                is_secret = sites < _FEWEST_SITES
                yield place, filiere, sector, whole * share, sites, is_secret


_FEWEST_SITES = 11
_SECTORS = {
    "Electricité": (
        ("RESIDENTIEL", 0.38, 2),
        ("TERTIAIRE", 0.33, 14),
        ("INDUSTRIE", 0.27, 400),
        ("AGRICULTURE", 0.02, 900),
    ),
    "Gaz": (("RESIDENTIEL", 0.45, 6), ("TERTIAIRE", 0.25, 90), ("INDUSTRIE", 0.29, 1500), ("AGRICULTURE", 0.01, 9000)),
}
