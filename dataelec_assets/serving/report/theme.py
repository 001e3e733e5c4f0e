"""Colours and shapes. A chart is drawn in the light colours; the style sheet turns each into its dark twin.

One palette: blue is electricity and what is stressed, red-brown gas and heat, teal cold and winter, violet somebody
else's figure, grey what has no say. Filières keep about the colours that éCO2mix has taught its readers, régions one
each on every page, and classes of maps are steps of the one blue. Every colour stands at least 3:1 from its
background, text 4.5:1 (WCAG 1.4.11 and 1.4.3), which a test computes. Colour is never the only sign: series have
dashes, labels, panels of their own, and a table.
"""

from __future__ import annotations

from typing import Any

SURFACE = ("#ffffff", "#161b22")
INK = ("#1b1f24", "#e6edf3")
MUTED = ("#57606a", "#9aa7b4")
GRID = ("#d8dee4", "#303842")
ACCENT = ("#0a5fb4", "#6cb6ff")
WARM = ("#b3400e", "#ff9e64")
COOL = ("#0b7285", "#56c8d8")
REFERENCE = ("#6f42c1", "#c3a6ff")

# Close to what éCO2mix uses, darkened where a colour was too pale for white.
FILIERES: dict[str, tuple[str, str]] = {
    "nucleaire": ("#a67c00", "#f0c33c"),
    "hydraulique": ("#2271c8", "#63a8f5"),
    "eolien": ("#2a8577", "#5fd0bd"),
    "solaire": ("#c8620a", "#ffab52"),
    "bioenergies": ("#3f8a2e", "#7fd06c"),
    "gaz": ("#c2304a", "#ff7f93"),
    "charbon": ("#6b4a36", "#c79c82"),
    "fioul": ("#7d3fa0", "#cf97ee"),
    "thermique": ("#9b2c5e", "#f58fbd"),
    "stockage_batterie": ("#4a5a6a", "#aab9c8"),
    "pompage": ("#35557a", "#9dbbe0"),
}

# Thirteen colours for the metropolitan régions, told apart by hue and lightness; the same on every page.
REGIONS: dict[str, tuple[str, str]] = {
    "11": ("#1f4fa3", "#7da7ff"),
    "24": ("#8a6d00", "#e5c54b"),
    "27": ("#8b1e3f", "#ff8aa8"),
    "28": ("#00796b", "#4fd1be"),
    "32": ("#6a2fb5", "#c29bff"),
    "44": ("#b8530b", "#ffab66"),
    "52": ("#2e7d1f", "#86d873"),
    "53": ("#30343b", "#cdd5de"),
    "75": ("#c1173b", "#ff6b84"),
    "76": ("#0b84c6", "#55c4ff"),
    "84": ("#b0249a", "#f48be3"),
    "93": ("#7a4a21", "#d9a577"),
    "94": ("#5d7a1c", "#b9d66a"),
}

# Light to dark on white, dark to light on black: the stronger the value, the further from the page.
SCALE: tuple[tuple[str, str], ...] = (
    ("#d6e6f5", "#1f3a55"),
    ("#9ecae9", "#2c5f8e"),
    ("#5ba3d9", "#3d8bcd"),
    ("#2a76bb", "#79b8f2"),
    ("#0b4a8a", "#c0e0ff"),
)
NO_DATA = ("#eceff2", "#262d36")
BAND_WIDE = ("#cfe2f7", "#1f3e61")
BAND_NARROW = ("#9cc4ee", "#2f639c")

PAIRS: tuple[tuple[str, str], ...] = (
    SURFACE, INK, MUTED, GRID, ACCENT, WARM, COOL, REFERENCE, NO_DATA, BAND_WIDE, BAND_NARROW,
    *FILIERES.values(), *REGIONS.values(), *SCALE,
)  # fmt: skip

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def dark_rules() -> str:
    """Return the style rules that turn the colours of the charts into their dark twins."""
    return "\n".join(
        f'figure [fill="{light}"] {{ fill: {dark} }} figure [stroke="{light}"] {{ stroke: {dark} }}'
        for light, dark in PAIRS
    )


def chart_config() -> dict[str, Any]:
    """Return the configuration of Vega-Lite that all charts share."""
    text = {"labelColor": MUTED[0], "titleColor": INK[0], "labelFontSize": 13, "titleFontSize": 13}
    return {
        "background": "transparent",
        "font": "Helvetica, Arial, sans-serif",
        "view": {"stroke": None},
        "axis": {
            **text, "titleFontWeight": "normal", "gridColor": GRID[0], "domainColor": MUTED[0], "tickColor": MUTED[0],
            "labelLimit": 190,
        },
        "axisQuantitative": {"labelOverlap": "greedy", "labelSeparation": 8},
        "legend": {**text, "orient": "top", "title": None, "columns": 4, "labelLimit": 150, "columnPadding": 18},
        "header": {**text, "labelFontWeight": "bold", "labelColor": INK[0], "title": None},
        "text": {"color": INK[0], "fontSize": 13},
        "line": {"strokeWidth": 2},
        "area": {"line": False},
    }  # fmt: skip
