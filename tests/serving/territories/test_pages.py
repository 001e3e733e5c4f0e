"""What the pages of départements, EPCI and communes say, from a served file of invented rows."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb

from dataelec_assets.serving.report import faults_of
from dataelec_assets.serving.report.territories.headlines import Series
from dataelec_assets.serving.report.territories.places import file_of
from dataelec_assets.serving.report.territories.readings import Reading
from dataelec_assets.serving.report.territories.sheets import History
from tests.serving.printed import Printed, printed
from tests.serving.served import write_served
from tests.serving.territories.conftest import written


def text_of(folder: Path, name: str) -> str:
    return (folder / f"{name}.html").read_text(encoding="utf-8")


def figures_of(folder: Path, name: str, chart: str) -> dict[str, Printed]:
    """Return the figures of a chart of one column of numbers, by the name of the row."""
    return {each.line: each for each in printed(name, text_of(folder, name)) if each.chart == chart}


def handed_over(path: Path) -> tuple[Any, ...]:
    """Return what a data file hands to the script of the page."""
    call = path.read_text(encoding="utf-8").split("\n", 1)[1]
    found: tuple[Any, ...] = tuple(json.loads(f"[{call[call.index('(') + 1 : call.rindex(')')]}]"))
    return found


def test_every_departement_and_epci_has_a_page_and_all_communes_one(folder: Path) -> None:
    names = {path.stem for path in folder.glob("*.html")}
    assert {"index", "communes", "departement-33", "departement-2A", "epci-243300316"} <= names
    assert {path.name for path in (folder / "communes").iterdir()} == {"series.js", "24.js", "2A.js", "33.js"}


def test_a_departement_stands_beside_those_that_touch_it_its_region_and_france(folder: Path) -> None:
    found = figures_of(folder, "departement-33", "autour-conso_gaz_par_hab")
    assert {name: each.text for name, each in found.items()} == {
        "Nouvelle-Aquitaine (région)": "6 185",
        "Lot-et-Garonne": "5 905",
        "Landes": "5 835",
        "Gironde": "5 765",
        "Dordogne": "5 675",
        "Charente-Maritime": "5 605",
        "France": "5 435",
    }
    assert next(iter(found)) == "Nouvelle-Aquitaine (région)", "the highest comes first"
    assert {str(each.start) for each in found.values()} == {"2023-01-01"}


def test_an_indicator_of_users_is_compared_and_names_its_owner(folder: Path) -> None:
    found = figures_of(folder, "departement-33", "autour-imp_sdeeg__velos_par_hab")
    assert {found["Gironde"].text, found["Landes"].text} == {"42,0"}
    assert found["France"].text == "n.d."
    assert "importés par <span data-cite>SDEEG</span>" in text_of(folder, "departement-33")


def test_a_series_breaks_where_its_method_changed_and_says_why(folder: Path) -> None:
    page = text_of(folder, "departement-33")
    rows = dict(re.findall(r'<th scope="row">(\d{4})</th>(.*?)</tr>', page))
    assert {year: row.count("rupture") for year, row in rows.items()} == {
        "2023": 0, "2022": 3, "2021": 0, "2020": 0, "2019": 0, "2018": 0,
    }  # fmt: skip
    assert "L&#39;Agence ORE a changé de méthode." in page
    assert "Population municipale" in page


def test_a_partial_value_is_marked_wherever_it_is_printed(folder: Path) -> None:
    assert figures_of(folder, "departement-33", "autour-conso_electricite_par_hab")["Gironde"].text == "5 265 *"
    assert "* Une partie manque" in text_of(folder, "departement-33")
    assert "*" not in "".join(
        each.text for each in figures_of(folder, "departement-33", "autour-conso_gaz_par_hab").values()
    )


def test_an_epci_has_its_type_and_those_that_resemble_it(folder: Path) -> None:
    page = text_of(folder, "epci-200070092")
    assert "plus de gaz" in page
    peers = figures_of(folder, "epci-200070092", "type-conso_electricite_par_hab")
    assert set(peers) == {"CA du Libournais", "CC de Montaigne", "Bordeaux Métropole"}
    refused = text_of(folder, "epci-200069599")
    assert "un indicateur est inconnu du territoire" in refused


def test_a_departement_without_indicators_says_so(folder: Path) -> None:
    page = text_of(folder, "departement-2A")
    assert "aucun indicateur n’est connu de ce territoire" in page
    assert "<figure" not in page


def test_the_data_of_a_commune_say_its_values_ranks_and_why_one_is_missing(folder: Path) -> None:
    (definitions,) = handed_over(folder / "communes" / "series.js")
    at = [each["key"] for each in definitions].index("conso_gaz_par_hab")
    file, told, signed = handed_over(folder / "communes" / "33.js")
    assert file == "33"
    assert "0123456789abcdef" in signed
    name, epci, kind, values, ranks, silent, _ = told["communes"]["33063"]
    assert (name, epci, kind) == ("Bordeaux", "243300316", 1)
    assert (told["debuts"][at], told["annees"][at]) == (2018, 2023)
    assert values[at] == [5130, 5137, 5144, 5151, 6058, 6065]
    assert (ranks[at], told["pairs"][at]) == (2, 7)
    assert silent == {}
    *_, hidden, partial = told["communes"]["33352"]
    assert told["motifs"][hidden[str(at)]] == "secret statistique"
    assert partial == []


def test_a_permanent_link_finds_its_file_by_the_code_alone() -> None:
    assert [file_of(code) for code in ("33063", "2A004", "97105")] == ["33", "2A", "971"]


def test_pages_of_territories_have_no_fault_and_the_check_looks_at_them(folder: Path, tmp_path: Path) -> None:
    assert faults_of(folder.parent) == {}
    broken = shutil.copytree(folder.parent, tmp_path / "broken")
    page = broken / "territoires" / "departement-33.html"
    page.write_text(page.read_text(encoding="utf-8").replace("<main ", "<main><p>12 GWh</p><div "), encoding="utf-8")
    assert list(faults_of(broken)) == ["territoires/departement-33.html"]
    assert faults_of(broken, []) == {}, "what was taken over is not read again"


def test_only_the_territories_whose_figures_moved_are_written_again(served: Path, tmp_path: Path) -> None:
    path = shutil.copyfile(served, tmp_path / "dataelec.duckdb")
    first = written(path, tmp_path / "first", tmp_path / "none")
    with duckdb.connect(str(path)) as connection:
        connection.execute("update meta_publication set publication_id = 'fedcba9876543210'")
    same = written(path, tmp_path / "same", tmp_path / "first")
    assert (same.written, same.kept) == ((), len(first.written))
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            update fct_indicateur set valeur = 5000 where code_territoire = '24322' and annee = 2023
            and code_indicateur = 'conso_gaz_par_hab'
        """)
    moved = written(path, tmp_path / "moved", tmp_path / "same")
    assert moved.written == ("communes/24.js",)
    assert "0123456789abcdef" in text_of(tmp_path / "moved", "departement-33"), "written at the first publication"
    assert "fedcba9876543210" in (tmp_path / "moved" / "communes" / "24.js").read_text(encoding="utf-8")


