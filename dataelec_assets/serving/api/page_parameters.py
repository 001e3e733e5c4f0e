"""The parameters that every list has: format, page, order. Unknown ones are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request

from dataelec_assets.serving.api.formats import Format, negotiate
from dataelec_assets.serving.api.paging import LONGEST_CURSOR
from dataelec_assets.serving.api.problems import refused

DEFAULT_LIMIT, LARGEST_LIMIT = 1_000, 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """How the client wants its rows."""

    chosen: Format
    limit: int | None
    cursor: str | None
    descending: bool


async def asked(
    request: Request,
    *,
    format: Annotated[  # noqa: A002 - the public name of the parameter
        Format | None,
        Query(description="Format de la réponse ; à défaut, celui que demande l'en-tête Accept, sinon JSON."),
    ] = None,
    limite: Annotated[
        int | None,
        Query(
            ge=1,
            le=LARGEST_LIMIT,
            description=f"Lignes par page : {DEFAULT_LIMIT} à défaut en JSON, toutes dans les autres formats.",
        ),
    ] = None,
    curseur: Annotated[
        str | None,
        Query(max_length=LONGEST_CURSOR, description="Page suivante : suivre le lien « next » d'une réponse."),
    ] = None,
    ordre: Annotated[Literal["asc", "desc"], Query(description="Ordre de la clé des lignes.")] = "asc",
) -> Asked:
    """Read the parameters that every list has, and refuse unknown ones."""
    refuse_unknown(request)
    return Asked(negotiate(format, request.headers.get("accept")), limite, curseur, ordre == "desc")


Page = Annotated[Asked, Depends(asked)]


def refuse_unknown(request: Request) -> None:
    """Refuse a parameter that the route does not know: a misspelt filter would return every row."""
    route = request.scope["route"]
    if getattr(route, "openapi_extra", None) and route.openapi_extra.get("x-filtres-libres"):
        return
    known = _known(route.dependant)
    for name in request.query_params:
        if name not in known:
            raise refused(name[:80], f"paramètre inconnu ; paramètres possibles : {', '.join(sorted(known))}")


def _known(dependant: Any) -> set[str]:
    names = {field.alias for field in dependant.query_params}
    return names.union(*(_known(inner) for inner in dependant.dependencies))
