"""The client: what it asks, what it returns, what it keeps."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets import __version__
from dataelec_assets.errors import (
    IncompleteExport,
    LakeError,
    RequestRejected,
    SettingsError,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.portals.client import PortalField
from dataelec_assets.portals.opendatasoft import GROUPS
from tests.portals.support import CSV, DATASET, Reply, Script, compressed, csv, document, gzipped, opendatasoft, plain

METADATA: dict[str, Any] = {
    "dataset_id": "eco2mix-national-tr",
    "fields": [
        {"name": "date_heure", "label": "Date - Heure", "type": "datetime", "description": None},
        {"name": "eolien", "label": None, "type": "text"},
    ],
    "metas": {
        "default": {
            "title": "Données éCO2mix nationales temps réel",
            "data_processed": "2026-11-22T13:45:02+01:00",
            "modified": "2019-01-01T00:00:00+00:00",
            "records_count": 8448,
        },
        "custom": {},
    },
}
WHERE = "date_heure >= '2019-02-28T23:00:00+00:00' and date_heure < '2019-03-31T22:00:00+00:00'"
KEY = "s3cr3t-k3y"


def test_metadata_gives_the_version_in_utc_and_the_declared_fields() -> None:
    script = Script(lambda: document(METADATA))
    with script.client("https://portal.example/odre/") as client:
        metadata = client.metadata(DATASET)
    assert metadata.data_processed == datetime(2026, 11, 22, 12, 45, 2, tzinfo=UTC)
    assert metadata.data_processed.tzinfo is UTC
    assert (metadata.records_count, metadata.title) == (8448, "Données éCO2mix nationales temps réel")
    assert metadata.fields == (
        PortalField("date_heure", "Date - Heure", "datetime"),
        PortalField("eolien", "eolien", "text"),
    )
    assert not metadata.synthetic
    assert str(script.requests[0].url) == ("https://portal.example/odre/api/explore/v2.1/catalog/datasets/x")


@pytest.mark.parametrize(
    "body",
    [
        {"metas": {"default": {"title": "x"}}, "fields": []},
        {"metas": {"default": {"data_processed": "soon", "records_count": 1}}, "fields": []},
        {"metas": None, "fields": []},
    ],
)
def test_metadata_without_a_version_is_unexpected_content(body: object) -> None:
    with Script(lambda: document(body)).client() as client, pytest.raises(UnexpectedContent, match="metadata"):
        client.metadata(DATASET)


def test_count_costs_one_call_without_rows() -> None:
    script = Script(lambda: document({"total_count": 17856, "results": []}))
    with script.client() as client:
        assert client.count("x", WHERE) == 17856
    assert len(script.requests) == 1
    assert script.parameters == {"limit": "0", "timezone": "UTC", "where": WHERE}


def test_grouped_is_one_call_for_the_whole_history() -> None:
    rows = [{"annee": 2019, "mois": 3, "n": 1}, {"annee": None, "mois": None, "n": 2}]
    script = Script(lambda: document({"total_count": 2, "results": rows}))
    with script.client() as client:
        assert client.grouped("x", select="count(*) as n", group_by="year(d) as annee, month(d) as mois") == rows
    assert script.parameters == {
        "select": "count(*) as n",
        "group_by": "year(d) as annee, month(d) as mois",
        "limit": str(GROUPS),
        "timezone": "Europe/Paris",
    }


def test_as_many_groups_as_the_portal_can_serve_are_refused_because_some_may_be_missing() -> None:
    script = Script(lambda: document({"results": [{"n": 1}] * GROUPS}))
    with script.client() as client, pytest.raises(RequestRejected, match="19,999 groups or more"):
        client.grouped("x", select="count(*) as n", group_by="code_commune")


@pytest.mark.parametrize("body", [{}, {"results": None}, {"results": [1]}])
def test_grouped_refuses_a_reply_without_rows(body: object) -> None:
    with Script(lambda: document(body)).client() as client, pytest.raises(UnexpectedContent, match="results"):
        client.grouped("x", select="count(*) as n", group_by="y")


def test_export_asks_for_utc_without_bom_and_keeps_the_published_bytes(tmp_path: Path) -> None:
    script = Script(csv)
    received: list[int] = []
    with script.client() as client:
        download = client.export("x", tmp_path / "part", where=WHERE, on_bytes=received.append)
    assert script.requests[0].url.path == "/api/explore/v2.1/catalog/datasets/x/exports/csv"
    assert script.parameters == download.parameters
    assert download.parameters == {
        "delimiter": ";",
        "with_bom": "false",
        "timezone": "UTC",
        "use_labels": "false",
        "where": WHERE,
    }
    assert b"%2B00:00" in script.requests[0].url.raw_path or b"%2B00%3A00" in script.requests[0].url.raw_path
    assert plain(download.path) == CSV
    assert download.sha256 == hashlib.sha256(CSV).hexdigest()
    assert (download.bytes, sum(received)) == (len(CSV), len(CSV))
    assert download.stored_bytes == download.path.stat().st_size
    assert download.media_type == "text/csv"


def test_an_export_without_filter_sends_no_where(tmp_path: Path) -> None:
    script = Script(csv)
    with script.client() as client:
        client.export("x", tmp_path / "part", where=None)
    assert "where" not in script.parameters


def test_the_hash_is_of_the_plain_bytes_whatever_the_transport_does(tmp_path: Path) -> None:
    script = Script(csv, lambda: gzipped(compressed()))
    with script.client() as client:
        once = client.export("x", tmp_path / "once", where=None)
        again = client.export("x", tmp_path / "again", where=None)
    assert once.sha256 == again.sha256
    assert once.path.read_bytes() == again.path.read_bytes()


def test_every_request_names_the_program_asks_for_gzip_and_carries_the_key_in_a_header_only() -> None:
    script = Script(lambda: document({"total_count": 1}))
    with script.client(api_key=KEY) as client:
        client.count("x", None)
    request = script.requests[0]
    assert request.headers["User-Agent"] == f"dataelec/{__version__}"
    assert request.headers["Accept-Encoding"] == "gzip"
    assert request.headers["Authorization"] == f"Apikey {KEY}"
    assert KEY not in str(request.url)


@pytest.mark.parametrize("api_key", [None, "", "  "])
def test_no_key_means_no_authorization_header(api_key: str | None) -> None:
    script = Script(lambda: document({"total_count": 1}))
    with script.client(api_key=api_key) as client:
        client.count("x", None)
    assert "Authorization" not in script.requests[0].headers


@pytest.mark.parametrize(
    "reply",
    [
        lambda: document({"error_code": "Forbidden", "message": f"key {KEY} is not valid"}, 403),
        lambda: document({"message": f"no room for {KEY}"}, 503),
        lambda: csv(f'{{"error_code": "X", "message": "{KEY} expired"}}'.encode()),
        lambda: httpx.ConnectError(f"refused for {KEY}"),
        lambda: httpx.RemoteProtocolError(f"broken for {KEY}"),
    ],
)
def test_the_key_never_shows_even_when_the_portal_repeats_it(
    reply: Callable[[], Reply], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    script = Script(reply)
    with script.client(api_key=KEY) as client, pytest.raises(SourceError) as caught:
        client.export("x", tmp_path / "part", where=None)
    assert "***" in str(caught.value)
    assert KEY not in str(caught.value) + repr(caught.value) + repr(client) + caplog.text


def test_the_key_does_not_follow_a_redirection_to_another_host() -> None:
    script = Script(
        lambda: httpx.Response(302, headers={"Location": "https://other.example/x"}),
        lambda: document({"total_count": 1}),
    )
    with script.client(api_key=KEY) as client:
        client.count("x", None)
    assert script.requests[1].url.host == "other.example"
    assert "Authorization" not in script.requests[1].headers


def test_a_key_that_no_header_can_carry_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError) as caught:
        opendatasoft("https://portal.example", api_key=f"{KEY}\nInjected: yes")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["", "odre.opendatasoft.com", "ftp://portal.example", "https://", "http://portal.example:port"]
)
def test_an_unusable_address_is_a_settings_error(address: str) -> None:
    with pytest.raises(SettingsError, match="address"):
        opendatasoft(address)


@pytest.mark.parametrize("address", [f"https://me:{KEY}@portal.example", f"https://portal.example/?apikey={KEY}"])
def test_an_address_with_a_secret_is_refused_without_being_shown(address: str) -> None:
    with pytest.raises(SettingsError, match="neither") as caught:
        opendatasoft(address)
    assert KEY not in str(caught.value)


def test_a_file_that_cannot_be_written_is_not_the_portals_fault_and_not_retried(tmp_path: Path) -> None:
    script = Script(csv)
    with script.client() as client, pytest.raises(LakeError, match=r"cannot write .*free space"):
        client.export("x", tmp_path / "absent" / "part", where=None)
    assert len(script.requests) == 1


def test_rows_are_counted_under_the_filter_of_the_export() -> None:
    script = Script(lambda: document({"total_count": 2}))
    with script.client() as client:
        client.verify(DATASET, "2019-03", 2)
    assert len(script.requests) == 1
    assert script.parameters["where"] == WHERE


def test_another_count_names_both_numbers() -> None:
    script = Script(lambda: document({"total_count": 2976}))
    with script.client() as client, pytest.raises(IncompleteExport, match="2,975 rows in the export, 2,976 on"):
        client.verify(DATASET, "2019-03", 2975)
    assert len(script.requests) == 2


def test_rows_are_counted_twice_because_the_portal_may_be_processing() -> None:
    script = Script(lambda: document({"total_count": 0}), lambda: document({"total_count": 2976}))
    with script.client() as client:
        client.verify(DATASET, "2019-03", 2976)
    assert len(script.requests) == 2
