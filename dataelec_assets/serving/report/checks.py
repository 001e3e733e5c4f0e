"""Checks of every page: self-contained but for the scripts beside it, in French, with a table under each chart."""

from __future__ import annotations

import json
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
_ADDRESS = re.compile(r'(?://|"url").{0,80}')
_BESIDE = re.compile(r"(?:communes/)?[a-zA-Z0-9][a-z0-9.-]*\.js")
_FETCHING = {"src", "srcset", "href", "xlink:href", "action", "data", "poster"}


def _leads_out(tag: str, value: str) -> bool:
    """Return whether a value is an address elsewhere; a link that a licence asks for may be followed by people."""
    asked_for = tag == "a" and value in ATTRIBUTIONS
    return not asked_for and bool(urlsplit(value).scheme or value.startswith("//"))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.lang: str | None = None
        self._charts = self._tables = 0
        self._in_figure = self._says_why = self._in_data = False
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record what a tag shows or would fetch."""
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = values.get("lang")
        elif tag == "script":
            self._script(values)
        elif tag == "link" and values == {"rel": "stylesheet", "href": STYLE}:
            pass  # that of the territories, beside their pages
        elif tag in {"link", "iframe", "object", "embed", "base"}:
            self.faults.append(f"une balise <{tag}>")
        self._figure(tag, values)
        for name, value in values.items():
            if name in _FETCHING and _leads_out(tag, value):
                self.faults.append(f"une adresse externe : {value}")
            elif name not in _FETCHING and "//" in value and value not in _NAMESPACES:
                self.faults.append(f"une adresse dans {name} : {value[:80]}")

    def _figure(self, tag: str, values: dict[str, str]) -> None:
        """Count what a figure has."""
        classes = values.get("class", "").split()
        if tag == "figure":
            # What a script draws from the table of the figure stands for a drawing.
            self._charts, self._tables, self._in_figure, self._says_why = int("data-dessin" in values), 0, True, False
        elif not self._in_figure:
            return
        if "chart" in classes and not values.get("aria-label"):
            self.faults.append("un graphique n’a pas de nom")
        self._tables += tag == "table"
        self._says_why |= classes == ["reason"]

    def _script(self, values: dict[str, str]) -> None:
        """Judge a script: a file beside the page, or what one of them draws."""
        self._in_data = values == {"type": "application/json"} and self._in_figure
        if set(values) | {"defer"} == {"src", "defer"} and _BESIDE.fullmatch(values["src"]):
            self.scripts.append(values["src"])
        elif not self._in_data:
            self.faults.append("une balise <script> qui n’est ni un fichier voisin ni un dessin")

    def handle_endtag(self, tag: str) -> None:
        """Judge a figure at its end."""
        self._in_data &= tag != "script"
        if tag == "figure":
            if not (self._charts or self._says_why) or self._tables != 1:
                self.faults.append(f"une figure a {self._charts} dessins et {self._tables} tableaux")
            self._in_figure = False

    def handle_data(self, data: str) -> None:
        """Look for what a style sheet would fetch, and at what is drawn."""
        if self.lasttag == "style" and ("url(" in data or "@import" in data):
            self.faults.append("la feuille de style charge un fichier")
        elif self._in_data:
            self._charts += 1
            self.faults.extend(_faults_of_drawing(data))


def _faults_of_drawing(text: str) -> list[str]:
    """Return what is wrong with what a script would draw."""
    try:
        spec = json.loads(text)
    except ValueError:
        return [f"un dessin illisible : {text.strip()[:80]}"]
    address = _ADDRESS.search(text)
    if address:
        return [f"une adresse dans un dessin : {address[0]}"]
    return [] if isinstance(spec, dict) and "usermeta" in spec else ["un dessin que le script ne sait pas ajuster"]


def _read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader


def faults_of_page(text: str) -> list[str]:
    """Return what is wrong with a page, in French; empty when nothing is."""
    reader = _read(text)
    faults = [*reader.faults, *period_faults(text)]
    return faults if reader.lang == "fr" else [*faults, "la langue n’est pas le français"]


def faults_of(folder: Path, territories: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Return the faults of the pages of a report; a missing first page is one, and so is a missing script.

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
    for name, text in pages.items():
        absent = [script for script in _read(text).scripts if not ((folder / name).parent / script).exists()]
        found[name] += [f"le script {script} manque" for script in absent]
    if "index.html" not in pages:
        found["index.html"] = ["la page manque"]
    return {name: faults for name, faults in found.items() if faults}
