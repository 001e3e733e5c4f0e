"""Rows of the data sets of consumption, weather, gas, exchanges and injections, as their portals publish them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from tests.dbt.lakes import ACROSS, labels

NATIONAL = "consommation-quotidienne-brute"
REGIONAL = "consommation-quotidienne-brute-regionale"
TEMPERATURE = "temperature-quotidienne-regionale"
GAS_STOCK = "stock-quotidien-stockages-gaz"
EXCHANGES = "imports-exports-commerciaux"
INJECTIONS = "injections-regionales-quotidiennes-consolidees-rpt"

# RTE's twelve regions: its grid does not reach Corsica.
REGIONS = tuple(code for code in METROPOLITAN_REGIONS if code != "94")
TEREGA_REGIONS = ("75", "76", "84")
# What is built from these data sets, with the seeds and the calendar; the rest of the project is tested elsewhere.
SELECT = (
    *(
        f"source:odre.{name.replace('-', '_')}+"
        for name in (NATIONAL, REGIONAL, TEMPERATURE, GAS_STOCK, EXCHANGES, INJECTIONS)
    ),
    *("statuts", "pits", "dim_region", "+dim_date", "meta_avertissements", "meta_ruptures", "meta_colonnes"),
    "meta_relations",
    *("--exclude", *ACROSS),
)
PITS = {
    "Centre": "Storengy",
    "Saline": "Storengy",
    "Sediane": "Storengy",
    "Sediane B": "Storengy",
    "Serene": "Storengy",
} | {"Teréga": "Teréga"}
BORDERS = ("gb", "cwe", "ch", "it", "es")


def _gross(label: str, electricity: float, gas: float, *, terega: bool) -> dict[str, Any]:
    """Return the measures of one label: gas and the total at :00 only."""
    row: dict[str, Any] = {"consommation_brute_electricite_rte": electricity, "statut_rte": "Définitif"}
    if label.endswith(":00"):
        row |= {
            "consommation_brute_gaz_grtgaz": gas,
            "statut_grtgaz": "Définitif",
            "consommation_brute_gaz_totale": gas,
            "consommation_brute_totale": electricity + gas,
        }
        if terega:
            row |= {
                "consommation_brute_gaz_terega": 100.0,
                "statut_terega": "Définitif",
                "consommation_brute_gaz_totale": gas + 100,
                "consommation_brute_totale": electricity + gas + 100,
            }
    return row


def regional_day(
    day: date, *, mw: float = 4000, gas: float = 3000, regions: tuple[str, ...] = REGIONS
) -> list[dict[str, Any]]:
    """Return the 48 labels of a day for each region, the same power everywhere (MW)."""
    return [
        {
            "code_insee_region": region,
            "region": METROPOLITAN_REGIONS[region],
            "date": f"{day:%Y-%m-%d}",
            "heure": label,
            "date_heure": instant,
        }
        | _gross(label, mw, gas, terega=region in TEREGA_REGIONS)
        for region in regions
        for label, instant in labels(day)
    ]


def national_day(day: date, *, mw: float = 48_000, gas: float = 36_000) -> list[dict[str, Any]]:
    """Return the 48 labels of a day for France: by default the sum of :func:`regional_day` for electricity (MW)."""
    return [
        {"date": day, "heure": label, "date_heure": instant, "flag_ignore": "non"} | _gross(label, mw, gas, terega=True)
        for label, instant in labels(day)
    ]


def temperature_day(day: date) -> list[dict[str, Any]]:
    """Return one day of the thirteen regions (°C)."""
    return [
        {"date": day, "code_insee_region": code, "region": name, "tmin": 5.0, "tmax": 15.0, "tmoy": 10.0}
        for code, name in METROPOLITAN_REGIONS.items()
    ]


def stock_day(day: date, *, gwh: float = 10_000) -> list[dict[str, Any]]:
    """Return one day of the six PITS, the same stock in each (GWh)."""
    return [{"date": day, "stock_fin_de_journee": gwh, "source": source, "pits": pits} for pits, source in PITS.items()]


def exchange_day(day: date) -> Iterator[dict[str, Any]]:
    """Yield the 24 hours of a day: 1,000 MW out and 200 MW in at each border."""
    for position in range(24):
        row: dict[str, Any] = {"date": day, "position": position, "export_france": 5000.0, "import_france": -1000.0}
        for border in BORDERS:
            row |= {f"fr_{border}": 1000.0, f"{border}_fr": -200.0}
        yield row


def injection(day: date, region: str, filiere: str, mwh: float | None) -> dict[str, Any]:
    """Return one published row of injections (MWh)."""
    return {"date": day, "code_insee_region": region, "filiere": filiere, "energie_journaliere_mwh": mwh}
