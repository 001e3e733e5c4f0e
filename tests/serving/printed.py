"""What the pages print, read from their markup: each figure of a table or shown large, with what stands around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser


@dataclass(frozen=True)
class Printed:
    """A figure of a page.

    Attributes:
        page: name of the file, without suffix.
        chart: key of the chart; ``fait`` for one that is shown large.
        line: what its row is called; what a large one is.
        column: heading of its column.
        text: as printed, with common spaces.
        start: first day of its period.
        end: last day.
        source: the served table that it is said to come from.
    """

    page: str
    chart: str
    line: str
    column: str
    text: str
    start: date
    end: date
    source: str


def spaced(text: str) -> str:
    """Return a text whose spaces are all common ones."""
    return " ".join(text.split())


@dataclass
class _Cell:
    tag: str
    told: dict[str, str]
    words: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found = page, list[Printed]()
        self._chart, self._told = "", dict[str, dict[str, str]]()
        self._headings: list[str] = []
        self._row: list[_Cell] = []
        self._cell: _Cell | None = None
        self._is_partial = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "figure":
            self._chart = values["id"].removeprefix("figure-")
        elif tag == "table":
            self._headings, self._told = [], {"table": values}
        elif tag == "tr":
            self._row, self._told["tr"] = [], values
        elif tag in {"th", "td"} or (tag == "li" and "data-periode" in values):
            self._cell = _Cell(tag, values)
        elif tag == "data" and self._cell is not None and "data-periode" not in self._cell.told:
            self._cell.told = values
        elif tag == "span" and values.get("class") in {"partiel", "periode"}:
            self._is_partial = True

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._is_partial:
            self._cell.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            self._is_partial = False
        elif tag == "figure":
            self._chart = ""
        elif self._cell is not None and tag == self._cell.tag:
            if tag == "li":
                number, _, words = spaced(" ".join(self._cell.words)).partition("|")
                self._add("fait", words or number, "", number, self._cell.told)
            else:
                self._row.append(self._cell)
            self._cell = None
        elif tag == "strong" and self._cell is not None:
            self._cell.words.append("|")
        elif tag == "tr":
            texts = [spaced("".join(cell.words)) for cell in self._row]
            if not self._headings:
                self._headings = texts
                return
            for at, cell in enumerate(self._row[1:], start=1):
                told = next(
                    (each for each in (cell.told, self._told["tr"], self._told["table"]) if "data-periode" in each),
                    None,
                )
                if told is not None and self._chart:
                    self._add(self._chart, texts[0], self._headings[at], texts[at], told)

    def _add(self, chart: str, line: str, column: str, text: str, told: dict[str, str]) -> None:
        start, end = map(date.fromisoformat, told["data-periode"].split("/"))
        source = told["data-source"]
        self.found.append(Printed(self.page, chart, line.strip(), column, text.strip(), start, end, source))


def printed(page: str, text: str) -> list[Printed]:
    """Return the figures of a page.

    Args:
        page: name of the file, without suffix.
        text: its markup.
    """
    reader = _Reader(page)
    reader.feed(text)
    reader.close()
    return reader.found
