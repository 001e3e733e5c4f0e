"""Plain files: what a server's headers say of editions, files and members of archives, and how they go wrong."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from dataelec_assets.catalog import PORTALS, CatalogError, Column, Dataset, Edition, Partitioning
from dataelec_assets.errors import (
    DatasetAbsent,
    IncompleteExport,
    LakeError,
    PortalUnreachable,
    RequestRejected,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.portals.client import Download, PortalClient
from dataelec_assets.portals.files import FilePortal
from dataelec_assets.portals.fingerprints import Survey, difference
from dataelec_assets.portals.opening import open_portal
from dataelec_assets.portals.retries import RetryPolicy
from tests.portals import loopback
from tests.portals.support import Reply, Script, compressed, csv, document, gzipped, page, plain

COMMUNES = Dataset(
    portal="insee",
    id="populations-communes",
    title="Populations des communes",
    publisher="INSEE",
    cadence="yearly",
    expected_lag=timedelta(days=1100),
    history_start=date(2019, 1, 1),
    partitioning=Partitioning("edition"),
    key=("com",),
    fingerprint=("pmun",),
    columns=(Column("com", "text", nullable=False), Column("pmun", "double", unit="hab")),
    editions=(
        Edition("2019", "fichier/6011070/ensemble.zip", member="donnees_communes*.csv"),
        Edition("2020", "fichier/6683035/ensemble.zip", member="donnees_communes*.csv"),
    ),
)
CODES = replace(
    COMMUNES, id="code-officiel", editions=(Edition("2022", "fichier/commune_2022.csv"), Edition("2023", "v_2023.csv"))
)
BODY = b"COM;PMUN\n01001;771\n2A004;71361\n"
MONDAY, TUESDAY = "Mon, 26 Jan 2026 08:00:00 GMT", "Tue, 27 Jan 2026 08:00:00 GMT"


def head(status: int = 200, /, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name, (2026, 1, 26, 8, 0, 0)), content)
    return packed.getvalue()


def zipped(body: bytes, pieces: int = 100) -> httpx.Response:
    reply = csv(body, media_type="application/zip", pieces=pieces)
    reply.headers["Content-Length"] = str(len(body))
    return reply


def surveyed(*replies: Callable[[], Reply], dataset: Dataset = CODES) -> Survey:
    with FilePortal(Script(*replies).connection()) as client:
        return client.survey(dataset, client.metadata(dataset))


def fetched(script: Script, tmp_path: Path, dataset: Dataset = COMMUNES, partition: str = "2020") -> Download:
    with FilePortal(script.connection()) as client:
        return client.fetch(dataset, partition, tmp_path / "part", lambda _: None)


def test_the_client_does_what_a_refresh_asks_of_any_portal() -> None:
    assert isinstance(FilePortal(Script(csv).connection()), PortalClient)


def test_metadata_cost_the_headers_of_each_edition_and_the_survey_nothing_more() -> None:
    script = Script(lambda: head(ETag='"a"', Last_Modified=MONDAY), lambda: head(ETag='"b"', Last_Modified=TUESDAY))
    with FilePortal(script.connection("https://portal.example/insee/")) as client:
        metadata = client.metadata(COMMUNES)
        survey = client.survey(COMMUNES, metadata)
    assert [each.method for each in script.requests] == ["HEAD", "HEAD"]
    assert [str(each.url) for each in script.requests] == [
        "https://portal.example/insee/fichier/6011070/ensemble.zip",
        "https://portal.example/insee/fichier/6683035/ensemble.zip",
    ]
    assert metadata.data_processed == datetime(2026, 1, 27, 8, tzinfo=UTC)
    assert (metadata.title, metadata.synthetic) == (COMMUNES.title, False)
    assert list(survey.partitions) == ["2019", "2020"]
    assert survey.versions == {"2019": "2026-01-26T08:00:00+00:00", "2020": "2026-01-27T08:00:00+00:00"}


def test_synthetic_files_are_recognised_by_their_header() -> None:
    with FilePortal(Script(lambda: head(X_Dataelec_Synthetic="true")).connection()) as client:
        assert client.metadata(COMMUNES).synthetic


@pytest.mark.parametrize("status", [403, 405, 501])
def test_a_server_that_refuses_head_is_asked_for_the_file_whose_body_is_left(status: int) -> None:
    script = Script(lambda: head(status), lambda: httpx.Response(200, headers={"ETag": '"a"'}, content=_unread()))
    with FilePortal(script.connection()) as client:
        survey = client.survey(CODES, client.metadata(replace(CODES, editions=CODES.editions[:1])))
    assert [each.method for each in script.requests] == ["HEAD", "GET"]
    assert survey.partitions["2022"].sums["ETag"] == '"a"'


def _unread() -> io.BytesIO:
    class Unread(io.BytesIO):
        def __iter__(self) -> Unread:
            raise AssertionError("the body of a file is read although its headers are asked for")

    return Unread()


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        ({"ETag": '"a"'}, {"ETag": '"a"'}, None),
        ({"ETag": '"a"'}, {"ETag": '"b"'}, "revised"),
        ({"Last_Modified": MONDAY}, {"Last_Modified": MONDAY}, None),
        ({"Last_Modified": MONDAY}, {"Last_Modified": TUESDAY}, "revised"),
        ({"ETag": '"a"', "Last_Modified": MONDAY}, {"ETag": '"a"', "Last_Modified": TUESDAY}, "revised"),
        ({"ETag": '"a"', "Content_Length": "9"}, {"ETag": '"a"', "Content_Length": "8"}, "revised"),
        ({"ETag": '"a"', "Last_Modified": MONDAY}, {"Last_Modified": MONDAY}, "revised"),
        ({"ETag": '"a"'}, {}, "revised"),
        ({}, {"ETag": '"a"'}, "revised"),
        ({}, {}, None),
    ],
)
def test_an_edition_moves_when_what_its_server_says_of_it_moves(
    before: dict[str, str], now: dict[str, str], reason: str | None
) -> None:
    known = surveyed(lambda: head(**before)).partitions["2022"]
    assert difference(known.text, surveyed(lambda: head(**now)).partitions["2022"]) == reason


@pytest.mark.parametrize("headers", [{}, {"Content_Length": "31"}, {"Date": TUESDAY}])
def test_a_server_that_tells_nothing_of_use_has_its_file_fetched_once_a_day(
    headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2026, 1, 26, 12, tzinfo=UTC)
    monkeypatch.setattr("dataelec_assets.portals.files._now", lambda: noon)
    known = surveyed(lambda: head(**headers)).partitions["2022"]
    assert difference(known.text, surveyed(lambda: head(**headers)).partitions["2022"]) is None
    monkeypatch.setattr("dataelec_assets.portals.files._now", lambda: noon + timedelta(days=1))
    tomorrow = surveyed(lambda: head(**headers))
    assert difference(known.text, tomorrow.partitions["2022"]) == "revised"
    assert tomorrow.versions == {}


def test_an_unreadable_date_is_compared_as_text() -> None:
    survey = surveyed(lambda: head(Last_Modified="yesterday"))
    assert survey.versions == {}
    assert survey.partitions["2022"].sums["Last-Modified"] == "yesterday"


def test_an_edition_that_is_gone_is_left_out() -> None:
    assert list(surveyed(lambda: head(404), lambda: head(ETag='"b"')).partitions) == ["2023"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_data_set_without_any_edition_left_is_absent(status: int) -> None:
    with pytest.raises(DatasetAbsent, match=f"HTTP {status}.*v_2023"):
        surveyed(lambda: head(status))


def test_a_server_that_fails_is_no_edition_that_is_gone() -> None:
    with pytest.raises(PortalUnreachable, match="HTTP 500"):
        surveyed(lambda: head(ETag='"a"'), lambda: head(500))


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
def test_a_last_line_without_end_is_whole_when_something_else_proves_it(
    reply: Callable[[], Reply], tmp_path: Path
) -> None:
    assert plain(fetched(Script(reply), tmp_path, CODES, "2022").path) == BODY[:-1]


def test_a_last_line_without_end_is_cut_when_nothing_proves_it_whole(tmp_path: Path) -> None:
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
    with open_portal(PORTALS["insee"], address, api_key=None, max_connections=1, retries=quick) as client:
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


def test_the_hash_is_of_the_member_so_an_archive_that_is_packed_anew_is_no_news(tmp_path: Path) -> None:
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
def test_a_member_that_is_not_there_once_is_told_with_what_the_archive_has(
    names: list[str], words: str, tmp_path: Path
) -> None:
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


def test_an_archive_that_came_whole_the_second_time_is_stored(tmp_path: Path) -> None:
    whole = archive({"donnees_communes.csv": BODY})
    counted: list[int] = []
    script = Script(lambda: zipped(whole[:50]), lambda: zipped(whole))
    with FilePortal(script.connection()) as client:
        client.fetch(COMMUNES, "2020", tmp_path / "part", counted.append)
    assert plain(tmp_path / "part") == BODY
    # Progress counts what came over the network.
    assert sum(counted) == len(whole)


def test_an_archive_that_python_cannot_unpack_is_told_at_once(tmp_path: Path) -> None:
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
def test_a_refusal_is_told_with_the_address(status: int, kind: type[SourceError], tmp_path: Path) -> None:
    with pytest.raises(kind, match=rf"populations-communes: HTTP {status}.*ensemble\.zip"):
        fetched(Script(lambda: head(status)), tmp_path)


def test_a_disk_that_cannot_be_written_is_no_fault_of_the_server(tmp_path: Path) -> None:
    script = Script(lambda: zipped(archive({"donnees_communes.csv": BODY})))
    with FilePortal(script.connection()) as client, pytest.raises(LakeError, match=r"cannot write .*free space"):
        client.fetch(COMMUNES, "2020", tmp_path / "absent" / "part", lambda _: None)
    assert len(script.requests) == 1


def test_neither_an_archive_nor_its_member_is_held_whole(tmp_path: Path) -> None:
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


def test_rows_need_no_count_because_length_or_checksum_proved_the_file_whole() -> None:
    script = Script(csv)
    with FilePortal(script.connection()) as client:
        client.verify(COMMUNES, "2020", 3)
    assert not script.requests


def test_editions_and_portals_of_plain_files_belong_together() -> None:
    with pytest.raises(CatalogError, match="editions go with"):
        replace(COMMUNES, editions=())
    with pytest.raises(CatalogError, match="appears twice"):
        replace(COMMUNES, editions=(COMMUNES.editions[0], COMMUNES.editions[0]))
