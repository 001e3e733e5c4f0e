"""The contract of the first API: a bare array of ``{"indicateur", "valeur", "unite"}``, to which keys are only added.

Without ``annee`` each indicator comes with its newest year. An answer is made once per publication and kept as bytes.
An empty array cannot say for which years there are values: a header does.
"""

from __future__ import annotations

import gzip
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from dataelec_assets.serving.api.execution import Engine
from dataelec_assets.serving.api.lookup import nearest, refuse_unknown_codes, unknown
from dataelec_assets.serving.api.problems import Problem, responses
from dataelec_assets.serving.api.publication import Publication
from dataelec_assets.serving.api.queries import Codes
from dataelec_assets.serving.api.service import base_headers, is_known, service_of

router = APIRouter(tags=["indicateurs (contrat d'origine)"])

INDICATORS, CATALOGUE = "fct_indicateur", "dim_indicateur"

# Gzip makes smaller answers longer.
SMALLEST_GZIPPED = 500

Asked = tuple[str, str, int | None, str | None]

_SHAPE = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["indicateur", "valeur", "unite"],
        "additionalProperties": False,
        "properties": {
            "indicateur": {"type": "string", "description": "Libellé ; son propriétaire aussi s'il est importé."},
            "valeur": {"type": ["number", "null"], "description": "Nulle quand elle est secrète ou inconnue."},
            "unite": {"type": ["string", "null"]},
            "annee": {"type": "integer", "description": "Année de la valeur ; elle diffère d'un indicateur à l'autre."},
            "annee_denominateur": {
                "type": ["integer", "null"],
                "description": "Année du dénominateur d'un ratio : d'une valeur par habitant, celle de la population.",
            },
            "motif": {"type": ["string", "null"], "description": "Pourquoi la valeur est nulle."},
        },
    },
}
_EXAMPLE = [
    {
        "indicateur": "Consommation résidentielle par habitant",
        "valeur": 2412.5,
        "unite": "kWh/hab",
        "annee": 2023,
        "annee_denominateur": 2022,
        "motif": None,
    }
]


@router.get(
    "/indicateurs",
    summary="Indicateurs d'un territoire",
    response_class=Response,
    responses={
        200: {
            "description": "Tableau nu, comme dans l'interface d'origine ; vide quand le territoire n'a pas de valeur.",
            "headers": {
                "X-Annees": {
                    "description": "Pour un tableau vide : années qui ont des valeurs ; absent s'il n'y en a aucune.",
                    "schema": {"type": "string"},
                }
            },
            "content": {"application/json": {"schema": _SHAPE, "example": _EXAMPLE}},
        },
        304: {"description": "La publication n'a pas changé."},
        **responses(404),
    },
)
async def indicators(
    request: Request,
    *,
    departement: Annotated[
        str | None, Query(pattern=r"^(\d{2}|97\d|2[AB])$", description="Code INSEE.", examples=["33", "2A", "01"])
    ] = None,
    region: Annotated[str | None, Query(pattern=r"^\d{2}$", description="Code INSEE.", examples=["75"])] = None,
    epci: Annotated[str | None, Query(pattern=r"^\d{9}$", description="SIREN.", examples=["243300316"])] = None,
    commune: Annotated[
        str | None, Query(pattern=r"^(\d{2}|2[AB])\d{3}$", description="Code INSEE.", examples=["33063"])
    ] = None,
    annee: Annotated[int | None, Query(ge=1900, le=2200, description="À défaut, la plus récente.")] = None,
    indicateur: Annotated[str | None, Query(max_length=200, description="Code ou libellé.")] = None,
) -> Response:
    """Valeurs des indicateurs d'un territoire : `departement`, `region`, `epci` ou `commune`, un seul des quatre."""
    given = {"departement": departement, "region": region, "epci": epci, "commune": commune}
    places = [(grain, code) for grain, code in given.items() if code is not None]
    if len(places) != 1:
        raise Problem(422, "Un territoire, et un seul : departement, region, epci ou commune.")
    service = service_of(request)
    publication = await service.publications.acquire()
    with publication.in_use():
        headers = base_headers(publication, "json")
        if is_known(request, headers["ETag"]):
            publication.table(INDICATORS)
            return Response(status_code=304, headers=headers)
        question: Asked = (*places[0], annee, indicateur)
        made = publication.remembered.get(question)
        if made is None:
            made = await _made(service.engine, publication, question)
            publication.remember(question, made)
    plain, zipped, years = made
    if years:
        headers["X-Annees"] = years
    if zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(zipped, headers={**headers, "Content-Encoding": "gzip"}, media_type="application/json")
    return Response(plain, headers=headers, media_type="application/json")


