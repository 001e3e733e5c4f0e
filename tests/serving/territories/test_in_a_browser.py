"""An officer of Gironde explores the report in Chromium, opened from disk: the four tasks of an authority.

One browser and one window: the tasks follow one another as they would for a person.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from dataelec_assets.serving.report.checks import faults_of_page
from tests.serving.printed import printed, spaced

PHONE, DESK = 360, 1280

# Axe would ask for the style sheet once more, which is refused to pages of a file.
NO_PRELOAD = {"preload": False}

# The words of an SVG without the hints that stand in them.
WORDS = "texts => texts.map(each => each.firstChild.data)"

# A page of each kind: the list, a département, an EPCI, a commune, all communes of a département, nothing known.
KINDS = (
    "index.html", "departement-33.html", "epci-243300316.html", "communes.html#33063", "communes.html#33",
    "departement-2A.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    # Chromium has no sandbox for the superuser, who runs tests in containers.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(chromium), args=flags)
        yield opened
        opened.close()


class Window:
    """A page with what it asked for and complained of."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._folder = folder
        self.page: Page = browser.new_page(viewport={"width": DESK, "height": 800})
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, name: str) -> Page:
        """Open a page of the territories."""
        # A hash alone would not load the page again.
        self.page.goto("about:blank")
        self.page.goto(f"{self._folder.as_uri()}/{name}")
        self.page.locator("main h1").wait_for()
        return self.page

    def choose(self, text: str, result: str) -> Page:
        """Type into the search and follow a result."""
        self.page.get_by_label("Chercher un territoire").fill(text)
        self.page.locator(".trouves a", has_text=result).first.click()
        return self.page


@pytest.fixture
def window(browser: Browser, folder: Path) -> Iterator[Window]:
    opened = Window(browser, folder)
    yield opened
    assert opened.complaints == []
    assert [
        url for url in opened.requests if not url.startswith(("file://", "about:", "blob:file://", "blob:null"))
    ] == []
    opened.page.close()


def rows_of(page: Page, figure: str) -> list[list[str]]:
    """Return the lines of the file that the button of a figure downloads."""
    with page.expect_download() as started:
        page.locator(f"#figure-{figure} button.csv").click()
    text = Path(started.value.path()).read_text(encoding="utf-8")
    assert text.startswith("\ufeff"), "French spreadsheets know UTF-8 by its mark"
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_the_officer_compares_gironde_with_its_neighbours_per_inhabitant_in_a_spreadsheet(window: Window) -> None:
    window.open("index.html")
    page = window.choose("gironde", "Gironde")
    page.wait_for_url("**/departement-33.html")
    bars = page.locator("#figure-autour-conso_electricite_par_hab svg rect")
    assert bars.count() == 7
    assert page.locator("#figure-autour-conso_electricite_par_hab svg rect.ici").count() == 1
    head, *rows = rows_of(page, "autour-conso_electricite_par_hab")
    assert head == ["Territoire", "kWh/hab", "Premier jour", "Dernier jour", "Partiel", "Tables"]
    found = {row[0]: row[1:] for row in rows}
    assert found["Gironde"] == ["5265", "2023-01-01", "2023-12-31", "oui", "fct_indicateur"]
    assert found["Landes"][:1] == ["5335"]
    assert len(found) == 7


def test_the_officer_finds_a_commune_by_its_code_and_keeps_its_address(window: Window) -> None:
    window.open("departement-33.html")
    page = window.choose("33281", "Mérignac")
    page.locator("h1", has_text="Mérignac").wait_for()
    assert page.url.endswith("communes.html#33281")
    facts = page.locator(".facts li").all_inner_texts()
    assert any("5 745 kWh/hab" in spaced(text) and "en 2023" in text for text in facts)
    # The same address in another window, and the next one by a link of the page.
    window.open("communes.html#33281").locator("h1", has_text="Mérignac").wait_for()
    page.locator("#figure-autour-conso_gaz_par_hab a", has_text="Pessac").click()
    page.locator("h1", has_text="Pessac").wait_for()
    assert page.title() == "Pessac – DataElec"
    page.go_back()
    page.locator("h1", has_text="Mérignac").wait_for()


