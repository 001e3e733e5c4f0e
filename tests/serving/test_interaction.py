"""What the pages let a reader do with a chart: hints, series, periods, files, addresses, paper, and without scripts."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page

from dataelec_assets.run_context import RunContext
from dataelec_assets.serving.report import Report
from tests.serving.shown import Show, Shown

MONTHS = "#figure-mois"
LINES = f"{MONTHS} .dessin .mark-line path"


def saved(page: Page, figure: str, kind: str) -> tuple[str, bytes]:
    """Return the name and the content of what a button of a figure saves."""
    with page.expect_download() as downloaded:
        page.locator(f"{figure} .outils button", has_text=kind).click()
    return downloaded.value.suggested_filename, Path(downloaded.value.path()).read_bytes()


def shapes(page: Page, selector: str) -> list[str]:
    found: list[str] = page.eval_on_selector_all(selector, "all => all.map(each => each.getAttribute('d'))")
    return found


def settled(page: Page, condition: str) -> None:
    """Wait until the page is as a condition says."""
    page.wait_for_function(condition)


def hint_near(page: Page, drawing: Locator, part: float) -> str:
    """Move a pointer over a drawing, at a part of its width; return the hint."""
    box = drawing.bounding_box()
    assert box is not None
    shown: list[str] = []
    # Where the page has just scrolled under it, a pointer is told something from its next move on.
    for further in range(5):
        drawing.hover(position={"x": part * box["width"] + 5 * further, "y": box["height"] / 2})
        page.wait_for_timeout(200)
        shown = page.locator("#vg-tooltip-element.visible").all_inner_texts()
        if shown and shown[0]:
            break
    (text,) = shown
    return text


def test_a_pointer_near_a_line_is_told_the_point_and_not_the_line(show: Show) -> None:
    page = show("consommation").draw()
    drawing = page.locator(f"{MONTHS} .dessin svg")
    drawing.scroll_into_view_if_needed()
    said: set[str] = set()
    for part in (0.3, 0.6, 0.9):
        said.add(hint_near(page, drawing, part))
    assert len(said) == 3, "each place has its own"
    assert all(" : " in each and each.endswith("TWh") and each.startswith(("Électricité, ", "Gaz, ")) for each in said)


def test_each_territory_of_a_map_is_drawn_and_says_its_value(show: Show) -> None:
    page = show("sensibilite").draw()
    places = page.locator("#figure-carte .dessin .mark-shape path")
    assert places.count() == 13
    assert all(len(each or "") > 100 for each in shapes(page, "#figure-carte .dessin .mark-shape path"))
    places.first.scroll_into_view_if_needed()
    places.first.hover()
    page.wait_for_selector("#vg-tooltip-element.visible")
    assert " : " in page.locator("#vg-tooltip-element").inner_text()
    assert page.locator("#figure-carte .legende li").last.inner_text().startswith("Sans valeur fiable (")


def test_a_series_is_hidden_and_shown_by_its_key(show: Show) -> None:
    page = show("consommation").draw()
    gas = page.locator(f"{MONTHS} .legende button", has_text="Gaz")
    assert (gas.get_attribute("aria-pressed"), page.locator(LINES).count()) == ("true", 2)
    gas.focus()
    page.keyboard.press("Enter")
    settled(page, f"document.querySelectorAll('{LINES}').length === 1")
    assert gas.get_attribute("aria-pressed") == "false"
    gas.click()
    settled(page, f"document.querySelectorAll('{LINES}').length === 2")


def test_a_chosen_period_is_what_is_drawn_and_the_address_keeps_it(show: Show, browser: Browser) -> None:
    shown = show("consommation")
    page = shown.draw()
    everything = shapes(page, LINES)
    begin, end = (page.locator(f"{MONTHS} select").nth(at) for at in (0, 1))
    months = begin.evaluate("each => [...each.options].map(option => option.value)")
    begin.select_option(months[4])
    end.select_option(months[12])
    page.locator(f"{MONTHS} .legende button", has_text="Gaz").click()
    settled(page, f"document.querySelectorAll('{LINES}').length === 1")
    (chosen,) = shapes(page, LINES)
    assert chosen.count("L") == 12 - 4
    assert everything[0].count("L") > chosen.count("L")
    again = Shown(browser, Path(page.url.split("#")[0].removeprefix("file://")))
    again.page.goto(page.url)
    again.page.reload()
    assert shapes(again.draw(), LINES) == [chosen], "who is sent the address sees the same"
    assert again.page.locator(f"{MONTHS} .lien").get_attribute("href") == f"#{page.url.split('#')[1]}"
    again.close()


def test_an_address_of_unknown_choices_shows_the_whole_chart(show: Show) -> None:
    page = show("consommation").page
    page.goto(f"{page.url}#figure-mois?de=1900-01&a=nimporte&sans={quote('<img src=x>')}")
    page.reload()
    page.evaluate("window.dataelec.drawAll()")
    assert page.locator(LINES).count() == 2
    assert page.locator("img").count() == 0


def test_ends_of_a_period_the_wrong_way_round_are_put_right_and_too_few_points_are_said(show: Show) -> None:
    page = show("consommation").draw()
    begin, end = (page.locator(f"{MONTHS} select").nth(at) for at in (0, 1))
    months = begin.evaluate("each => [...each.options].map(option => option.value)")
    begin.select_option(months[6])
    end.select_option(months[4])
    page.wait_for_selector(f"{MONTHS} .dessin .reason")
    assert (begin.input_value(), end.input_value()) == (months[4], months[6])
    assert "élargissez la période" in page.locator(f"{MONTHS} .dessin .reason").inner_text()
    end.select_option(months[9])
    page.wait_for_selector(LINES)


def test_the_csv_has_the_figures_of_the_table_their_units_and_their_days(show: Show) -> None:
    page = show("consommation").draw()
    name, content = saved(page, MONTHS, "CSV")
    assert name == "dataelec-consommation-mois.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert "\r\n" in text
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert list(rows[0]) == [
        *("Mois", "Électricité (TWh)", "Gaz (TWh)", "Premier jour", "Dernier jour"),
        *("Jours présents", "Jours attendus", "Table"),
    ]
    printed = page.locator(f"{MONTHS} tbody tr").first.evaluate("each => [...each.cells].map(cell => cell.textContent)")
    assert rows[0]["Électricité (TWh)"] == printed[1].removesuffix("\u00a0TWh")
    assert rows[0]["Premier jour"] == "2026-10-01"
    assert (rows[0]["Jours présents"], rows[0]["Jours attendus"]) == ("31", "31")
    assert len(rows) == page.locator(f"{MONTHS} tbody tr").count()


SPREADSHEET = """() => {
    const table = document.createElement('table');
    table.innerHTML = '<thead><tr><th>Nom</th><th>Valeur</th><th>Bornes</th></tr></thead><tbody></tbody>';
    for (const [name, value, bounds] of [
        ['=cmd()', '\\u22121\\u202f234,5\\u00a0MW', '1 à 2\\u00a0%'], ['a;"b"', 'n.d.', '\\u22123 à 4,5\\u00a0%'],
    ]) {
        const row = table.tBodies[0].insertRow();
        for (const text of [name, value, bounds]) row.insertCell().textContent = text;
    }
    return window.dataelec.csv(table);
}"""


def test_the_csv_is_safe_and_numbers_are_numbers(show: Show) -> None:
    text = show("mix").page.evaluate(SPREADSHEET)
    assert text.splitlines() == [
        "\ufeffNom;Valeur (MW);Bornes, borne basse (%);Bornes, borne haute (%)",
        "'=cmd();-1234,5;1;2",
        '"a;""b""";;-3;4,5',
    ]


