"""The OpenAPI of lists: their rows in each format, and their refusals."""

from __future__ import annotations

from functools import cache
from typing import Any

from dataelec_assets.serving.api.formats import MEDIA_TYPES, Format
from dataelec_assets.serving.api.problems import responses
from dataelec_assets.serving.api.schema import unit_of
from dataelec_assets.warehouse.dictionary import TableDoc, table_docs

_TYPES: dict[str, dict[str, Any]] = {
    "varchar": {"type": ["string", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "integer": {"type": ["integer", "null"]},
    "bigint": {"type": ["integer", "null"]},
    "double": {"type": ["number", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "timestamp with time zone": {"type": ["string", "null"], "format": "date-time"},
}

PUBLICATION: dict[str, Any] = {
    "type": "object",
    "description": "La publication d'où vient toute la réponse.",
    "required": ["publication_id", "publiee_a", "est_synthetique"],
    "properties": {
        "publication_id": {"type": "string", "examples": ["4e9ae37c18346438"]},
        "publiee_a": {"type": "string", "format": "date-time"},
        "est_synthetique": {"type": "boolean", "description": "Vrai quand une source au moins est inventée."},
    },
}

WARNINGS: dict[str, Any] = {
    "type": "array",
    "description": "Limites connues, par colonne.",
    "items": {
        "type": "object",
        "required": ["colonne", "texte"],
        "properties": {"colonne": {"type": "string"}, "texte": {"type": "string"}},
    },
}

_DAY: dict[str, Any] = {"type": ["string", "null"], "format": "date"}
PERIOD: dict[str, Any] = {
    "type": ["object", "null"],
    "description": "Les jours de toutes les lignes de la réponse ; nul quand elles n'ont pas de date.",
    "required": ["debut", "fin", "jours_attendus", "jours_presents", "est_complete"],
    "properties": {
        "debut": {**_DAY, "description": "Premier jour, celui qui est demandé ou celui de la première ligne."},
        "fin": {**_DAY, "description": "Dernier jour, compris."},
        "jours_attendus": {
            "type": ["integer", "null"],
            "description": "Jours de la période ; nul pour des années, ou pour des périodes différentes.",
        },
        "jours_presents": {
            "type": ["integer", "null"],
            "description": "Jours qui ont une ligne ; pour une période, jours entièrement mesurés.",
        },
        "est_complete": {"type": ["boolean", "null"], "description": "Vrai quand aucun jour ne manque."},
    },
}

EMPTY: dict[str, Any] = {
    "type": ["object", "null"],
    "description": "Pourquoi il n'y a aucune ligne ; nul quand il y en a.",
    "required": ["raison", "annees", "debut", "fin"],
    "properties": {
        "raison": {"type": "string", "examples": ["Rien à cette date ; années publiées : 2018, 2019."]},
        "annees": {
            "type": ["array", "null"],
            "items": {"type": "integer"},
            "description": "Années qui ont des lignes pour les autres paramètres.",
        },
        "debut": {**_DAY, "description": "Premier jour qui a une ligne pour les autres paramètres."},
        "fin": {**_DAY, "description": "Dernier jour qui en a une."},
    },
}

_PAGE_PARTS: dict[str, Any] = {
    "nombre": {"type": "integer", "description": "Lignes de cette page."},
    "liens": {
        "type": "object",
        "required": ["suivant"],
        "properties": {"suivant": {"type": ["string", "null"], "description": "Page suivante ; nul à la fin."}},
    },
    "meta": {
        "type": "object",
        "required": ["sujet", "periode", "vide", "publication", "unites", "avertissements"],
        "properties": {
            "sujet": {"type": "string", "description": "Table ou sujet."},
            "periode": PERIOD,
            "vide": EMPTY,
            "publication": {"$ref": "#/components/schemas/Publication"},
            "unites": {"type": "object", "additionalProperties": {"type": "string"}},
            "avertissements": WARNINGS,
        },
    },
}

_FILE: dict[str, Any] = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}


_MAP: dict[str, Any] = {
    "type": "object",
    "description": "RFC 7946 : contours des régions et des départements, points des stations ; sinon sans géométrie.",
    "required": ["type", "features", "nombre", "publication", "unites"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "geometry": {"type": ["object", "null"]},
                    "properties": {"type": "object"},
                },
            },
        },
    },
}


@cache
def _docs() -> dict[str, TableDoc]:
    return {doc.name: doc for doc in table_docs()}


def row_schema(table: str | None) -> dict[str, Any]:
    """Return the schema of a row of this table, or of any row when the dictionary lacks the table."""
    doc = _docs().get(table or "")
    if doc is None:
        return {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}
    properties = {}
    for column in doc.columns:
        unit = unit_of(column.name, column.unit)
        text = f"{column.description} Unité : {unit}." if unit else column.description
        kind = _TYPES.get(column.type.lower(), {"type": ["string", "number", "null"]})
        properties[column.name] = {**kind, "description": text}
    return {"type": "object", "description": doc.description, "properties": properties}


def row_schema_of(fields: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """Return the schema of a row of our own: ``(SQL type, meaning)`` by name."""
    return {
        "type": "object",
        "properties": {name: {**_TYPES[kind], "description": text} for name, (kind, text) in fields.items()},
    }


def page_schema(*rows: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a page whose rows are of one of these kinds."""
    items = rows[0] if len(rows) == 1 else {"anyOf": list(rows)}
    return {
        "type": "object",
        "required": ["donnees", "nombre", "liens", "meta"],
        "properties": {"donnees": {"type": "array", "items": items}, **_PAGE_PARTS},
    }


def list_responses(
    *rows: dict[str, Any], example: list[dict[str, Any]] | None = None
) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI of the responses of a list.

    Args:
        rows: schemas of the possible rows; none: any row.
        example: rows shown as an example.
    """
    page: dict[str, Any] = {"schema": page_schema(*(rows or (row_schema(None),)))}
    if example is not None:
        page["example"] = {
            "donnees": example,
            "nombre": len(example),
            "liens": {"suivant": None},
            "meta": {
                "sujet": "exemple",
                "periode": {
                    "debut": "2024-01-01",
                    "fin": "2024-01-31",
                    "jours_attendus": 31,
                    "jours_presents": 10,
                    "est_complete": False,
                },
                "vide": None,
                "publication": {
                    "publication_id": "4e9ae37c18346438",
                    "publiee_a": "2026-11-20T06:00:00Z",
                    "est_synthetique": False,
                },
                "unites": {},
                "avertissements": [],
            },
        }
    text = {"schema": {"type": "string"}}
    kinds = {
        "application/json": page,
        "text/csv": text,
        MEDIA_TYPES[Format.PARQUET]: _FILE,
        MEDIA_TYPES[Format.ARROW]: _FILE,
        MEDIA_TYPES[Format.XLSX]: _FILE,
        MEDIA_TYPES[Format.GEOJSON]: {"schema": _MAP},
    }
    return {
        200: {
            "description": "Les lignes demandées.",
            "headers": {
                "Link": {"description": "Page suivante, rel=next.", "schema": {"type": "string"}},
                "ETag": {"description": "Change avec la publication.", "schema": {"type": "string"}},
                "X-Publication-Id": {"description": "Identifiant de la publication.", "schema": {"type": "string"}},
            },
            "content": kinds,
        },
        304: {"description": "La publication n'a pas changé."},
        **responses(404, 406, 410, 413),
    }
