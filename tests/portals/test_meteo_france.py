"""Météo-France: files by span of years are found, read once, and cut into the months of the stations around."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS, DEPARTMENTS
from dataelec_assets.errors import ContractViolation, DatasetAbsent, IncompleteExport, SourceError, UnexpectedContent
from dataelec_assets.portals import meteo_france
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.meteo_france import FOLDER, MeteoFrancePortal
from dataelec_assets.portals.options import ConnectionOptions
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.portals.station_files import Span, spans
from tests.portals.stations import HEADER, Station, file_of
from tests.portals.support import plain

STATIONS = load_catalog()["observations-horaires-meteo-france"]
NOW = datetime(2026, 3, 5, 6, tzinfo=UTC)
NEW_YEAR = datetime(2024, 12, 31, 22, tzinfo=UTC)


def at(code: str, number: int = 1, *, north: float = 0.0, **about: object) -> Station:
    """Return a station of a région, some degrees north of the chief town."""
    _, latitude, longitude = CHIEF_TOWNS[code]
    return Station(f"{DEPARTMENTS[code]}{number:06d}", latitude + north, longitude, **about)  # type: ignore[arg-type]


class Server:
    """A server of files that counts what is asked of it."""

    def __init__(self, files: Mapping[str, bytes], written: datetime = NOW) -> None:
        self.files, self.written = dict(files), written
        self.asked: Counter[tuple[str, str]] = Counter()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2].removesuffix(".csv.gz")
        assert request.url.path == f"/{FOLDER}/{name}.csv.gz"
        self.asked[request.method, name] += 1
        if name not in self.files:
            return httpx.Response(404)
        headers = {"ETag": f'"{hash(self.files[name])}"', "Last-Modified": f"{self.written:%a, %d %b %Y %H:%M:%S} GMT"}
        body = self.files[name] if request.method == "GET" else b""
        return httpx.Response(200, headers={**headers, "Content-Type": "application/gzip"}, content=_pieces(body))

    def client(self) -> MeteoFrancePortal:
        retries = RetryPolicy(attempts=2, first_wait=0.001)
        options = ConnectionOptions(transport=httpx.MockTransport(self), retries=retries)
        return MeteoFrancePortal(Connection("https://stations.example", options))


def _pieces(body: bytes) -> Iterator[bytes]:
    yield from (body[each : each + 1000] for each in range(0, len(body), 1000))


def everywhere(span: str, *periods: dict[str, Any]) -> dict[str, bytes]:
    """Return a file of each département with one station in the chief town, and what it measured in some periods."""
    return {
        f"H_{DEPARTMENTS[code]}_{span}": file_of(*(at(code, 1, **each) for each in periods)) for code in CHIEF_TOWNS
    }


@pytest.fixture
def server() -> Server:
    before = everywhere("previous-2020-2024", {"first": NEW_YEAR, "hours": 2, "t": "-1.0"})
    turn = {"first": NEW_YEAR + timedelta(hours=2), "hours": 1, "t": "-2.0"}
    return Server({**before, **everywhere("latest-2025-2026", turn, {})})


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meteo_france, "_now", lambda: NOW)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(plain(path).decode().splitlines(), delimiter=";"))


def fetched(server: Server, month: str, folder: Path) -> list[dict[str, str]]:
    with server.client() as client:
        return rows_of(client.fetch(STATIONS, month, folder / month, lambda _: None).path)


def test_spans_follow_the_year() -> None:
    latest, previous = Span(2025, 2026, "latest-"), Span(2020, 2024, "previous-")
    assert spans(2026, 2023) == [latest, previous]
    assert spans(2026, 2025) == [latest]
    assert spans(2026, 2005) == [latest, previous, Span(2010, 2019), Span(2000, 2009)]
    assert [each.text for each in spans(2032, 2023)] == ["latest-2031-2032", "previous-2030-2030", "2020-2029"]


def test_headers_of_the_files_give_version_and_months(server: Server) -> None:
    with server.client() as client:
        assert isinstance(client, PortalClient)
        metadata = client.metadata(STATIONS)
        survey = client.survey(STATIONS, metadata)
    assert (metadata.data_processed, metadata.missing) == (NOW, ())
    assert (min(survey.partitions), max(survey.partitions), len(survey.partitions)) == ("2023-01", "2026-03", 39)
    assert {method for method, _ in server.asked} == {"HEAD"}
    # Once for the years in the names, once for each file.
    assert sum(server.asked.values()) == 27


def test_a_month_begins_with_the_second_day_of_which_the_files_may_tell(server: Server) -> None:
    server.written = datetime(2026, 3, 2, 22, tzinfo=UTC)
    with server.client() as client:
        assert max(client.survey(STATIONS, client.metadata(STATIONS)).partitions) == "2026-02"
    server.written = datetime(2026, 3, 2, 23, tzinfo=UTC)
    with server.client() as client:
        assert max(client.survey(STATIONS, client.metadata(STATIONS)).partitions) == "2026-03"


def test_only_months_of_files_that_moved_come_again(server: Server) -> None:
    with server.client() as client:
        before = client.survey(STATIONS, client.metadata(STATIONS)).partitions
    server.files["H_20_previous-2020-2024"] += file_of(at("94", 2))
    with server.client() as client:
        after = client.survey(STATIONS, client.metadata(STATIONS)).partitions
    moved = [month for month in before if before[month] != after[month]]
    # January 2025 begins in UTC in the year before.
    assert (min(moved), max(moved), len(moved)) == ("2023-01", "2025-01", 25)


def test_in_january_the_names_of_the_year_before_are_found(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meteo_france, "_now", lambda: datetime(2027, 1, 2, tzinfo=UTC))
    with server.client() as client:
        assert client.metadata(STATIONS).missing == ()
    assert sum(number for (_, name), number in server.asked.items() if "2027" in name) == 13
    assert server.asked["HEAD", "H_20_latest-2025-2026"] == 1


def test_a_file_that_is_not_there_is_named_and_the_others_are_read(server: Server, tmp_path: Path) -> None:
    del server.files["H_20_latest-2025-2026"]
    with server.client() as client:
        assert client.metadata(STATIONS).missing == ("H_20_latest-2025-2026",)
    assert {row["code_region"] for row in fetched(server, "2026-03", tmp_path)} == set(CHIEF_TOWNS) - {"94"}


def test_without_any_file_the_data_set_is_absent() -> None:
    with Server({}).client() as client, pytest.raises(DatasetAbsent):
        client.metadata(STATIONS)


def test_a_month_holds_its_hours_of_paris_from_both_spans_and_only_the_columns_that_are_used(
    server: Server, tmp_path: Path
) -> None:
    rows = fetched(server, "2025-01", tmp_path)
    assert list(rows[0]) == list(STATIONS.column_names)
    assert [(row["instant"], row["t"]) for row in rows if row["code_region"] == "11"] == [
        ("2024-12-31T23:00:00+00:00", "-1.0"),
        ("2025-01-01T00:00:00+00:00", "-2.0"),
    ]
    (row,) = [row for row in fetched(server, "2024-12", tmp_path) if row["code_region"] == "94"]
    assert row == {
        "code_region": "94",
        "num_poste": "20000001",
        "nom_usuel": "POSTE",
        "alti": "75",
        "distance_km": "0.0",
        "lat": "41.919200",
        "lon": "8.738600",
        "instant": "2024-12-31T22:00:00+00:00",
        "t": "-1.0",
        "qt": "1",
        "rr1": "0.2",
        "qrr1": "9",
        "ff": "3.4",
        "qff": "1",
    }


def test_each_file_is_read_once_whatever_the_number_of_months(server: Server, tmp_path: Path) -> None:
    with server.client() as client, ThreadPoolExecutor(max_workers=4) as pool:
        months = ["2024-12", "2025-01", "2026-03"]
        list(pool.map(lambda month: client.fetch(STATIONS, month, tmp_path / month, lambda _: None), months))
    gets = {name: number for (method, name), number in server.asked.items() if method == "GET"}
    assert (len(gets), set(gets.values())) == (26, {1})
    # What was cut is gone with the client.
    assert sorted(path.name for path in tmp_path.iterdir()) == months


def test_stations_far_off_and_hours_without_temperature_are_left_out(tmp_path: Path) -> None:
    silent = {datetime(2026, 3, 1, 5, tzinfo=UTC): {"T": "", "QT": ""}}
    stations = (at("11"), at("11", 2, north=0.2), at("11", 3, north=0.3), at("11", 4, north=-0.1, except_at=silent))
    rows = fetched(Server({"H_75_latest-2025-2026": file_of(*stations)}), "2026-03", tmp_path)
    assert Counter((row["num_poste"], row["distance_km"]) for row in rows) == {
        ("75000001", "0.0"): 48,
        ("75000002", "22.2"): 48,
        ("75000004", "11.1"): 47,
    }


def test_numbers_and_names_are_put_right(tmp_path: Path) -> None:
    station = at("28")
    body = file_of(Station(" 1014002", station.latitude, station.longitude, name='ST-"ÉTIENNE"', hours=1))
    (row,) = fetched(Server({"H_76_latest-2025-2026": body}), "2026-03", tmp_path)
    assert (row["num_poste"], row["nom_usuel"]) == ("01014002", "ST-ÉTIENNE")


def test_a_file_that_is_not_packed_is_read_too(tmp_path: Path) -> None:
    server = Server({"H_75_latest-2025-2026": gzip.decompress(file_of(at("11")))})
    assert len(fetched(server, "2026-03", tmp_path)) == 48


@pytest.mark.parametrize(
    ("body", "fault", "words"),
    [
        (file_of(at("11"), header=HEADER.replace(";QT;", ";QQ;")), ContractViolation, "lacks QT"),
        (file_of(at("11"))[:-20], IncompleteExport, "ends early"),
        (gzip.compress(gzip.decompress(file_of(at("11")))[:-30]), IncompleteExport, "fields, its header 22"),
        (gzip.compress(b"<html>En maintenance</html>"), UnexpectedContent, "instead of CSV"),
        (
            gzip.compress(gzip.decompress(file_of(at("11"))).replace(b"2026030104", b"2026033204")),
            UnexpectedContent,
            "read",
        ),
        (b"", IncompleteExport, "empty"),
    ],
    # Packed bytes hold the time at which they were packed.
    ids=("another header", "cut", "a short line", "a page", "no such day", "empty"),
)
def test_a_file_that_cannot_be_trusted_is_refused(
    tmp_path: Path, body: bytes, fault: type[SourceError], words: str
) -> None:
    with pytest.raises(fault, match=words):
        fetched(Server({"H_75_latest-2025-2026": body}), "2026-03", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_damaged_file_is_asked_for_once_and_not_for_each_of_its_months(tmp_path: Path) -> None:
    server = Server({"H_75_latest-2025-2026": file_of(at("11"))[:-20]})
    with server.client() as client:
        for month in ("2026-01", "2026-02", "2026-03"):
            with pytest.raises(IncompleteExport):
                client.fetch(STATIONS, month, tmp_path / month, lambda _: None)
    # Two attempts, as of any file.
    assert server.asked["GET", "H_75_latest-2025-2026"] == 2


def test_a_file_that_breaks_once_leaves_no_row_twice(tmp_path: Path) -> None:
    # More lines than are held before they are written.
    whole = file_of(at("11", first=datetime(2025, 7, 1, tzinfo=UTC), hours=6_000))

    class Breaking(Server):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            is_first = request.method == "GET" and self.asked["GET", "H_75_latest-2025-2026"] == 0
            self.files["H_75_latest-2025-2026"] = whole[:-20] if is_first else whole
            return super().__call__(request)

    told: list[int] = []
    with Breaking({"H_75_latest-2025-2026": whole}).client() as client:
        path = client.fetch(STATIONS, "2025-08", tmp_path / "part", told.append).path
        assert len(rows_of(path)) == 744
    assert sum(told) == len(gzip.decompress(whole))
