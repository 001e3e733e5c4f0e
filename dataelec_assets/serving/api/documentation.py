"""The documentation as one page, written from the OpenAPI description; it loads nothing from other sites."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dataelec_assets.serving.api.formats import Format

router = APIRouter(include_in_schema=False)

# An address to try for those that need a parameter.
_TRIES = {
    "/indicateurs": "/indicateurs?departement=33",
    "/v1/evenements": "",  # a stream
    "/v1/tables/{nom}": "/v1/tables/dim_region?limite=5",
    "/v1/tables/{nom}/colonnes": "/v1/tables/dim_region/colonnes",
    "/v1/territoires": "/v1/territoires?q=gironde",
    "/v1/territoires/{maille}/{code}": "/v1/territoires/departement/33",
    "/v1/consommation": "/v1/consommation?pas=jour&territoire=53&limite=5",
    "/v1/temperatures": "/v1/temperatures?territoire=53&limite=5",
}


@dataclass(frozen=True, slots=True)
class _Operation:
    anchor: str
    path: str
    summary: str
    description: str
    example: str
    parameters: list[dict[str, str]]
    answer: str
    statuses: list[tuple[str, str]]


def _code(text: str | None) -> Markup:
    """Return text in which `words between backticks` are code."""
    parts = re.split(r"`([^`]+)`", text or "")
    return Markup("").join(
        Markup("<code>{}</code>").format(each) if i % 2 else escape(each) for i, each in enumerate(parts)
    )


def documentation_page(description: Mapping[str, Any]) -> str:
    """Return the page for an OpenAPI description."""
    environment = Environment(autoescape=True)
    environment.filters["code"] = _code
    source = files(__package__).joinpath("documentation.html").read_text(encoding="utf-8")
    return environment.from_string(source).render(info=description["info"], operations=list(_operations(description)))


def _operations(description: Mapping[str, Any]) -> Iterator[_Operation]:
    for path, methods in description["paths"].items():
        operation = methods["get"]
        answer = operation["responses"]["200"]["content"].get("application/json", {}).get("example")
        yield _Operation(
            anchor=re.sub(r"\W+", "-", path).strip("-"),
            path=path,
            summary=operation["summary"],
            description=operation.get("description", ""),
            example=_TRIES.get(
                path, "" if "{" in path else f"{path}?limite=5" if "limite" in _names(operation) else path
            ),
            parameters=[_parameter(each) for each in operation.get("parameters", ())],
            answer=json.dumps(answer, ensure_ascii=False, indent=1) if answer else "",
            statuses=[(status, each["description"].rstrip(".")) for status, each in operation["responses"].items()],
        )


def _names(operation: Mapping[str, Any]) -> set[str]:
    return {each["name"] for each in operation.get("parameters", ())}


def _parameter(parameter: Mapping[str, Any]) -> dict[str, str]:
    text = parameter.get("description") or parameter["schema"].get("description") or ""
    form, default = _form(parameter["schema"]), parameter["schema"].get("default")
    if default is not None:
        form += f" ; à défaut {json.dumps(default)}".replace('"', "")
    return {"name": parameter["name"], "form": form, "description": text}


def _form(schema: Mapping[str, Any]) -> str:
    """Return, in French, the values that a parameter accepts."""
    if "anyOf" in schema:
        return next((_form(each) for each in schema["anyOf"] if each.get("type") != "null"), "")
    if "$ref" in schema:
        return ", ".join(Format)
    if "enum" in schema:
        return ", ".join(str(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return _form(schema["items"])
    names = {
        "string": "texte",
        "integer": "entier",
        "number": "nombre",
        "boolean": "true ou false",
        "object": "filtres",
    }
    return "date" if schema.get("format") == "date" else names.get(str(schema.get("type")), "")


@router.get("/")
async def home() -> Response:
    """Lead to the documentation."""
    return RedirectResponse("docs")


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Show the documentation."""
    page: str | None = getattr(request.app.state, "documentation", None)
    if page is None:
        page = request.app.state.documentation = documentation_page(request.app.openapi())
    return HTMLResponse(page, headers={"Cache-Control": "public, max-age=300"})


@router.get("/docs.css")
async def style() -> Response:
    """Show how the documentation looks."""
    text = files(__package__).joinpath("documentation.css").read_text(encoding="utf-8")
    return Response(text, media_type="text/css", headers={"Cache-Control": "public, max-age=300"})
