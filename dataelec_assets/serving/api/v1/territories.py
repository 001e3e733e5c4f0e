"""Territories by name, code and parent."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from dataelec_assets.serving.api.answers import reply
from dataelec_assets.serving.api.json_schemas import PUBLICATION, list_responses, row_schema_of
from dataelec_assets.serving.api.lookup import refuse_unknown_codes
from dataelec_assets.serving.api.page_parameters import Page
from dataelec_assets.serving.api.places import borders_of
from dataelec_assets.serving.api.problems import responses
from dataelec_assets.serving.api.publication import Publication
from dataelec_assets.serving.api.queries import Codes, Question
from dataelec_assets.serving.api.schema import Column, Kind
from dataelec_assets.serving.api.service import base_headers, is_known, service_of
from dataelec_assets.serving.api.territories import COLUMNS, GRAINS, RELATION, normalised
from dataelec_assets.serving.api.v1.parameters import Code, Grain
from dataelec_assets.serving.api.v1.tables import json_response

router = APIRouter(prefix="/v1", tags=["territoires"])

_BY_NAME = {column.name: column for column in COLUMNS}
_ROW = row_schema_of(
    {
        column.name: ("bigint" if column.kind is Kind.INTEGER else "varchar", column.description or "")
        for column in COLUMNS
    }
)
_EXAMPLE = {
    "maille": "departement",
    "code_territoire": "33",
    "nom": "Gironde",
    "maille_parent": "region",
    "code_parent": "75",
    "code_departement": "33",
    "code_region": "75",
    "code_epci": None,
    "population_hab": 1690493,
}

# Order of the answers to a search, and of lists.
_MATCH, _GRAIN, _SIZE = (
    Column("_proximite", Kind.INTEGER),
    Column("_rang", Kind.INTEGER),
    Column("_taille", Kind.INTEGER),
)


@router.get(
    "/territoires",
    summary="Chercher des territoires",
    response_class=Response,
    responses=list_responses(_ROW, example=[_EXAMPLE]),
)
async def territories(
    request: Request,
    *,
    how: Page,
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=100, description="Nom, ou son début, avec ou sans accents ; ou code."),
    ] = None,
    maille: Annotated[Grain | None, Query(description="Maille.")] = None,
    code: Annotated[list[Code] | None, Query(max_length=200, description="Code exact ; peut être répété.")] = None,
    region: Annotated[Code | None, Query(description="Dans cette région.")] = None,
    departement: Annotated[Code | None, Query(description="Dans ce département.")] = None,
    epci: Annotated[Code | None, Query(description="Communes de cet EPCI.")] = None,
) -> Response:
    """Une recherche donne d'abord les noms les plus proches, puis les territoires les plus peuplés."""
    return await reply(
        request,
        how,
        lambda _served: (
            _search(q)
            .requiring(Codes("code", tuple(code or ()), (maille,) if maille else ()))
            .requiring(Codes("region", (region,) if region else (), ("region",)))
            .requiring(Codes("departement", (departement,) if departement else (), ("departement",)))
            .requiring(Codes("epci", (epci,) if epci else (), ("epci",)))
            .where(_BY_NAME["maille"], "=", maille, given="maille")
            .where(_BY_NAME["code_territoire"], "=", *(code or ()), given="code")
            .where(_BY_NAME["code_region"], "=", region, given="region")
            .where(_BY_NAME["code_departement"], "=", departement, given="departement")
            .where(_BY_NAME["code_epci"], "=", epci, given="epci")
        ),
    )


