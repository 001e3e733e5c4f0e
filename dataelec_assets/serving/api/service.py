"""What every handler works with, and the headers of every response."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from dataelec_assets.serving.api.execution import Engine
from dataelec_assets.serving.api.kept_files import KeptFiles
from dataelec_assets.serving.api.publication import Publication, Publications

# Part of every ETag: raise it when the same publication is answered in another form.
ANSWER_VERSION = "2"


@dataclass(frozen=True, slots=True)
class Service:
    """What every handler needs."""

    publications: Publications
    engine: Engine
    kept_files: KeptFiles


def service_of(request: Request) -> Service:
    """Return the service of the application that got this request."""
    service: Service = request.app.state.service
    return service


def etag_of(publication: Publication, chosen: str, *, is_file: bool = False) -> str:
    """Return the ETag of any answer from this publication in this format.

    Weak, as gzip changes the bytes; strong for a file of which parts may be asked for.
    """
    return f'{"" if is_file else "W/"}"{publication.identifier}.{ANSWER_VERSION}.{chosen}"'


def is_known(request: Request, etag: str) -> bool:
    """Return whether the client has this answer already, however its bytes came."""
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    return any(each.strip().removeprefix("W/") in {etag.removeprefix("W/"), "*"} for each in header.split(","))


def is_other(request: Request, etag: str) -> bool:
    """Return whether the client goes on with an answer that this one has replaced."""
    header = request.headers.get("if-match")
    return header is not None and not any(each.strip() in {etag, "*"} for each in header.split(","))


def base_headers(publication: Publication, chosen: str, *, is_file: bool = False) -> dict[str, str]:
    """Return the headers of every answer: caches ask again each time, which costs nothing while nothing has changed."""
    return {
        "ETag": etag_of(publication, chosen, is_file=is_file),
        "Cache-Control": "public, no-cache",
        "Vary": "Accept, Accept-Encoding",
        "X-Publication-Id": publication.identifier,
    }
