"""data-fair's Opendatasoft routes, with their gaps and quirks."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import Catalog
from dataelec_assets.sample.portal import RunningPortal, serve
from tests.sample.portal.datafair import (
    COMMUNES,
    EXPLORE,
    HEADER,
    KEYS,
    ROWS,
    Ask,
    asking,
    read,
    refused,
    write,
)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    folder = tmp_path_factory.mktemp("data-fair")
    write(folder)
    with serve(folder, catalog=Catalog([COMMUNES])) as running:
        yield running


@pytest.fixture
def ask(portal: RunningPortal) -> Ask:
    return asking(portal)


@pytest.mark.parametrize("path", ["", "/facets", "/attachments", "/exports"])
def test_what_the_opendatasoft_layer_never_had_is_gone(ask: Ask, path: str) -> None:
    assert refused(ask(path, EXPLORE), 410).startswith("Cette couche de compatibilité")


@pytest.mark.parametrize("path", ["/catalog/datasets", "/catalog/exports/csv"])
def test_the_catalogue_and_v1_are_gone(portal: RunningPortal, path: str) -> None:
    for address in (f"/ore/api/explore/v2.1{path}", f"/ore/api/records/1.0/search?dataset={COMMUNES.id}"):
        refused(portal.client.get(f"{portal.url}{address}"), 410)


def test_records_of_the_layer_are_limited_and_conditional(portal: RunningPortal, ask: Ask) -> None:
    reply = ask("/records", EXPLORE, limit=-1, where="annee = 2022")
    assert (reply.json()["total_count"], len(reply.json()["results"])) == (50, 50)
    assert len(ask("/records", EXPLORE, limit=-1).json()["results"]) == 100
    headers = {"If-Modified-Since": reply.headers["last-modified"]}
    address = f"{portal.url}{EXPLORE}/{COMMUNES.id}/records"
    assert portal.client.get(address, headers=headers).status_code == 304
    assert portal.client.get(address, headers={"If-Modified-Since": "yesterday"}).status_code == 200
    refused(ask("/records", EXPLORE, limit=101), 400)
    refused(ask("/records", EXPLORE, where="mois = 3"), 400)


def test_exports_of_the_layer_have_labels_and_no_offset(ask: Ask) -> None:
    assert read(ask("/exports/csv", EXPLORE, where="annee = 2022"))[0] == HEADER
    assert b"\r" not in ask("/exports/csv", EXPLORE).content
    assert len(json.loads(ask("/exports/json", EXPLORE).content)) == len(ROWS)
    assert refused(ask("/exports/csv", EXPLORE, offset=10), 400) == "offset parameter is not supported for exports"


def test_whole_numbers_of_its_parquet_have_32_bits(ask: Ask) -> None:
    table = pq.read_table(io.BytesIO(ask("/exports/parquet", EXPLORE).content))
    assert table.schema.names == KEYS
    assert str(table.schema.field("annee").type) == "int32"
    assert str(table.schema.field("conso_totale_mwh").type) == "double"
    assert table.num_rows == len(ROWS)


def test_instants_of_its_parquet_have_no_zone(tmp_path: Path) -> None:
    path = tmp_path / "ore" / "mesures" / "mesures.csv"
    path.parent.mkdir(parents=True)
    path.write_text("instant;valeur\n2024-03-30T22:00:00+00:00;1\n", "utf-8")
    with serve(tmp_path, catalog=Catalog([])) as running:
        address = f"{running.url}{EXPLORE}/mesures/exports/parquet"
        schema = pq.read_table(io.BytesIO(running.client.get(address).content)).schema
    assert str(schema.field("instant").type) == "timestamp[ms]"
