"""Pages are complete, do not overlap, and end with their publication."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import duckdb
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataelec_assets.serving.api.app import Options, create_app
from dataelec_assets.serving.api.paging import Order, read_cursor, write_cursor
from dataelec_assets.serving.api.problems import Problem
from dataelec_assets.serving.api.queries import of_table
from dataelec_assets.serving.api.schema import Column, Kind, Table
from tests.serving.api.served import make_served, pages, running


@pytest.mark.parametrize(
    ("url", "rows"),
    [
        ("/v1/tables/mart_essai", 6),
        ("/v1/tables/dim_commune", 5),
        ("/v1/valeurs?indicateur=conso_hab", 10),
        ("/v1/valeurs?indicateur=conso_hab&comparaison=true", 10),
        ("/v1/territoires", 17),
        ("/v1/territoires?q=e", 16),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_pages_together_are_the_whole(client: httpx.Client, url: str, rows: int, limit: int) -> None:
    mark = "&" if "?" in url else "?"
    whole = client.get(f"{url}{mark}limite=1000").json()["donnees"]
    assert len(whole) == rows
    for order, expected in (("asc", whole), ("desc", whole[::-1])):
        found = [page.json() for page in pages(client, f"{url}{mark}limite={limit}&ordre={order}")]
        assert [row for page in found for row in page["donnees"]] == expected
        assert [page["nombre"] for page in found[:-1]] == [limit] * (len(found) - 1)
        assert found[-1]["liens"]["suivant"] is None


def test_pages_of_every_format_follow_the_same_links(client: httpx.Client) -> None:
    expected = client.get("/v1/tables/mart_essai?format=csv&limite=100").text.splitlines()[1:]
    parts = [page.text.splitlines()[1:] for page in pages(client, "/v1/tables/mart_essai?format=csv&limite=2")]
    assert [line for part in parts for line in part] == expected
    assert len(parts) == 3


def test_the_link_in_the_body_and_in_the_header_are_the_same(client: httpx.Client) -> None:
    response = client.get("/v1/tables/dim_region?limite=2&nom_region__sauf=É+t%26")
    assert response.json()["liens"]["suivant"] == response.links["next"]["url"]
    assert len(client.get(response.links["next"]["url"]).json()["donnees"]) == 2


def test_a_page_of_half_hours_is_in_the_order_of_the_key_although_stored_otherwise(client: httpx.Client) -> None:
    url = "/v1/consommation?pas=demi_heure&territoire=53&debut=2024-01-02&fin=2024-01-03&limite=50"
    found = [row for page in pages(client, url) for row in page.json()["donnees"]]
    labels = [(row["date_locale"], row["heure_locale"]) for row in found]
    assert len(labels) == 96
    assert labels == sorted(set(labels))


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "bnVsbA", "W10", "WzEsMiwzXQ", "WyJhIiwiYiIsW11d", "%00", "a" * 2001, "WyJhIl0="]
)
def test_a_made_up_cursor_is_refused(client: httpx.Client, cursor: str) -> None:
    response = client.get("/v1/tables/dim_region", params={"limite": 1, "curseur": cursor})
    assert response.status_code == 422
    assert "curseur" in response.json()["detail"]


def test_a_cursor_does_not_go_with_another_question(client: httpx.Client) -> None:
    link = client.get("/v1/tables/dim_region?limite=1").links["next"]["url"]
    for change in ("&code_region=53", "&ordre=desc", "&colonnes=code_region"):
        response = client.get(f"{link}{change}")
        assert response.status_code == 422
        assert "autres filtres" in response.json()["detail"]
    assert client.get(f"{link}&limite=2").status_code == 200  # how many rows a page has is free


def test_a_cursor_ends_with_its_publication(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb")
    with running(create_app(served, Options(rate=0))) as client:
        link = client.get("/v1/tables/dim_region?limite=1").links["next"]["url"]
        assert client.get(link).status_code == 200
        make_served(served, "publication-2")
        response = client.get(link)
    assert response.status_code == 410
    assert "reprendre à la première page" in response.json()["detail"]


@given(offset=st.integers(0, 2**63 - 1), publication=st.text(max_size=40))
@settings(max_examples=50, deadline=None)
def test_a_cursor_gives_back_the_offset_that_it_was_made_from(offset: int, publication: str) -> None:
    cursor = write_cursor(publication, "d", offset)
    assert read_cursor(cursor, publication, "d") == offset
    with pytest.raises(Problem):
        read_cursor(cursor, publication, "other")


@pytest.mark.parametrize("wrong", ["x", "1", [1], {"a": 1}, 2**70, -1, 1.0, True, None])
def test_an_offset_of_a_wrong_type_or_size_in_a_cursor_is_refused(wrong: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(["p", "d", wrong]).encode()).decode()
    with pytest.raises(Problem, match="curseur"):
        read_cursor(cursor, "p", "d")


@pytest.mark.parametrize("descending", [False, True])
def test_rows_that_share_their_whole_key_are_each_given_once(tmp_path: Path, *, descending: bool) -> None:
    path = tmp_path / "ties.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE ties AS SELECT NULL::VARCHAR AS key, i AS value FROM range(500) AS r(i)")
    key, value = Column("key", Kind.TEXT), Column("value", Kind.INTEGER)
    question = of_table(Table("ties", None, 500, ("key",), {"key": key, "value": value}))
    order = Order(question.key, descending)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{path}' AS publication (READ_ONLY)")
        found: list[int] = []
        for offset in range(0, 500, 7):
            sql, parameters = question.page_sql(["value"], order, limit=7, offset=offset)
            found += [row[0] for row in connection.execute(sql, parameters).fetchall()]
    assert found == sorted(range(500), reverse=descending)
