"""The contract of the first API, exactly: a bare array of ``{"indicateur", "valeur", "unite"}``.

Without ``annee`` each indicator comes with its newest year. An answer is made once per publication and kept as bytes.
"""

from __future__ import annotations

import gzip
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from dataelec_assets.serving.api.problems import Problem, responses
from dataelec_assets.serving.api.publication import Publication
from dataelec_assets.serving.api.service import base_headers, is_known, service_of

router = APIRouter(tags=["indicateurs (contrat d'origine)"])

INDICATORS, CATALOGUE = "fct_indicateur", "dim_indicateur"

# Gzip makes smaller answers longer.
SMALLEST_GZIPPED = 500

Asked = tuple[str, str, int | None, str | None]

_SHAPE = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["indicateur", "valeur", "unite"],
        "additionalProperties": False,
        "properties": {
            "indicateur": {"type": "string", "description": "Libellé ; son propriétaire aussi s'il est importé."},
            "valeur": {"type": ["number", "null"], "description": "Nulle quand elle est secrète ou inconnue."},
            "unite": {"type": ["string", "null"]},
        },
    },
}
_EXAMPLE = [{"indicateur": "Consommation résidentielle par habitant", "valeur": 2412.5, "unite": "kWh/hab"}]


@router.get(
    "/indicateurs",
    summary="Indicateurs d'un territoire",
    response_class=Response,
    responses={
        200: {
            "description": "Tableau nu, comme dans l'interface d'origine ; vide quand le territoire n'a pas de valeur.",
            "content": {"application/json": {"schema": _SHAPE, "example": _EXAMPLE}},
        },
        304: {"description": "La publication n'a pas changé."},
        **responses(404),
    },
)
async def indicators(
    request: Request,
    *,
    departement: Annotated[
        str | None, Query(pattern=r"^(\d{2}|97\d|2[AB])$", description="Code INSEE.", examples=["33", "2A", "01"])
    ] = None,
    region: Annotated[str | None, Query(pattern=r"^\d{2}$", description="Code INSEE.", examples=["75"])] = None,
    epci: Annotated[str | None, Query(pattern=r"^\d{9}$", description="SIREN.", examples=["243300316"])] = None,
    commune: Annotated[
        str | None, Query(pattern=r"^(\d{2}|2[AB])\d{3}$", description="Code INSEE.", examples=["33063"])
    ] = None,
    annee: Annotated[int | None, Query(ge=1900, le=2200, description="À défaut, la plus récente.")] = None,
    indicateur: Annotated[str | None, Query(max_length=200, description="Code ou libellé.")] = None,
) -> Response:
    """Valeurs des indicateurs d'un territoire : `departement`, `region`, `epci` ou `commune`, un seul des quatre."""
    given = {"departement": departement, "region": region, "epci": epci, "commune": commune}
    places = [(grain, code) for grain, code in given.items() if code is not None]
    if len(places) != 1:
        raise Problem(422, "Un territoire, et un seul : departement, region, epci ou commune.")
    service = service_of(request)
    publication = await service.publications.acquire()
    with publication.in_use():
        headers = base_headers(publication, "json")
        if is_known(request, headers["ETag"]):
            publication.table(INDICATORS)
            return Response(status_code=304, headers=headers)
        question: Asked = (*places[0], annee, indicateur)
        made = publication.remembered.get(question)
        if made is None:
            rows = await service.engine.rows(publication, *_statement(publication, question))
            made = _bodies(rows)
            publication.remember(question, made)
    plain, zipped = made
    if zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(zipped, headers={**headers, "Content-Encoding": "gzip"}, media_type="application/json")
    return Response(plain, headers=headers, media_type="application/json")


def _statement(publication: Publication, question: Asked) -> tuple[str, list[Any]]:
    grain, code, year, indicator = question
    table = publication.table(INDICATORS)
    labels = CATALOGUE in publication.tables
    label = "coalesce(d.libelle, f.code_indicateur)" if labels else "f.code_indicateur"
    # What a user has imported is never taken for a publisher's. Publications of earlier versions hold none.
    if labels and "proprietaire" in publication.tables[CATALOGUE].columns:
        label = f"({label} || coalesce(' — ' || d.proprietaire, ''))"
    join = f"LEFT JOIN {publication.tables[CATALOGUE].sql} AS d USING (code_indicateur)" if labels else ""
    conditions = ["f.maille = ?", "f.code_territoire = ?"]
    parameters: list[Any] = [grain, code]
    if year is not None:
        conditions.append("f.annee = ?")
        parameters.append(year)
    if indicator is not None:
        conditions.append(f"(f.code_indicateur = ? OR {label} = ?)")
        parameters += [indicator, indicator]
    sql = f"""
        SELECT {label} || coalesce(' (' || nullif(f.sous_champ, '') || ')', ''),
            CASE WHEN isfinite(CAST(f.valeur AS DOUBLE)) THEN CAST(f.valeur AS DOUBLE) END, f.unite
        FROM {table.sql} AS f {join}
        WHERE {" AND ".join(conditions)}
        QUALIFY row_number() OVER (
            PARTITION BY f.code_indicateur, f.sous_champ ORDER BY f.annee DESC, f.source
        ) = 1
        ORDER BY f.code_indicateur, f.sous_champ NULLS FIRST
    """
    return sql, parameters


def _bodies(rows: list[tuple[Any, ...]]) -> tuple[bytes, bytes | None]:
    items = [{"indicateur": label, "valeur": value, "unite": unit} for label, value, unit in rows]
    plain = json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode()
    return plain, gzip.compress(plain, 6, mtime=0) if len(plain) >= SMALLEST_GZIPPED else None
