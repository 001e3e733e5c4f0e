"""Plain files and members of archives: what is stored, and how it goes wrong."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from dataelec_assets.catalog import PORTALS, CatalogError, Dataset, Edition
from dataelec_assets.errors import (
    DatasetAbsent,
    IncompleteExport,
    LakeError,
    PortalUnreachable,
    RequestRejected,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.portals.client import Download
from dataelec_assets.portals.files import FilePortal
from dataelec_assets.portals.options import ConnectionOptions
from dataelec_assets.portals.registry import open_portal
from dataelec_assets.portals.retries import RetryPolicy
from tests.portals import loopback
from tests.portals.file_replies import BODY, CODES, COMMUNES, archive, fetched, head, zipped
from tests.portals.support import Reply, Script, compressed, csv, document, gzipped, page, plain


def test_a_plain_file_is_stored_as_published(tmp_path: Path) -> None:
    script = Script(lambda: csv(BODY))
    download = fetched(script, tmp_path, CODES, "2022")
    assert plain(download.path) == BODY
    assert (download.sha256, download.bytes) == (hashlib.sha256(BODY).hexdigest(), len(BODY))
    assert download.url == "https://portal.example/fichier/commune_2022.csv"
    assert download.parameters == {}


@pytest.mark.parametrize(
    "reply",
    [
        lambda: zipped(BODY[:-1]),
        lambda: gzipped(compressed(BODY[:-1])),
    ],
)
def test_a_last_line_without_end_is_complete_when_something_else_proves_it(
    reply: Callable[[], Reply], tmp_path: Path
) -> None:
    assert plain(fetched(Script(reply), tmp_path, CODES, "2022").path) == BODY[:-1]


def test_a_last_line_without_end_is_cut_when_nothing_proves_it_complete(tmp_path: Path) -> None:
    def unproved() -> httpx.Response:
        reply = csv(BODY[:-1])
        del reply.headers["Transfer-Encoding"]
        return reply

    with pytest.raises(IncompleteExport, match="middle of a line"):
        fetched(Script(unproved), tmp_path, CODES, "2022")


def test_a_file_that_is_shorter_than_announced_is_asked_again(tmp_path: Path) -> None:
    attempts = []

    def get(request: loopback.Handler) -> None:
        attempts.append(request.path)
        request.send_response(200)
        request.send_header("Content-Length", str(len(BODY)))
        request.end_headers()
        request.wfile.write(BODY if len(attempts) > 1 else BODY[:9])
        if len(attempts) == 1:
            request.tear()

    with loopback.serve(get) as address:
        assert plain(fetched_from(address, tmp_path).path) == BODY
    assert attempts == ["/fichier/commune_2022.csv"] * 2


def fetched_from(address: str, tmp_path: Path) -> Download:
    quick = RetryPolicy(first_wait=0.01)
    with open_portal(PORTALS["insee"], address, ConnectionOptions(max_connections=1, retries=quick)) as client:
        return client.fetch(CODES, "2022", tmp_path / "part", lambda _: None)


@pytest.mark.parametrize(
    "name",
    ["donnees_communes.csv", "ensemble/donnees_communes_2020.csv", "Ensemble\\DONNEES_COMMUNES.CSV"],
)
def test_a_member_is_found_in_any_folder_and_case(name: str, tmp_path: Path) -> None:
    others = {"metadonnees.csv": b"x;y\n", "ensemble/": b"", "__MACOSX/donnees_communes.csv": b"\x00"}
    script = Script(lambda: zipped(archive({**others, name: BODY})))
    download = fetched(script, tmp_path)
    assert plain(download.path) == BODY
    assert (download.sha256, download.bytes) == (hashlib.sha256(BODY).hexdigest(), len(BODY))
    assert download.url == "https://portal.example/fichier/6683035/ensemble.zip"
    assert download.parameters == {"member": "donnees_communes*.csv"}
    assert [each.name for each in tmp_path.iterdir()] == ["part"]


def test_the_hash_is_of_the_member_so_an_archive_packed_again_is_nothing_new(tmp_path: Path) -> None:
    once = archive({"donnees_communes.csv": BODY})
    anew = archive({"donnees_communes.csv": BODY, "lisez-moi.txt": b"!"})
    assert once != anew
    hashes = {fetched(Script(lambda body=body: zipped(body)), tmp_path).sha256 for body in (once, anew)}  # type: ignore[misc]
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["donnees_regions.csv", "lisez-moi.txt"], "no member like"),
        (["donnees_communes.csv", "donnees_communes_bis.csv"], "2 members like"),
    ],
)
def test_a_missing_member_is_reported_with_what_the_archive_has(names: list[str], words: str, tmp_path: Path) -> None:
    script = Script(lambda: zipped(archive(dict.fromkeys(names, BODY))))
    with pytest.raises(UnexpectedContent, match=words) as caught:
        fetched(script, tmp_path)
    assert f"it has {', '.join(names)}" in str(caught.value)
    assert "archive of 2020" in str(caught.value)
    assert "correct the edition's member" in str(caught.value)
    assert len(script.requests) == 1
    assert not list(tmp_path.iterdir())


def damaged() -> bytes:
    whole = bytearray(archive({"donnees_communes.csv": BODY * 100}))
    whole[whole.index(b"donnees_communes.csv") + 30] ^= 0xFF
    return bytes(whole)


@pytest.mark.parametrize("body", [archive({"donnees_communes.csv": BODY * 100})[:-30], damaged(), b"PK\x03\x04", b"x"])
def test_a_damaged_archive_is_asked_again_then_an_incomplete_export(body: bytes, tmp_path: Path) -> None:
    counted: list[int] = []
    script = Script(lambda: zipped(body))
    with FilePortal(script.connection()) as client, pytest.raises(IncompleteExport, match=r"archive.*4 attempts"):
        client.fetch(COMMUNES, "2020", tmp_path / "part", counted.append)
    assert not list(tmp_path.iterdir())
    assert sum(counted) == 0


def test_an_archive_that_is_complete_the_second_time_is_stored(tmp_path: Path) -> None:
    whole = archive({"donnees_communes.csv": BODY})
    counted: list[int] = []
    script = Script(lambda: zipped(whole[:50]), lambda: zipped(whole))
    with FilePortal(script.connection()) as client:
        client.fetch(COMMUNES, "2020", tmp_path / "part", counted.append)
    assert plain(tmp_path / "part") == BODY
    # Progress counts what came over the network.
    assert sum(counted) == len(whole)


def test_an_archive_that_python_cannot_unpack_is_reported_at_once(tmp_path: Path) -> None:
    whole = bytearray(archive({"donnees_communes.csv": BODY}))
    deflate64 = b"\x09\x00"
    whole[8:10] = deflate64
    place = whole.index(b"PK\x01\x02") + 10
    whole[place : place + 2] = deflate64
    script = Script(lambda: zipped(bytes(whole)))
    with pytest.raises(UnexpectedContent, match="cannot be unpacked"):
        fetched(script, tmp_path)
    assert len(script.requests) == 1


@pytest.mark.parametrize("dataset", [COMMUNES, replace(CODES, editions=(Edition("2020", "x.csv"),))])
@pytest.mark.parametrize("instead", [page, lambda: document({"message": "En maintenance"})])
def test_a_page_or_an_error_object_instead_of_a_file_is_unexpected_content(
    dataset: Dataset, instead: Callable[[], Reply], tmp_path: Path
) -> None:
    with pytest.raises(UnexpectedContent, match=r"En maintenance.*4 attempts"):
        fetched(Script(instead), tmp_path, dataset)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("status", "kind"), [(403, RequestRejected), (404, DatasetAbsent), (410, DatasetAbsent), (503, PortalUnreachable)]
)
def test_a_refusal_is_reported_with_the_address(status: int, kind: type[SourceError], tmp_path: Path) -> None:
    with pytest.raises(kind, match=rf"populations-communes: HTTP {status}.*ensemble\.zip"):
        fetched(Script(lambda: head(status)), tmp_path)


def test_a_disk_that_cannot_be_written_is_not_the_servers_fault(tmp_path: Path) -> None:
    script = Script(lambda: zipped(archive({"donnees_communes.csv": BODY})))
    with FilePortal(script.connection()) as client, pytest.raises(LakeError, match=r"cannot write .*free space"):
        client.fetch(COMMUNES, "2020", tmp_path / "absent" / "part", lambda _: None)
    assert len(script.requests) == 1


def test_neither_an_archive_nor_its_member_is_ever_all_in_memory(tmp_path: Path) -> None:
    rows = b"".join(b"%05d;%d\n" % (number % 100_000, number * 7919 % 1_000_003) for number in range(1_500_000))
    packed = archive({"donnees_communes.csv": b"COM;PMUN\n" + rows})
    script = Script(lambda: zipped(packed, pieces=65_536))
    tracemalloc.start()
    try:
        download = fetched(script, tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert download.bytes > 15_000_000
    assert len(packed) > 4_000_000
    assert peak < 4_000_000


def test_rows_need_no_count_because_length_or_checksum_proved_the_file_complete() -> None:
    script = Script(csv)
    with FilePortal(script.connection()) as client:
        client.verify(COMMUNES, "2020", 3)
    assert not script.requests


def test_editions_and_portals_of_plain_files_belong_together() -> None:
    with pytest.raises(CatalogError, match="editions go with"):
        replace(COMMUNES, editions=())
    with pytest.raises(CatalogError, match="appears twice"):
        replace(COMMUNES, editions=(COMMUNES.editions[0], COMMUNES.editions[0]))
