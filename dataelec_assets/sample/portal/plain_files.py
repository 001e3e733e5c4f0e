"""The handler of a portal of plain files: HEAD, conditional requests, lengths, validators."""

from __future__ import annotations

from email.utils import format_datetime, parsedate_to_datetime
from pathlib import PurePosixPath

from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from dataelec_assets.sample.portal.replies import not_found
from dataelec_assets.sample.portal.sites import Served
from dataelec_assets.sample.portal.store import Store

_MEDIA_TYPES = {".zip": "application/zip", ".csv": "text/csv"}


class PlainFiles:
    """The editions of a store's sites, each under its own path."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes below ``/<portal>``."""
        return [Route("/{path:path}", self.file)]

    def file(self, request: HttpRequest) -> Response:
        """Serve one file, or say that the client has it.

        Raises:
            PortalError: 404, there is none.
        """
        path = request.path_params["path"]
        site = self.store.sites.get(request.path_params["portal"])
        served = site.served(path) if site else None
        if served is None:
            raise not_found(request.url.path)
        headers = {"ETag": served.etag, "Last-Modified": format_datetime(served.modified, usegmt=True)}
        if _is_known(request, served):
            return Response(status_code=304, headers=headers)
        media_type = _MEDIA_TYPES.get(PurePosixPath(path).suffix.lower(), "application/octet-stream")
        if request.scope.get("dataelec.empty"):
            return Response(b"", headers=headers, media_type=media_type)
        return FileResponse(served.path, headers=headers, media_type=media_type)


def _is_known(request: HttpRequest, served: Served) -> bool:
    """Return whether the client holds this state; its ETag counts before its date."""
    etags = request.headers.get("if-none-match")
    if etags is not None:
        return etags.strip() == "*" or served.etag in (each.strip().removeprefix("W/") for each in etags.split(","))
    try:
        return served.modified <= parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
