"""The charts, in Altair. Each takes rows and returns a function that specifies the chart; the browser sets its width.

Days are given as text and read as UTC: the drawing must not depend on the clock zone of the machine.
What the script of the pages needs beyond Vega-Lite stands in ``usermeta``: see :func:`fit`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.components import Draw

Rows = Sequence[Mapping[str, Any]]

# Series remain distinguishable without colour.
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 1], [1, 3])


def data(rows: Rows) -> alt.InlineData:
    """Return rows as data of a chart; days become text."""
    return alt.InlineData([{name: _plain(value) for name, value in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        # Seven figures are more than a screen shows.
        return float(f"{value:.7g}") if math.isfinite(value) else None
    return value.isoformat() if hasattr(value, "isoformat") else value


def fit(
    chart: Any, height: int, *, series: str = "", key: Sequence[Mapping[str, Any]] = (), is_dated: bool = False
) -> Any:
    """Give a chart the width of its place, axes included, and tell the page's script about it.

    Args:
        chart: in Altair.
        height: of what is drawn between the axes, in CSS pixels.
        series: the field that names the series; what the reader hides is left out of the data by it.
        key: of the series (see :func:`strokes` and :func:`swatches`); the page shows it as buttons.
        is_dated: whether ``x`` is a day, so that a period can be chosen.
    """
    return chart.properties(
        width=600,
        height=height,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        usermeta={"ajuste": "largeur", "serie": series, "legende": list(key), "temps": is_dated},
    )


def strokes(colours: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the key of lines: name, colour and dash of each; one line needs none."""
    made = [
        {"nom": name, "couleur": colour, "trait": DASHES[at % len(DASHES)]}
        for at, (name, colour) in enumerate(colours.items())
    ]
    return made if len(made) > 1 else []


