"""The parts of a page: sections of paragraphs, charts and tables, which stay data until they are rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dataelec_assets.serving.report.figures import (
    Basis,
    Figure,
    FigureWithoutPeriod,
    Interval,
    Prose,
    Quoted,
    during,
    parts_of,
)
from dataelec_assets.serving.report.periods import Period, whole
from dataelec_assets.serving.report.reading import Unavailable

# Specifies a chart, in Altair; the browser that draws it sets its width.
Draw = Callable[[], Any]

# A longer table is folded below its chart.
SHORT_TABLE = 8

# A line through fewer points shows nothing that a table does not.
LEAST_POINTS = 4

Line = Sequence[Prose]


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        caption: what it shows.
        headings: of the columns; the first names the row.
        rows: cells; the first names the row, and its digits are part of the name.
    """

    caption: Prose
    headings: Sequence[str]
    rows: Sequence[Line]

    @property
    def is_long(self) -> bool:
        """Whether it is folded."""
        return len(self.rows) > SHORT_TABLE

    @property
    def numeric(self) -> frozenset[int]:
        """Positions of the columns that hold figures."""
        return frozenset(at for row in self.rows for at, cell in enumerate(row) if _holds_figure(cell))

    @property
    def bases(self) -> list[Basis]:
        """What its figures rest on, each once."""
        return list(dict.fromkeys(basis for row in self.rows for basis in bases_of(row)))


def _holds_figure(cell: Prose) -> bool:
    return any(isinstance(part, Figure | Interval) for part in parts_of(cell))


def bases_of(row: Line) -> list[Basis]:
    """Return what the figures of a row rest on, each once."""
    return list(
        dict.fromkeys(part.basis for cell in row for part in parts_of(cell) if isinstance(part, Figure | Interval))
    )


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and its table.

    Attributes:
        key: identifies it on its page.
        title: what it shows.
        summary: its message in a sentence or two, which screen readers read instead of the drawing.
        draw: specifies the drawing; None when there is nothing to compare, and ``missing`` says why.
        table: the same figures.
        is_half: whether two fit side by side on a wide page.
        is_map: whether its table stands beside it on a wide page.
        note: what to keep in mind.
        missing: why it is not drawn.
        drawn: the period of the drawing, where the table holds less.
    """

    key: str
    title: Prose
    summary: Prose
    draw: Draw | None
    table: Table
    is_half: bool = False
    is_map: bool = False
    note: Prose = ""
    missing: Prose = ""
    drawn: Period | None = None

    @property
    def basis(self) -> Basis:
        """What all its figures rest on together.

        Raises:
            FigureWithoutPeriod: it has no figure.
        """
        bases = self.table.bases
        if not bases and self.drawn is None:
            raise FigureWithoutPeriod(f"The chart {self.key} has no figure with a period.")
        periods = [each.period for each in bases]
        sources = " ".join(dict.fromkeys(each.source for each in bases))
        return Basis(whole(periods) if self.drawn is None else self.drawn, sources)

    @property
    def span(self) -> Prose:
        """Its period in words, and how many of its days are there."""
        period = self.basis.period
        return ("Période : ", during(period), "." if period.is_complete else Quoted(f" : {period.days}."))


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure shown large.

    Attributes:
        figure: the number.
        words: what it is.
        link: the page that says more.
    """

    figure: Figure
    words: Prose
    link: str = ""

    @property
    def period(self) -> Prose:
        """Its period in words, and how many of its days are there."""
        period = self.figure.period
        return (during(period), *(() if period.is_complete else (Quoted(f" : {period.days}"),)))


@dataclass(slots=True)
class Section:
    """A part of a page.

    Attributes:
        key: its anchor.
        title: heading.
        text: paragraphs.
        facts: figures shown large.
        charts: drawings with their tables.
        tables: tables of their own.
        reason: why it is empty, if it is.
    """

    key: str
    title: str
    text: list[Prose] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Attributes:
        slug: name of the file without suffix.
        title: heading.
        lede: what the page answers.
        sections: its parts.
    """

    slug: str
    title: str
    lede: str
    sections: Sequence[Section]


def section(key: str, title: str, fill: Callable[[Section], None]) -> Section:
    """Return a section; when the file lacks what it needs, it says so instead."""
    made = Section(key, title)
    try:
        fill(made)
    except Unavailable as error:
        return Section(key, title, reason=str(error))
    return made


def attempt(fills: Iterable[Callable[[Section], None]]) -> Callable[[Section], None]:
    """Return a filler that continues when one part lacks its data; the section is empty only if all do."""

    def fill(made: Section) -> None:
        reasons = []
        for each in fills:
            try:
                each(made)
            except Unavailable as error:
                reasons.append(str(error))
        if not (made.charts or made.tables or made.facts):
            raise Unavailable(reasons[0] if reasons else "Rien à montrer.")
        made.text.extend(("Une partie manque : ", Quoted(reason)) for reason in dict.fromkeys(reasons))

    return fill
