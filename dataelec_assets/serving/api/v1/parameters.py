"""Parameters that several subjects share."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Query

Grain = Literal["nation", "region", "departement", "epci", "commune"]
Code = Annotated[str, Query(max_length=20)]

Territoires = Annotated[
    list[Code] | None,
    Query(max_length=200, description="Code INSEE (SIREN pour un EPCI, FR pour la nation) ; peut être répété."),
]
DansRegion = Annotated[Code | None, Query(description="La région et ce qu'elle contient.", examples=["75"])]
DansDepartement = Annotated[
    Code | None,
    Query(description="Le département et ce qu'il contient ; avec maille=commune, ses communes.", examples=["33"]),
]
DansEpci = Annotated[Code | None, Query(description="L'EPCI et ses communes (INSEE).", examples=["243300316"])]
Voisins = Annotated[
    bool, Query(description="Ajoute les territoires limitrophes de territoire : régions et départements.")
]
Debut = Annotated[date | None, Query(description="Premier jour (date civile de Paris).", examples=["2024-01-01"])]
Fin = Annotated[date | None, Query(description="Dernier jour, compris.", examples=["2024-01-31"])]
Annees = Annotated[
    list[Annotated[int, Query(ge=1900, le=2200)]] | None,
    Query(max_length=200, description="Année ; peut être répétée."),
]
Filieres = Annotated[
    list[Code] | None, Query(max_length=50, description="Filière, comme nucleaire ou eolien ; peut être répétée.")
]
RegionOuNation = Annotated[Literal["region", "nation"] | None, Query(description="Maille ; à défaut, les deux.")]


def grain_of(territoires: list[str] | None) -> Literal["region", "nation"]:
    """Return the grain that the codes have; the nation when there are none."""
    return "region" if territoires and any(code != "FR" for code in territoires) else "nation"
