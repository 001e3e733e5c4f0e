"""Tables as markup: what all figures of a table, or of a row, rest on is told once, around them."""

from __future__ import annotations

from markupsafe import Markup, escape

from dataelec_assets.serving.report.components import Line, Table, bases_of
from dataelec_assets.serving.report.figures import Basis, Figure, Interval, Prose, markup, plain
from dataelec_assets.serving.report.french import typographic


def table_markup(table: Table) -> Markup:
    """Return a table in a box that scrolls.

    Raises:
        FigureWithoutPeriod: a cell of words holds a digit.
    """
    numeric, bases = table.numeric, table.bases
    common = bases[0] if len(bases) == 1 else None
    head = "".join(
        f'<th scope="col"{_class(at, numeric)}>{escape(typographic(heading))}</th>'
        for at, heading in enumerate(table.headings)
    )
    partial = "" if common is None or common.period.is_complete else f" ({common.period.days})"
    lines = "\n".join(_line(row, numeric, common) for row in table.rows)
    attributes = "" if common is None else f" {common.attributes}"
    return Markup(  # noqa: S704 - every text in it is escaped where it is made
        f'<div class="scroll" role="region" aria-label="{escape(plain(table.caption))}" tabindex="0">\n'
        f"<table{attributes}>\n<caption>{markup(table.caption)}{_partial(partial)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody>\n</table>\n</div>"
    )


def _partial(text: str) -> str:
    return f'<span class="partiel">{text}</span>' if text else ""


def _class(at: int, numeric: frozenset[int]) -> str:
    return ' class="n"' if at in numeric else ""


def _line(row: Line, numeric: frozenset[int], common: Basis | None) -> str:
    bases = bases_of(row)
    shared = bases[0] if common is None and len(bases) == 1 else None
    told = common or shared
    name = escape(typographic(plain(row[0])))
    if shared is not None and not shared.period.is_complete:
        name += Markup(' <span class="partiel">({})</span>').format(shared.period.days)
    cells = "".join(_cell(cell, _class(at, numeric), told) for at, cell in enumerate(row[1:], start=1))
    attributes = "" if shared is None else f" {shared.attributes}"
    return f'<tr{attributes}><th scope="row">{name}</th>{cells}</tr>'


def _cell(cell: Prose, css: str, told: Basis | None) -> str:
    # Nearly all cells: a figure whose row or table tells its basis.
    if (
        isinstance(cell, Figure | Interval)
        and told is not None
        and (cell.period, cell.source) == (told.period, told.source)
    ):
        return f"<td{css}>{escape(cell.text)}</td>"
    return f"<td{css}>{markup(cell, told, is_cell=True)}</td>"
