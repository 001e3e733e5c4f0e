"""Every figure of a page tells its period: a reading of the page's own markup, apart from the code that made it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser

_DIGIT = re.compile("[0-9]")
_SPACES = re.compile(r"\s+")
# French numbers have spaces within.
_IN_NUMBERS = re.compile(r"(?<=\d)\s(?=\d)")
_PERIOD = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})")
_DAYS = re.compile(r"(\d+)/(\d+)")

# Elements without an end tag, in these pages.
_VOID = {"meta", "br", "img", "link", "input", "hr"}
# What their digits are: the name of a row or a column, a date, a definition, words of the file.
_NO_MEASURE = {"th", "time"}
_MARKED = ("data-definition", "data-cite")


@dataclass(slots=True)
class _Open:
    """An element that has begun; ``is_told``: whether its digits need no more than what stands around them."""

    tag: str
    is_told: bool
    is_period: bool


@dataclass(slots=True)
class _Part:
    """A section of the page: the days that it must say, and what it says."""

    partial: set[str] = field(default_factory=set)
    text: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.told = 0
        self._open: list[_Open] = []
        self._part = _Part()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element tells of its digits."""
        values = dict(attrs)
        if tag == "section":
            self._end_part()
        if "data-periode" in values:
            self._period(values)
        if tag in _VOID:
            return
        # The period of a whole chart is that of its drawing; its words and its table have their own.
        in_chart = any(each.tag == "figure" and each.is_period for each in self._open)
        is_period = "data-periode" in values
        is_told = (
            (is_period and tag != "figure")
            or tag in _NO_MEASURE
            or any(name in values for name in _MARKED)
            or (tag in {"svg", "script"} and in_chart)
        )
        self._open.append(_Open(tag, is_told, is_period))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave out elements without content."""

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        while self._open and self._open.pop().tag != tag:
            pass
        if tag == "main":
            self._end_part()

    def handle_data(self, data: str) -> None:
        """Ask of each digit what it is."""
        if not any(each.tag == "main" for each in self._open):
            return
        self._part.text.append(data)
        if _DIGIT.search(data):
            if any(each.is_told for each in self._open):
                self.told += 1
            else:
                where = "".join(f"<{each.tag}>" for each in self._open[-2:])
                self.faults.append(f"un chiffre sans période dans {where} : {_SPACES.sub(' ', data).strip()[:80]}")

    def _period(self, values: dict[str, str | None]) -> None:
        said = f"{values['data-periode']}, {values.get('data-jours')}"
        period, days = _PERIOD.fullmatch(values["data-periode"] or ""), _DAYS.fullmatch(values.get("data-jours") or "")
        if period is None or days is None or not values.get("data-source"):
            self.faults.append(f"une période illisible ou sans source : {said}")
            return
        start, end = date.fromisoformat(period[1]), date.fromisoformat(period[2])
        present, expected = int(days[1]), int(days[2])
        if start > end or expected < 1:
            self.faults.append(f"une période impossible : {said}")
        if (present < expected) != (values.get("data-complete") == "non"):
            self.faults.append(f"une période dite entière à tort, ou incomplète à tort : {said}")
        if present < expected:
            self._part.partial.add(f"{present} {'jour' if present < 2 else 'jours'} sur {expected}")  # noqa: PLR2004

    def _end_part(self) -> None:
        text = _SPACES.sub(" ", _IN_NUMBERS.sub("", " ".join(self._part.text)))
        for days in sorted(self._part.partial):
            if days not in text:
                self.faults.append(f"une période incomplète qui ne le dit pas : {days}")
        self._part = _Part()


def period_faults(text: str) -> list[str]:
    """Return the figures of a page that do not tell their period, and the periods that are wrong; in French."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.faults


def figures_told(text: str) -> int:
    """Return how many pieces of text with digits a page has that say what they are."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.told