def test_a_departement_that_moves_takes_those_beside_it_along(served: Path, tmp_path: Path) -> None:
    path = shutil.copyfile(served, tmp_path / "dataelec.duckdb")
    written(path, tmp_path / "first", tmp_path / "none")
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            update fct_indicateur set valeur = 5000 where maille = 'departement' and code_territoire = '40'
            and annee = 2023 and code_indicateur = 'conso_gaz_par_hab'
        """)
    moved = written(path, tmp_path / "moved", tmp_path / "first")
    assert moved.written == ("departement-33.html", "departement-40.html", "departement-47.html")


def test_without_a_table_of_indicators_the_pages_are_there_and_say_so(tmp_path: Path) -> None:
    path = write_served(tmp_path / "dataelec.duckdb", empty=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table fct_indicateur; drop table mart_typologie_territoires")
        connection.execute(
            "insert into dim_departement by name select '33' as code_departement, 'Gironde' as nom_departement"
        )
    written(path, tmp_path / "pages", tmp_path / "none")
    assert "aucun indicateur n’est connu" in text_of(tmp_path / "pages", "departement-33")


def test_a_file_without_territories_says_that_none_is_loaded(tmp_path: Path) -> None:
    path = write_served(tmp_path / "dataelec.duckdb", empty=True)
    written(path, tmp_path / "pages", tmp_path / "none")
    assert "Aucun territoire n’est chargé" in text_of(tmp_path / "pages", "index")


def test_a_break_is_drawn_only_between_values_and_at_the_first_year_after_it() -> None:
    series = Series("conso", "", "Consommation", "MWh", 0, "Agence ORE")
    breaks = ((2022, "autre méthode"),)

    def drawn(*years: int) -> dict[int, tuple[int, str]]:
        return History(series, tuple(Reading(year, 1.0) for year in years), breaks).drawn_breaks

    assert drawn(2019, 2020, 2023) == {2023: (2022, "autre méthode")}
    assert drawn(2022, 2023) == {}
    assert drawn(2019, 2021) == {}
