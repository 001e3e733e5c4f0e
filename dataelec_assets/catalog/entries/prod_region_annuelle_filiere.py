"""Electricity produced by region, year and filière.

No file of the portal's is among those this project was tested with. Header and technical names are those that public
programs read from it (2017 to 2025); the publisher leaves a filière empty where a region has none.
"""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code
from dataelec_assets.catalog.entries._shared import ANNEE, CODE_REGION, REGION, REGION_SHAPES

_FILIERES = {
    "production_nucleaire": "nucléaire",
    "production_thermique": "thermique",
    "production_hydraulique": "hydraulique",
    "production_eolienne": "éolienne",
    "production_solaire": "solaire",
    "production_bioenergies": "bioénergies",
}

DATASET = Dataset(
    portal="odre",
    id="prod-region-annuelle-filiere",
    title="Production régionale annuelle par filière",
    publisher="RTE",
    cadence="yearly",
    expected_lag=timedelta(days=700),
    history_start=date(2008, 1, 1),
    partitioning=Partitioning("none"),
    dated_by="annee",
    key=("annee", "code_insee_region"),
    fingerprint=("production_hydraulique", "production_nucleaire"),
    territories="code_insee_region",
    left_in_raw=REGION_SHAPES,
    known=(of_code("2025", "programmes qui lisent le jeu", "address", "columns", "units"),),
    unverified=("history", "cadence"),
    columns=(
        ANNEE,
        CODE_REGION,
        REGION,
        *(
            Column(
                name,
                "double",
                labels=(f"Production {words} (GWh)",),
                unit="GWh",
                description=f"Production {words} de l'année ; vide où la région n'en a pas",
            )
            for name, words in _FILIERES.items()
        ),
    ),
    staged=(
        "annee",
        "code_insee_region as code_region",
        "production_nucleaire as nucleaire_gwh",
        "production_thermique as thermique_gwh",
        "production_hydraulique as hydraulique_gwh",
        "production_eolienne as eolien_gwh",
        "production_solaire as solaire_gwh",
        "production_bioenergies as bioenergies_gwh",
    ),
)
