"""The contract of the first API, byte by byte."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.served import make_served, running

GIRONDE = (
    '[{"indicateur":"Points de charge","valeur":1234.0,"unite":"points"},'
    '{"indicateur":"Consommation par habitant","valeur":2500.5,"unite":"kWh/hab"},'
    '{"indicateur":"Consommation par habitant (résidentiel)","valeur":null,"unite":"kWh/hab"}]'
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


def test_a_territory_without_values_gives_an_empty_array(client: httpx.Client) -> None:
    assert client.get("/indicateurs?departement=95").content == b"[]"


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
        insert into fct_indicateur select 'i' || i, 'departement', '33', 2022, null, i, 'u', 'ratio', 's', false
        from range(50) t(i)
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
