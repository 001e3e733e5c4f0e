"""Which départements touch: those whose outlines share points (geometry/NOTICE.md)."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def neighbours() -> dict[str, tuple[str, ...]]:
    """Return the codes of the départements that touch each metropolitan one, sorted.

    The outlines are rounded to about 1 km and keep common borders, so two départements touch where they share a point.
    Overseas départements have no outline and no neighbour.
    """
    text = files("dataelec_assets.serving.report").joinpath("geometry/departements.geojson").read_text(encoding="utf-8")
    owners: dict[tuple[float, ...], set[str]] = {}
    for feature in json.loads(text)["features"]:
        outline = feature["geometry"]
        polygons = outline["coordinates"] if outline["type"] == "MultiPolygon" else [outline["coordinates"]]
        for point in (point for polygon in polygons for ring in polygon for point in ring):
            owners.setdefault(tuple(point), set()).add(feature["properties"]["code"])
    found: dict[str, set[str]] = {}
    for codes in owners.values():
        for code in codes:
            found.setdefault(code, set()).update(codes - {code})
    return {code: tuple(sorted(others)) for code, others in sorted(found.items())}
