"""The charts over time, in Altair. Days are read as UTC: a drawing must not depend on the clock zone of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import altair as alt

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import Rows, dashes, data, fit, legend, palette, spots, strokes, swatches
from dataelec_assets.serving.report.components import Draw

# The form of an axis on which years lie one above the other: no period of it can be chosen.
DAYS_OF_A_YEAR = "%b"
_DAY_MS = 86_400_000


def _time(form: str) -> alt.X:
    # A label of month and year takes about 70 px.
    ticks = alt.ExprRef("max(2, ceil(width / 110))")
    # Half a day would carry the name of its day once more.
    axis = alt.Axis(
        title=None,
        grid=False,
        labelOverlap=True,
        labelSeparation=14,
        format=form,
        tickCount=ticks,
        tickMinStep=_DAY_MS,
    )
    return alt.X("x:T", scale=alt.Scale(type="utc"), axis=axis)


def lines(
    rows: Rows,
    colours: Mapping[str, str],
    unit: str,
    *,
    height: int = 260,
    form: str = "%b %Y",
    zero: bool = False,
    breaks: Rows = (),
) -> Draw:
    """Lines over time: rows of ``x`` (day), ``y``, ``serie``, ``dit``; each series has its dash and breaks at gaps.

    ``breaks`` in the series are rows of ``x`` and ``dit``, drawn as dashed rules. They have no series, so that no
    choice hides them.
    """
    apart = [{"x": each["x"], "y": None, "serie": "", "dit": each["dit"], "seul": False} for each in breaks]
    shown = [*parted(rows, "serie"), *apart]

    def draw() -> Any:
        key = legend(colours)
        y = alt.Y("y:Q", title=unit, scale=alt.Scale(zero=zero), axis=alt.Axis(tickCount=5))
        base = alt.Chart().encode(x=_time(form), y=y, color=alt.Color("serie:N", scale=palette(colours), legend=key))
        if apart:
            base = base.transform_filter("datum.serie !== ''")
        line = base.mark_line(aria=False).encode(
            strokeDash=alt.StrokeDash("serie:N", scale=dashes(colours), legend=key)
        )
        return fit(
            alt.layer(*_rules(form, apart), line, *_alone(base, shown), spots(base), data=data(shown)),
            height,
            series="serie",
            key=strokes(colours),
            is_dated=form != DAYS_OF_A_YEAR,
        )

    return draw


def _rules(form: str, breaks: Rows) -> list[Any]:
    """Return a dashed rule at each break, which says why to a pointer on it."""
    rule = alt.Chart().transform_filter("datum.serie === ''").mark_rule(color=theme.MUTED[0], strokeDash=[4, 3], size=2)
    return [rule.encode(x=_time(form), tooltip="dit:N")] if breaks else []


def _alone(base: Any, rows: Rows) -> list[Any]:
    """Return dots for readings without a neighbour to connect to, where there are some."""
    dots = base.mark_circle(size=30, opacity=1, aria=False).transform_filter("datum.seul")
    return [dots] if any(row["seul"] for row in rows) else []


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

    def draw() -> Any:
        base = alt.Chart().encode(
            x=alt.X(
                "x:T", scale=alt.Scale(type="utc"), axis=alt.Axis(title=None, grid=False, format="%Y", tickCount=3)
            ),
            y=alt.Y("y:Q", title=None, axis=alt.Axis(tickCount=3)),
            color=alt.Color("nom:N", scale=palette(colours), legend=None),
        )
        panel = 150  # the browser sets it, and the columns
        return (
            alt.layer(base.mark_line(aria=False), *_alone(base, shown), spots(base), data=data(shown))
            .properties(width=panel, height=height)
            .facet(
                facet=alt.Facet("nom:N", sort=list(colours), header=alt.Header(title=None, labelLimit=panel + 30)),
                columns=4,
                spacing=14,
            )
            .properties(usermeta={"ajuste": "vignettes", "serie": "nom", "legende": [], "temps": True})
        )

    del unit  # said in the title: a panel has no room for it
    return draw


def columns(rows: Rows, colours: Mapping[str, str], unit: str, *, height: int = 260) -> Draw:
    """Bars by month, positive and negative stacked apart: rows of ``x`` (first day), ``y``, ``serie``, ``dit``."""

    def draw() -> Any:
        chart = alt.Chart(data(rows)).mark_bar(stroke=theme.SURFACE[0], strokeWidth=0.5)
        return fit(
            chart.encode(
                x=alt.X(
                    "utcyearmonth(x):T",
                    scale=alt.Scale(type="utc"),
                    axis=alt.Axis(title=None, grid=False, format="%b %Y", labelOverlap=True, labelSeparation=14),
                ),
                y=alt.Y("y:Q", title=unit, axis=alt.Axis(tickCount=5)),
                color=alt.Color("serie:N", scale=palette(colours), legend=alt.Legend(columns=5)),
                tooltip="dit:N",
            ),
            height,
            series="serie",
            key=swatches(colours),
            is_dated=True,
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
    series = {name: colour for column, name, colour in _FAN if any(row.get(column) is not None for row in rows)}
    # A row for each point of each line; those of the intervals have no series, so that no choice hides them.
    points = [
        {"x": row["x"], "y": row.get(column), "serie": name, "dit": row.get("dit") if column == "prevu" else None}
        for column, name, _ in _FAN
        if name in series
        for row in rows
    ]
    bounds = [{"x": row["x"], "y": None, **{name: row.get(name) for name in _BOUNDS}} for row in rows]
    shown = [*parted(points, "serie"), *parted([{**row, "serie": ""} for row in bounds], "serie")]

    def draw() -> Any:
        key, x, scale = legend(series), _time("%e %b"), alt.Scale(zero=False)
        y = alt.Y("bas90:Q", title=unit, scale=scale, axis=alt.Axis(tickCount=5))
        bands = alt.Chart().encode(x=x).transform_filter("datum.serie === ''")
        wide = bands.mark_area(color=theme.BAND_WIDE[0], aria=False).encode(y=y, y2="haut90:Q")
        narrow = bands.mark_area(color=theme.BAND_NARROW[0], aria=False).encode(
            y=alt.Y("bas50:Q", scale=scale), y2="haut50:Q"
        )
        base = (
            alt.Chart()
            .transform_filter("datum.serie !== ''")
            .encode(x=x, y=alt.Y("y:Q", scale=scale), color=alt.Color("serie:N", scale=palette(series), legend=key))
        )
        line = base.mark_line(aria=False).encode(strokeDash=alt.StrokeDash("serie:N", scale=dashes(series), legend=key))
        return fit(
            alt.layer(wide, narrow, line, spots(base), data=data(shown)),
            height,
            series="serie",
            key=strokes(series),
            is_dated=True,
        )

    return draw


_BOUNDS = ("bas90", "haut90", "bas50", "haut50")
