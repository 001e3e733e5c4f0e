"""The Python client against the API on loopback."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest

from dataelec_assets.client import ApiError, Client, Publication, PublicationReplaced
from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.office import FRANCE
from tests.serving.api.served import make_served, running


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    served = make_served(tmp_path_factory.mktemp("client") / "dataelec.duckdb", extra=FRANCE)
    with running(create_app(served, Options(rate=0, log=False))) as client:
        yield str(client.base_url)


@pytest.fixture
def dataelec(url: str) -> Iterator[Client]:
    with Client(url) as client:
        yield client


def test_territories_indicators_and_values_are_found(dataelec: Client) -> None:
    gironde = next(dataelec.territories("gironde"))
    assert (gironde.grain, gironde.code, gironde.name, gironde.population) == (
        "departement",
        "33",
        "Gironde",
        1_690_000,
    )
    assert [each["nom"] for each in dataelec.territory("departement", "33")["ascendants"]] == [
        *("Nouvelle-Aquitaine", "France")
    ]
    assert next(dataelec.indicators("points"))["code_indicateur"] == "bornes"
    found = list(dataelec.values("conso_hab", departement="33", maille="commune", annee=2022, sous_champ="total"))
    assert [(row["nom_territoire"], row["valeur"]) for row in found] == [("Bordeaux", 2100.0), ("Mérignac", 1900.0)]


def test_all_pages_are_followed_and_only_as_far_as_rows_are_taken(dataelec: Client) -> None:
    everything = list(dataelec.table("fct_consommation_regionale", limite=1000))
    assert len(everything) == 2 * 33 * 48
    assert len({(row["code_region"], row["date_locale"], row["heure_locale"]) for row in everything}) == len(everything)
    assert len(list(itertools.islice(dataelec.table("fct_consommation_regionale", limite=2), 3))) == 3


def test_tables_come_with_types_to_arrow_pandas_and_files(dataelec: Client, tmp_path: Path) -> None:
    table = dataelec.arrow("/v1/temperatures", territoire="53")
    assert table.num_rows == 10
    assert table.schema.field("temperature_min_c").metadata[b"unite"].decode() == "°C"
    assert str(dataelec.pandas("/v1/temperatures", territoire="53")["temperature_min_c"].dtype) == "float64"
    target = dataelec.download("/v1/temperatures", tmp_path / "t.parquet", "parquet")
    assert pq.read_table(target).num_rows == 20


def test_a_refusal_is_an_error_with_its_suggestions_and_leaves_no_file(dataelec: Client, tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="pas d'indicateur « conso_habb »") as refused:
        list(dataelec.values("conso_habb"))
    assert refused.value.status == 404
    assert refused.value.suggestions[0].code == "conso_hab"
    assert refused.value.parameters.keys() == {"indicateur"}
    with pytest.raises(ApiError, match="paramètre inconnu"):
        dataelec.download("/v1/temperatures", tmp_path / "t.csv", "csv", teritoire="53")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_list_can_be_asked_why(dataelec: Client) -> None:
    assert dataelec.why_empty("/v1/valeurs", indicateur="conso_hab", territoire="33") is None
    reason = dataelec.why_empty("/v1/valeurs", indicateur="conso_hab", territoire="33", annee=2035)
    assert reason == "Rien à cette date ; années publiées : 2021, 2022."


def test_pages_of_two_publications_are_never_joined_and_each_new_one_is_announced(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb")
    with running(create_app(served, Options(rate=0))) as api, Client(str(api.base_url)) as dataelec:
        rows = dataelec.table("fct_consommation_regionale", limite=10)
        next(rows)
        news = dataelec.publications()
        assert (
            next(news)
            == dataelec.publication()
            == Publication("publication-1", "2026-11-20T06:00:00Z", is_synthetic=True)
        )
        publisher = threading.Timer(0.2, make_served, (served, "publication-2"))
        publisher.start()
        assert next(news).identifier == "publication-2"
        publisher.join()
        news.close()  # type: ignore[attr-defined] # a generator
        with pytest.raises(PublicationReplaced):
            list(rows)
        again = dataelec.publications(known="publication-1")
        assert next(again).identifier == "publication-2"


def test_a_busy_api_is_asked_again_when_it_says_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    answers = iter([429, 503, 200, 503, 503])

    def answer(_request: httpx.Request) -> httpx.Response:
        status = next(answers)
        if status != 200:
            return httpx.Response(status, headers={"Retry-After": "7"}, text="<html>busy</html>")
        return httpx.Response(200, json={"donnees": [{"n": 1}], "liens": {"suivant": None}})

    with Client("http://api", transport=httpx.MockTransport(answer), attempts=3) as dataelec:
        assert list(dataelec.rows("/v1/x")) == [{"n": 1}]
        assert waits == [7.0, 7.0]
    with (
        Client("http://api", transport=httpx.MockTransport(answer), attempts=2) as dataelec,
        pytest.raises(ApiError, match="503"),
    ):
        list(dataelec.rows("/v1/x"))
