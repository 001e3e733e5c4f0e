"""Answers as GeoJSON: régions and départements with outlines, stations as points, other territories without either."""

from __future__ import annotations

import json
from functools import cache

from dataelec_assets.serving.api.problems import Problem
from dataelec_assets.serving.api.queries import Question
from dataelec_assets.serving.outlines import geometries

_NOWHERE = "null"


def place_sql(question: Question) -> list[str]:
    """Return the SQL of the two columns that say where a row is: grain and code, or nothing and a point as JSON.

    Raises:
        Problem: its rows are nowhere.
    """
    known = {column.name: column.sql for column in question.columns}
    if {"longitude", "latitude"} <= known.keys():
        x, y = (f"round(CAST({known[name]} AS DOUBLE), 6)" for name in ("longitude", "latitude"))
        return ["NULL", f"""'{{"type":"Point","coordinates":[' || {x} || ',' || {y} || ']}}'"""]
    if {"maille", "code_territoire"} <= known.keys():
        return [known["maille"], known["code_territoire"]]
    for grain in ("departement", "region"):
        if f"code_{grain}" in known:
            return [f"'{grain}'", known[f"code_{grain}"]]
    raise Problem(
        406, f"{question.name} n'a pas de lieu : geojson exige une région, un département ou des coordonnées."
    )


@cache
def _outlines() -> dict[tuple[str, str], str]:
    """Return the geometry of each territory as JSON, by grain and code."""
    kinds = (("region", geometries("regions")), ("departement", geometries("departements")))
    return {
        (grain, code): json.dumps(shape, separators=(",", ":"))
        for grain, shapes in kinds
        for code, shape in shapes.items()
    }


def feature(row: str, grain: str | None, place: str | None) -> str:
    """Return a row as a feature (RFC 7946: WGS 84, longitude first).

    Args:
        row: a JSON object.
        grain: of its territory; None: ``place`` is a geometry.
        place: code of its territory, or geometry as JSON.
    """
    geometry = place or _NOWHERE if grain is None else _outlines().get((grain, place or ""), _NOWHERE)
    return f'{{"type":"Feature","geometry":{geometry},"properties":{row}}}'
