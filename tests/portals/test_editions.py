"""New editions are recognised among links of pages and of data.gouv.fr, and nothing else is."""

from __future__ import annotations

import json

import pytest

from dataelec_assets.catalog import CatalogError, Search, load_catalog
from dataelec_assets.portals.editions import (
    Link,
    Site,
    editions_among,
    find_editions,
    links_of_datagouv,
    links_of_page,
)

CATALOG = load_catalog()
SITE = Site("https://www.insee.fr", "http://127.0.0.1:8085/insee")
FILE = "https://www.insee.fr/fr/statistiques/fichier"


def searched(dataset_id: str) -> Search:
    found = CATALOG[dataset_id].search
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("dataset_id", "name", "year"),
    [
        ("code-officiel-geographique-communes", "v_commune_2027.csv", "2027"),
        ("code-officiel-geographique-communes", "V_COMMUNE_2027.CSV", "2027"),
        ("code-officiel-geographique-communes", "v_mvt_commune_2027.csv", None),
        ("code-officiel-geographique-communes", "v_commune_comer_2027.csv", None),
        ("code-officiel-geographique-communes", "v_commune_depuis_1943.csv", None),
        ("code-officiel-geographique-mouvements", "v_mvt_commune_2027.csv", "2027"),
        ("code-officiel-geographique-mouvements", "v_commune_2027.csv", None),
        ("recensement-logement", "RP2023_LOGEMT_csv.zip", "2023"),
        ("recensement-logement", "RP2023_logemt.zip", "2023"),
        ("recensement-logement", "RP2023_logemt.parquet", "2023"),
        # Zone E alone: the file of France has no letters more.
        ("recensement-logement", "RP2023_logemtze.zip", None),
        ("recensement-logement", "RP2023_indcvi.zip", None),
    ],
)
def test_a_file_is_recognised_by_its_whole_name(dataset_id: str, name: str, year: str | None) -> None:
    found = searched(dataset_id).year_of_file(name)
    assert (found[1] if found else None) == year


def test_a_title_tells_the_year_of_the_data_not_that_from_which_they_hold() -> None:
    search = searched("populations-legales-communes")
    assert search.year_of_title("Populations de référence 2024 : en vigueur le 1er janvier 2027") == "2024"
    assert search.year_of_title("Populations légales 2021") == "2021"
    assert search.year_of_title("Emploi en 2024") is None


def test_an_edition_of_an_archive_has_the_member_of_its_year() -> None:
    search = searched("recensement-logement")
    assert search.edition("2023", "fichier/9/RP2023_logemt.zip").member == "FD_LOGEMT_2023.csv"
    assert search.edition("2023", "fichier/9/RP2023_logemt.parquet").member is None


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (f"{FILE}/9/v_commune_2027.csv", "fr/statistiques/fichier/9/v_commune_2027.csv"),
        ("/fr/statistiques/fichier/9/v_commune_2027.csv", "fr/statistiques/fichier/9/v_commune_2027.csv"),
        ("http://127.0.0.1:8085/insee/fr/9.csv", "fr/9.csv"),
        ("9.csv", "fr/information/9.csv"),
        ("https://www.insee.fr/fr/information/8?sommaire=3", "fr/information/8?sommaire=3"),
        ("https://static.data.gouv.fr/v_commune_2027.csv", None),
        ("https://www.insee.fr.example.org/v_commune_2027.csv", None),
        ("http://www.insee.fr/v_commune_2027.csv", None),
        ("mailto:personne@insee.fr", None),
        ("", "fr/information/1"),
    ],
)
def test_only_addresses_at_the_publisher_count(address: str, path: str | None) -> None:
    assert SITE.path_of(address, "fr/information/1") == path


def test_data_gouv_lists_the_files_of_each_year() -> None:
    document = {
        "resources": [
            {"title": "Millésime 2027 : Liste des communes", "url": f"{FILE}/9/v_commune_2027.csv"},
            {"title": "Millésime 2027 : Liste des événements", "url": f"{FILE}/9/v_mvt_commune_2027.csv"},
            {"title": "Millésime 2026 : Liste des communes", "url": f"{FILE}/8740222/v_commune_2026.csv"},
            {"title": "Une copie", "url": "https://static.data.gouv.fr/resources/v_commune_2028.csv"},
            {"title": None, "url": None},
            "n'importe quoi",
        ]
    }
    links = links_of_datagouv(json.dumps(document))
    assert editions_among(searched("code-officiel-geographique-communes"), SITE, links) == {
        "2027": "fr/statistiques/fichier/9/v_commune_2027.csv",
        "2026": "fr/statistiques/fichier/8740222/v_commune_2026.csv",
    }


@pytest.mark.parametrize("reply", ["<html>maintenance</html>", "[]", '{"message": "not found"}'])
def test_a_reply_without_a_list_of_files_is_no_list_of_none(reply: str) -> None:
    with pytest.raises(ValueError, match=r"no list of resources|Expecting value"):
        links_of_datagouv(reply)


def test_links_are_read_whatever_is_in_them_and_around_them() -> None:
    page = (
        '<ul><li><a class="x" href="/a.csv">Fichier <b>des\n communes</b></a></li><li><a name="haut">rien</a>'
        '<a href="/b.csv">sans fin <a href="/c&amp;d.csv"></a>'
    )
    assert links_of_page(page) == [
        Link("/a.csv", "Fichier des communes"),
        Link("/b.csv", "sans fin"),
        Link("/c&d.csv", ""),
    ]


def test_the_best_file_of_a_year_is_taken() -> None:
    links = [Link(f"{FILE}/9/{name}", "") for name in ("RP2023_logemt.parquet", "RP2023_logemt.zip")]
    assert editions_among(searched("recensement-logement"), SITE, links) == {
        "2023": "fr/statistiques/fichier/9/RP2023_logemt.zip"
    }


def test_the_page_of_a_new_year_is_followed_and_tells_the_year_of_a_file_that_does_not() -> None:
    pages = {
        "fr/information/2008354": [
            Link("/fr/statistiques/9?sommaire=1", "Populations de référence 2024 - en vigueur le 1er janvier 2027"),
            Link("/fr/statistiques/8680726?sommaire=8681011", "Populations de référence 2023"),
            Link("/fr/statistiques/7", "Emploi 2024"),
        ],
        "fr/statistiques/9?sommaire=1": [
            Link("/fr/statistiques/fichier/9/ensemble.zip", "Télécharger (zip, 2 Mo)"),
            Link("/fr/statistiques/fichier/9/departements.zip", "Télécharger"),
        ],
    }
    asked: list[str] = []

    def read(page: str) -> list[Link]:
        asked.append(page)
        return pages[page]

    search = searched("populations-legales-communes")
    found = find_editions(search, SITE, read, search.pages, ["2022", "2023"])
    assert found == {"2024": "fr/statistiques/fichier/9/ensemble.zip"}
    assert asked == ["fr/information/2008354", "fr/statistiques/9?sommaire=1"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"files": ("ensemble.zip",), "pages": ("p",)}, "must stand in every file name"),
        ({"files": ("v_{edition}.csv",)}, "nor a page to look at"),
    ],
)
def test_a_search_that_finds_nothing_stops_the_catalogue(fields: dict[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        Search(due=(0, 3, 1), **fields)  # type: ignore[arg-type]
