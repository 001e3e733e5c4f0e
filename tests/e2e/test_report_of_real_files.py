"""The report of the published files, which are full of gaps: no figure without its period, and figures equal to SQL."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.serving.report import faults_of
from dataelec_assets.serving.report.period_checks import figures_told
from tests.e2e.conftest import Refreshed
from tests.serving import recomputed_territories as of_territories
from tests.serving.printed import Printed, printed
from tests.serving.recomputed import recomputed, way

pytestmark = [pytest.mark.real, pytest.mark.slow]

# Changed by hand now and then: any fifty must be equal.
SEED, CHOSEN = 17, 50


@pytest.fixture(scope="module")
def pages(refreshed: Refreshed) -> Path:
    """Return the folder of the pages."""
    made = refreshed.dataelec("report")
    assert made.returncode == 0, made.stderr
    return refreshed.paths.serving / "rapport"


@pytest.fixture(scope="module")
def figures(pages: Path) -> list[Printed]:
    """Return all figures of tables and all that are shown large."""
    return [
        figure
        for path in sorted(pages.glob("*.html"))
        for figure in printed(path.stem, path.read_text(encoding="utf-8"))
    ]


def test_no_figure_of_any_page_is_without_its_period(pages: Path) -> None:
    assert faults_of(pages) == {}
    told = {path.stem: figures_told(path.read_text(encoding="utf-8")) for path in pages.glob("*.html")}
    assert len(told) == 23
    # Of these files no territory has a type: the page says why.
    assert min(figures for name, figures in told.items() if name != "typologie") > 10


def test_fifty_figures_chosen_at_random_equal_sql_on_the_served_file(
    refreshed: Refreshed, figures: list[Printed]
) -> None:
    known = [figure for figure in figures if way(figure) is not None]
    assert len({figure.chart for figure in known}) >= 12, "the statements know too few of the charts"
    chosen = random.Random(SEED).sample(known, CHOSEN)  # noqa: S311 - a choice, not a secret
    wrong = []
    with duckdb.connect(str(refreshed.paths.served_file), read_only=True) as connection:
        for figure in chosen:
            expected = recomputed(connection, figure)
            where = f"{figure.page} {figure.chart} [{figure.line} / {figure.column}] {figure.start}..{figure.end}"
            print(f"{where}: {figure.text}, SQL {expected}")  # noqa: T201 - what was chosen
            if figure.text not in expected:
                wrong.append((where, figure.text, expected))
    assert wrong == []


def test_fifty_figures_of_departements_equal_sql_on_the_facts(refreshed: Refreshed, pages: Path) -> None:
    known = [
        figure
        for path in sorted((pages / "territoires").glob("departement-*.html"))
        for figure in printed(path.stem, path.read_text(encoding="utf-8"))
        if of_territories.is_known(figure)
    ]
    assert len({figure.chart for figure in known}) == 5
    wrong = []
    with duckdb.connect(str(refreshed.paths.served_file), read_only=True) as connection:
        for figure in random.Random(SEED).sample(known, CHOSEN):  # noqa: S311 - a choice, not a secret
            expected = of_territories.recomputed(connection, figure)
            if figure.text not in expected:
                wrong.append((figure, expected))
    assert wrong == []
