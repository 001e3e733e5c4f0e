"""Charts as SVG without a browser, for tests of one chart."""

from __future__ import annotations

from typing import Any

import vl_convert

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.components import Draw
from dataelec_assets.serving.report.drawing import specification
from dataelec_assets.serving.report.french import NUMBER_LOCALE, TIME_LOCALE


def svg_of(draw: Draw) -> str:
    """Return a chart as SVG, in the looks of the report."""
    spec: dict[str, Any] = {**specification(draw()), "config": theme.chart_config()}
    return str(
        vl_convert.vegalite_to_svg(
            spec, format_locale=NUMBER_LOCALE, time_format_locale=TIME_LOCALE, allowed_base_urls=[]
        )
    )
