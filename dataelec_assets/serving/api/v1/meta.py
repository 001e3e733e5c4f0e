"""The publication itself: sources, freshness, known limits."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from dataelec_assets.serving.api.json_schemas import PUBLICATION
from dataelec_assets.serving.api.problems import responses
from dataelec_assets.serving.api.publication import Publication
from dataelec_assets.serving.api.queries import json_row
from dataelec_assets.serving.api.service import base_headers, is_known, service_of
from dataelec_assets.serving.api.v1.tables import json_response

router = APIRouter(prefix="/v1", tags=["publication"])

_ROWS = {"type": "array", "items": {"type": "object"}}


@router.get(
    "/meta",
    summary="Publication, sources, fraîcheur, limites connues",
    response_class=Response,
    responses={
        200: {
            "description": "La publication.",
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["publication", "version_code", "sources", "avertissements", "ruptures"],
                        "properties": {
                            "publication": PUBLICATION,
                            "version_code": {"type": "string"},
                            "sources": _ROWS,
                            "avertissements": _ROWS,
                            "ruptures": _ROWS,
                        },
                    }
                }
            },
        },
        304: {"description": "La publication n'a pas changé."},
        **responses(),
    },
)
async def meta(request: Request) -> Response:
    """Chaque source avec sa licence, ses lignes, sa dernière mesure et son statut au moment de la publication."""
    service = service_of(request)
    publication = await service.publications.acquire()
    with publication.in_use():
        headers = base_headers(publication, "json")
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        body: dict[str, Any] = {
            "publication": publication.summary(),
            "version_code": publication.version,
            "sources": await _rows(request, publication, "meta_sources"),
            "avertissements": await _rows(request, publication, "meta_avertissements"),
            "ruptures": await _rows(request, publication, "meta_ruptures"),
        }
        return json_response(publication, body)


async def _rows(request: Request, publication: Publication, name: str) -> list[Any]:
    if name not in publication.tables:
        return []
    table = publication.tables[name]
    sql = f"SELECT {json_row(tuple(table.columns.values()))} FROM {table.sql} ORDER BY rowid"
    found = await service_of(request).engine.rows(publication, sql)
    return [json.loads(text) for (text,) in found]
