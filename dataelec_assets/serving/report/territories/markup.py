"""Tables, large figures and figures of the territories' pages as markup; the script draws from the tables.

A table is what a page says; without scripts nothing is lost but the drawing. Each row tells the period of its cells, or
the table does for all of them, as in :mod:`..tables`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

from dataelec_assets.serving.report.figures import Basis, Prose, markup, plain
from dataelec_assets.serving.report.french import typographic
from dataelec_assets.serving.report.periods import whole

Drawing = Literal["barres", "courbes", ""]


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose cells all stand on one basis.

    Attributes:
        name: what it is.
        cells: numbers as French writes them, without unit.
        basis: period and source of the cells.
        href: where its name leads.
        is_here: whether it is the territory of the page.
        breaks: positions of cells that begin a new series.
    """

    name: str
    cells: Sequence[str]
    basis: Basis
    href: str = ""
    is_here: bool = False
    breaks: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        caption: what it shows.
        headings: of the columns, with their units; the first names the rows.
        rows: its rows, at least one.
        words: positions of cells that hold words, not numbers.
    """

    caption: Prose
    headings: Sequence[str]
    rows: Sequence[Row]
    words: frozenset[int] = frozenset()

    @property
    def bases(self) -> list[Basis]:
        """What its rows rest on, each once."""
        return list(dict.fromkeys(row.basis for row in self.rows))


def table_markup(table: Table) -> Markup:
    """Return a table in a box that scrolls."""
    bases = table.bases
    common = bases[0] if len(bases) == 1 else None
    head = "".join(
        f'<th scope="col"{_number(at - 1, table)}>{escape(typographic(text))}</th>'
        for at, text in enumerate(table.headings)
    )
    body = "\n".join(_row(row, table, common) for row in table.rows)
    told = "" if common is None else f" {common.attributes}"
    return Markup(  # noqa: S704 - every text in it is escaped where it is made
        f'<div class="scroll" role="region" aria-label="{escape(plain(table.caption))}" tabindex="0">\n'
        f"<table{told}>\n<caption>{markup(table.caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table>\n</div>"
    )


def _number(at: int, table: Table) -> str:
    return "" if at < 0 or at in table.words else ' class="n"'


# A cell is a number unless its class says that it holds words: 300 times on a page, the other way about would be 3 MB.
def _cell(at: int, table: Table) -> str:
    return ' class="mots"' if at in table.words else ""


def _row(row: Row, table: Table, common: Basis | None) -> str:
    name = escape(typographic(row.name))
    if row.href:
        name = Markup('<a href="{}">{}</a>').format(row.href, name)
    cells = "".join(f"<td{_css(at, row, table)}>{escape(typographic(text))}</td>" for at, text in enumerate(row.cells))
    told = "" if common is not None else f" {row.basis.attributes}"
    here = ' class="ici"' if row.is_here else ""
    return f'<tr{here}{told}><th scope="row">{name}</th>{cells}</tr>'


def _css(at: int, row: Row, table: Table) -> str:
    if at in row.breaks:
        return ' class="rupture"'
    return _cell(at, table)


def figure_markup(
    key: str, title: Prose, summary: Prose, table: Table, *, drawing: Drawing = "", notes: Sequence[Prose] = ()
) -> Markup:
    """Return a table with its title, sentence, and what the script draws from it.

    Args:
        key: its anchor.
        title: heading.
        summary: its message.
        table: what it shows.
        drawing: ``barres`` of the first column of numbers, ``courbes`` of each column; without one, a table alone.
        notes: below the table.
    """
    bases = table.bases
    at = Basis(whole([each.period for each in bases]), " ".join(dict.fromkeys(each.source for each in bases)))
    wanted = Markup(' data-dessin="{}"').format(drawing)
    below = Markup("").join(Markup('<p class="note">{}</p>\n').format(markup(note)) for note in notes)
    return Markup(
        '<figure id="figure-{key}" {told}{wanted}>\n<figcaption><h3>{title}</h3>'
        '<p id="{key}-resume" {told}>{summary}</p>'
        "</figcaption>\n{table}\n{below}</figure>"
    ).format(
        key=key,
        told=at.attributes,
        wanted=wanted,
        title=markup(title),
        summary=markup(summary, at, is_cell=True),
        table=table_markup(table),
        below=below,
    )


def section_markup(key: str, title: Prose, *content: Markup) -> Markup:
    """Return a section with its heading."""
    return Markup(
        '<section id="{key}" aria-labelledby="{key}-titre">\n<h2 id="{key}-titre">{title}</h2>\n{}\n</section>'
    ).format(Markup("\n").join(content), key=key, title=markup(title))


def paragraph(text: Prose, css: str = "") -> Markup:
    """Return a paragraph."""
    return Markup("<p{}>{}</p>").format(Markup(' class="{}"').format(css) if css else Markup(""), markup(text))


def links(places: Sequence[tuple[str, str]]) -> Markup:
    """Return a list of links, of names and addresses; digits of a name are the file's."""
    items = Markup("").join(
        Markup('<li><a href="{}">{}</a></li>').format(href, typographic(name)) for name, href in places
    )
    return Markup('<ul class="liens" data-cite>{}</ul>').format(items)
