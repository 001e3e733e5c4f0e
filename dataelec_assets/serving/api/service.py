"""What every handler works with, and the headers of every response."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from dataelec_assets.serving.api.execution import Engine
from dataelec_assets.serving.api.publication import Publication, Publications

# Part of every ETag: raise it when the same publication is answered in another form.
ANSWER_VERSION = "2"


@dataclass(frozen=True, slots=True)
class Service:
    """What every handler needs."""

    publications: Publications
    engine: Engine


def service_of(request: Request) -> Service:
    """Return the service of the application that got this request."""
    service: Service = request.app.state.service
    return service


def etag_of(publication: Publication, chosen: str) -> str:
    """Return the ETag of any answer from this publication in this format; weak, as gzip changes the bytes."""
    return f'W/"{publication.identifier}.{ANSWER_VERSION}.{chosen}"'


def is_known(request: Request, etag: str) -> bool:
    """Return whether the client has this answer already."""
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    return any(each.strip() in {etag, "*", etag.removeprefix("W/")} for each in header.split(","))


def base_headers(publication: Publication, chosen: str) -> dict[str, str]:
    """Return the headers of every answer: caches ask again each time, which costs nothing while nothing has changed."""
    return {
        "ETag": etag_of(publication, chosen),
        "Cache-Control": "public, no-cache",
        "Vary": "Accept, Accept-Encoding",
        "X-Publication-Id": publication.identifier,
    }
