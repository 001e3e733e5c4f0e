"""The thirteen regions of the synthetic France: climate, appetite for heat, fleet of power stations.

Climate is fitted on the published daily temperatures of 2016-2025 (mean, first harmonic, spread of the rest). Shares of
load are those of the published gross consumption of July 2018, a month without heating. Thermosensitivities follow the
regional estimates of 2013-2020 (Île-de-France first, Bourgogne-Franche-Comté last), scaled to a national
slope close to 2,400 MW/°C. Installed capacities are rounded orders of magnitude of 2023-2025. None of this is a source.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Region:
    """One region.

    Attributes:
        code: INSEE code of the region.
        name: name, as the portal prints it.
        latitude: degrees north, for the course of the sun.
        mean: mean temperature, °C.
        swing: half the distance between the warmest and the coldest season, °C.
        warmest: day of the year on which the season is warmest.
        spread: standard deviation of the region's own weather, °C, beside the weather that all regions share.
        day_range: mean difference between the day's maximum and minimum, °C.
        load: mean load without heating nor cooling, MW.
        heating: more load per °C under 15 °C, relative weight.
        cooling: more load per °C above 20 °C, MW/°C.
        gas: share of the gas consumed for heating.
        terega: share of the region's gas that flows through the network of Teréga.
        nuclear, wind, offshore, solar: installed capacity, MW.
        hydro, bioenergy, gas_plants, coal, oil, storage: share of the national fleet.
    """

    code: str
    name: str
    latitude: float
    mean: float
    swing: float
    warmest: float
    spread: float
    day_range: float
    load: float
    heating: float
    cooling: float = 0.0
    gas: float = 0.0
    terega: float = 0.0
    nuclear: float = 0.0
    wind: float = 0.0
    offshore: float = 0.0
    solar: float = 0.0
    hydro: float = 0.0
    bioenergy: float = 0.0
    gas_plants: float = 0.0
    coal: float = 0.0
    oil: float = 0.0
    storage: float = 0.0


# fmt: off
REGIONS = (
    Region("11", "Île-de-France", 48.7, 12.90, 8.02, 203, 1.15, 8.3, 6588, 299, 110, gas=.20,
           wind=170, solar=500, hydro=.004, bioenergy=.165, gas_plants=.06, oil=.30),
    Region("24", "Centre-Val de Loire", 47.5, 12.71, 7.94, 204, 0.97, 9.9, 1752, 82, 10, gas=.035,
           nuclear=11600, wind=1700, solar=1400, hydro=.004, bioenergy=.03, gas_plants=.01),
    Region("27", "Bourgogne-Franche-Comté", 47.2, 12.43, 8.68, 202, 1.16, 10.0, 2058, 62, 10, gas=.035,
           wind=1200, solar=1100, hydro=.02, bioenergy=.03, gas_plants=.02),
    Region("28", "Normandie", 49.1, 11.91, 6.84, 207, 1.12, 8.3, 2568, 107, gas=.06,
           nuclear=10600, wind=1100, offshore=500, solar=600, hydro=.003, bioenergy=.07, gas_plants=.08, oil=.20),
    Region("32", "Hauts-de-France", 49.9, 11.86, 7.25, 206, 1.33, 7.8, 4862, 131, gas=.13,
           nuclear=5400, wind=6100, solar=800, hydro=.002, bioenergy=.10, gas_plants=.20),
    Region("44", "Grand Est", 48.7, 11.77, 8.60, 202, 1.27, 9.8, 4561, 106, 20, gas=.13,
           nuclear=10800, wind=5000, solar=1700, hydro=.12, bioenergy=.11, gas_plants=.22, coal=.60, storage=.20),
    Region("52", "Pays de la Loire", 47.5, 13.41, 7.43, 204, 1.20, 9.2, 2577, 123, gas=.05,
           wind=1400, offshore=480, solar=1500, hydro=.003, bioenergy=.10, gas_plants=.10, coal=.40),
    Region("53", "Bretagne", 48.2, 12.51, 5.91, 208, 1.40, 8.0, 2003, 114, gas=.04,
           wind=1300, offshore=500, solar=600, hydro=.012, bioenergy=.045, gas_plants=.04, oil=.30),
    Region("75", "Nouvelle-Aquitaine", 45.2, 14.25, 7.50, 205, 1.37, 9.4, 4334, 193, 60, gas=.07, terega=.75,
           nuclear=6300, wind=1900, solar=4900, hydro=.07, bioenergy=.06, gas_plants=.01),
    Region("76", "Occitanie", 43.7, 14.80, 8.36, 205, 1.30, 10.2, 3900, 193, 110, gas=.07, terega=.80,
           nuclear=2600, wind=1800, solar=4300, hydro=.17, bioenergy=.08, gas_plants=.01, storage=.20),
    Region("84", "Auvergne-Rhône-Alpes", 45.5, 12.66, 8.84, 203, 1.28, 10.5, 6689, 197, 110, gas=.13, terega=.01,
           nuclear=13400, wind=750, solar=2700, hydro=.442, bioenergy=.08, gas_plants=.03, storage=.60),
    Region("93", "Provence-Alpes-Côte d'Azur", 43.9, 15.50, 8.79, 205, 1.70, 10.2, 4286, 187, 170, gas=.08,
           wind=100, solar=2600, hydro=.15, bioenergy=.13, gas_plants=.22, oil=.20),
    Region("94", "Corse", 42.2, 16.95, 7.71, 213, 2.20, 10.1, 0, 0),
)
# fmt: on

# RTE publishes the twelve regions of the mainland; the weather set has Corse too.
MAINLAND = REGIONS[:12]


def per_region(attribute: str, regions: tuple[Region, ...] = MAINLAND) -> Floats:
    """Return one attribute of the regions as an array of shape (regions,)."""
    return np.array([getattr(region, attribute) for region in regions], dtype=np.float64)