def swatches(colours: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the key of areas: name and colour of each; one needs none."""
    made = [{"nom": name, "couleur": colour} for name, colour in colours.items()]
    return made if len(made) > 1 else []


def dashes(names: Iterable[str]) -> alt.Scale:
    """Return the scale of series with a dash each."""
    names = list(names)
    return alt.Scale(domain=names, range=[DASHES[i % len(DASHES)] for i in range(len(names))])


# Of the pictures that a reader saves; a page has the key as buttons.
LEGEND = alt.Legend(symbolType="stroke", columns=4, labelLimit=0)


def legend(names: Sequence[str] | Mapping[str, str]) -> alt.Legend | None:
    """Return a legend of strokes; one series needs none."""
    return None if len(names) == 1 else LEGEND


def spots(line: Any, *, shown: bool = False) -> Any:
    """Return the points of a line; each says its ``dit`` to a pointer near it, and only short lines show them all."""
    near = alt.selection_point(nearest=True, on="pointerover", clear="pointerout", empty=False)
    # The datum of the surroundings that meet the pointer is the mark, whose datum is the row.
    said = alt.value(alt.ExprRef("datum.dit || datum.datum.dit"))
    opacity: Any = alt.value(1) if shown else alt.condition(near, alt.value(1), alt.value(0))
    return (
        line.mark_point(filled=True, size=22 if shown else 60)
        .encode(tooltip=said, strokeDash=alt.Undefined, opacity=opacity)
        .transform_filter("isValid(datum.dit)")
        .add_params(near)
    )


def palette(colours: Mapping[str, str]) -> alt.Scale:
    """Return the scale of series with their colours."""
    return alt.Scale(domain=list(colours), range=list(colours.values()))


def curves(
    rows: Rows,
    colours: Mapping[str, str],
    titles: tuple[str, str],
    *,
    height: int = 260,
    zero: bool = False,
    ticks: Sequence[float] | None = None,
) -> Draw:
    """Lines over a quantity: rows of ``x``, ``y``, ``serie``, ``dit``, optionally ``bas`` and ``haut`` of a band."""
    has_band = any(row.get("bas") is not None for row in rows)

    def draw() -> Any:
        drawn_key = legend(colours)
        axis = alt.Axis(grid=False, tickCount=7) if ticks is None else alt.Axis(grid=False, values=list(ticks))
        x = alt.X("x:Q", title=titles[0], scale=alt.Scale(zero=False, nice=False), axis=axis)
        y = alt.Y("y:Q", title=titles[1], scale=alt.Scale(zero=zero), axis=alt.Axis(tickCount=5))
        line = (
            alt.Chart()
            .mark_line(aria=False)
            .encode(
                x=x,
                y=y,
                color=alt.Color("serie:N", scale=palette(colours), legend=drawn_key),
                strokeDash=alt.StrokeDash("serie:N", scale=dashes(colours), legend=drawn_key),
            )
        )
        # Filled without the scale of the lines, or the legend would show only bands.
        bands = [
            alt.Chart()
            .mark_area(opacity=0.15, fill=colour, aria=False)
            .transform_filter(alt.datum.serie == name)
            .encode(x=x, y=alt.Y("bas:Q"), y2="haut:Q")
            for name, colour in colours.items()
        ]
        dots = spots(line, shown=len(rows) <= _DOTS)
        layers = [*bands, line, dots] if has_band else [line, dots]
        return fit(alt.layer(*layers, data=data(rows)), height, series="serie", key=strokes(colours))

    return draw


def stacked(
    rows: Rows,
    colours: Mapping[str, str],
    labels: Mapping[str, str],
    *,
    bar: int = 30,
    tops: Sequence[str],
    title: str = "Part de la production (%)",
) -> Draw:
    """Shares as horizontal bars: rows of ``groupe``, ``serie``, ``part`` (%); shares above a few per cent are written.

    Args:
        rows: what is drawn.
        colours: by key of series, in the order of drawing.
        labels: names of series.
        bar: height of one bar.
        tops: groups from top to bottom.
        title: of the axis.
    """
    order = list(colours)
    drawn = [
        {
            **row,
            "nom": labels[row["serie"]],
            "rang": order.index(row["serie"]),
            "dit": f"{row['groupe']}, {labels[row['serie']]} : {row['texte']}",
        }
        for row in rows
    ]
    names = {labels[key]: colour for key, colour in colours.items()}
    shown = {row["nom"] for row in drawn}
    names = {name: colour for name, colour in names.items() if name in shown}

    def draw() -> Any:
        y = alt.Y("groupe:N", sort=list(tops), title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=6))
        x = alt.X(
            "part:Q",
            stack="zero",
            title=title,
            scale=alt.Scale(domain=[0, 100]),
            axis=alt.Axis(tickCount=5),
        )
        bars = (
            alt.Chart()
            .mark_bar(stroke=theme.SURFACE[0], strokeWidth=1)
            .encode(
                x=x,
                y=y,
                color=alt.Color(
                    "nom:N",
                    scale=palette(names),
                    legend=alt.Legend(columns=5),
                ),
                order=alt.Order("rang:Q"),
                tooltip="dit:N",
            )
        )
        texts = (
            alt.Chart()
            .transform_stack(stack="part", groupby=["groupe"], sort=[alt.SortField("rang")], as_=["debut", "fin"])
            # A label of two digits and its margins take about 26 px of a bar.
            .transform_filter("datum.part * width / 100 >= 26")
            .transform_calculate(milieu="(datum.debut + datum.fin) / 2")
            .mark_text(color=theme.SURFACE[0], fontSize=11, fontWeight="bold")
            .encode(x=alt.X("milieu:Q", title=None), y=y, text=alt.Text("part:Q", format=",.0f"))
        )
        return fit(alt.layer(bars, texts, data=data(drawn)), bar * len(tops), series="nom", key=swatches(names))

    return draw


# The largest number of dots on a line that do not touch.
_DOTS = 60


def bars(rows: Rows, unit: str, *, colour: str = theme.ACCENT[0], bar: int = 26, form: str = ",.1f") -> Draw:
    """Horizontal bars with their values: rows of ``nom``, ``valeur``, in order; a row may have its ``couleur``."""
    drawn = [{**row, "couleur": row.get("couleur", colour), "dit": f"{row['nom']} : {row['texte']}"} for row in rows]
    values = [row["valeur"] for row in rows]
    # Room for the numbers at the ends of the longest bars.
    low, high = min(0, *values), max(0, *values)
    reach = [low - 0.2 * (high - low) * (low < 0), high + 0.2 * (high - low) * (high > 0)]

    def draw() -> Any:
        y = alt.Y("nom:N", sort=None, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=6))
        x = alt.X("valeur:Q", title=unit, axis=alt.Axis(tickCount=5), scale=alt.Scale(domain=reach, nice=False))
        base = alt.Chart().encode(x=x, y=y)
        marks = base.mark_bar(height=bar * 0.62).encode(color=alt.Color("couleur:N", scale=None), tooltip="dit:N")
        right = (
            base.mark_text(align="left", dx=5)
            .encode(text=alt.Text("valeur:Q", format=form))
            .transform_filter("datum.valeur >= 0")
        )
        left = (
            base.mark_text(align="right", dx=-5)
            .encode(text=alt.Text("valeur:Q", format=form))
            .transform_filter("datum.valeur < 0")
        )
        return fit(alt.layer(marks, right, left, data=data(drawn)), bar * len(rows))

    return draw


def intervals(
    rows: Rows,
    unit: str,
    *,
    bar: int = 26,
    colour: str = theme.ACCENT[0],
    zero: bool = True,
    series: Sequence[str] = (),
) -> Draw:
    """Points with their interval: rows of ``nom``, ``valeur``, ``bas``, ``haut``, in order.

    Args:
        rows: what is drawn; a row may have its ``couleur``.
        unit: title of the axis.
        bar: height of a name.
        colour: of rows without their own.
        zero: whether the axis shows zero.
        series: values of ``serie`` when a name has several rows, distinguished by shape and position.
    """
    drawn = [
        {"serie": "", **row, "couleur": row.get("couleur", colour), "dit": f"{row['nom']} : {row['texte']}"}
        for row in rows
    ]
    names = list(dict.fromkeys(row["nom"] for row in rows))
    forms = dict(zip(list(series) or [""], ("circle", "diamond", "square"), strict=False))
    shapes = alt.Scale(domain=list(forms), range=list(forms.values()))
    key = [{"nom": name, "couleur": theme.MUTED[0], "forme": form} for name, form in forms.items()] if series else []

    def draw() -> Any:
        y = alt.Y("nom:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=6, grid=True))
        offset = alt.YOffset("serie:N", sort=list(series))
        # Without a zero the first dot would stand on the names.
        scale = alt.Scale(zero=True) if zero else alt.Scale(zero=False, padding=10)
        x = alt.X("bas:Q", title=unit, scale=scale, axis=alt.Axis(tickCount=5))
        base = alt.Chart().encode(y=y, yOffset=offset, color=alt.Color("couleur:N", scale=None))
        rules = base.mark_rule(strokeWidth=3, opacity=0.55, aria=False).encode(x=x, x2="haut:Q")
        legend = alt.Legend(columns=3, symbolFillColor=theme.MUTED[0], symbolStrokeColor=theme.MUTED[0], labelLimit=0)
        points = base.mark_point(filled=True, size=70, opacity=1).encode(
            x=alt.X("valeur:Q", scale=scale),
            shape=alt.Shape("serie:N", scale=shapes, legend=legend if series else None),
            tooltip="dit:N",
        )
        return fit(alt.layer(rules, points, data=data(drawn)), bar * len(names), series="serie", key=key)

    return draw
