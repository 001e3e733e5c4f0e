"""The charts over time, in Altair. Days are read as UTC: a drawing must not depend on the clock zone of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import altair as alt

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import HALF_PAGE, Rows, dashes, data, fit, legend, palette, spots
from dataelec_assets.serving.report.components import Draw


def _time(form: str) -> alt.X:
    axis = alt.Axis(title=None, grid=False, labelOverlap=True, labelSeparation=14, format=form, tickCount=6)
    return alt.X("x:T", scale=alt.Scale(type="utc"), axis=axis)


def lines(
    rows: Rows, colours: Mapping[str, str], unit: str, *, height: int = 260, form: str = "%b %Y", zero: bool = False
) -> Draw:
    """Lines over time: rows of ``x`` (day), ``y``, ``serie``, ``dit``; each series has its dash and breaks at gaps."""
    strokes, shown = dashes(colours), parted(rows, "serie")

    def draw(width: int) -> Any:
        key = legend(colours, width)
        y = alt.Y("y:Q", title=unit, scale=alt.Scale(zero=zero), axis=alt.Axis(tickCount=5))
        base = alt.Chart().encode(x=_time(form), y=y, color=alt.Color("serie:N", scale=palette(colours), legend=key))
        line = base.mark_line(aria=False).encode(strokeDash=alt.StrokeDash("serie:N", scale=strokes, legend=key))
        return fit(alt.layer(line, _alone(base), spots(base), data=data(shown)), width, height)

    return draw


def _alone(base: Any) -> Any:
    """Return dots for readings without a neighbour to connect to."""
    return base.mark_circle(size=30, opacity=1, aria=False).transform_filter("datum.seul")


def parted(rows: Rows, name: str) -> list[dict[str, Any]]:
    """Return rows with a null between readings that are unusually far apart: a line must not bridge a gap.

    Args:
        rows: of ``x`` (day) and ``y``, by day.
        name: the column of the series.

    Returns:
        The rows, those without a neighbour marked ``seul``, and the nulls.
    """
    series: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        series.setdefault(row[name], []).append(row)
    steps = [_days(later["x"]) - _days(one["x"]) for each in series.values() for one, later in pairwise(each)]
    # Months differ by three days, so a step and a half is a gap in any of them.
    limit = 1.5 * sorted(steps)[len(steps) // 2] if steps else 0
    found: list[dict[str, Any]] = []
    for each in series.values():
        apart = [_days(later["x"]) - _days(one["x"]) > limit for one, later in pairwise(each)]
        for at, row in enumerate(each):
            ends_here = at == len(apart) or apart[at]
            found.append({**row, "seul": ends_here and (at == 0 or apart[at - 1])})
            if ends_here and at < len(apart):
                following = date.fromordinal(_days(row["x"]) + 1).isoformat()
                found.append({**dict.fromkeys(row), name: row[name], "x": following, "y": None, "seul": False})
    return found


def _days(value: Any) -> int:
    return (value if isinstance(value, date) else date.fromisoformat(value)).toordinal()


def panels(rows: Rows, colours: Mapping[str, str], unit: str, *, height: int = 84) -> Draw:
    """One small panel per name: rows of ``nom``, ``x`` (day), ``y``; colours by name."""
    shown = parted(rows, "nom")

    def draw(width: int) -> Any:
        columns = 2 if width < HALF_PAGE else 4
        base = alt.Chart().encode(
            x=alt.X(
                "x:T", scale=alt.Scale(type="utc"), axis=alt.Axis(title=None, grid=False, format="%Y", tickCount=3)
            ),
            y=alt.Y("y:Q", title=None, axis=alt.Axis(tickCount=3)),
            color=alt.Color("nom:N", scale=palette(colours), legend=None),
        )
        panel = (width - 2) // columns - 44
        return (
            alt.layer(base.mark_line(aria=False), _alone(base), data=data(shown))
            .properties(width=panel, height=height)
            .facet(
                facet=alt.Facet("nom:N", sort=list(colours), header=alt.Header(title=None, labelLimit=panel + 30)),
                columns=columns,
                spacing=14,
            )
        )

    del unit  # said in the title: a panel has no room for it
    return draw


def columns(rows: Rows, colours: Mapping[str, str], unit: str, *, height: int = 260) -> Draw:
    """Bars by month, positive and negative stacked apart: rows of ``x`` (first day), ``y``, ``serie``, ``dit``."""

    def draw(width: int) -> Any:
        chart = alt.Chart(data(rows)).mark_bar(stroke=theme.SURFACE[0], strokeWidth=0.5)
        return fit(
            chart.encode(
                x=alt.X(
                    "utcyearmonth(x):T",
                    scale=alt.Scale(type="utc"),
                    axis=alt.Axis(title=None, grid=False, format="%b %Y", labelOverlap=True, labelSeparation=14),
                ),
                y=alt.Y("y:Q", title=unit, axis=alt.Axis(tickCount=5)),
                color=alt.Color(
                    "serie:N", scale=palette(colours), legend=alt.Legend(columns=2 if width < HALF_PAGE else 5)
                ),
                description="dit:N",
            ),
            width,
            height,
        )

    return draw


# Column, name and colour of each line of a forecast.
_FAN = (
    ("reel", "Réalisé", theme.INK[0]),
    ("prevu", "Prévu", theme.ACCENT[0]),
    ("rte", "Prévu par RTE la veille", theme.REFERENCE[0]),
)


def fan(rows: Rows, *, unit: str, height: int = 280) -> Draw:
    """A forecast with its intervals, the outcome and RTE's: rows of ``x``, ``dit``, of ``_FAN`` and of four bounds."""
    drawn = [each for each in _FAN if any(row.get(each[0]) is not None for row in rows)]
    series = {name: colour for _, name, colour in drawn}
    named = "{" + ", ".join(f"{column}: '{name}'" for column, name, _ in drawn) + "}[datum.quoi]"
    shown = parted([{"serie": "", **row} for row in rows], "serie")

    def draw(width: int) -> Any:
        key, x, scale = legend(series, width), _time("%e %b"), alt.Scale(zero=False)
        y = alt.Y("bas90:Q", title=unit, scale=scale, axis=alt.Axis(tickCount=5))
        base = alt.Chart().encode(x=x)
        wide = base.mark_area(color=theme.BAND_WIDE[0], aria=False).encode(y=y, y2="haut90:Q")
        narrow = base.mark_area(color=theme.BAND_NARROW[0], aria=False).encode(
            y=alt.Y("bas50:Q", scale=scale), y2="haut50:Q"
        )
        strokes = (
            base.transform_fold([column for column, _, _ in drawn], as_=["quoi", "valeur"])
            .transform_calculate(nom=named)
            .mark_line(aria=False)
            .encode(
                y=alt.Y("valeur:Q", scale=scale),
                color=alt.Color("nom:N", scale=palette(series), legend=key),
                strokeDash=alt.StrokeDash("nom:N", scale=dashes(series), legend=key),
            )
        )
        said = spots(base.encode(y=alt.Y("prevu:Q", scale=scale), color=alt.value(theme.ACCENT[0])))
        return fit(alt.layer(wide, narrow, strokes, said, data=data(shown)), width, height)

    return draw
