"""The application: every portal folder under its own path, and the control calls."""

from __future__ import annotations

from pathlib import Path

import duckdb
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from dataelec_assets.errors import DataElecError
from dataelec_assets.sample.portal.control import Control
from dataelec_assets.sample.portal.explore import Explore, Settings, reply
from dataelec_assets.sample.portal.gate import Gate
from dataelec_assets.sample.portal.replies import PortalError, not_found, odsql_error
from dataelec_assets.sample.portal.stamps import parse_vintage
from dataelec_assets.sample.portal.store import Store
from dataelec_assets.sample.portal.v1 import RecordsV1


class PortalApp:
    """The embedded portal as an ASGI application.

    Args:
        data: folder ``DIR/<portal>/<data-set-id>/<files>``; each portal is served under ``/<portal>``.
        vintage: instant as of which files are visible, such as ``2026-03-29T02:03Z`` or ``2025-10``; None: the
            newest.
        settings: what differs between portals.

    Raises:
        SettingsError: the folder or the vintage cannot be used.
    """

    def __init__(self, data: Path, vintage: str | None = None, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.store = Store(data, parse_vintage(vintage) if vintage else None)
        portal = Mount(
            "/{portal}",
            routes=[
                Mount("/api/explore/v2.1", routes=Explore(self.store, self.settings).routes),
                *RecordsV1(self.store).routes,
            ],
        )
        self._starlette = Starlette(
            exception_handlers={
                PortalError: _refused,
                duckdb.BinderException: _mistyped,
                duckdb.ConversionException: _mistyped,
                DataElecError: _failed,
                Exception: _failed,
                404: _lost,
                405: _lost,
            }
        )
        self.gate = Gate(self._starlette, self.store)
        self.control = Control(self.store, self.gate, self.settings)
        self._starlette.router.routes.extend([*self.control.routes, portal])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        await self.gate(scope, receive, send)

    def close(self) -> None:
        """Release the database."""
        self.store.close()


def _refused(_: HttpRequest, error: Exception) -> Response:
    if not isinstance(error, PortalError):
        raise error
    return reply(error.body, error.status)


def _mistyped(_: HttpRequest, error: Exception) -> Response:
    """Refuse what can be parsed and named but not evaluated, such as a text in the place of a number."""
    refusal = odsql_error(f"ODSQL query is malformed: {str(error).splitlines()[0]}")
    return reply(refusal.body, refusal.status)


def _failed(_: HttpRequest, error: Exception) -> Response:
    # The kind tells a mistake of the portal itself from a file that cannot be read.
    message = str(error) if isinstance(error, DataElecError) else f"{type(error).__name__}: {error}"
    return reply({"error_code": "InternalServerError", "message": message}, 500)


def _lost(request: HttpRequest, error: Exception) -> Response:
    return reply(not_found(request.url.path).body, getattr(error, "status_code", 404))
