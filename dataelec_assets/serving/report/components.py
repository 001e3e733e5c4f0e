"""The parts of a page: sections of paragraphs, figures and tables, which stay data until they are rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dataelec_assets.serving.report.reading import Unavailable

# Draws a chart at a given width: wide pages and phones get their own drawing, so that letters keep their size.
Draw = Callable[[int], Any]

# A longer table is folded below its chart.
SHORT_TABLE = 8


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its cells are formatted already.

    Attributes:
        caption: what it shows.
        headings: of the columns; the first names the row.
        rows: cells.
        words: positions of the columns, after the first, that hold words instead of numbers.
    """

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: frozenset[int] = frozenset()

    @property
    def is_long(self) -> bool:
        """Whether it is folded."""
        return len(self.rows) > SHORT_TABLE


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart and its table.

    Attributes:
        key: identifies it on its page.
        title: what it shows.
        summary: its message in a sentence or two, which screen readers read instead of the drawing.
        draw: makes the chart.
        table: the same figures.
        is_half: whether two fit side by side on a wide page; one drawing is enough then.
        is_map: whether its table stands beside it on a wide page.
        note: what to keep in mind.
    """

    key: str
    title: str
    summary: str
    draw: Draw
    table: Table
    is_half: bool = False
    is_map: bool = False
    note: str = ""


@dataclass(slots=True)
class Section:
    """A part of a page.

    Attributes:
        key: its anchor.
        title: heading.
        text: paragraphs.
        facts: ``(value, what it is, where it comes from)`` shown large.
        figures: charts.
        tables: tables of their own.
        reason: why it is empty, if it is.
    """

    key: str
    title: str
    text: list[str] = field(default_factory=list)
    facts: list[tuple[str, str, str]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
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
        if not (made.figures or made.tables or made.facts):
            raise Unavailable(reasons[0] if reasons else "Rien à montrer.")
        made.text.extend(f"Une partie manque : {reason}" for reason in dict.fromkeys(reasons))

    return fill
