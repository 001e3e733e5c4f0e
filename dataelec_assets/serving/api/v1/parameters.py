"""Parameters that several subjects share."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Query

Code = Annotated[str, Query(max_length=20)]

Territoires = Annotated[
    list[Code] | None,
    Query(max_length=200, description="Code INSEE (SIREN pour un EPCI, FR pour la nation) ; peut être répété."),
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