def test_the_officer_reads_the_type_of_an_epci_and_those_like_it(window: Window) -> None:
    window.open("index.html")
    page = window.choose("libournais", "CA du Libournais")
    page.locator("#type").scroll_into_view_if_needed()
    assert "Type : plus de gaz" in spaced(page.locator("#type").inner_text())
    drawn = page.locator("#figure-type-conso_electricite_par_hab svg text").evaluate_all(WORDS)
    assert {"CA du Libournais", "CC de Montaigne", "Bordeaux Métropole"} <= set(drawn)


def test_the_officer_sees_an_imported_indicator_beside_the_neighbours(window: Window) -> None:
    page = window.open("departement-33.html")
    assert page.locator("#figure-autour-imp_sdeeg__velos_par_hab svg rect").count() == 5
    _, *rows = rows_of(page, "autour-imp_sdeeg__velos_par_hab")
    assert ["Gironde", "42,0"] in [row[:2] for row in rows]
    assert ["France", ""] in [row[:2] for row in rows], "what is unknown is empty, not zero"


def test_a_curve_stops_at_a_break_and_a_line_marks_it(window: Window) -> None:
    page = window.open("communes.html#33063")
    curve = page.locator("#figure-evolution svg").first
    assert curve.locator("line.rupture").count() == 1
    assert (curve.locator("path.ligne").get_attribute("d") or "").count("M") == 2
    people = page.locator("#figure-evolution svg").last
    assert people.locator("line.rupture").count() == 0


@pytest.mark.parametrize("name", KINDS)
def test_a_page_tells_its_periods_fits_a_phone_and_has_no_serious_fault(window: Window, name: str) -> None:
    page = window.open(name)
    assert faults_of_page(page.content()) == []
    for scheme, width in (("light", DESK), ("dark", PHONE)):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": width, "height": 800})
        serious = [
            (fault["id"], fault["nodes"][0]["html"][:200])
            for fault in Axe().run(page, options=NO_PRELOAD).response["violations"]
            if fault["impact"] in {"serious", "critical"}
        ]
        assert serious == [], scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_the_page_of_a_commune_prints_what_its_table_says(window: Window) -> None:
    page = window.open("communes.html#33063")
    figures = {(each.chart, each.line): each for each in printed("communes", page.content())}
    assert figures["autour-conso_gaz_par_hab", "Bordeaux"].text == "6 065"
    assert figures["autour-conso_gaz_par_hab", "Gironde (département)"].text == "5 765"


def test_search_knows_names_without_accents_and_says_when_it_finds_nothing(window: Window) -> None:
    page = window.open("index.html")
    search = page.get_by_label("Chercher un territoire")
    search.fill("merignac")
    assert page.locator(".trouves a").first.inner_text().startswith("Mérignac")
    search.fill("bord")
    assert [text.split(" ")[0] for text in page.locator(".trouves a").all_inner_texts()] == ["Bordeaux", "Bordeaux"]
    search.fill("zzz")
    assert page.locator(".recherche .etat").inner_text() == "Aucun territoire de ce nom ni de ce code."


def test_an_unknown_code_says_what_to_do(window: Window) -> None:
    page = window.open("communes.html#33999")
    assert "Aucune commune actuelle n’a le code 33999" in spaced(page.locator("main").inner_text())


# Between margins of 1.5 cm, at 96 points to the inch: what is wider is cut off on paper, without a word.
PAPER = round((210 - 2 * 15) / 25.4 * 96)


def test_no_column_of_a_sheet_is_cut_off_on_paper(window: Window) -> None:
    page = window.open("departement-33.html")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 900})
    ends = "tables => tables.map(each => Math.ceil(each.getBoundingClientRect().right))"
    found = page.locator("table:visible").evaluate_all(ends)
    assert len(found) > 1
    assert max(found) <= PAPER
