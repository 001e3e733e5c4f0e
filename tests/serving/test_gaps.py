"""A report of a lake full of gaps prints no figure without its period, and compares like with like only."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dataelec_assets.serving.report import build
from dataelec_assets.serving.report.checks import faults_of_page
from dataelec_assets.serving.report.figures import Basis, FigureWithoutPeriod
from dataelec_assets.serving.report.french import number
from dataelec_assets.warehouse.publication import read_publication
from tests.serving.printed import spaced
from tests.serving.served import ANALYSES, create_tables, fill
from tests.serving.test_report import text_of


@pytest.fixture(scope="module")
def gaps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a served file full of gaps."""
    path = Path(tmp_path_factory.mktemp("gaps")) / "served.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        create_tables(connection)
        fill(connection, "meta", "dimensions", "facts", *ANALYSES, "subjects", "gaps")
    return path


@pytest.fixture
def pages(gaps: Path) -> dict[str, str]:
    """Return the pages of the file full of gaps."""
    return made(gaps)


def made(path: Path) -> dict[str, str]:
    publication = read_publication(path)
    assert publication is not None
    return dict(build.render(path, publication))


def test_every_page_tells_the_period_of_every_figure(pages: dict[str, str]) -> None:
    assert len(pages) == 23
    assert {name: faults_of_page(text) for name, text in pages.items() if faults_of_page(text)} == {}


def test_pages_that_lose_the_period_of_their_figures_are_all_found(gaps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Basis, "attributes", "")
    for name, text in made(gaps).items():
        assert any("un chiffre sans période" in fault for fault in faults_of_page(text)), name


def test_pages_that_do_not_say_what_lacks_are_found(gaps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataelec_assets.serving.report.periods.Period.days", "")
    partial = {name: text for name, text in made(gaps).items() if 'data-complete="non"' in text}
    for name, text in partial.items():
        assert any("incomplète qui ne le dit pas" in fault for fault in faults_of_page(text)), name
    assert len(partial) >= 20, "all but those whose figures are all whole, or who have none"


def test_a_number_that_is_printed_as_text_stops_the_report(gaps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bare(_: Basis, value: float | None, digits: int = 0, unit: str = "") -> str:
        return number(value, digits, unit)

    monkeypatch.setattr(Basis, "figure", bare)
    with pytest.raises((FigureWithoutPeriod, AttributeError)):
        made(gaps)


def test_a_partial_period_says_how_many_of_its_days_it_has(pages: dict[str, str]) -> None:
    assert "10 jours sur 30" in text_of(pages["mix.html"])
    overview = text_of(pages["index.html"])
    assert "10 jours sur 30" in overview
    assert "en 2019 : 143 jours sur 365" in overview


def test_a_year_of_one_month_is_no_year(pages: dict[str, str]) -> None:
    ile_de_france = text_of(pages["region-11.html"])
    assert "par habitant et par an" not in ile_de_france
    assert "Aucune année n’est entière" in ile_de_france
    # The others are ranked among those that are whole: neither Bretagne nor Île-de-France.
    assert "région sur les 11 mesurées toute l’année" in text_of(pages["region-24.html"])


def test_years_and_seasons_are_compared_with_whole_ones_only(pages: dict[str, str]) -> None:
    mix = text_of(pages["mix.html"])
    assert "Aucune année n’est entière : rien n’est comparé" in mix
    assert "2019 (143 jours sur 365)" in mix
    assert "hiver 2025 (12 jours sur 90)" in mix
    assert "Sans mesure cette année-là : Bretagne" in mix
    assert "Une seule année est entière : 2019" in text_of(pages["region-24.html"])


def test_a_place_that_was_measured_on_other_days_is_not_ranked_with_the_others(pages: dict[str, str]) -> None:
    sensitivity = text_of(pages["sensibilite.html"])
    assert "Sur une autre période, donc hors de la carte : Auvergne-Rhône-Alpes" in sensitivity
    assert "hors du classement dessiné : Auvergne-Rhône-Alpes" in sensitivity


def test_a_forecast_of_days_that_are_over_is_not_called_coming(pages: dict[str, str]) -> None:
    for name in ("prevision.html", "region-24.html"):
        forecast = text_of(pages[name])
        assert "Les jours à venir" not in forecast
        assert "Prévision de jours déjà passés" in forecast
        assert "Prévision du 20 au 26 novembre 2020 , publiée après coup" in forecast


def test_the_age_of_the_measures_is_said_once_at_the_top(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert page.count('class="ages"') == 1
        ages = spaced(text_of(page.split('class="ages"')[1].split("</p>")[0]))
        assert "le 20 décembre 2025 ( 341 jours avant la publication) pour la consommation d’électricité" in ages


def test_a_region_without_a_row_says_so(pages: dict[str, str]) -> None:
    bretagne = pages["region-53.html"]
    assert bretagne.count('class="reason"') >= 5
    assert "Sans mesure : Bretagne" in text_of(pages["consommation.html"])
