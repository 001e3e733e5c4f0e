"""OpenWeatherMap's current weather and Infoclimat's GFS forecast: replies found in a folder, for who has the key.

A file holds the list of replies of all places in force from its stamp on, as the API gives them for one place each,
with ``coord``; Infoclimat's do not tell their place, so it is added for this portal and left out of what is served.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC
from typing import TYPE_CHECKING, Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dataelec_assets.portals import infoclimat, openweathermap
from dataelec_assets.portals.folder.stamps import SourceFile
from dataelec_assets.sample.portal.replies import PortalError, not_found

if TYPE_CHECKING:
    from dataelec_assets.sample.portal.store import Store

# The keys that the embedded portal knows; others are refused as by the real ones.
OPENWEATHERMAP_KEY = "cle-de-demonstration"
INFOCLIMAT_KEY = "_auth=cle%20de+demonstration&_c=controle"
_AUTH, _C = "cle de demonstration", "controle"

ISSUED = "X-Dataelec-Issued"
_FARTHEST = 0.5


class OpenWeatherMap:
    """The call of the current weather."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes below ``/<portal>``."""
        return [Route(f"/{openweathermap.PATH}", self.weather)]

    def weather(self, request: HttpRequest) -> Response:
        """Serve the weather in force at a place, in Kelvin unless metric units are asked for.

        Raises:
            PortalError: 401, the key is another one; 404, there is none; 400, the place cannot be read.
        """
        asked = request.query_params
        if asked.get("appid") != OPENWEATHERMAP_KEY:
            raise PortalError(401, {"message": "Invalid API key. Please see https://openweathermap.org/faq#error401"})
        file, places = _in_force(self.store, request)
        found = deepcopy(dict(_nearest(places, _point(asked.get("lat", ""), asked.get("lon", "")))))
        if asked.get("units") != "metric":
            found["main"]["temp"] = round(found["main"]["temp"] + openweathermap.KELVIN_AT_ZERO, 2)
        return _reply(file, found)


class Infoclimat:
    """The call of the GFS forecast."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes below ``/<portal>``."""
        return [Route(f"/{infoclimat.PATH}", self.forecast)]

    def forecast(self, request: HttpRequest) -> Response:
        """Serve the forecast in force at a place; a wrong key is refused under a status of success.

        Raises:
            PortalError: 404, there is none; 400, the place cannot be read.
        """
        asked = request.query_params
        if (asked.get("_auth"), asked.get("_c")) != (_AUTH, _C):
            return JSONResponse({"request_state": 403, "message": "authentication", "model_run": "", "source": ""})
        file, places = _in_force(self.store, request)
        latitude, _, longitude = asked.get("_ll", "").partition(",")
        found = dict(_nearest(places, _point(latitude, longitude)))
        del found["coord"]
        return _reply(file, found)


def _in_force(store: Store, request: HttpRequest) -> tuple[SourceFile, list[Mapping[str, Any]]]:
    forecasts = store.forecasts.get(request.path_params["portal"])
    found = forecasts.in_force() if forecasts else None
    if found is None:
        raise not_found(request.url.path)
    return found


def _point(latitude: str, longitude: str) -> tuple[float, float]:
    try:
        return float(latitude), float(longitude)
    except ValueError as error:
        raise PortalError(400, {"message": "Nothing to geocode"}) from error


def _nearest(places: Sequence[Mapping[str, Any]], point: tuple[float, float]) -> Mapping[str, Any]:
    def distance(place: Mapping[str, Any]) -> float:
        return float(max(abs(place["coord"]["lat"] - point[0]), abs(place["coord"]["lon"] - point[1])))

    found = min(places, key=distance)
    if distance(found) > _FARTHEST:
        raise PortalError(404, {"message": "city not found"})
    return found


def _reply(file: SourceFile, body: Mapping[str, Any]) -> Response:
    return JSONResponse(body, headers={ISSUED: file.processed_at.astimezone(UTC).isoformat()})