def _search(text: str | None) -> Question:
    columns = ", ".join(column.sql for column in COLUMNS)
    rank = f"list_position({list(GRAINS)}, maille) AS _rang, -coalesce(population_hab, 0) AS _taille"
    if text is None:
        relation = f"(SELECT {columns}, 0 AS _proximite, {rank} FROM {RELATION})"
        return Question("territoires", relation, COLUMNS, (_GRAIN, _BY_NAME["code_territoire"]))
    name, code = normalised(text), text.strip().upper()
    found = f"""(
        SELECT {columns}, {rank}, CASE
            WHEN code_territoire = ? THEN 0
            WHEN nom_normalise = ? THEN 1
            WHEN starts_with(nom_normalise, ?) THEN 2
            WHEN contains(' ' || nom_normalise, ?) THEN 3
            ELSE 4
        END AS _proximite
        FROM {RELATION} WHERE code_territoire = ? OR (? <> '' AND contains(nom_normalise, ?))
    )"""
    key = (_MATCH, _SIZE, _GRAIN, _BY_NAME["code_territoire"])
    parameters = (code, name, name, f" {name}", code, name, name)
    return Question("territoires", found, COLUMNS, key, own_parameters=parameters)


@router.get(
    "/territoires/{maille}/{code}",
    summary="Un territoire, ce qui le contient et ce qu'il contient",
    response_class=Response,
    responses={
        200: {
            "description": "Le territoire, ses ascendants du plus proche à la nation, le nombre de ses enfants.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["territoire", "ascendants", "enfants", "voisins", "publication"],
                        "properties": {
                            "territoire": _ROW,
                            "ascendants": {"type": "array", "items": _ROW},
                            "enfants": {"type": "object", "additionalProperties": {"type": "integer"}},
                            "voisins": {
                                "type": ["array", "null"],
                                "description": "Territoires limitrophes ; nul où ils ne sont pas connus.",
                                "items": {
                                    "type": "object",
                                    "properties": {"code_territoire": {"type": "string"}, "nom": {"type": "string"}},
                                },
                            },
                            "publication": PUBLICATION,
                        },
                    }
                }
            },
        },
        304: {"description": "La publication n'a pas changé."},
        **responses(404),
    },
)
async def territory(
    request: Request,
    maille: Annotated[Grain, Path(description="Maille.", examples=["departement"])],
    code: Annotated[str, Path(max_length=20, description="Code.", examples=["33"])],
) -> Response:
    """La chaîne des territoires, de celui-ci à la nation ; `enfants` compte par maille ceux dont il est le parent."""
    service = service_of(request)
    publication = await service.publications.acquire()
    with publication.in_use():
        chain: list[dict[str, Any]] = []
        step: tuple[str | None, str | None] = (maille, code)
        while step[0] is not None and step[1] is not None and len(chain) < len(GRAINS):
            found = await _one(request, publication, step[0], step[1])
            if found is None:
                break
            chain.append(found)
            step = found["maille_parent"], found["code_parent"]
        if not chain:
            await refuse_unknown_codes(service.engine, publication, [Codes("code", (code,), (maille,))])
        headers = base_headers(publication, "json")
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        members = await service.engine.rows(
            publication,
            f"SELECT maille, count(*) FROM {RELATION} WHERE (maille_parent = ? AND code_parent = ?) "
            "OR (? = 'epci' AND code_epci = ?) GROUP BY ALL ORDER BY ALL",
            [maille, code, maille, code],
        )
        body = {
            "territoire": chain[0],
            "ascendants": chain[1:],
            "enfants": dict(members),
            "voisins": await _neighbours(request, publication, maille, code),
            "publication": publication.summary(),
        }
        return json_response(publication, body)


async def _neighbours(
    request: Request, publication: Publication, maille: str, code: str
) -> list[dict[str, str]] | None:
    codes = await borders_of(maille, code)
    if not codes:
        return None if codes is None else []
    rows = await service_of(request).engine.rows(
        publication,
        f"SELECT code_territoire, nom FROM {RELATION} WHERE maille = ? AND list_contains(?, code_territoire)",
        [maille, list(codes)],
    )
    return [{"code_territoire": each, "nom": name} for each, name in rows]


async def _one(request: Request, publication: Publication, maille: str, code: str) -> dict[str, Any] | None:
    names = [column.name for column in COLUMNS]
    rows = await service_of(request).engine.rows(
        publication,
        f"SELECT {', '.join(names)} FROM {RELATION} WHERE maille = ? AND code_territoire = ?",
        [maille, code],
    )
    return dict(zip(names, rows[0], strict=True)) if rows else None
