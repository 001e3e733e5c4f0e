"""Rows of the four éCO2mix sets, as the portal publishes them."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.dbt.consumption import REGIONS
from tests.dbt.lakes import ACROSS, labels

NATIONAL_TR = "eco2mix-national-tr"
NATIONAL = "eco2mix-national-cons-def"
REGIONAL_TR = "eco2mix-regional-tr"
REGIONAL = "eco2mix-regional-cons-def"
SETS = (NATIONAL_TR, NATIONAL, REGIONAL_TR, REGIONAL)
# The same from RTE's own files.
RTE_NATIONAL_TR, RTE_NATIONAL, RTE_REGIONAL_TR, RTE_REGIONAL = RTE_SETS = tuple(
    each.replace("eco2mix-", "eco2mix-rte-") for each in SETS
)

REAL_TIME = "Données temps réel"
CONSOLIDATED = "Données consolidées"
DEFINITIVE = "Données définitives"

# Everything that is built from these sets and their revisions, with the seeds.
SELECT = (
    *(f"source:odre.{name.replace('-', '_')}+" for name in SETS),
    *(f"source:rte.{name.replace('-', '_')}+" for name in RTE_SETS),
    "source:lac.revisions+",
    *("statuts", "dim_region", "filieres", "dim_facteur_co2", "dim_filiere"),
    *("--exclude", *ACROSS),
)

# MW. Both balances close, the national one is twelve times the regional one, and the rate of CO2 is RTE's formula:
# (429 x 2,400 + 494 x 1,200) / 51,000 = 31.8 g/kWh.
_NATIONAL: dict[str, float] = {
    "consommation": 48_000,
    "fioul": 0,
    "charbon": 0,
    "gaz": 2_400,
    "nucleaire": 36_000,
    "eolien": 4_800,
    "solaire": 1_200,
    "hydraulique": 6_000,
    "bioenergies": 1_200,
    "pompage": -600,
    "ech_physiques": -3_000,
    "taux_co2": 32,
}
_COMMERCIAL = ("angleterre", "espagne", "italie", "suisse", "allemagne_belgique")
_REGIONAL: dict[str, float] = {
    "consommation": 4_000,
    "thermique": 200,
    "nucleaire": 3_000,
    "eolien": 400,
    "solaire": 100,
    "hydraulique": 500,
    "bioenergies": 100,
    "pompage": -50,
    "ech_physiques": -250,
    "tco_nucleaire": 75,
    "tco_hydraulique": 112.5,
}

Row = dict[str, Any]


def national_day(day: date, nature: str = REAL_TIME) -> list[Row]:
    """Return the 96 labels of a day; of a consolidated day only :00 and :30 are measured."""
    rows = []
    for label, instant in labels(day, step_minutes=15):
        row: Row = {"perimetre": "France", "nature": nature, "date": day, "heure": label, "date_heure": instant}
        row |= {"prevision_j1": 47_500.0}
        on_the_half = label.endswith((":00", ":30"))
        if on_the_half or nature == REAL_TIME:
            row |= {"prevision_j": 47_900.0} | {name: float(value) for name, value in _NATIONAL.items()}
        if on_the_half:
            row |= {f"ech_comm_{border}": -600.0 for border in _COMMERCIAL}
        rows.append(row)
    return rows


def regional_day(day: date, nature: str = REAL_TIME, regions: tuple[str, ...] = REGIONS) -> list[Row]:
    """Return the labels of a day for each region, 96 in real time and 48 later. Île-de-France has no reactor."""
    rows = []
    for region in regions:
        measures: dict[str, Any] = {name: float(value) for name, value in _REGIONAL.items()}
        if region == "11":
            measures |= {"nucleaire": None, "tco_nucleaire": None, "ech_physiques": 2_750.0}
        for label, instant in labels(day, step_minutes=15 if nature == REAL_TIME else 30):
            row = {"code_insee_region": region, "nature": nature, "date": day, "heure": label, "date_heure": instant}
            rows.append(row | measures)
    return rows


def find(rows: list[Row], day: date, label: str, region: str | None = None) -> Row:
    """Return the one row of a label."""
    (row,) = [row for row in rows if (row["date"], row["heure"], row.get("code_insee_region")) == (day, label, region)]
    return row
