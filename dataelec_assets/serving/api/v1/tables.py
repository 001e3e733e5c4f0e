"""Every served table, with a filter on any of its columns."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from dataelec_assets.serving.api.answers import reply, warnings_of
from dataelec_assets.serving.api.json_schemas import PUBLICATION, WARNINGS, list_responses
from dataelec_assets.serving.api.page_parameters import Page
from dataelec_assets.serving.api.problems import refused, responses
from dataelec_assets.serving.api.publication import Publication
from dataelec_assets.serving.api.queries import Operator, Question, of_table
from dataelec_assets.serving.api.schema import Table, parse
from dataelec_assets.serving.api.service import base_headers, is_known, service_of

router = APIRouter(prefix="/v1", tags=["tables"])

Name = Annotated[str, Path(max_length=80, description="Nom d'une table servie.", examples=["dim_region"])]

# These parameters shape the answer, not the rows; a column with such a name is filtered by NAME__egal.
_RESERVED = {"format", "limite", "curseur", "ordre", "colonnes", "noms"}

_OPERATORS: dict[str, Operator] = {"egal": "=", "sauf": "<>", "min": ">=", "max": "<="}

_FREE = {
    "x-filtres-libres": True,
    "parameters": [
        {
            "name": "filtres",
            "in": "query",
            "style": "form",
            "explode": True,
            "required": False,
            "description": (
                "Un filtre par paramètre : colonne=valeur (répété : l'une d'elles), colonne__sauf, colonne__min, "
                "colonne__max, colonne__nul=true ou false. `colonne__egal` vaut `colonne`."
            ),
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            "example": {},
        }
    ],
}

_COLUMN = {
    "type": "object",
    "required": ["nom", "type", "unite", "description"],
    "properties": {
        "nom": {"type": "string"},
        "type": {"type": "string"},
        "unite": {"type": ["string", "null"]},
        "description": {"type": ["string", "null"]},
    },
}
_TABLE = {
    "type": "object",
    "required": ["nom", "description", "lignes", "cle", "lien"],
    "properties": {
        "nom": {"type": "string", "examples": ["dim_region"]},
        "description": {"type": ["string", "null"]},
        "lignes": {"type": "integer"},
        "cle": {"type": "array", "items": {"type": "string"}},
        "lien": {"type": "string"},
    },
}


def _json_responses(description: str, properties: dict[str, Any], *statuses: int) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "object", "required": list(properties), "properties": properties}
    return {
        200: {"description": description, "content": {"application/json": {"schema": schema}}},
        304: {"description": "La publication n'a pas changé."},
        **responses(*statuses),
    }


def json_response(publication: Publication, body: dict[str, Any]) -> Response:
    """Return a JSON object about the publication."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, headers=base_headers(publication, "json"), media_type="application/json")


@router.get(
    "/tables",
    summary="Tables servies",
    response_class=Response,
    responses=_json_responses(
        "Les tables.", {"publication": PUBLICATION, "tables": {"type": "array", "items": _TABLE}}
    ),
)
async def tables(request: Request) -> Response:
    """Toutes les tables de la publication, avec le sens d'une ligne et sa clé."""
    publication = await service_of(request).publications.acquire()
    with publication.in_use():
        headers = base_headers(publication, "json")
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        found = [_summary(table) for table in publication.tables.values()]
        return json_response(publication, {"publication": publication.summary(), "tables": found})


def _summary(table: Table) -> dict[str, Any]:
    return {
        "nom": table.name,
        "description": table.description,
        "lignes": table.rows,
        "cle": list(table.key),
        "lien": f"/v1/tables/{table.name}",
    }


@router.get(
    "/tables/{nom}/colonnes",
    summary="Colonnes d'une table",
    response_class=Response,
    responses=_json_responses(
        "La table et ses colonnes.",
        {
            "publication": PUBLICATION,
            "table": _TABLE,
            "colonnes": {"type": "array", "items": _COLUMN},
            "avertissements": WARNINGS,
        },
        404,
    ),
)
async def columns(request: Request, nom: Name) -> Response:
    """Type, unité et sens de chaque colonne, et les limites connues."""
    publication = await service_of(request).publications.acquire()
    with publication.in_use():
        table = publication.table(nom)
        headers = base_headers(publication, "json")
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        described = [
            {"nom": each.name, "type": each.kind.value, "unite": each.unit, "description": each.description}
            for each in table.columns.values()
        ]
        body = {
            "publication": publication.summary(),
            "table": _summary(table),
            "colonnes": described,
            "avertissements": warnings_of(table.warnings),
        }
        return json_response(publication, body)


@router.get(
    "/tables/{nom}",
    summary="Lignes d'une table",
    response_class=Response,
    openapi_extra=_FREE,
    responses=list_responses(example=[{"code_region": "53", "nom_region": "Bretagne"}]),
)
async def rows(
    request: Request,
    *,
    how: Page,
    nom: Name,
    colonnes: Annotated[
        str | None,
        Query(max_length=2000, description="Colonnes voulues, séparées par des virgules ; à défaut, toutes."),
    ] = None,
    noms: Annotated[bool, Query(description="Ajoute le nom à côté de chaque code.")] = False,
) -> Response:
    """Lignes d'une table, filtrées sur n'importe quelle colonne."""

    def ask(publication: Publication) -> Question:
        table = publication.table(nom)
        question = _filtered(of_table(table), table, request.query_params.multi_items())
        if colonnes is not None:
            names = dict.fromkeys(name.strip() for name in colonnes.split(","))
            question = question.only([_known(table, name, "colonnes") for name in names])
        return question.with_names() if noms else question

    return await reply(request, how, ask)


def _known(table: Table, name: str, parameter: str) -> Any:
    if name not in table.columns:
        raise refused(parameter[:80], f"{table.name} n'a pas cette colonne ; elle a {', '.join(table.columns)}")
    return table.columns[name]


def _filtered(question: Question, table: Table, items: list[tuple[str, str]]) -> Question:
    given: dict[str, list[str]] = {}
    for name, value in items:
        if name not in _RESERVED:
            given.setdefault(name, []).append(value)
    for parameter, values in given.items():
        name, _, suffix = parameter.partition("__") if parameter not in table.columns else (parameter, "", "")
        column = _known(table, name, parameter)
        if suffix == "nul":
            wanted = _null(parameter, values)
            question = question.condition(
                f"{column.sql} IS {'NULL' if wanted == 'true' else 'NOT NULL'}", given=parameter[:80]
            )
        elif suffix in {"", *_OPERATORS}:
            operator = _OPERATORS[suffix or "egal"]
            if operator in {">=", "<="} and len(values) > 1:
                raise refused(parameter[:80], "une seule valeur")
            wanted_values = [parse(column, value, parameter[:80]) for value in values]
            question = question.where(column, operator, *wanted_values, given=parameter[:80])
        else:
            raise refused(parameter[:80], f"suffixe inconnu ; suffixes possibles : {', '.join([*_OPERATORS, 'nul'])}")
    return question


def _null(parameter: str, values: list[str]) -> Literal["true", "false"]:
    if values == ["true"]:
        return "true"
    if values == ["false"]:
        return "false"
    raise refused(parameter[:80], "true ou false attendu")
