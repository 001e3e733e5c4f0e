"""Filters by place, names beside codes, and what the API says of unknown codes and empty answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.office import FRANCE
from tests.serving.api.served import make_served, running
from tests.serving.api.test_subjects import rows


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    served = make_served(tmp_path_factory.mktemp("office") / "dataelec.duckdb", extra=FRANCE)
    with running(create_app(served, Options(rate=0, log=False))) as client:
        yield client


def refusal(client: httpx.Client, url: str) -> dict[str, Any]:
    response = client.get(url)
    assert response.status_code == 404, response.text
    body: dict[str, Any] = response.json()
    return body


def test_a_name_stands_right_after_its_code(office: httpx.Client) -> None:
    (row,) = rows(office, "/v1/valeurs?indicateur=bornes&territoire=33&comparaison=true")
    keys = list(row)
    for code, name, value in (
        ("code_indicateur", "libelle", "Points de charge"),
        ("code_territoire", "nom_territoire", "Gironde"),
        ("code_parent", "nom_parent", "Nouvelle-Aquitaine"),
    ):
        assert keys[keys.index(code) + 1] == name
        assert row[name] == value
    assert rows(office, "/v1/temperatures?territoire=53&limite=1")[0]["nom_region"] == "Bretagne"
    yearly = rows(office, "/v1/consommation?pas=annee&territoire=33")[0]
    assert (yearly["nom_territoire"], yearly["nom_secteur"]) == ("Gironde", "Résidentiel")
    assert rows(office, "/v1/bornes?commune=33063")[0]["nom_commune"] == "Bordeaux"


def test_names_are_in_every_format_and_in_a_table_only_when_asked_for(office: httpx.Client) -> None:
    header = office.get("/v1/temperatures?format=csv").text.splitlines()[0]
    assert header.startswith('"code_region","nom_region","date"')
    table = "/v1/tables/fct_temperature_regionale?limite=1"
    assert "nom_region" not in rows(office, table)[0]
    assert list(rows(office, f"{table}&noms=true&colonnes=date,code_region")[0]) == [
        "date",
        "code_region",
        "nom_region",
    ]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("departement=33&maille=commune", ["33063", "33281"]),
        ("departement=33", ["33", "243300316", "33063", "33281"]),
        ("epci=243300316&maille=commune", ["33063", "33281"]),
        ("epci=243300316", ["243300316", "33063", "33281"]),
        ("region=75&maille=departement", ["17", "24", "33", "40", "47"]),
        ("departement=24&maille=commune", ["24322"]),
    ],
)
def test_lower_grains_are_filtered_by_what_contains_them(office: httpx.Client, query: str, codes: list[str]) -> None:
    found = rows(office, f"/v1/valeurs?indicateur=conso_hab&annee=2022&sous_champ=total&{query}")
    assert sorted(row["code_territoire"] for row in found) == sorted(codes)


def test_consumption_and_stations_are_filtered_by_what_contains_them_too(office: httpx.Client) -> None:
    yearly = rows(office, "/v1/consommation?pas=annee&departement=33&maille=commune")
    assert {row["code_territoire"] for row in yearly} == {"33063"}
    for where, stations in (("departement=33", ["S1"]), ("epci=243300316", ["S1"]), ("region=75", ["S1", "S2"])):
        assert [row["id_station"] for row in rows(office, f"/v1/bornes?{where}")] == stations
    assert office.get("/v1/bornes?vue=tension&departement=33").status_code in {404, 422}


def test_neighbours_come_along_with_their_names(office: httpx.Client) -> None:
    found = rows(office, "/v1/valeurs?indicateur=conso_hab&annee=2022&sous_champ=total&territoire=33&voisins=true")
    assert [row["nom_territoire"] for row in found] == [
        *("Charente-Maritime", "Dordogne", "Gironde", "Landes", "Lot-et-Garonne")
    ]
    sheet = office.get("/v1/territoires/departement/33").json()
    assert [each["nom"] for each in sheet["voisins"]] == [
        *("Charente-Maritime", "Dordogne", "Landes", "Lot-et-Garonne")
    ]
    assert office.get("/v1/territoires/commune/33063").json()["voisins"] is None
    assert office.get("/v1/territoires/departement/2A").json()["voisins"] == []


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("voisins=true", "exige le paramètre territoire"),
        ("voisins=true&territoire=24", "préciser maille"),
        ("voisins=true&territoire=33063&maille=commune", "régions et les départements de métropole seulement"),
    ],
)
def test_neighbours_that_are_not_known_are_refused(office: httpx.Client, query: str, reason: str) -> None:
    response = office.get(f"/v1/valeurs?{query}")
    assert response.status_code == 422
    assert reason in response.json()["detail"]


def test_the_whole_of_an_indicator_is_asked_for_by_its_name(office: httpx.Client) -> None:
    def parts(query: str) -> list[str | None]:
        return [row["sous_champ"] for row in rows(office, f"/v1/valeurs?territoire=33&annee=2022&{query}")]

    assert parts("sous_champ=total&indicateur=conso_hab") == [None]
    assert parts("sous_champ=total&indicateur=pauvrete") == ["total"]
    assert parts("sous_champ=total&sous_champ=résidentiel&indicateur=conso_hab") == ["résidentiel", None]


@pytest.mark.parametrize(
    ("url", "parameter", "nearest"),
    [
        ("/v1/valeurs?territoire=33&territoire=333", "territoire", "33"),
        ("/v1/valeurs?indicateur=conso_habb", "indicateur", "conso_hab"),
        ("/v1/valeurs?departement=girond", "departement", "33"),
        ("/v1/valeurs?epci=bordeaux", "epci", "243300316"),
        ("/v1/indicateurs?code=borne", "code", "bornes"),
        ("/v1/temperatures?territoire=54", "territoire", "53"),
        ("/v1/territoires?code=33281&code=33282", "code", "33281"),
        ("/v1/territoires?departement=34", "departement", "33"),
        ("/v1/territoires/commune/33062", "code", "33063"),
        ("/v1/consommation?pas=annee&territoire=33063&territoire=33064&maille=commune", "territoire", "33063"),
    ],
)
def test_an_unknown_code_is_a_404_that_names_the_three_nearest(
    office: httpx.Client, url: str, parameter: str, nearest: str
) -> None:
    body = refusal(office, url)
    assert body["erreurs"][0]["parametre"] == parameter
    assert body["proches"][0]["code"] == nearest
    assert 1 <= len(body["proches"]) <= 3
    assert f"{nearest} ({body['proches'][0]['nom']})" in body["detail"]


def test_a_territory_of_another_grain_is_told_what_it_is(office: httpx.Client) -> None:
    detail = refusal(office, "/v1/temperatures?territoire=33")["detail"]
    assert detail.startswith("territoire : 33 est un département, et non une région ;")


def test_a_publication_without_a_list_of_territories_knows_the_codes_of_its_rows(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb", extra="drop table dim_region")
    with running(create_app(served, Options(rate=0, log=False))) as client:
        assert rows(client, "/v1/temperatures?territoire=53&limite=1")
        assert client.get("/v1/temperatures?territoire=54").status_code == 404


def test_a_code_that_only_the_table_knows_is_known(office: httpx.Client) -> None:
    assert [row["valeur"] for row in rows(office, "/v1/valeurs?territoire=FM")] == [7.0]


@pytest.mark.parametrize(
    ("url", "reason", "years"),
    [
        (
            "/v1/valeurs?indicateur=conso_hab&territoire=33&annee=2035",
            "Rien à cette date ; années publiées : 2021, 2022.",
            [2021, 2022],
        ),
        (
            "/v1/valeurs?indicateur=bornes&territoire=24&maille=departement",
            (
                "Aucune ligne ne réunit indicateur, maille et territoire ; "
                "il y en aurait 5 sans indicateur, 1 sans territoire."
            ),
            [],
        ),
        (
            "/v1/temperatures?territoire=53&debut=2030-01-01",
            "Rien à ces dates ; jours publiés : du 2024-01-01 au 2024-01-10.",
            None,
        ),
        ("/v1/tables/mart_vide", "mart_vide n'a aucune ligne dans cette publication.", None),
    ],
)
def test_an_empty_answer_says_why_and_when_there_is_something(
    office: httpx.Client, url: str, reason: str, years: list[int] | None
) -> None:
    body = office.get(url).json()
    assert body["donnees"] == []
    assert body["meta"]["vide"]["raison"] == reason
    assert (body["meta"]["vide"]["annees"] or []) == (years or [])


def test_an_answer_with_rows_has_no_reason(office: httpx.Client) -> None:
    assert office.get("/v1/temperatures?limite=1").json()["meta"]["vide"] is None


def test_choices_are_listed_in_french(office: httpx.Client) -> None:
    detail = office.get("/v1/temperatures?format=pdf").json()["detail"]
    assert detail.startswith("format : valeurs possibles : json, csv, csv-fr, ")
    assert " ou " in detail
    assert " or " not in detail
    assert "'" not in detail
