"""Yearly consumption of electricity and gas by region; the successor of the set by NAF that was withdrawn.

No file of the portal's is among those this project was tested with; technical names are those of the set by commune,
some of which public programs read from this one.
"""

from __future__ import annotations

from dataelec_assets.catalog import of_code
from dataelec_assets.catalog.entries._ore import CODE_REGION, annual_consumption, name

DATASET = annual_consumption(
    "consommation-annuelle-d-electricite-et-gaz-par-region",
    "Consommation annuelle d'électricité et gaz par région",
    CODE_REGION,
    name("nom_region", "Nom Région", "de la région"),
    known=(of_code("2026-08", "programmes qui lisent le jeu", "address"),),
    unverified=("columns", "units", "history", "cadence"),
)
