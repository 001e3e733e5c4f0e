"""Checks of every page: self-contained, in French, with a table under each chart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from dataelec_assets.catalog.portals import PORTALS
from dataelec_assets.serving.report.period_checks import period_faults
from dataelec_assets.serving.report.territories import FOLDER
from dataelec_assets.serving.report.territories.frame import STYLE

# Names, not addresses: a parser never fetches them.
_NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
# Addresses that the conditions of portals want as a link beside their data.
ATTRIBUTIONS = {
    address for portal in PORTALS.values() for address in re.findall(r"https://[^\s)]+", portal.conditions or "")
}
_FETCHING = {"src", "srcset", "href", "xlink:href", "action", "data", "poster"}


def _leads_out(tag: str, value: str) -> bool:
    """Return whether a value is an address elsewhere; a link that a licence asks for may be followed by people."""
    asked_for = tag == "a" and value in ATTRIBUTIONS
    return not asked_for and bool(urlsplit(value).scheme or value.startswith("//"))


# The scripts of the territories' pages, the list that the search reads, and the data of the communes.
_SCRIPT = re.compile(r"(?:territoires|communes|recherche|communes/\w+)\.js")


def _is_beside(tag: str, values: dict[str, str]) -> bool:
    """Return whether a tag loads a file that the report puts beside the pages of the territories."""
    if tag == "script":
        return _SCRIPT.fullmatch(values.get("src", "")) is not None
    return tag == "link" and values == {"rel": "stylesheet", "href": STYLE}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.lang: str | None = None
        self._charts = self._tables = 0
        self._in_figure = self._says_why = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record what a tag shows or would fetch."""
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = values.get("lang")
        elif tag == "figure":
            # What a script draws from the table of the figure stands for a drawing.
            self._charts, self._tables, self._in_figure, self._says_why = int("data-dessin" in values), 0, True, False
        elif tag == "svg" and self._in_figure:
            self._charts += 1
            if not values.get("aria-label"):
                self.faults.append("un graphique n’a pas de nom")
        elif tag == "table" and self._in_figure:
            self._tables += 1
        elif tag in {"script", "link", "iframe", "object", "embed", "base"} and not _is_beside(tag, values):
            self.faults.append(f"une balise <{tag}>")
        self._says_why |= values.get("class") == "reason"
        for name, value in values.items():
            if name in _FETCHING and _leads_out(tag, value):
                self.faults.append(f"une adresse externe : {value}")
            elif name not in _FETCHING and "//" in value and value not in _NAMESPACES:
                self.faults.append(f"une adresse dans {name} : {value[:80]}")

    def handle_endtag(self, tag: str) -> None:
        """Judge a figure at its end."""
        if tag == "figure":
            if not (self._charts or self._says_why) or self._tables != 1:
                self.faults.append(f"une figure a {self._charts} dessins et {self._tables} tableaux")
            self._in_figure = False

    def handle_data(self, data: str) -> None:
        """Look for what a style sheet would fetch."""
        if self.lasttag == "style" and ("url(" in data or "@import" in data):
            self.faults.append("la feuille de style charge un fichier")


def faults_of_page(text: str) -> list[str]:
    """Return what is wrong with a page, in French; empty when nothing is."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    faults = [*reader.faults, *period_faults(text)]
    return faults if reader.lang == "fr" else [*faults, "la langue n’est pas le français"]


def faults_of(folder: Path, territories: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Return the faults of the pages of a report; a missing first page is one.

    Args:
        folder: of the report.
        territories: files below ``territoires`` to look at; all when None. Those that were taken over were looked at
            when they were written.
    """
    below = folder / FOLDER
    chosen = below.glob("*.html") if territories is None else (below / name for name in territories)
    paths = [*folder.glob("*.html"), *(path for path in chosen if path.suffix == ".html")]
    pages = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}
    found = {name: faults_of_page(text) for name, text in pages.items()}
    if "index.html" not in pages:
        found["index.html"] = ["la page manque"]
    return {name: faults for name, faults in found.items() if faults}
