"""From an Altair chart to what a page carries: a Vega-Lite specification that the reader's browser draws.

The scripts beside the pages are the Vega bundle of vl-convert and ``rapport.js``, which this module completes with the
looks and the French locales (docs/decisions/0063).
"""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any, get_args

from altair.utils.schemapi import debug_mode

from dataelec_assets.serving.outlines import Kind, geometries
from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.components import Chart
from dataelec_assets.serving.report.french import NUMBER_LOCALE, TIME_LOCALE

# The browser sets the width of the page; pictures made here have this one (CSS pixels).
HALF = 360

SCRIPT = "rapport.js"


def vega_name() -> str:
    """Return the file name of the Vega bundle, which changes with the package that it comes from."""
    return f"vega-{version('vl-convert-python')}.js"


def specification(chart: Any) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart, without the looks that all charts share."""
    made: dict[str, Any] = chart.to_dict(validate=False)
    del made["$schema"]  # an address, though nothing reads it
    made.pop("config", None)  # the defaults of Altair are those of its own theme
    # One chart, one set of rows: where the script of the page leaves some out.
    made["data"] = {"values": made.pop("datasets")[made["data"]["name"]]}
    return made


def drawn(chart: Chart) -> str:
    """Return the specification of a chart as JSON that can stand in a script element; empty when nothing is drawn."""
    if chart.draw is None:
        return ""
    # Altair's check of each part against the schema takes five times as long as all else; the tests draw with it.
    with debug_mode(arg=False):
        spec = specification(chart.draw())
    if "contours" in spec["usermeta"]:
        # Outlines stand once in the script beside the pages.
        for row in spec["data"]["values"]:
            row["code"] = row.pop("properties")["code"]
            del row["geometry"]
    return embedded(spec)


def embedded(value: Any) -> str:
    """Return a value as JSON in which no markup can begin.

    Raises:
        ValueError: a number is not finite, which JSON cannot write.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def png_of(chart: Any) -> bytes:
    """Return a chart as a small picture on white, for places that cannot show a page."""
    import vl_convert

    spec = {**specification(chart), "config": {**theme.chart_config(), "background": theme.SURFACE[0]}}
    if spec["usermeta"]["ajuste"] == "largeur":
        spec["width"] = HALF - 2
    elif spec["usermeta"]["ajuste"] == "carte":
        spec["width"] = spec["height"] = HALF * 3 // 4
    return bytes(
        vl_convert.vegalite_to_png(
            spec, format_locale=NUMBER_LOCALE, time_format_locale=TIME_LOCALE, scale=1, allowed_base_urls=[]
        )
    )


@cache
def scripts() -> dict[str, str]:
    """Return the scripts of the report that are ours, by file name."""
    outlines = {kind: geometries(kind) for kind in get_args(Kind)}
    settings = {"config": theme.chart_config(), "numbers": NUMBER_LOCALE, "times": TIME_LOCALE, "outlines": outlines}
    text = files("dataelec_assets.serving.report").joinpath(f"templates/{SCRIPT}").read_text(encoding="utf-8")
    return {SCRIPT: f"window.dataelec = {{ settings: {embedded(settings)} }};\n{text}"}


@cache
def vega_bundle() -> str:
    """Return the Vega bundle as one classic script; making it takes about two seconds."""
    import vl_convert

    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))
