"""Yearly consumption of electricity and gas by département; the successor of the set by sector that was withdrawn.

No file of the portal's is among those this project was tested with; technical names are those that public programs ask
for, the same as of the set by commune.
"""

from __future__ import annotations

from dataclasses import replace

from dataelec_assets.catalog import of_code
from dataelec_assets.catalog.entries._ore import CODE_DEPARTEMENT, CODE_REGION, annual_consumption, name

DATASET = annual_consumption(
    "consommation-annuelle-d-electricite-et-gaz-par-departement",
    "Consommation annuelle d'électricité et gaz par département",
    CODE_DEPARTEMENT,
    name("nom_departement", "Nom Département", "du département"),
    replace(CODE_REGION, required=False),
    replace(name("nom_region", "Nom Région", "de la région"), required=False),
    known=(of_code("2026-08", "programmes qui demandent ces noms de colonnes", "address", "columns", "units"),),
    unverified=("history", "cadence"),
)
