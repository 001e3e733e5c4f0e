"""The pages in Chromium: nothing is fetched, nothing fails, a phone can show them, and axe finds no serious fault."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from dataelec_assets.serving.report import theme
from tests.serving.shown import DESK, PHONE, Show

# The general pages, a région with everything, one without a forecast, and the one with least.
NAMES = (
    "index",
    "mix",
    "consommation",
    "sensibilite",
    "gaz",
    "prevision",
    "bornes",
    "indicateurs",
    "typologie",
    "qualite",
    "region-53",
    "region-27",
    "region-94",
)
LEVELS = "[...document.querySelectorAll('main h1, main h2, main h3')].map(each => Number(each.tagName[1]))"

SMALLEST_LETTERS = """() => {
    const shown = [...document.querySelectorAll('.chart svg')].filter(svg => svg.getBoundingClientRect().width > 0);
    const sizes = shown.filter(svg => svg.closest('.dessin')).flatMap(svg => {
        const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        return [...svg.querySelectorAll('text')].map(text => parseFloat(getComputedStyle(text).fontSize) * scale);
    });
    return Math.min(99, ...sizes);
}"""

COLOURS = """([accent, ink]) => {
    const find = (what, name, colour) => [...document.querySelectorAll('.dessin ' + what)]
        .find(each => each.getAttribute(name) === colour);
    return [
        getComputedStyle(document.body).backgroundColor,
        getComputedStyle(find('path', 'stroke', accent)).stroke,
        getComputedStyle(find('text', 'fill', ink)).fill,
    ];
}"""

each_page = pytest.mark.parametrize("name", NAMES)


@each_page
def test_a_page_asks_for_itself_only_and_complains_of_nothing(show: Show, name: str) -> None:
    shown = show(name)
    drawings = shown.drawings()
    assert shown.complaints == []
    asked = [Path(url).name for url in shown.requests]
    assert asked == [f"{name}.html", *(each for each in asked if each.endswith(".js"))], "itself and two scripts"
    assert all(url.startswith("file://") for url in shown.requests)
    assert len(asked) == 3
    assert len(drawings) == shown.page.locator("figure:has(.chart)").count() > 0
    assert shown.page.locator("html").get_attribute("lang") == "fr"


@each_page
def test_a_phone_shows_a_page_without_scrolling_sideways(show: Show, name: str) -> None:
    page = show(name, PHONE).draw()
    for folded in page.locator("details").all():
        folded.evaluate("element => { element.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    # The words of a chart keep a size that can be read.
    smallest = page.evaluate(SMALLEST_LETTERS)
    assert smallest >= 9


@each_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(show: Show, name: str, scheme: str) -> None:
    page = show(name, DESK if scheme == "light" else PHONE, scheme).draw()
    found = Axe().run(page).response["violations"]
    serious = [
        (fault["id"], fault["nodes"][0]["html"][:200]) for fault in found if fault["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def test_dark_pages_have_dark_charts(show: Show) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        page = show("consommation", DESK, scheme).draw()
        colours[scheme] = page.evaluate(COLOURS, [theme.ACCENT[0], theme.INK[0]])

    def rgb(colour: str) -> str:
        return f"rgb({', '.join(str(int(colour[start : start + 2], 16)) for start in (1, 3, 5))})"

    assert colours["light"] == ["rgb(246, 248, 250)", rgb(theme.ACCENT[0]), rgb(theme.INK[0])]
    assert colours["dark"] == ["rgb(13, 17, 23)", rgb(theme.ACCENT[1]), rgb(theme.INK[1])]


@each_page
def test_every_colour_of_a_chart_has_a_dark_twin(show: Show, name: str) -> None:
    known = {light for light, _ in theme.PAIRS} | {"none", "transparent"}
    drawings = "".join(show(name).drawings().values())
    drawn = set(re.findall(r'(?:fill|stroke)="([^"]*)"', drawings))
    assert drawn - known == set()
    assert len(drawn) > 3


def test_axes_are_written_as_in_france(show: Show) -> None:
    assert re.search(
        r"<text[^>]*>(janv\.|févr\.|juil\.|oct\.)[^<]*</text>", show("consommation").drawings()["figure-mois"]
    )
    assert any(re.search(r"<text[^>]*>\d+,\d+</text>", svg) for svg in show("mix").drawings().values())


def test_a_month_stands_at_its_place_wherever_the_reader_is(show: Show) -> None:
    drawn = [show("gaz", timezone_id=zone).drawings() for zone in ("UTC", "America/Los_Angeles")]
    assert drawn[0] == drawn[1]
    assert "janv. 2026" in drawn[0]["figure-echanges"]


def test_the_keyboard_reaches_content_links_and_tables(show: Show) -> None:
    page = show("mix").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open] table").first.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "scroll"


@each_page
def test_headings_go_down_one_step_at_a_time(show: Show, name: str) -> None:
    page = show(name).page
    levels = page.evaluate(
        "[...document.querySelectorAll('main h1, main h2, main h3')].map(each => Number(each.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_chart_is_drawn_for_the_width_of_the_page(show: Show, width: int) -> None:
    page = show("consommation", width).draw()
    drawn = "document.querySelector('#figure-mois .dessin svg').clientWidth"
    room = page.evaluate("document.querySelector('#figure-mois .chart').clientWidth")
    assert room - 10 <= page.evaluate(drawn) <= room
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_function(f"{drawn} > 500 && {drawn} <= 700")