async def _made(engine: Engine, publication: Publication, question: Asked) -> tuple[bytes, bytes | None, str]:
    """Return the answer, plain and zipped, and the years of which there are values when it is empty.

    Raises:
        Problem: nobody knows the territory or the indicator.
    """
    grain, code, year, indicator = question
    table = publication.table(INDICATORS)
    await refuse_unknown_codes(
        engine, publication, [Codes(grain, (code,), (grain,), table.column("code_territoire"), table.sql)]
    )
    rows = await engine.rows(publication, *_statement(publication, question))
    if rows:
        return *_bodies(rows), ""
    if indicator is not None and not await _is_indicator(engine, publication, indicator):
        near = await nearest(engine, publication, ["indicateur"], indicator)
        raise unknown("indicateur", f"pas d'indicateur « {indicator[:80]} »", near)
    at_any_time = _statement(publication, (grain, code, None, indicator), columns="DISTINCT f.annee")
    years = sorted(each for (each,) in await engine.rows(publication, *at_any_time)) if year is not None else []
    return *_bodies(rows), ", ".join(map(str, years))


async def _is_indicator(engine: Engine, publication: Publication, indicator: str) -> bool:
    """Return whether some territory has a value of it, or the dictionary knows it, by code or label."""
    table, label = publication.table(INDICATORS), _label(publication)
    sql = f"SELECT 1 FROM {table.sql} AS f {_catalogue(publication)} WHERE f.code_indicateur = ? OR {label} = ? LIMIT 1"
    return indicator in publication.indicators or bool(await engine.rows(publication, sql, [indicator, indicator]))


def _catalogue(publication: Publication) -> str:
    known = CATALOGUE in publication.tables
    return f"LEFT JOIN {publication.tables[CATALOGUE].sql} AS d USING (code_indicateur)" if known else ""


def _label(publication: Publication) -> str:
    if CATALOGUE not in publication.tables:
        return "f.code_indicateur"
    # What a user has imported is never taken for a publisher's. Publications of earlier versions hold none.
    imported = "proprietaire" in publication.tables[CATALOGUE].columns
    owner = " || coalesce(' — ' || d.proprietaire, '')" if imported else ""
    return f"(coalesce(d.libelle, f.code_indicateur){owner})"


def _statement(publication: Publication, question: Asked, columns: str | None = None) -> tuple[str, list[Any]]:
    grain, code, year, indicator = question
    table, label = publication.table(INDICATORS), _label(publication)
    conditions, parameters = ["f.maille = ?", "f.code_territoire = ?"], list[Any]([grain, code])
    if year is not None:
        conditions.append("f.annee = ?")
        parameters.append(year)
    if indicator is not None:
        conditions.append(f"(f.code_indicateur = ? OR {label} = ?)")
        parameters += [indicator, indicator]
    source = f"FROM {table.sql} AS f {_catalogue(publication)} WHERE {' AND '.join(conditions)}"
    if columns is not None:
        return f"SELECT {columns} {source}", parameters
    # Publications of earlier versions lack what is not in this list.
    newer = [f"f.{name}" if name in table.columns else "NULL" for name in ("annee_denominateur", "motif")]
    sql = f"""
        SELECT {label} || coalesce(' (' || {_part(publication)} || ')', ''),
            CASE WHEN isfinite(CAST(f.valeur AS DOUBLE)) THEN CAST(f.valeur AS DOUBLE) END, f.unite, f.annee,
            {", ".join(newer)}
        {source}
        QUALIFY row_number() OVER (
            PARTITION BY f.code_indicateur, f.sous_champ ORDER BY f.annee DESC, f.source
        ) = 1
        ORDER BY f.code_indicateur, f.sous_champ NULLS FIRST
    """
    return sql, parameters


def _part(publication: Publication) -> str:
    """Return the SQL of the part of an indicator as people read it: sectors and filières have accents."""
    names = [
        f"(SELECT any_value(lower(p.{name})) FROM {publication.tables[table].sql} AS p WHERE p.{code} = f.sous_champ)"
        for table, code, name in (("dim_secteur", "code_secteur", "nom_secteur"), ("dim_filiere", "filiere", "libelle"))
        if table in publication.tables
    ]
    plain = "nullif(f.sous_champ, '')"
    return f"coalesce({', '.join([*names, plain])})" if names else plain


_KEYS = ("indicateur", "valeur", "unite", "annee", "annee_denominateur", "motif")


def _bodies(rows: list[tuple[Any, ...]]) -> tuple[bytes, bytes | None]:
    items = [dict(zip(_KEYS, row, strict=True)) for row in rows]
    plain = json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode()
    return plain, gzip.compress(plain, 6, mtime=0) if len(plain) >= SMALLEST_GZIPPED else None
