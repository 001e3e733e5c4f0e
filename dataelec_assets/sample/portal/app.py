"""The application: every portal folder under its own path, as its own kind of portal, and the control calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Mount, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from dataelec_assets.catalog import Catalog
from dataelec_assets.catalog.portals import Api
from dataelec_assets.errors import DataElecError
from dataelec_assets.sample.portal.compat import CompatibleExplore
from dataelec_assets.sample.portal.control import Control
from dataelec_assets.sample.portal.datafair import DataFair
from dataelec_assets.sample.portal.explore import Explore, Settings
from dataelec_assets.sample.portal.gate import Gate
from dataelec_assets.sample.portal.keyed_weather import Infoclimat, OpenWeatherMap
from dataelec_assets.sample.portal.open_meteo import OpenMeteo, OpenMeteoArchive
from dataelec_assets.sample.portal.plain_files import PlainFiles
from dataelec_assets.sample.portal.replies import PortalError, not_found, odsql_error
from dataelec_assets.sample.portal.shapes import error_reply
from dataelec_assets.sample.portal.store import Store
from dataelec_assets.sample.portal.v1 import RecordsV1
from dataelec_assets.sample.portal.vintage_option import parse_vintage


class PortalApp:
    """The embedded portal as an ASGI application.

    Args:
        data: folder ``DIR/<portal>/<data-set-id>/<files>``; each portal is served under ``/<portal>``.
        vintage: instant as of which files are visible, such as ``2026-03-29T02:03Z`` or ``2025-10``; None: the
            newest.
        settings: what differs between portals.
        catalog: the data sets that are known; None: the project's.

    Raises:
        SettingsError: the folder or the vintage cannot be used.
    """

    def __init__(
        self,
        data: Path,
        vintage: str | None = None,
        settings: Settings | None = None,
        catalog: Catalog | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.store = Store(data, parse_vintage(vintage) if vintage else None, catalog)
        explore, compatible = Explore(self.store, self.settings), CompatibleExplore(self.store, self.settings)
        self._kinds: dict[Api, ASGIApp] = {
            "opendatasoft": Router(
                [Mount("/api/explore/v2.1", routes=explore.routes), *RecordsV1(self.store).routes],
            ),
            "data-fair": Router([*DataFair(self.store).routes, *compatible.routes]),
            "files": Router(PlainFiles(self.store).routes),
            "open-meteo": Router(OpenMeteo(self.store).routes),
            "open-meteo-archive": Router(OpenMeteoArchive(self.store).routes),
            "openweathermap": Router(OpenWeatherMap(self.store).routes),
            "infoclimat": Router(Infoclimat(self.store).routes),
        }
        self._starlette = Starlette(
            exception_handlers={
                PortalError: self._told(_refused),
                duckdb.BinderException: self._told(_mistyped),
                duckdb.ConversionException: self._told(_mistyped),
                DataElecError: self._told(_failed),
                Exception: self._told(_failed),
                404: self._told(_lost),
                405: self._told(_lost),
            }
        )
        self.gate = Gate(self._starlette, self.store)
        self.control = Control(self.store, self.gate, self.settings)
        self._starlette.router.routes.extend([*self.control.routes, Mount("/{portal}", app=self._by_kind)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        await self.gate(scope, receive, send)

    async def _by_kind(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._kinds[self.store.api_of(scope["path_params"]["portal"])](scope, receive, send)

    def _told(self, meaning: Callable[[HttpRequest, Exception], PortalError]) -> Callable[..., Response]:
        """Return a handler that tells an error as the portal of the request writes errors."""

        def handler(request: HttpRequest, error: Exception) -> Response:
            told = meaning(request, error)
            return error_reply(self.store.api_of(request.url.path), told.body, told.status)

        return handler

    def close(self) -> None:
        """Release the database."""
        self.store.close()


def _refused(_: HttpRequest, error: Exception) -> PortalError:
    if not isinstance(error, PortalError):
        raise error
    return error


def _mistyped(_: HttpRequest, error: Exception) -> PortalError:
    """Refuse what can be parsed and named but not evaluated, such as a text in the place of a number."""
    return odsql_error(f"ODSQL query is malformed: {str(error).splitlines()[0]}")


def _failed(_: HttpRequest, error: Exception) -> PortalError:
    # The kind tells a mistake of the portal itself from a file that cannot be read.
    message = str(error) if isinstance(error, DataElecError) else f"{type(error).__name__}: {error}"
    return PortalError(500, {"error_code": "InternalServerError", "message": message})


def _lost(request: HttpRequest, error: Exception) -> PortalError:
    return PortalError(getattr(error, "status_code", 404), not_found(request.url.path).body)
