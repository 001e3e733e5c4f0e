"""Maps of the régions and départements, drawn from outlines that are part of the package (geometry/NOTICE.md)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import altair as alt

from dataelec_assets.serving.outlines import Kind, geometries
from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.components import Draw
from dataelec_assets.serving.report.french import number


def breaks(values: Sequence[float]) -> list[float]:
    """Return round bounds of up to five classes with about as many members each.

    Quintiles, as maps of rates commonly have, each moved to the nearest multiple of a round step (1, 2 or 5 times a
    power of ten, about a fortieth of the range): a legend of 6 365, 6 372 and 6 390 would tell apart what is alike.
    """
    ordered = sorted(values)
    cuts = [ordered[min(len(ordered) - 1, round(len(ordered) * step / len(theme.SCALE)))] for step in range(1, 5)]
    step = _round_step((ordered[-1] - ordered[0]) / 40)
    if step:
        cuts = [round(round(cut / step) * step, 10) for cut in cuts]
    return sorted({cut for cut in cuts if ordered[0] < cut <= ordered[-1]}) or sorted(set(cuts))


def _round_step(least: float) -> float:
    """Return 1, 2 or 5 times a power of ten, no smaller than ``least``; zero for zero."""
    if least <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)


def france(kind: Kind, values: Mapping[str, float], texts: Mapping[str, str], unit: str, *, digits: int = 1) -> Draw:
    """A map in five classes.

    Args:
        kind: which outlines.
        values: by code; a territory without one is grey.
        texts: what is shown on hover, by code.
        unit: of the values.
        digits: after the comma, in the legend.
    """
    cuts = breaks(list(values.values()))
    labels = _class_labels(cuts, unit, digits)

    def class_of(value: float) -> str:
        return labels[sum(value >= cut for cut in cuts)]

    def draw() -> Any:
        shapes = [
            {
                "type": "Feature",
                "properties": {"code": code},
                "geometry": geometry,
                "classe": class_of(values[code]) if code in values else _NO_DATA,
                "dit": texts.get(code, _NO_DATA),
            }
            for code, geometry in geometries(kind).items()
        ]
        domain = labels + ([_NO_DATA] if any(shape["classe"] == _NO_DATA for shape in shapes) else [])
        colours = [light for light, _ in theme.SCALE[-len(labels) :]] + [theme.NO_DATA[0]]
        members = Counter(shape["classe"] for shape in shapes)
        key = [
            {"nom": name, "couleur": colour, "nombre": members[name]}
            for name, colour in zip(domain, colours, strict=False)
        ]
        return (
            alt.Chart(alt.InlineData(shapes))
            .mark_geoshape(stroke=theme.SURFACE[0], strokeWidth=0.7)
            .encode(
                color=alt.Color(
                    "classe:N",
                    scale=alt.Scale(domain=domain, range=colours[: len(domain)]),
                    legend=alt.Legend(orient="bottom", columns=2, symbolType="square"),
                ),
                tooltip="dit:N",
            )
            # Lambert 93, the projection of French official maps.
            .project(type="conicConformal", parallels=[44, 49], rotate=[-3, 0, 0])
            .properties(
                width=_SIDE,
                height=_SIDE,
                usermeta={"ajuste": "carte", "serie": "", "legende": key, "temps": False, "contours": kind},
            )
        )

    return draw


# Of the map in CSS pixels; a narrower page has a smaller one.
_SIDE = 450

_NO_DATA = "Sans valeur fiable"


def _class_labels(cuts: Sequence[float], unit: str, digits: int) -> list[str]:
    if not cuts:
        return [f"Toutes les valeurs ({unit})"]
    between = [f"{number(low, digits)} à {number(high, digits)} {unit}" for low, high in pairwise(cuts)]
    return [f"Moins de {number(cuts[0], digits)} {unit}", *between, f"{number(cuts[-1], digits)} {unit} ou plus"]
