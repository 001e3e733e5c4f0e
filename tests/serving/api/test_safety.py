"""What a client may send, and what it may cost."""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path

import duckdb
import httpx
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from dataelec_assets.serving.api.execution import Limits
from dataelec_assets.serving.api.protection import MOST_CLIENTS, Buckets
from dataelec_assets.serving.api.publication import open_publication
from tests.serving.api.served import make_served, running

ATTACKS = [
    "' OR 1=1 --",
    "'; DROP TABLE dim_region; --",
    '" OR ""="',
    "53' UNION SELECT * FROM read_text('/etc/passwd') --",
    "$1",
    "?",
    "{0}",
    "%s",
    "\\",
    "\x00",
    "\ud7ff\U0010ffff",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "(SELECT 1)",
    "1e999",
    "nan",
    "9" * 400,
]
PLACES = [
    "/v1/tables/dim_region?code_region=",
    "/v1/tables/dim_region?nom_region__min=",
    "/v1/tables/dim_region?colonnes=",
    "/v1/tables/mart_essai?entier=",
    "/v1/tables/mart_essai?mesure_mw__max=",
    "/v1/tables/mart_essai?instant_utc__min=",
    "/v1/tables/mart_essai?drapeau=",
    "/v1/tables/mart_essai?jour__sauf=",
    "/v1/tables/mart_essai?texte__nul=",
    "/v1/territoires?q=",
    "/v1/territoires?code=",
    "/v1/territoires/departement/",
    "/v1/tables/",
    "/v1/valeurs?comparaison=true&indicateur=",
    "/v1/valeurs?sous_champ=",
    "/v1/indicateurs?q=",
    "/v1/temperatures?territoire=",
    "/v1/temperatures?debut=",
    "/v1/temperatures?format=",
    "/v1/temperatures?ordre=",
    "/v1/temperatures?limite=",
    "/v1/temperatures?curseur=",
    "/indicateurs?departement=33&indicateur=",
    "/indicateurs?departement=",
]


@pytest.mark.parametrize("place", PLACES)
def test_no_injection_gives_a_fault_or_a_row(client: httpx.Client, served_file: Path, place: str) -> None:
    before = hashlib.sha256(served_file.read_bytes()).digest()
    for attack in ATTACKS:
        response = client.get(place + str(httpx.QueryParams({"x": attack}))[2:])
        assert response.status_code in {200, 404, 422}, (attack, response.text)
        assert "root:" not in response.text
        assert "Set-Cookie" not in response.headers
        if response.status_code == 200:
            rows = response.json()
            rows = rows["donnees"] if isinstance(rows, dict) else rows
            # Texts have an order, and a name is searched by its letters: there rows are right.
            assert rows == [] or "__m" in place or "?q=" in place, (attack, rows)
    assert hashlib.sha256(served_file.read_bytes()).digest() == before


@pytest.mark.parametrize(
    "name", ['"dim_region"', "dim_region;select 1", "DIM_REGION", "sqlite_master", "duckdb_settings"]
)
def test_only_names_of_the_catalogue_are_tables_and_columns(client: httpx.Client, name: str) -> None:
    assert client.get(f"/v1/tables/{name}").status_code == 404
    assert client.get("/v1/tables/dim_region", params={name: "1"}).status_code == 422


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from glob('/*')",
        "copy (select 1) to '/tmp/dataelec-test.csv'",
        "attach '/tmp/dataelec-test.duckdb' as autre",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set memory_limit = '10GB'",
        "create table publication.main.x as select 1",
        "delete from publication.main.dim_region",
    ],
)
def test_even_sql_of_an_attacker_could_neither_reach_files_nor_write(served_file: Path, sql: str) -> None:
    publication, _ = open_publication(served_file)
    try:
        with pytest.raises(duckdb.Error):
            publication.connection.cursor().execute(sql)
    finally:
        publication.retire()


def test_a_parameter_with_a_typing_error_is_refused_rather_than_ignored(client: httpx.Client) -> None:
    response = client.get("/v1/temperatures?teritoire=53")
    assert response.status_code == 422
    assert "paramètre inconnu" in response.json()["detail"]


def test_only_reading_is_allowed(client: httpx.Client) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        response = client.request(method, "/v1/tables/dim_region")
        assert response.status_code == 405
        assert response.json()["detail"] == "L'interface ne fait que lire : seuls GET et HEAD sont permis."


