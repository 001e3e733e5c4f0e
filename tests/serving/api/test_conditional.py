"""An answer that the client holds already is not sent again."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.served import make_served, running

URLS = [
    "/indicateurs?departement=33",
    "/v1/territoires?q=gironde",
    "/v1/territoires/departement/33",
    "/v1/indicateurs",
    "/v1/valeurs",
    "/v1/temperatures",
    "/v1/temperatures?format=parquet",
    "/v1/meta",
    "/v1/tables",
    "/v1/tables/dim_region",
    "/v1/tables/dim_region/colonnes",
]


@pytest.mark.parametrize("url", URLS)
def test_an_unchanged_publication_is_answered_304_without_a_body(client: httpx.Client, url: str) -> None:
    first = client.get(url)
    assert first.headers["x-publication-id"] == "publication-1"
    assert "publication-1" in first.headers["etag"]
    for held in (first.headers["etag"], f'"other", {first.headers["etag"]}', "*"):
        again = client.get(url, headers={"If-None-Match": held})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert client.get(url, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_the_etag_changes_with_the_publication_and_with_the_format(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb")
    with running(create_app(served, Options(rate=0))) as client:
        kinds = ("json", "csv", "csv-fr", "parquet", "arrow")
        before = {client.get(f"/v1/temperatures?format={kind}").headers["etag"] for kind in kinds}
        assert len(before) == len(kinds)
        make_served(served, "publication-2")
        for etag in before:
            response = client.get("/v1/temperatures", headers={"If-None-Match": etag})
            assert response.status_code == 200
            assert response.headers["x-publication-id"] == "publication-2"


def test_a_refusal_is_never_kept_by_a_cache(client: httpx.Client) -> None:
    assert client.get("/v1/tables/absente").headers["cache-control"] == "no-store"
    etag = client.get("/v1/tables/dim_region").headers["etag"]
    refused = client.get("/v1/tables/dim_region?nom_region__min=a&zz=1", headers={"If-None-Match": etag})
    assert refused.status_code == 422


def test_a_browser_of_another_site_may_read_answers_and_their_headers(client: httpx.Client) -> None:
    headers = client.get("/v1/temperatures?limite=1", headers={"Origin": "https://example.org"}).headers
    assert headers["access-control-allow-origin"] == "*"
    assert {"Link", "ETag"} <= {name.strip() for name in headers["access-control-expose-headers"].split(",")}


def test_gzip_is_used_where_it_helps(client: httpx.Client) -> None:
    headers = {"Accept-Encoding": "gzip"}
    assert client.get("/v1/temperatures", headers=headers).headers["content-encoding"] == "gzip"
    assert client.get("/v1/temperatures?format=csv", headers=headers).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/v1/temperatures?format=arrow", headers=headers).headers
