"""The contract of the first API, byte by byte."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.served import make_served, running

GIRONDE = (
    '[{"indicateur":"Points de charge","valeur":1234.0,"unite":"points","annee":2021,"annee_denominateur":null,'
    '"motif":null},'
    '{"indicateur":"Consommation par habitant","valeur":2500.5,"unite":"kWh/hab","annee":2022,'
    '"annee_denominateur":2020,"motif":null},'
    '{"indicateur":"Consommation par habitant (résidentiel)","valeur":null,"unite":"kWh/hab","annee":2022,'
    '"annee_denominateur":2020,"motif":"secret statistique"}]'
)


def test_the_body_is_the_bare_array_to_the_byte(client: httpx.Client) -> None:
    for _ in range(2):  # made, then remembered
        response = client.get("/indicateurs?departement=33")
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        assert response.content == GIRONDE.encode()


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("region=75", 2000.4),
        ("epci=243300316", 2200.0),
        ("commune=33063", 2100.0),
        ("departement=2A", 1500.0),
        ("departement=01", 1600.0),
        ("departement=33&indicateur=conso_hab&annee=2021", 2000.0),
        ("departement=33&indicateur=Points%20de%20charge", 1234.0),
    ],
)
def test_every_kind_of_territory_year_and_indicator_can_be_asked_for(
    client: httpx.Client, query: str, value: float
) -> None:
    assert [row["valeur"] for row in client.get(f"/indicateurs?{query}").json()] == [value]


def test_a_territory_without_values_gives_an_empty_array_and_the_years_that_have_some(client: httpx.Client) -> None:
    without = client.get("/indicateurs?departement=29")
    assert (without.content, "x-annees" in without.headers) == (b"[]", False)
    later = client.get("/indicateurs?departement=33&annee=2035")
    assert (later.content, later.headers["x-annees"]) == (b"[]", "2021, 2022")


@pytest.mark.parametrize(
    ("query", "unknown", "nearest"),
    [
        ("departement=34", "pas de département « 34 »", ["33"]),
        ("epci=243300317", "pas d'EPCI « 243300317 »", ["243300316"]),
        ("commune=33064", "pas de commune « 33064 »", ["33063"]),
        ("departement=33&indicateur=bornez", "pas d'indicateur « bornez »", ["bornes"]),
        ("departement=33&indicateur=Points%20de%20recharge", "pas d'indicateur", ["bornes"]),
    ],
)
def test_an_unknown_code_or_indicator_is_a_404_with_what_is_nearest(
    client: httpx.Client, query: str, unknown: str, nearest: list[str]
) -> None:
    response = client.get(f"/indicateurs?{query}")
    assert response.status_code == 404
    body = response.json()
    assert unknown in body["detail"]
    assert "les plus proches : " in body["detail"]
    assert [each["code"] for each in body["proches"]][: len(nearest)] == nearest
    assert len(body["proches"]) <= 3


def test_the_form_of_a_code_is_told_by_example_not_by_a_pattern(client: httpx.Client) -> None:
    assert client.get("/indicateurs?departement=1").json()["detail"] == (
        "departement : code de département attendu, comme 33, 01 ou 2A."
    )


@pytest.mark.parametrize(
    "query",
    [
        "departement=1",
        "departement=2C",
        "departement=333333",
        "departement=33%27--",
        "region=x",
        "commune=33",
        "epci=1",
        "annee=x",
        "annee=2020",
        "departement=33&region=75",
        "",
    ],
)
def test_what_names_no_single_territory_is_refused_with_a_reason(client: httpx.Client, query: str) -> None:
    response = client.get(f"/indicateurs?{query}")
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["title"] == "Paramètre refusé"


def test_gzip_holds_the_same_bytes(tmp_path: Path) -> None:
    extra = """
        insert into fct_indicateur
        select 'i' || i, 'departement', '33', 2022, null, i, 'u', 'ratio', 's', false, null, null from range(50) t(i)
    """
    with running(create_app(make_served(tmp_path / "dataelec.duckdb", extra=extra), Options(rate=0))) as client:
        plain = client.get("/indicateurs?departement=33", headers={"Accept-Encoding": "identity"})
        zipped = client.get("/indicateurs?departement=33", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.content == plain.content
    assert len(plain.json()) == 53


def test_a_publication_without_indicators_says_so_in_french(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb", indicators=False)
    with running(create_app(served, Options(rate=0))) as client:
        for _ in range(2):
            etag = client.get("/v1/tables").headers["etag"]
            response = client.get("/indicateurs?departement=33", headers={"If-None-Match": etag})
            assert response.status_code == 404
            assert "fct_indicateur n'est pas dans cette publication" in response.json()["detail"]
