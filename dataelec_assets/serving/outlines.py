"""Outlines of régions and départements, part of the package (report/geometry/NOTICE.md), and who borders whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Any, Literal

Kind = Literal["regions", "departements"]

# In degrees. Coordinates are rounded to 0.01, so what was one point is at most half of that away in each direction.
_ROUNDING = 0.007


@cache
def geometries(kind: Kind) -> dict[str, Any]:
    """Return the GeoJSON geometry of each territory by code: WGS 84, longitude first; the mainland and Corse only."""
    text = files("dataelec_assets.serving.report").joinpath(f"geometry/{kind}.geojson").read_text(encoding="utf-8")
    return {each["properties"]["code"]: each["geometry"] for each in json.loads(text)["features"]}


@cache
def neighbours(kind: Kind) -> dict[str, tuple[str, ...]]:
    """Return the codes that border each territory, in order; none for an island.

    The outlines are simplified, so a corner of one lies on an edge of the other more often than on its corners.
    """
    edges = {code: _edges(each["coordinates"]) for code, each in geometries(kind).items()}
    found: dict[str, list[str]] = {code: [] for code in edges}
    for one, other in combinations(sorted(edges), 2):
        if _touches(edges[one], edges[other]) or _touches(edges[other], edges[one]):
            found[one].append(other)
            found[other].append(one)
    return {code: tuple(sorted(codes)) for code, codes in found.items()}


def _edges(coordinates: list[Any]) -> tuple[Any, Any]:
    """Return where edges begin and the way to their ends, two arrays of shape (n, 2), in degrees."""
    import numpy as np  # 0.1 s that only those pay who ask for neighbours

    rings = [np.array(ring) for ring in _rings(coordinates)]
    return np.vstack([ring[:-1] for ring in rings]), np.vstack([np.diff(ring, axis=0) for ring in rings])


def _rings(coordinates: list[Any]) -> Iterator[list[Any]]:
    if isinstance(coordinates[0][0], int | float):
        yield coordinates
        return
    for each in coordinates:
        yield from _rings(each)


def _touches(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    """Return whether a corner of one territory lies on an edge of another."""
    import numpy as np

    corners, (starts, steps) = one[0], other
    low, high = starts.min(axis=0) - _ROUNDING, starts.max(axis=0) + _ROUNDING
    corners = corners[((corners >= low) & (corners <= high)).all(axis=1)]
    if not len(corners):
        return False
    to_corner = corners[:, None] - starts[None]
    along = np.clip((to_corner * steps).sum(axis=2) / np.maximum((steps**2).sum(axis=1), 1e-12), 0, 1)
    return bool((np.hypot(*np.moveaxis(to_corner - along[..., None] * steps, 2, 0)) <= _ROUNDING).any())
