"""The star schema as a picture: facts around the dimensions that they share, drawn from the dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dataelec_assets.warehouse.dictionary import TableDoc

# Columns of facts that point to a dimension, and its key: the names are the project's conventions.
LINKS = {
    "date": "dim_date",
    "date_locale": "dim_date",
    "code_region": "dim_region",
    "code_departement": "dim_departement",
    "code_epci": "dim_epci",
    "code_commune": "dim_commune",
    "code_secteur": "dim_secteur",
    "filiere": "dim_filiere",
}

_WIDTH, _ROW, _LEFT, _RIGHT = 1000, 26, 30, 640
_BOX_LEFT, _BOX_RIGHT, _BOX = 230, 330, 20
_FONT = 'font-family="system-ui, sans-serif" font-size="13"'
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#5b4b8a", "#444444")  # Okabe and Ito


def links_of(table: TableDoc, dimensions: Sequence[str]) -> list[str]:
    """Return the dimensions that a table points to, in the order of its columns."""
    found = [LINKS[column.name] for column in table.columns if column.name in LINKS]
    return [name for name in dict.fromkeys(found) if name in dimensions and name != table.name]


def star_schema(tables: Sequence[TableDoc]) -> str:
    """Return the SVG of the star schema; a table that shares nothing is left out.

    Args:
        tables: the served tables.
    """
    dimensions = [table.name for table in tables if table.name.startswith("dim_")]
    facts = [
        (table, links_of(table, dimensions)) for table in tables if table.name.startswith(("fct_", "mart_", "pont_"))
    ]
    facts = [(table, links) for table, links in facts if links]
    used = [name for name in dimensions if any(name in links for _, links in facts)]
    height = 60 + _ROW * max(len(facts), 2 * len(used))
    place = {name: 50 + round((height - 60) * (n + 0.5) / len(used)) for n, name in enumerate(used)}
    colour = {name: _COLOURS[n % len(_COLOURS)] for n, name in enumerate(used)}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {_FONT} role="img">',
        "<title>Facts and marts, and the dimensions that they share</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="28" font-weight="bold">dimensions</text>',
        f'<text x="{_RIGHT}" y="28" font-weight="bold">facts and marts</text>',
    ]
    boxes = []
    for position, (table, links) in enumerate(facts):
        y = 50 + _ROW * position
        boxes.append(_box((_RIGHT, y), _BOX_RIGHT, table.name, "#999999"))
        for name in links:
            start, end = (_LEFT + _BOX_LEFT, place[name]), (_RIGHT, y + _BOX / 2)
            middle = (start[0] + end[0]) / 2
            lines.append(
                f'<path d="M{start[0]} {start[1]} C{middle:g} {start[1]} {middle:g} {end[1]:g} {end[0]} {end[1]:g}" '
                f'fill="none" stroke="{colour[name]}" stroke-opacity="0.6"/>'
            )
    boxes += [_box((_LEFT, place[name] - _BOX / 2), _BOX_LEFT, name, colour[name], is_strong=True) for name in used]
    return "\n".join([*lines, *boxes, "</svg>"]) + "\n"


def _box(corner: tuple[float, float], width: int, name: str, stroke: str, *, is_strong: bool = False) -> str:
    (x, y), weight = corner, ' font-weight="bold"' if is_strong else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width}" height="{_BOX}" rx="4" fill="#f7f7f7" stroke="{stroke}"/>'
        f'<text x="{x + 8:g}" y="{y + 14.5:g}"{weight}>{escape(name)}</text>'
    )