def test_a_statement_that_takes_too_long_is_ended_and_the_next_one_answered(tmp_path: Path) -> None:
    # Ranks among 1.5 million peers take seconds.
    extra = """
        delete from fct_indicateur;
        insert into fct_indicateur
        select 'lent', 'commune', i::varchar, 2020, null, hash(i) / 3.0, 'u', 'ratio', 's', false, null, null
        from range(1500000) t(i)
    """
    served = make_served(tmp_path / "dataelec.duckdb", extra=extra)
    limits = Limits(seconds=0.3, threads=1)
    with running(create_app(served, Options(rate=0, limits=limits))) as client:
        assert client.get("/v1/temperatures?limite=1").status_code == 200
        start = time.perf_counter()
        response = client.get("/v1/valeurs?indicateur=lent&comparaison=true")
        assert time.perf_counter() - start < 5
        assert response.status_code == 503
        assert "restreindre la demande" in response.json()["detail"]
        assert client.get("/v1/temperatures?limite=1").status_code == 200


def test_too_many_rows_are_refused_not_cut(tmp_path: Path) -> None:
    limits = Limits(export_rows=19, sorted_rows=10)
    served = make_served(tmp_path / "dataelec.duckdb")
    with running(create_app(served, Options(rate=0, limits=limits))) as client:
        response = client.get("/v1/temperatures?format=csv")
        assert response.status_code == 413
        assert response.json()["detail"] == "20 lignes, plus que 19 : restreindre par des filtres."
        url = "/v1/temperatures?format=csv&debut=2024-01-02"
        assert len(client.get(url).text.splitlines()) == 19
        assert client.get(f"{url}&ordre=desc").status_code == 422


def test_more_whole_tables_than_allowed_at_once_are_refused_for_a_while(tmp_path: Path) -> None:
    extra = "create table mart_long as select range n, random() x from range(2000000)"
    served = make_served(tmp_path / "dataelec.duckdb", extra=extra)
    url = "/v1/tables/mart_long?format=csv"
    with (
        running(create_app(served, Options(rate=0, limits=Limits(streams=1)))) as client,
        client.stream("GET", url) as first,
    ):
        parts = first.iter_raw()  # kept: httpx ends the connection with it
        next(parts)
        second = client.get(url)
        assert second.status_code == 503
        assert second.headers["retry-after"] == "10"
        assert client.get("/v1/tables/mart_long?limite=1").status_code == 200


def test_a_client_that_asks_too_often_waits_and_others_do_not(served_file: Path) -> None:
    with running(create_app(served_file, Options(rate=0.5, burst=3))) as client:
        statuses = [client.get("/v1/temperatures?limite=1").status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        refused = client.get("/indicateurs?departement=33")
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["retry-after"] in {"1", "2"}
        assert refused.headers["x-content-type-options"] == "nosniff"
        spoofed = client.get("/v1/meta", headers={"X-Forwarded-For": "10.0.0.1"})
        assert spoofed.status_code == 429, "a header must not make another client"


def test_a_bucket_fills_with_time_and_clients_are_forgotten() -> None:
    now = [0.0]
    buckets = Buckets(rate=2, burst=2, clock=lambda: now[0])
    assert [buckets.wait("a") for _ in range(3)] == [0, 0, 0.5]
    assert buckets.wait("b") == 0
    now[0] = 0.5
    assert [buckets.wait("a"), buckets.wait("a")] == [0, 0.5]
    for number in range(MOST_CLIENTS + 5):
        buckets.wait(f"client-{number}")
    assert len(buckets._clients) == MOST_CLIENTS


def test_every_answer_has_the_security_headers_and_no_server_name(client: httpx.Client) -> None:
    for url in ("/v1/tables", "/nope", "/docs", "/v1/tables/zz", "/v1/temperatures?format=arrow"):
        headers = client.get(url).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'")


def test_a_fault_of_ours_is_answered_without_what_it_is_and_logged(
    served_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(served_file, Options(rate=0))

    async def boom() -> None:
        raise RuntimeError("the innermost")

    app.add_api_route("/boom", boom)
    with running(app) as client:
        response = client.get("/boom?cle=TRES-SECRET")
    assert (response.status_code, response.json()["title"]) == (500, "Erreur interne")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "innermost" not in response.text
    assert "innermost" in caplog.text
    assert "SECRET" not in caplog.text


def test_the_log_says_who_asked_what_page_but_not_with_what(
    served_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.INFO, logger="dataelec.api"),
        running(create_app(served_file, Options(rate=0))) as client,
    ):
        client.get("/v1/tables/dim_region?cle=TRES-SECRET", headers={"Authorization": "Bearer TRES-SECRET"})
        client.get("/v1/%0Aforged%20line")
    lines = [record.getMessage() for record in caplog.records if record.name == "dataelec.api"]
    lines = [line for line in lines if "dim_region" in line or "forged" in line]  # others may still come
    assert [line.split()[:3] for line in lines] == [
        ["GET", "/v1/tables/dim_region", "422"],
        ["GET", "/v1/\\nforged", "line"],
    ]
    assert "SECRET" not in caplog.text
