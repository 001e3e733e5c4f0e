"""The pages say what the served file holds, by themselves and in French; what it lacks is said too."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from dataelec_assets.errors import LakeError
from dataelec_assets.run_context import RunContext
from dataelec_assets.serving.report import Report, faults_of, is_current, make_report, previews
from dataelec_assets.serving.report.checks import ATTRIBUTIONS
from dataelec_assets.settings import Settings
from tests.serving.served import write_served

SUBJECTS = ("bornes", "indicateurs", "typologie", "qualite")
GENERAL = ("index", "mix", "consommation", "sensibilite", "gaz", "prevision", *SUBJECTS)
NARROW = "\u202f"


def text_of(page: str) -> str:
    """Return what a reader sees of a page, with common spaces."""
    without_style = re.sub(r"<(style|script)[ >].*?</\1>", "", page, flags=re.DOTALL)
    words = unescape(re.sub(r"<[^>]+>", " ", without_style))
    return re.sub(r"\s+", " ", words)


def reasons_of(page: str) -> list[str]:
    return re.findall(r'<p class="reason">(.*?)</p>', page)


def test_there_is_a_page_per_question_and_per_region(pages: dict[str, str]) -> None:
    assert set(pages) == {f"{name}.html" for name in GENERAL} | {f"region-{code}.html" for code in METROPOLITAN_REGIONS}


def test_every_page_stands_alone_in_french_with_a_table_under_each_chart(reported: tuple[RunContext, Report]) -> None:
    assert faults_of(reported[1].path) == {}


def test_every_section_has_content_where_the_tables_have_rows(pages: dict[str, str]) -> None:
    # Hauts-de-France has no trustworthy slope, and Bourgogne-Franche-Comté no published forecast: both say so.
    empty = {name: reasons_of(page) for name, page in pages.items() if reasons_of(page)}
    assert list(empty) == ["region-27.html", "region-32.html"]
    assert "ne bat pas la référence" in empty["region-27.html"][0]
    assert "trop peu de jours sous le seuil" in empty["region-32.html"][0]
    lacking = {name: text_of(page) for name, page in pages.items() if "Une partie manque" in page}
    assert list(lacking) == ["region-32.html"]
    assert "Pas d’estimation fiable du gradient : trop peu de jours sous le seuil" in lacking["region-32.html"]


def test_charts_are_many_and_links_lead_somewhere(reported: tuple[RunContext, Report], pages: dict[str, str]) -> None:
    charts = {name: page.count("<figure") for name, page in pages.items()}
    assert all(charts[f"{name}.html"] >= 5 for name in GENERAL[1:])
    assert sum(charts.values()) > 100
    for name, page in pages.items():
        targets = set(re.findall(r'href="([^"#]+)"', page))
        below = {each for each in targets if each.startswith("territoires/")}
        assert targets - ATTRIBUTIONS - below <= set(pages), name
        assert all((reported[1].path / each).exists() for each in below), name
        anchors = set(re.findall(r'href="#([^"]+)"', page))
        assert all(f'id="{each}"' in page for each in anchors), name


def test_invented_data_are_marked_on_every_page(pages: dict[str, str], tmp_path: Path) -> None:
    assert all("Données synthétiques." in page for page in pages.values())
    ctx = RunContext(Settings(lake=tmp_path))
    write_served(ctx.paths.served_file, empty=True)
    with duckdb.connect(str(ctx.paths.served_file)) as connection:
        connection.execute("update meta_publication set est_synthetique = false")
    report = make_report(ctx)
    assert not any("Données synthétiques" in (report.path / name).read_text(encoding="utf-8") for name in report.pages)


def test_numbers_and_dates_are_written_as_in_france(pages: dict[str, str]) -> None:
    overview = text_of(pages["index.html"])
    assert "2 340 MW/°C" in overview
    assert "2 246 à 2 434" in overview
    assert "26 novembre 2026 à 6 h 04 (heure de Paris)" in overview
    assert f"2{NARROW}340" in pages["index.html"], "thousands are parted by a space that never breaks"
    assert re.search(r"\d,\d %", overview)


def test_charging_points_say_when_and_where_there_is_place(pages: dict[str, str]) -> None:
    said = text_of(pages["bornes.html"])
    assert "Le plus de place à 3 h ( 12 % d’occupation" in said
    assert "le moins à 13 h ( 44 % )" in said
    assert "Trop peu de jours encore pour un intervalle" in said, "two hours rest on three days"
    assert "1 station sur 2 est pleine plus d’un quart du temps" in said
    assert "Le plus occupé : 1er ( 50 % )" in said
    assert "3 points à vérifier" in said


def test_a_typology_says_how_many_resemble_one_another_and_quality_what_lacks(pages: dict[str, str]) -> None:
    types, quality = text_of(pages["typologie.html"]), text_of(pages["qualite.html"])
    assert "2 types pour 200 territoires. Le plus nombreux : surtout des appartements ( 60 % )" in types
    assert "14 valeurs manquent." in quality
    assert "1 calcul sur 3 s’écarte du total publié" in quality
    assert "Plus grand écart moyen : −2,5 g/kWh" in quality
    assert "Consommation d’électricité par habitant , 2024" in text_of(pages["indicateurs.html"])


def test_the_forecast_is_drawn_beside_what_came_and_beside_rte(pages: dict[str, str]) -> None:
    past = pages["prevision.html"].split('id="figure-passe"')[1].split("</figure>")[0]
    assert all(f'"nom":"{name}"' in past for name in ("Réalisé", "Prévu", "Prévu par RTE la veille"))
    assert "60 jours sur 60 dans l’ intervalle annoncé à 90 %" in text_of(past)
    assert "neuf chances sur dix" not in text_of(pages["prevision.html"])
    assert "Sur les mêmes jours, celle de RTE : 1,4 %" in text_of(past)
    coming = pages["prevision.html"].split('id="figure-a-venir"')[1].split("</figure>")[0]
    assert '"nom":"Réalisé"' not in coming
    assert coming.count('<th scope="row">') == 7
    # Published on the 26th, from measures that end on the 19th.
    assert "Déjà passé à la publication, mais sans mesure : du 20 au 25 novembre 2026" in text_of(coming)
    assert text_of(coming).count("(déjà passé)") == 6


def test_markup_in_the_data_stays_text(pages: dict[str, str]) -> None:
    assert "&lt;b&gt;sans balise&lt;/b&gt; &amp; avec esperluette" in pages["index.html"]


def test_the_overview_tells_the_sources_and_their_limits(pages: dict[str, str]) -> None:
    overview = text_of(pages["index.html"])
    assert "3 jeux de données, dont 2 à jour" in overview
    assert "en retard sur le portail" in overview
    assert "12 avertissements" in overview


def test_each_page_says_what_binds_the_use_of_its_data_with_the_link_that_is_asked_for(pages: dict[str, str]) -> None:
    for page in pages.values():
        footer = page.split("<footer>")[1]
        assert '<a href="https://open-meteo.com/"' in footer
        assert "RTE : Usage non commercial" in text_of(footer)


def test_a_publication_that_has_not_changed_is_not_reported_again(tmp_path: Path) -> None:
    ctx = RunContext(Settings(lake=tmp_path))
    write_served(ctx.paths.served_file, empty=True)
    first = make_report(ctx)
    stamps = {path: path.stat().st_mtime_ns for path in first.path.resolve().iterdir()}
    second = make_report(ctx)
    assert (first.is_new, second.is_new) == (True, False)
    assert {path: path.stat().st_mtime_ns for path in second.path.resolve().iterdir()} == stamps
    assert is_current(ctx)


def test_another_publication_replaces_the_pages_at_once_and_leaves_no_rest(tmp_path: Path) -> None:
    ctx = RunContext(Settings(lake=tmp_path))
    write_served(ctx.paths.served_file, empty=True)
    old = make_report(ctx).path.resolve()
    abandoned = ctx.paths.serving / "rapport-killed-00000000"
    abandoned.mkdir()
    with duckdb.connect(str(ctx.paths.served_file)) as connection:
        connection.execute("update meta_publication set publication_id = 'fedcba9876543210'")
    assert not is_current(ctx)
    report = make_report(ctx)
    assert report.is_new
    assert report.publication_id == "fedcba9876543210"
    assert not old.exists()
    assert not abandoned.exists()
    assert report.path.is_symlink()


def test_equal_content_makes_equal_bytes(
    reported: tuple[RunContext, Report], pages: dict[str, str], tmp_path: Path
) -> None:
    ctx = RunContext(Settings(lake=tmp_path))
    ctx.paths.serving.mkdir(parents=True)
    ctx.paths.served_file.write_bytes(reported[0].paths.served_file.read_bytes())
    again = make_report(ctx)
    assert {name: (again.path / name).read_text(encoding="utf-8") for name in again.pages} == pages


def test_a_file_without_rows_makes_pages_that_say_why(tmp_path: Path) -> None:
    ctx = RunContext(Settings(lake=tmp_path))
    write_served(ctx.paths.served_file, empty=True)
    report = make_report(ctx)
    assert set(report.pages) == {f"{name}.html" for name in GENERAL}, "no région is known"
    assert faults_of(report.path) == {}
    for name in GENERAL[1:]:
        page = (report.path / f"{name}.html").read_text(encoding="utf-8")
        assert len(reasons_of(page)) == page.count("<section "), name
        said = re.compile(r"Rien dans (dim|fct|mart|meta)_\w+.* pas encore chargées")
        assert all(said.search(each) for each in reasons_of(page)), name


def test_a_file_of_an_older_version_is_reported_as_far_as_it_goes(tmp_path: Path) -> None:
    ctx = RunContext(Settings(lake=tmp_path))
    write_served(ctx.paths.served_file)
    with duckdb.connect(str(ctx.paths.served_file)) as connection:
        connection.execute("drop table mart_prevision")
        connection.execute("alter table mart_priorite_isolation drop column critere")
        connection.execute("delete from dim_region where code_region <> '53'")
    report = make_report(ctx)
    forecast = (report.path / "prevision.html").read_text(encoding="utf-8")
    assert any("n’a pas la table mart_prevision" in each for each in reasons_of(forecast))
    ranking = (report.path / "sensibilite.html").read_text(encoding="utf-8")
    assert any("n’a pas les colonnes attendues" in each for each in reasons_of(ranking))
    assert "region-53.html" in report.pages
    assert "region-11.html" not in report.pages


def test_nothing_served_is_nothing_to_report_on(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="dataelec refresh"):
        make_report(RunContext(Settings(lake=tmp_path)))


def test_previews_are_pictures_of_the_first_charts(reported: tuple[RunContext, Report]) -> None:
    found = previews(reported[0].paths.served_file)
    assert set(found) == set(GENERAL)
    for title, picture in found.values():
        assert title
        assert picture.startswith(b"\x89PNG")
        assert len(picture) < 60_000, "it is stored with each materialisation"


def test_what_is_in_quarantine_is_listed_with_the_sources(pages: dict[str, str], tmp_path: Path) -> None:
    overview = text_of(pages["index.html"])
    assert "jeu-1 2026-03 en quarantaine fct_exemple, date 2026-03-04, stock_gwh = -1.0" in overview
    assert "20 novembre 2026 à 9 h 30" in overview
    assert "version du 1er novembre 2026 à 8 h 00" in overview
    assert "publication aaaabbbbccccdddd" in overview
    ctx = RunContext(Settings(lake=tmp_path))
    write_served(ctx.paths.served_file, empty=True)
    with duckdb.connect(str(ctx.paths.served_file)) as connection:
        connection.execute("delete from meta_quarantaine")
    report = make_report(ctx)
    said = text_of((report.path / "index.html").read_text(encoding="utf-8"))
    assert "Tout est servi tel que reçu : aucune quarantaine." in said