def test_the_picture_is_large_and_named_after_its_chart(show: Show) -> None:
    name, content = saved(show("mix", 360).draw(), "#figure-mix-30-jours", "PNG")
    assert name == "dataelec-mix-mix-30-jours.png"
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") > 1600, "as wide as a page, at two dots a pixel, on a phone too"


def test_a_printed_page_has_all_charts_and_no_buttons(show: Show) -> None:
    page = show("mix").page
    page.emulate_media(media="print", color_scheme="dark")
    settled(page, "[...document.querySelectorAll('.chart')].every(each => each.querySelector('svg'))")
    assert page.locator(".outils").first.is_hidden()
    assert page.locator("header nav").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(27, 31, 36)", "ink, not light"
    assert len(page.pdf()) > 20_000


@pytest.mark.parametrize("name", ["index", "sensibilite"])
def test_without_scripts_the_tables_remain_and_no_empty_frame(
    browser: Browser, reported: tuple[RunContext, Report], name: str
) -> None:
    shown = Shown(browser, reported[1].path / f"{name}.html", java_script_enabled=False)
    assert shown.requests == [shown.page.url]
    assert shown.page.locator("noscript").inner_text().startswith("Les dessins demandent JavaScript")
    assert all(box.bounding_box() is None for box in shown.page.locator(".chart").all())
    tables = shown.page.locator("figure table").count()
    assert tables == shown.page.locator("figure").count() > 0
    shown.close()
