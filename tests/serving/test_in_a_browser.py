"""The pages in Chromium: nothing is fetched, nothing fails, a phone can show them, and axe finds no serious fault."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from dataelec_assets.run_context import RunContext
from dataelec_assets.serving.report import Report, theme

# The general pages, a région with everything, one without a forecast, and the one with least.
NAMES = ("index", "mix", "consommation", "sensibilite", "gaz", "prevision", "region-53", "region-27", "region-94")
PHONE, DESK = 360, 1280

LEVELS = "[...document.querySelectorAll('main h1, main h2, main h3')].map(each => Number(each.tagName[1]))"

SMALLEST_LETTERS = """() => {
    const shown = [...document.querySelectorAll('.chart svg')].filter(svg => svg.getBoundingClientRect().width > 0);
    const sizes = shown.flatMap(svg => {
        const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        return [...svg.querySelectorAll('text')].map(text => parseFloat(getComputedStyle(text).fontSize) * scale);
    });
    return Math.min(99, ...sizes);
}"""

COLOURS = """([accent, ink]) => {
    const find = (what, name, colour) => [...document.querySelectorAll('.chart.wide ' + what)]
        .find(each => each.getAttribute(name) === colour);
    return [
        getComputedStyle(document.body).backgroundColor,
        getComputedStyle(find('path', 'stroke', accent)).stroke,
        getComputedStyle(find('text', 'fill', ink)).fill,
    ];
}"""

each_page = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    # Chromium has no sandbox for the superuser, who runs tests in containers.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=str(chromium), args=flags)
        yield opened
        opened.close()


class Shown:
    """A page in a window, with what it asked for and complained of."""

    def __init__(self, browser: Browser, path: Path, width: int, scheme: str) -> None:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
        )
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    def close(self) -> None:
        self.page.context.close()


Show = Callable[..., Shown]


@pytest.fixture
def show(browser: Browser, reported: tuple[RunContext, Report]) -> Iterator[Show]:
    opened: list[Shown] = []

    def open_page(name: str, width: int = DESK, scheme: str = "light") -> Shown:
        opened.append(Shown(browser, reported[1].path / f"{name}.html", width, scheme))
        return opened[-1]

    yield open_page
    for each in opened:
        each.close()


@each_page
def test_a_page_asks_for_itself_only_and_complains_of_nothing(show: Show, name: str) -> None:
    shown = show(name)
    assert shown.complaints == []
    assert [url for url in shown.requests if not url.startswith("file://")] == []
    assert len(shown.requests) == 1
    assert shown.page.locator("html").get_attribute("lang") == "fr"


@each_page
def test_a_phone_shows_a_page_without_scrolling_sideways(show: Show, name: str) -> None:
    page = show(name, PHONE).page
    for folded in page.locator("details").all():
        folded.evaluate("element => { element.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    # The words of a chart keep a size that can be read.
    smallest = page.evaluate(SMALLEST_LETTERS)
    assert smallest >= 9


@each_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(show: Show, name: str, scheme: str) -> None:
    page = show(name, DESK if scheme == "light" else PHONE, scheme).page
    found = Axe().run(page).response["violations"]
    serious = [
        (fault["id"], fault["nodes"][0]["html"][:200]) for fault in found if fault["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def test_dark_pages_have_dark_charts(show: Show) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        page = show("consommation", DESK, scheme).page
        colours[scheme] = page.evaluate(COLOURS, [theme.ACCENT[0], theme.INK[0]])

    def rgb(colour: str) -> str:
        return f"rgb({', '.join(str(int(colour[start : start + 2], 16)) for start in (1, 3, 5))})"

    assert colours["light"] == ["rgb(246, 248, 250)", rgb(theme.ACCENT[0]), rgb(theme.INK[0])]
    assert colours["dark"] == ["rgb(13, 17, 23)", rgb(theme.ACCENT[1]), rgb(theme.INK[1])]


def test_every_colour_of_a_chart_has_a_dark_twin(pages: dict[str, str]) -> None:
    known = {light for light, _ in theme.PAIRS} | {"none", "transparent"}
    drawn = {
        colour
        for page in pages.values()
        for svg in re.findall(r"<svg .*?</svg>", page, re.DOTALL)
        for colour in re.findall(r'(?:fill|stroke)="([^"]*)"', svg)
    }
    assert drawn - known == set()


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


@pytest.mark.parametrize(("width", "shown"), [(PHONE, "narrow"), (DESK, "wide")])
def test_a_chart_is_drawn_for_the_width_of_the_page(show: Show, width: int, shown: str) -> None:
    page = show("consommation", width).page
    visible = {kind: page.locator(f"#figure-mois .chart.{kind}").is_visible() for kind in ("wide", "narrow")}
    assert visible == {"wide": shown == "wide", "narrow": shown == "narrow"}
