"""Filters by place: the codes of a request, what lies within a territory, who borders it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from dataelec_assets.serving.api.problems import refused
from dataelec_assets.serving.api.queries import Codes, Question
from dataelec_assets.serving.api.schema import Column, Table
from dataelec_assets.serving.api.territories import GRAINS, RELATION
from dataelec_assets.serving.outlines import Kind, geometries, neighbours

WITHIN = ("region", "departement", "epci")

# What the codes of a column are of.
_GRAINS_OF: dict[str, tuple[str, ...]] = {
    "code_region": ("region",),
    "code_departement": ("departement",),
    "code_epci": ("epci",),
    "code_commune": ("commune",),
}

# Only these have outlines, of which the borders are known.
Outlined = Literal["region", "departement"]
_OUTLINED: dict[Outlined, Kind] = {"departement": "departements", "region": "regions"}


def codes_of_column(parameter: str, values: Sequence[str], table: Table, column: Column, grain: str | None) -> Codes:
    """Return what must be looked up before a column is compared with codes of territories.

    Args:
        parameter: of the request.
        values: the codes.
        table: that the column belongs to.
        column: it.
        grain: that the request asks for.
    """
    grains = _GRAINS_OF.get(column.name, (grain,) if grain in GRAINS else ())
    return Codes(parameter, tuple(values), grains, column, table.sql)


def within(question: Question, table: Table, parameter: str, code: str) -> Question:
    """Return the question for what lies in a territory, itself included.

    Args:
        question: about the table.
        table: with the codes and grains of territories, or with a column for the territory itself.
        parameter: ``region``, ``departement`` or ``epci``.
        code: of that territory.

    Raises:
        Problem: the rows of this table have no place that could lie in another.
    """
    column = f"code_{parameter}"
    itself = f"(maille = '{parameter}' AND code_territoire = ?)"
    chosen = f"FROM {RELATION} WHERE {column} = ? OR {itself}"
    checked = question.requiring(Codes(parameter, (code,), (parameter,)))
    if {"maille", "code_territoire"} <= {*table.columns}:
        pairs = f"(SELECT (maille, code_territoire) {chosen})"
        return checked.condition(f"(maille, code_territoire) IN {pairs}", code, code, given=parameter)
    if column in table.columns:
        return checked.where(table.columns[column], "=", code, given=parameter)
    if "code_commune" in table.columns:
        communes = f"(SELECT code_territoire FROM {RELATION} WHERE {column} = ? AND maille = 'commune')"
        return checked.condition(f"code_commune IN {communes}", code, given=parameter)
    raise refused(parameter, f"ne filtre pas {table.name}, qui répond à cette demande")


async def with_neighbours(codes: Sequence[str] | None, grain: str | None) -> tuple[list[str], Outlined]:
    """Return codes and those of what borders them, and their grain.

    Args:
        codes: of the request.
        grain: of the request; None: the one that all codes have.

    Raises:
        Problem: no code is given, or more than one grain, or one whose borders are unknown.
    """
    if not codes:
        raise refused("voisins", "exige le paramètre territoire")
    possible = [
        each for each, kind in _OUTLINED.items() if each == grain or (grain is None and {*codes} <= {*geometries(kind)})
    ]
    if len(possible) > 1:
        raise refused("voisins", "ces codes sont ceux de régions et de départements : préciser maille")
    if not possible:
        raise refused("voisins", "connus pour les régions et les départements de métropole seulement")
    borders = await asyncio.to_thread(neighbours, _OUTLINED[possible[0]])  # computed once, in half a second
    near = [each for code in codes for each in borders.get(code, ())]
    return list(dict.fromkeys([*codes, *near])), possible[0]


async def borders_of(grain: str, code: str) -> tuple[str, ...] | None:
    """Return the codes that border a territory; None where outlines do not say it (commune, EPCI, overseas)."""
    kind = next((kind for each, kind in _OUTLINED.items() if each == grain), None)
    return None if kind is None else (await asyncio.to_thread(neighbours, kind)).get(code)
