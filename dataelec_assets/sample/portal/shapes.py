"""How each kind of portal says that something went wrong: JSON, of two shapes, text (data-fair), HTML (files)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from dataelec_assets.catalog.portals import Api

JSON = "application/json; charset=utf-8"

# data-fair's own words for what Opendatasoft says in a body of another shape.
_TOO_MANY = "Trop de traffic dans un interval restreint pour cette API."

_TOO_MANY_STATUS = 429


def reply(body: Mapping[str, Any], status: int = 200) -> Response:
    """Return a JSON reply with the content type of the portal."""
    return JSONResponse(body, status_code=status, media_type=JSON)


def error_reply(api: Api, body: Mapping[str, Any], status: int) -> Response:
    """Return an error as a portal of this kind writes it.

    Args:
        api: kind of portal.
        body: the error as Opendatasoft would say it, with ``message`` or ``error``.
        status: HTTP status.
    """
    if api == "opendatasoft":
        return reply(body, status)
    words = str(body.get("message") or body.get("reason") or body.get("error"))
    if api in ("open-meteo", "open-meteo-archive"):
        return reply({"error": True, "reason": words}, status)
    if api == "openweathermap":
        return reply({"cod": status, "message": words}, status)
    if api == "infoclimat":
        return reply({"request_state": status, "message": words}, status)
    if api == "data-fair":
        return PlainTextResponse(_TOO_MANY if status == _TOO_MANY_STATUS else words, status_code=status)
    return HTMLResponse(f"<html><head><title>Erreur {status}</title></head><body>{words}</body></html>", status)
