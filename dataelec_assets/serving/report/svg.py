"""From an Altair chart to SVG in a page: French labels, no script, tooltips, one name for screen readers."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.components import Chart
from dataelec_assets.serving.report.figures import plain
from dataelec_assets.serving.report.french import NUMBER_LOCALE, TIME_LOCALE

# Widths (CSS pixels) that leave letters at about their size: half a page, a whole one, a phone of 360.
HALF, WIDE, NARROW = 360, 860, 328

_LABELLED = re.compile(r'<(path|text|line|rect) aria-label="([^"]*)"([^>]*?)/>')
_ARIA = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_OPENING = re.compile(r'^<svg [^>]*?width="([\d.]+)" height="([\d.]+)" viewBox="([^"]+)">(?:<rect [^>]*?/>)?')
_EMPTY = re.compile(r'<path class="(?:background|foreground)" (?:pointer-events="none" )?d=""[^>]*/>')
_DECIMALS = re.compile(r"(\d+\.\d)\d+")
_GEOMETRY = re.compile(r' (?:d|transform|x|y|x2|y2|width|height)="[^"]*"')


def specification(chart: Any) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart in the looks of the report."""
    # Each part was checked against the schema when it was made; the whole again would cost a third of the time.
    made: dict[str, Any] = chart.to_dict(validate=False)
    made["config"] = theme.chart_config()  # the defaults of Altair are those of its own theme
    return made


def svg_of(chart: Any) -> str:
    """Return a chart as SVG, as vl-convert writes it."""
    import vl_convert

    return str(
        vl_convert.vegalite_to_svg(
            specification(chart), format_locale=NUMBER_LOCALE, time_format_locale=TIME_LOCALE, allowed_base_urls=[]
        )
    )


def png_of(chart: Any) -> bytes:
    """Return a chart as a small picture on white, for places that cannot show SVG."""
    import vl_convert

    spec = specification(chart)
    spec["config"]["background"] = theme.SURFACE[0]
    return bytes(
        vl_convert.vegalite_to_png(
            spec, format_locale=NUMBER_LOCALE, time_format_locale=TIME_LOCALE, scale=1, allowed_base_urls=[]
        )
    )


def inline(svg: str, label: str, described_by: str) -> str:
    """Return SVG to be set into a page: one image with a name; marks that are labelled show it on hover.

    Vega describes every axis and mark to screen readers, in English and by the thousand; the summary and the table
    below the chart say it better.
    """
    hinted = _LABELLED.sub(r"<\1\3><title>\2</title></\1>", svg)
    plain = _EMPTY.sub("", _ARIA.sub("", hinted))
    small = _GEOMETRY.sub(lambda found: _DECIMALS.sub(r"\1", found[0]), plain)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="\\3" style="max-width:calc(\\1px * 1.15)" role="img" '
        f'aria-label="{escape(label)}" aria-describedby="{described_by}">'
    )
    return _OPENING.sub(opening.replace("\\\\", "\\"), small, count=1)


def drawn(chart: Chart) -> dict[str, str]:
    """Return the drawings of a chart by the kind of page that shows them; none where there is nothing to draw."""
    if chart.draw is None:
        return {}
    summary, title = f"{chart.key}-resume", plain(chart.title)
    sizes = {"half": HALF} if chart.is_half or chart.is_map else {"wide": WIDE, "narrow": NARROW}
    return {kind: inline(svg_of(chart.draw(width)), title, summary) for kind, width in sizes.items()}
