"""Indicators: their catalogue, and their values compared with the parent territory, with peers and with past years."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from dataelec_assets.serving.api.answers import reply
from dataelec_assets.serving.api.json_schemas import list_responses, row_schema, row_schema_of
from dataelec_assets.serving.api.legacy import CATALOGUE, INDICATORS
from dataelec_assets.serving.api.page_parameters import Page
from dataelec_assets.serving.api.places import codes_of_column, with_neighbours, within
from dataelec_assets.serving.api.problems import refused
from dataelec_assets.serving.api.publication import Publication
from dataelec_assets.serving.api.queries import MOST_VALUES, Codes, Question, of_table
from dataelec_assets.serving.api.schema import Column, Kind, Table, Value
from dataelec_assets.serving.api.territories import RELATION
from dataelec_assets.serving.api.v1.parameters import (
    Annees,
    Code,
    DansDepartement,
    DansEpci,
    DansRegion,
    Territoires,
    Voisins,
)

router = APIRouter(prefix="/v1", tags=["indicateurs"])

_COMPARED = (
    Column("maille_parent", Kind.TEXT, None, "Maille du territoire qui contient celui-ci."),
    Column("code_parent", Kind.TEXT, None, "Code du territoire qui contient celui-ci."),
    Column("valeur_parent", Kind.NUMBER, None, "Valeur du parent, la même année."),
    Column("ecart_parent_pct", Kind.NUMBER, "%", "Écart à la valeur du parent."),
    Column("rang", Kind.INTEGER, None, "Rang parmi les territoires de la maille, 1 pour la plus grande valeur."),
    Column("nombre_pairs", Kind.INTEGER, None, "Territoires de la maille qui ont une valeur cette année-là."),
    Column("centile", Kind.NUMBER, "%", "Part des autres territoires de la maille dont la valeur est plus petite."),
    Column("annee_precedente", Kind.INTEGER, None, "Année de la valeur précédente du même territoire."),
    Column("evolution_pct", Kind.NUMBER, "%", "Évolution depuis la valeur précédente, dans la même série."),
    Column(
        "motif_rupture", Kind.TEXT, None, "Pourquoi les deux années ne se comparent pas ; nul quand elles se comparent."
    ),
)
_SQL_TYPES = {Kind.TEXT: "varchar", Kind.INTEGER: "bigint", Kind.NUMBER: "double"}
_VALUE_ROW = row_schema_of(
    {
        "code_indicateur": ("varchar", "Code de l'indicateur."),
        "maille": ("varchar", "Maille du territoire."),
        "code_territoire": ("varchar", "Code du territoire."),
        "annee": ("integer", "Année."),
        "sous_champ": ("varchar", "Partie de l'indicateur, comme un secteur ; nul pour l'ensemble."),
        "valeur": ("double", "Valeur, dans l'unité de la ligne ; nulle quand elle est secrète ou inconnue."),
        "unite": ("varchar", "Unité de la valeur."),
        "type_variable": ("varchar", "Nature de la variable : effectif, ratio, indice…"),
        "nom_territoire": ("varchar", "Nom du territoire."),
        "libelle": ("varchar", "Libellé de l'indicateur."),
        "annee_denominateur": ("integer", "Année du dénominateur d'un ratio, comme celle de la population."),
        "motif": ("varchar", "Pourquoi la valeur est nulle."),
        "source": ("varchar", "Source."),
        "secret": ("boolean", "Vrai quand la valeur est masquée par le secret statistique."),
        "proprietaire": ("varchar", "Qui a importé l'indicateur ; nul pour ceux des publieurs."),
        **{column.name: (_SQL_TYPES[column.kind], column.description or "") for column in _COMPARED},
    }
)
# The part that is the whole: null in the table, and a name of the publisher's own for some indicators.
TOTAL = "total"
BREAKS = "meta_ruptures"
_NO_BREAKS = """(
    SELECT '' AS nom_table, '' AS mesure, DATE '1900-01-01' AS date_rupture, false AS est_comparable, '' AS motif
    WHERE false
)"""
_KEY = ("code_indicateur", "maille", "code_territoire", "sous_champ", "annee")

# What the comparison adds to each row. The centile is the share of peers below: ties get the same one.
_COMPARISON = """(
    WITH pairs AS (
        SELECT *, rowid AS numero_ligne,
            CASE WHEN valeur IS NOT NULL THEN rank() OVER (groupe ORDER BY valeur DESC NULLS LAST) END AS rang,
            count(valeur) OVER (PARTITION BY code_indicateur, maille, sous_champ, annee) AS nombre_pairs,
            CASE WHEN valeur IS NOT NULL THEN rank() OVER (groupe ORDER BY valeur NULLS LAST) - 1 END AS plus_petits,
            lag(annee) OVER serie AS annee_precedente,
            lag(valeur) OVER serie AS valeur_precedente
        FROM {table} WHERE {chosen}
        WINDOW groupe AS (PARTITION BY code_indicateur, maille, sous_champ, annee),
            serie AS (PARTITION BY code_indicateur, maille, sous_champ, code_territoire ORDER BY annee)
    )
    SELECT p.*, t.maille_parent, t.code_parent, m.valeur AS valeur_parent,
        100 * (p.valeur - m.valeur) / nullif(abs(m.valeur), 0) AS ecart_parent_pct,
        100 * p.plus_petits / nullif(p.nombre_pairs - 1, 0) AS centile,
        CASE WHEN r.motif IS NULL
            THEN 100 * (p.valeur - p.valeur_precedente) / nullif(abs(p.valeur_precedente), 0) END AS evolution_pct,
        r.motif AS motif_rupture
    FROM pairs AS p
    LEFT JOIN (
        SELECT p.numero_ligne, max_by(b.motif, b.date_rupture) AS motif
        FROM pairs AS p JOIN {breaks} AS b ON b.nom_table = 'fct_indicateur' AND b.mesure = p.code_indicateur
            AND NOT b.est_comparable AND p.annee_precedente < year(b.date_rupture) AND p.annee >= year(b.date_rupture)
        GROUP BY ALL
    ) AS r ON r.numero_ligne = p.numero_ligne
    LEFT JOIN {territories} AS t ON t.maille = p.maille AND t.code_territoire = p.code_territoire
    LEFT JOIN {table} AS m ON m.code_indicateur = p.code_indicateur AND m.annee = p.annee
        AND m.maille = t.maille_parent AND m.code_territoire = t.code_parent
        AND m.sous_champ IS NOT DISTINCT FROM p.sous_champ
)"""


@router.get(
    "/indicateurs",
    summary="Catalogue des indicateurs",
    response_class=Response,
    responses=list_responses(row_schema(CATALOGUE)),
)
async def catalogue(
    request: Request,
    *,
    how: Page,
    code: Annotated[
        list[Annotated[str, Query(max_length=80)]] | None, Query(max_length=200, description="Code ; peut être répété.")
    ] = None,
    q: Annotated[str | None, Query(min_length=1, max_length=100, description="Dans le libellé, sans accents.")] = None,
) -> Response:
    """Libellé, unité, définition et source de chaque indicateur."""

    def ask(publication: Publication) -> Question:
        table = publication.table(CATALOGUE)
        question = of_table(table).requiring(replace(_indicator_codes(table, code), parameter="code"))
        question = question.where(table.column("code_indicateur"), "=", *(code or ()), given="code")
        if q is not None:
            like = "contains(strip_accents(lower(libelle)), strip_accents(lower(?)))"
            question = question.condition(like, q, given="q")
        return question

    return await reply(request, how, ask)


@router.get(
    "/valeurs",
    summary="Valeurs des indicateurs",
    response_class=Response,
    responses=list_responses(
        _VALUE_ROW,
        example=[
            {
                "code_indicateur": "conso_residentielle_par_hab",
                "maille": "departement",
                "code_territoire": "33",
                "annee": 2023,
                "valeur": 2412.5,
                "unite": "kWh/hab",
            }
        ],
    ),
)
async def values(
    request: Request,
    *,
    how: Page,
    indicateur: Annotated[
        list[Annotated[str, Query(max_length=80)]] | None,
        Query(max_length=50, description="Code de l'indicateur ; peut être répété."),
    ] = None,
    maille: Annotated[
        Literal["nation", "metropole", "region", "departement", "crte", "epci", "commune"] | None,
        Query(description="Maille."),
    ] = None,
    territoire: Territoires = None,
    region: DansRegion = None,
    departement: DansDepartement = None,
    epci: DansEpci = None,
    voisins: Voisins = False,
    annee: Annees = None,
    annee_min: Annotated[int | None, Query(ge=1900, le=2200, description="Première année.")] = None,
    annee_max: Annotated[int | None, Query(ge=1900, le=2200, description="Dernière année.")] = None,
    sous_champ: Annotated[
        list[Code] | None, Query(max_length=50, description="Partie de l'indicateur ; total : l'ensemble.")
    ] = None,
    comparaison: Annotated[
        bool, Query(description="Ajoute parent, rang, centile et évolution ; exige au moins un indicateur.")
    ] = False,
) -> Response:
    """Une ligne par indicateur, territoire, année et sous-champ : une série quand l'année n'est pas fixée."""
    grain: str | None = maille
    if voisins:
        territoire, grain = await with_neighbours(territoire, maille)

    def ask(publication: Publication) -> Question:
        table = publication.table(INDICATORS)
        question = _compared(publication, indicateur or [], maille) if comparaison else of_table(table)
        column = table.column("code_territoire")
        question = (
            question.with_names()
            .requiring(_indicator_codes(table, indicateur))
            .requiring(codes_of_column("territoire", territoire or (), table, column, grain))
            .where(table.column("code_indicateur"), "=", *(indicateur or ()), given="indicateur")
            .where(table.column("maille"), "=", grain, given="maille")
            .where(column, "=", *(territoire or ()), given="territoire")
            .where(table.column("annee"), "=", *(annee or ()), given="annee")
            .where(table.column("annee"), ">=", annee_min, given="annee_min")
            .where(table.column("annee"), "<=", annee_max, given="annee_max")
        )
        for parameter, code in (("region", region), ("departement", departement), ("epci", epci)):
            question = question if code is None else within(question, table, parameter, code)
        return _of_parts(question, table, sous_champ or [])

    return await reply(request, how, ask)


def _indicator_codes(table: Table, codes: list[str] | None) -> Codes:
    column = table.column("code_indicateur")
    return Codes("indicateur", tuple(codes or ()), column=column, relation=table.sql, of_indicators=True)


def _of_parts(question: Question, table: Table, parts: list[str]) -> Question:
    """Return the question for some parts of an indicator; ``total`` is the whole, which some publishers name so."""
    column = table.column("sous_champ")
    if TOTAL not in parts:
        return question.where(column, "=", *parts, given="sous_champ")
    marks = ", ".join("?" * len(parts))
    return question.condition(f"({column.sql} IS NULL OR {column.sql} IN ({marks}))", *parts, given="sous_champ")


def _compared(publication: Publication, codes: list[str], maille: str | None) -> Question:
    """Return the question with its comparison, over all peers and years: filters apply afterwards."""
    if not codes:
        raise refused("comparaison", "exige au moins un indicateur")
    table = publication.table(INDICATORS)
    if len(codes) > MOST_VALUES:
        raise refused("indicateur", f"au plus {MOST_VALUES} valeurs")
    chosen, parameters = f"code_indicateur IN ({', '.join('?' * len(codes))})", list[Value](codes)
    if maille is not None:
        chosen, parameters = f"{chosen} AND maille = ?", [*parameters, maille]
    # A publication of an earlier version knows no breaks.
    breaks = publication.tables[BREAKS].sql if BREAKS in publication.tables else _NO_BREAKS
    relation = _COMPARISON.format(table=table.sql, chosen=chosen, territories=RELATION, breaks=breaks)
    return replace(
        of_table(table),
        relation=relation,
        columns=(*table.columns.values(), *_COMPARED),
        key=(*(table.column(name) for name in _KEY), Column("numero_ligne", Kind.INTEGER)),
        own_parameters=tuple(parameters),
    )
