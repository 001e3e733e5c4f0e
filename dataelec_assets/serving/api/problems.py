"""Refusals as RFC 9457 problem details, in French: what is wrong, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "Requête illisible",
    404: "Introuvable",
    405: "Méthode refusée",
    406: "Format indisponible",
    410: "Publication remplacée",
    412: "Publication remplacée",
    413: "Réponse trop grande",
    422: "Paramètre refusé",
    429: "Trop de requêtes",
    500: "Erreur interne",
    503: "Momentanément indisponible",
}

# Pydantic's types of error; the names in braces come from the error's context.
_REASONS = {
    "missing": "paramètre manquant",
    "int_parsing": "entier attendu",
    "int_from_float": "entier attendu",
    "int_parsing_size": "entier trop grand",
    "bool_parsing": "true ou false attendu",
    "date_from_datetime_parsing": "date attendue, comme 2024-01-31",
    "date_from_datetime_inexact": "date attendue, comme 2024-01-31",
    "date_parsing": "date attendue, comme 2024-01-31",
    "enum": "valeurs possibles : {expected}",
    "literal_error": "valeurs possibles : {expected}",
    "greater_than_equal": "au moins {ge}",
    "less_than_equal": "au plus {le}",
    "string_too_long": "au plus {max_length} caractères",
    "string_too_short": "au moins {min_length} caractère(s)",
    "too_long": "au plus {max_length} valeurs",
}

# Of codes whose form is checked: what a person can type, rather than the pattern.
_FORMS = {
    "departement": "code de département attendu, comme 33, 01 ou 2A",
    "region": "code de région attendu, comme 75 ou 01",
    "epci": "SIREN d'EPCI attendu, neuf chiffres, comme 243300316",
    "commune": "code INSEE de commune attendu, cinq caractères, comme 33063 ou 2A004",
}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Refus, selon la RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "examples": [TITLES[422]]},
        "status": {"type": "integer", "examples": [422]},
        "detail": {"type": "string", "examples": ["departement : code attendu, comme 33, 01 ou 2A."]},
        "instance": {"type": "string", "examples": ["/indicateurs"]},
        "erreurs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["parametre", "raison"],
                "properties": {"parametre": {"type": "string"}, "raison": {"type": "string"}},
            },
        },
        "proches": {
            "type": "array",
            "description": "Les trois codes les plus proches de celui qui est inconnu.",
            "items": {
                "type": "object",
                "required": ["code", "nom"],
                "properties": {"code": {"type": "string"}, "nom": {"type": "string"}},
            },
        },
    },
}


class Problem(Exception):
    """A refused request.

    Args:
        status: HTTP status.
        detail: the fault and the remedy, in French.
        headers: sent with it.
        errors: one reason per faulty parameter.
        nearest: what was perhaps meant, each with its code and name.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        nearest: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.nearest = nearest
        self.status, self.detail, self.headers, self.errors = status, detail, dict(headers or {}), dict(errors or {})


def refused(parameter: str, reason: str) -> Problem:
    """Return the refusal of one parameter."""
    return Problem(422, f"{parameter} : {reason}.", errors={parameter: reason})


def problem_response(
    status: int,
    detail: str,
    instance: str,
    *,
    headers: Mapping[str, str],
    errors: Mapping[str, str],
    nearest: Sequence[Mapping[str, str]] = (),
) -> JSONResponse:
    """Return a refusal as a response."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, "Erreur"),
        "status": status,
        "detail": detail,
        "instance": instance,
    }
    if errors:
        body["erreurs"] = [{"parametre": name, "raison": reason} for name, reason in errors.items()]
    if nearest:
        body["proches"] = list(nearest)
    sent = {"Cache-Control": "no-store", **headers}
    return JSONResponse(body, status_code=status, headers=sent, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Give every refusal of ``app`` this form; :mod:`.protection` answers its faults."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> JSONResponse:
        return problem_response(
            problem.status,
            problem.detail,
            request.url.path,
            headers=problem.headers,
            errors=problem.errors,
            nearest=problem.nearest,
        )

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = {f"{fault['loc'][-1] if fault['loc'] else 'requête'}": _reason(fault) for fault in error.errors()}
        detail = " ".join(f"{name} : {reason}." for name, reason in errors.items())
        return problem_response(422, detail, request.url.path, headers={}, errors=errors)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        details = {
            404: "Cette adresse n'existe pas ; /docs les décrit toutes.",
            405: "L'interface ne fait que lire : seuls GET et HEAD sont permis.",
        }
        detail = details.get(error.status_code, TITLES.get(error.status_code, "Erreur"))
        return problem_response(
            error.status_code, detail, request.url.path, headers=dict(error.headers or {}), errors={}
        )


def _reason(fault: Mapping[str, Any]) -> str:
    context = dict(fault.get("ctx", {}))
    if "expected" in context:  # which Pydantic writes in English: 'json', 'csv' or 'parquet'
        context["expected"] = one_of(re.findall(r"'([^']*)'", str(context["expected"])))
    try:
        if fault["type"] == "string_pattern_mismatch":
            return _FORMS[f"{fault['loc'][-1]}"]
        return _REASONS[fault["type"]].format(**context)
    except KeyError:
        return "valeur refusée"


def one_of(words: Sequence[str]) -> str:
    """Return ``a, b ou c``."""
    return " ou ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI of these refusals and of those that any request may get."""
    return {
        status: {
            "description": TITLES[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Probleme"}}},
        }
        for status in sorted({*statuses, 422, 429, 503})
    }
