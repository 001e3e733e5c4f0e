"""New publications as server-sent events: programs learn of them without asking again and again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.responses import Response, StreamingResponse

from dataelec_assets.serving.api.head_and_ranges import WANTS_FILE
from dataelec_assets.serving.api.problems import Problem, responses
from dataelec_assets.serving.api.service import Service, service_of

router = APIRouter(prefix="/v1", tags=["publication"])

# In seconds. A file's time is looked at each second; proxies close what is silent for a minute; and a client that lost
# its connection comes back after five.
_LOOK, _HEARTBEAT, _RETRY = 1.0, 20.0, 5.0


@router.get(
    "/evenements",
    summary="Nouvelles publications, au fil de l'eau",
    response_class=Response,
    responses={
        200: {
            "description": "Événements `publication` : la publication servie, puis chaque nouvelle.",
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "example": 'id: 4e9ae37c\nevent: publication\ndata: {"publication_id":"4e9ae37c"}\n\n',
                }
            },
        },
        **responses(),
    },
)
async def events(
    request: Request,
    last_event_id: Annotated[
        str | None,
        Header(max_length=80, description="Publication déjà connue : elle n'est pas annoncée de nouveau."),
    ] = None,
) -> Response:
    """Un flux (server-sent events) qui reste ouvert ; `EventSource` d'un navigateur le lit et se reconnecte seul."""
    service = service_of(request)
    if service.engine.listeners >= service.engine.limits.listeners:
        raise Problem(503, "Trop de flux ouverts : demander /v1/meta de temps en temps.", headers={"Retry-After": "60"})
    (await service.publications.acquire()).release()  # 503 before the first publication
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if WANTS_FILE in request.scope:  # HEAD: a stream would never end
        return Response(headers=headers, media_type="text/event-stream")
    return StreamingResponse(_events(service, last_event_id), headers=headers, media_type="text/event-stream")


async def _events(service: Service, known: str | None) -> AsyncIterator[str]:
    engine = service.engine
    engine.listeners += 1
    try:
        yield f"retry: {_RETRY * 1000:.0f}\n\n"
        silent = 0.0
        while not engine.is_closing():
            publication = await service.publications.acquire()
            with publication.in_use():
                summary = publication.summary()
            if publication.identifier != known:
                known, silent = publication.identifier, 0.0
                data = json.dumps(summary, ensure_ascii=False, separators=(",", ":"))
                yield f"id: {known}\nevent: publication\ndata: {data}\n\n"
            elif silent >= _HEARTBEAT:
                silent = 0.0
                yield ": rien de nouveau\n\n"
            await asyncio.sleep(_LOOK)
            silent += _LOOK
    finally:
        engine.listeners -= 1
