"""A France of five communes in two régions, small enough to compute every indicator by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.dbt.territories import COMMUNES, commune, populations
from tests.dbt.yearly import BY_COMMUNE, BY_DEPARTEMENT, BY_REGION, new_row
from tests.dbt.yearly import commune as of_commune

# What the paths of their models and tests contain.
WORDS = ("indicateur", "odd_dictionnaire")

SELECT = ("+mart_indicateur_compare", "+mart_indicateur_nettoyage", "+dim_indicateur")
CHECKS = ("path:models/*/*/*indicateur*", "path:tests/indicateurs_*", "path:seeds/odd_dictionnaire*")

DWELLINGS, PUBLISHED, IMPORTED = "recensement-logement", "indicateurs-odd-{}", "indicateurs-importes"

# Trees of four communes in five; one is secret.
TREES = {"01001": 10.0, "01002": 2.5, "01003": 7.0, "13001": None}

# Code: région, département, EPCI, inhabitants.
PLACES = {
    "01001": ("84", "01", "200000001", 1_000),
    "01002": ("84", "01", "200000001", 500),
    "01003": ("84", "01", "200000002", 300),
    "69001": ("84", "69", "200000002", 8_000),
    "13001": ("93", "13", "200000003", 2_000),
}

# Electricity of homes in 2021, MWh; one is kept secret.
HOMES = {"01001": 100.0, "01002": 300.0, "01003": None, "69001": 500.0, "13001": 200.0}

# Main homes: houses, flats. One commune is not in the census.
DWELT = {"01001": (100.0, 0.0), "01002": (50.0, 50.0), "69001": (0.0, 300.0), "13001": (100.0, 0.0)}

Rows = dict[str, list[dict[str, Any]]]


def _of(code: str) -> dict[str, str]:
    region, departement, epci, _ = PLACES[code]
    return of_commune(code, epci=epci, departement=departement, region=region)


def published(variable: str, code: str, value: str, *, kind: str, **more: Any) -> dict[str, Any]:
    """Return a row of a published file of indicators, of 2020."""
    row = {"edition": "2024", "codgeo": code, "variable": variable, "libelle_variable": variable.title()}
    return row | {"type_var": kind, "unite": "ha", "annee": 2020, "valeur": value} | more


def imported(code: str, place: str, value: float | None, **more: Any) -> dict[str, Any]:
    """Return a row that somebody has imported, of 2024."""
    row = {"proprietaire": "Ville", "code_indicateur": f"imp_ville__{code}", "libelle": code.title(), "unite": "arbres"}
    row |= {"type_variable": "effectif", "source": "Parcs", "maille": "commune", "code_territoire": place}
    return row | {"annee": 2024, "valeur": value, "marqueur": "secret" if value is None else None} | more


def _inhabitants() -> Iterator[tuple[str, dict[str, Any]]]:
    by_place: dict[tuple[str, str], dict[str, int]] = {}
    for code, (region, departement, _, people) in PLACES.items():
        by_place.setdefault((region, departement), {})[code] = people
    yield from populations(2021, by_place, is_old=False)


def rows() -> Rows:
    """Return what the publishers say of these communes, by data set."""
    found: Rows = {
        COMMUNES: [
            commune(2023, code, code, region=region, departement=departement)
            for code, (region, departement, *_) in PLACES.items()
        ],
        # 2021 is published by commune only.
        BY_COMMUNE: [
            *(new_row(2021, _of(code), mwh, secret=int(mwh is None)) for code, mwh in HOMES.items()),
            new_row(2021, _of("69001"), 80.0, sector="TERTIAIRE"),
            new_row(2022, _of("01001"), 120.0),
        ],
        # 2022 by département and région too, of one région.
        BY_DEPARTEMENT: [new_row(2022, {"code_departement": "01", "code_region": "84"}, 1_000.0)],
        BY_REGION: [new_row(2022, {"code_region": "84"}, 2_000.0)],
        DWELLINGS: [
            {"edition": "2021", "commune": code, "catl": "1", "typl": kind, "surf": "4", "ipondl": number}
            for code, numbers in DWELT.items()
            for kind, number in zip("12", numbers, strict=True)
            if number
        ],
        PUBLISHED.format("communes"): [
            published("surf", "1001", "1,5", kind="Effectif"),
            published("surf", "01002", "2", kind="effectif", unite="hectares"),
            published("rev ", "01001", "20 000", kind="Médiane", unite="€", libelle_variable="Rev"),
            published("rev", "01002", "s", kind="médiane", unite="euros"),
            published("part", "01001", "10", kind="Ratio", unite="%"),
            published("part", "01001", "10", kind="Ratio", unite="%"),
            published("part", "01002", "30", kind="Ratio", unite="%"),
        ],
        IMPORTED: [
            *(imported("arbres", place, value) for place, value in TREES.items()),
            imported("ombre", "01001", 31.5, unite="%", type_variable="ratio"),
            imported("ombre", "01", 20.0, unite="%", type_variable="ratio", maille="departement"),
        ],
        PUBLISHED.format("epci"): [published("rev", "200000001", "21000", kind="médiane", unite="€")],
        PUBLISHED.format("departements"): [published("part", "1", "12.5", kind="Ratio", unite="%")],
    }
    for dataset_id, row in _inhabitants():
        found.setdefault(dataset_id, []).append(row)
    return found
