"""In a real Superset: no chart is empty, each dashboard opens in Chromium, and a new publication is followed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, Response, sync_playwright

from dataelec_assets.export.superset.bundle import declared
from dataelec_assets.export.superset.dashboards import charts_of
from dataelec_assets.export.superset.server import USER
from tests.export.superset.conftest import Asked

pytestmark = [pytest.mark.slow, pytest.mark.superset]

BOARDS = {each["cle"]: each for each in declared()["tableaux"]}
# Milliseconds: the longest that a page may take on a busy machine before it counts as broken.
PATIENCE = 120_000


@pytest.fixture(scope="module")
def page(asked: Asked) -> Iterator[Page]:
    """Return a window in which the account is logged in."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium: .ci/run installs it, so the image has changed.")
        pytest.skip("needs Chromium or Chrome on the path")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=flags)
        # As high as the longest dashboard: charts are drawn when they come into view.
        shown = browser.new_context(viewport={"width": 1440, "height": 2800}, locale="fr-FR").new_page()
        shown.set_default_timeout(PATIENCE)
        shown.goto(f"{asked.address}/login/")
        shown.locator("[data-test=username-input]").fill(USER)
        shown.locator("[data-test=password-input]").fill(asked.superset.password)
        shown.locator("[data-test=login-button]").click()
        shown.wait_for_url("**/superset/welcome/**")
        yield shown
        browser.close()


def test_every_chart_has_data(asked: Asked) -> None:
    charts = asked.charts()
    declared_ones = [each for board in BOARDS.values() for each in charts_of(board)]
    assert len(charts) == len(declared_ones)
    for chart in charts:
        rows = asked.rows(chart)
        assert rows, f"{chart['slice_name']} is empty"
        metrics = next(each.get("mesures", ()) for each in declared_ones if each["titre"] == chart["slice_name"])
        void = [name for name in metrics if all(row[name] is None for row in rows)]
        assert not void, f"{chart['slice_name']}: no value of {', '.join(void)}"


@pytest.mark.parametrize("key", BOARDS)
def test_a_dashboard_opens_with_all_its_charts(asked: Asked, page: Page, key: str) -> None:
    expected = len(list(charts_of(BOARDS[key])))
    answers: list[Response] = []
    elsewhere: list[str] = []

    def keep(answer: Response) -> None:
        if "/api/v1/chart/data" in answer.url or "/explore_json/" in answer.url:
            answers.append(answer)
        if not answer.url.startswith((asked.address, "data:", "blob:")):
            elsewhere.append(answer.url)

    page.on("response", keep)
    page.goto(f"{asked.address}/superset/dashboard/{key}/")
    for _ in range(PATIENCE // 500):
        # The bar of filters asks for its choices by the same address: there may be more answers than charts.
        drawn = page.locator("[data-test=slice-container] :is(canvas, svg, table, .header-line)").count()
        if len(answers) >= expected and drawn >= expected:
            break
        page.wait_for_timeout(500)
    page.wait_for_timeout(1_500)  # charts grow into their places
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{key}.png")
    page.remove_listener("response", keep)
    assert page.get_by_text("Tableaux de bord", exact=True).count() >= 1  # the menu is in French
    assert len(answers) >= expected
    for answer in answers:
        assert answer.status == 200, answer.text()[:500]
        content = answer.json()
        rows = content["result"][0]["rowcount"] if "result" in content else len(content["data"])
        assert rows, f"{answer.url} has no rows"
    assert page.get_by_text("Aucun résultat").count() == 0
    # Nothing comes from another server; Superset's counter of visits is refused by our policy.
    assert elsewhere == []


def test_a_first_chart_takes_four_clicks_from_the_list_of_dashboards(asked: Asked, page: Page) -> None:
    page.goto(f"{asked.address}/dashboard/list/")
    page.get_by_role("link", name="Mix et CO₂").first.click()
    with page.expect_navigation(url="**/explore/**"):
        page.get_by_role("link", name="Taux de CO₂ de la France, par mois").first.click()
    page.locator("[data-test=chart-container] canvas").first.wait_for()
    # Two more: another kind of chart, and its drawing.
    page.locator("[data-test=fast-viz-switcher] [aria-label=bar-chart]").click()
    with page.expect_response("**/api/v1/chart/data**") as answer:
        page.locator("[data-test=run-query-button]").click()
    assert answer.value.status == 200


def test_nobody_writes_to_what_is_served_nor_reads_another_file(asked: Asked) -> None:
    assert asked.sql("SELECT COUNT(*) AS n FROM dim_region").json()["data"] == [{"n": 18}]
    for query in ("DROP TABLE dim_region", "SELECT * FROM read_text('/etc/hostname')"):
        refused = asked.sql(query)
        assert refused.status_code >= 400, f"{query}: {refused.text[:300]}"
    assert asked.sql("SELECT COUNT(*) AS n FROM dim_region").json()["data"] == [{"n": 18}]


def test_a_new_publication_is_followed_without_a_restart(asked: Asked) -> None:
    (freshness,) = (each for each in asked.charts() if each["slice_name"] == "Fraîcheur des données")
    before = asked.rows(freshness)[0]["publication_id"]
    served = asked.superset.served
    draft = served.with_suffix(".draft")
    shutil.copy(served, draft)
    draft.chmod(0o644)
    with duckdb.connect(str(draft)) as connection:
        connection.execute("UPDATE meta_publication SET publication_id = 'la suivante'")
    draft.chmod(0o444)
    draft.replace(served)
    after = asked.rows(freshness)[0]["publication_id"]
    assert before != after == "la suivante"
