"""Weather portals, over HTTP, to a lake that keeps every state it was given once, and no key."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.database import connect
from dataelec_assets.errors import RequestRejected
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.state import load_state
from dataelec_assets.portals.meteo_france import FOLDER
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.portals.signing import spellings
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample.timeline import Horizon
from dataelec_assets.sample.weather import write_archive
from dataelec_assets.settings import Secret, Settings
from tests.portals.keyed_replies import GFS, NOW, publish_forecast, publish_weather
from tests.portals.open_meteo_replies import HOURS, NOON, places
from tests.portals.previous_runs_replies import runs, said
from tests.portals.stations import Station, file_of
from tests.published import stub
from tests.reading import copies
from tests.stubs import Stub
from tests.stubs.weather import INFOCLIMAT_KEY, OPENWEATHERMAP_KEY

FORECASTS, ARCHIVE = load_catalog()["previsions-meteo-regions"], load_catalog()["archives-meteo-regions"]
HISTORY = load_catalog()["historique-previsions-meteo-regions"]
STATIONS = load_catalog()["observations-horaires-meteo-france"]
EVENING = NOON + timedelta(hours=12)
SECRETS = (OPENWEATHERMAP_KEY, "cle de demonstration", "_auth", "appid", "told back")


@pytest.fixture
def portal() -> Iterator[Stub]:
    """Serve a forecast of Open-Meteo, the weather of OpenWeatherMap and a forecast of Infoclimat, all of noon."""
    with stub() as running:
        running.publish_weather(FORECASTS.portal, FORECASTS.id, places(), NOON)
        publish_weather(running, NOON)
        publish_forecast(running, NOON)
        yield running


class Lake:
    """A lake that is refreshed from these portals, with these keys."""

    def __init__(
        self,
        folder: Path,
        portal: Stub,
        *,
        weather: str = OPENWEATHERMAP_KEY,
        gfs: str = INFOCLIMAT_KEY,
        now: datetime = NOON + timedelta(days=4),
    ) -> None:
        settings = Settings(
            lake=folder,
            meteo_france="1",  # type: ignore[arg-type]  # as the environment says it
            openweathermap_key=Secret(weather),
            infoclimat_key=Secret(gfs),
            **portal.addresses,  # type: ignore[arg-type]  # all are addresses
        )
        self.ctx = RunContext(settings, now=lambda: now, retries=RetryPolicy(attempts=2, first_wait=0.01))

    def refresh(self, dataset: Dataset) -> SourceReport:
        report = refresh_source(self.ctx, dataset, SilentProgress())
        refresh_copies(self.ctx, dataset)
        return report

    def rows(self, dataset: Dataset, query: str) -> list[tuple[Any, ...]]:
        return connect().execute(query.replace("lake", copies(self.ctx, dataset))).fetchall()


@pytest.fixture
def lake(portal: Stub, tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", portal)


def test_every_forecast_is_kept_with_its_issue_and_the_same_words_are_kept_once(portal: Stub, lake: Lake) -> None:
    assert lake.refresh(FORECASTS).outcome == "refreshed"
    assert lake.refresh(FORECASTS).outcome == "unchanged"
    # To observe, to fetch what is new, to observe again.
    assert portal.counted() == {f"open_meteo/{FORECASTS.id}": {"forecast": 3}}
    portal.publish_weather(FORECASTS.portal, FORECASTS.id, places(EVENING, warmer=1), EVENING)
    assert lake.refresh(FORECASTS).changed == ["2026-03"]
    counts = "SELECT emise_a, count(*), count(DISTINCT code_region) FROM lake GROUP BY 1 ORDER BY 1"
    assert lake.rows(FORECASTS, counts) == [(NOON, 13 * HOURS, 13), (EVENING, 13 * HOURS, 13)]
    assert lake.rows(
        FORECASTS,
        "SELECT round(max(temperature_2m) - min(temperature_2m), 6) FROM lake "
        "WHERE code_region = '94' AND instant = TIMESTAMPTZ '2026-03-30 12:00:00+00'",
    ) == [(1.0,)]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("status:500", "PortalUnreachable"),
        ("html_200", "UnexpectedContent"),
        ("json_error_200", "UnexpectedContent"),
        ("truncate", "PortalUnreachable"),
        ("truncate_clean", "ContractViolation"),
        ("empty", "PortalUnreachable"),
        ("reset", "PortalUnreachable"),
    ],
)
def test_a_fault_leaves_the_lake_as_it_was_and_the_next_refresh_mends_it(
    portal: Stub, lake: Lake, fault: str, error: str
) -> None:
    portal.fail(fault, dataset=FORECASTS.id, kind="forecast", times=2)
    report = lake.refresh(FORECASTS)
    assert (report.outcome, report.fault) == ("failed", error)
    assert lake.ctx.raw.partitions(FORECASTS) == []
    portal.heal()
    assert lake.refresh(FORECASTS).outcome == "refreshed"


def test_an_archive_comes_by_month_and_none_is_fetched_twice(portal: Stub, tmp_path: Path) -> None:
    now = datetime(2023, 5, 20, 12, tzinfo=UTC)
    ((_, file, _),) = write_archive(tmp_path / "files", 7, Horizon(date(2023, 1, 1), now))
    portal.publish_weather(ARCHIVE.portal, ARCHIVE.id, json.loads(file.read_text("utf-8")), now)
    lake = Lake(tmp_path / "lake", portal, now=now)
    report = lake.refresh(ARCHIVE)
    assert (report.outcome, report.error) == ("refreshed", None)
    assert report.changed == ["2023-03", "2023-04", "2023-05"]
    # Five days late; 26 March has 23 hours. The first of its days is sixty-one before May.
    assert lake.rows(
        ARCHIVE,
        "SELECT mois, count(*), min(instant), max(instant), count(temperature_2m) FROM lake GROUP BY 1 ORDER BY 1",
    ) == [
        ("2023-03", 13 * 743, _at(2, 28, 23), _at(3, 31, 21), 13 * 743),
        ("2023-04", 13 * 720, _at(3, 31, 22), _at(4, 30, 21), 13 * 720),
        ("2023-05", 13 * 360, _at(4, 30, 22), _at(5, 15, 21), 13 * 360),
    ]
    assert lake.refresh(ARCHIVE).outcome == "unchanged"
    # Days, three months together, days again.
    assert portal.counted() == {f"open_meteo_archive/{ARCHIVE.id}": {"forecast": 3}}
    vintages = [lake.ctx.raw.newest(ARCHIVE.id, month) for month in report.changed]
    assert {(each.parameters["start_date"], each.is_cut) for each in vintages if each} == {("2023-02-28", True)}


def test_what_had_been_forecast_comes_by_month_and_a_revision_comes_again(portal: Stub, lake: Lake) -> None:
    first, last = date(2024, 1, 29), date(2024, 2, 9)
    portal.publish_weather(HISTORY.portal, HISTORY.id, runs(first, last), NOON)
    report = lake.refresh(HISTORY)
    assert (report.outcome, report.error, report.changed) == ("refreshed", None, ["2024-01", "2024-02"])
    assert lake.refresh(HISTORY).outcome == "unchanged"
    # Hours of one town, two months, hours again.
    assert portal.counted() == {f"open_meteo_previous_runs/{HISTORY.id}": {"forecast": 4}}
    assert lake.rows(HISTORY, "SELECT count(*), count(DISTINCT instant) FROM lake") == [(8 * 288 * 13, 288)]

    def revised(instant: datetime, lead: int) -> float | None:
        return 30.0 if instant == datetime(2024, 2, 5, 6, tzinfo=UTC) else said(instant, lead)

    portal.publish_weather(HISTORY.portal, HISTORY.id, runs(first, last, revised), NOON)
    assert lake.refresh(HISTORY).changed == ["2024-02"]


def test_stations_are_renewed_by_month_although_their_files_move_whole(portal: Stub, lake: Lake) -> None:
    _, latitude, longitude = CHIEF_TOWNS["11"]

    def publish(days: int) -> None:
        station = Station(
            "75114001", latitude, longitude, first=datetime(2024, 12, 31, 23, tzinfo=UTC), hours=24 * days
        )
        written = datetime(2025, 1, 1, 6, tzinfo=UTC) + timedelta(days=days)
        path = f"{FOLDER}/H_75_latest-2025-2026.csv.gz"
        portal.files[STATIONS.portal].put(path, file_of(station), dataset=STATIONS.id, modified=written)

    publish(50)
    report = lake.refresh(STATIONS)
    assert (report.error, report.changed, len(report.missing)) == (None, ["2025-01", "2025-02"], 25)
    assert lake.refresh(STATIONS).outcome == "unchanged"
    publish(51)
    report = lake.refresh(STATIONS)
    assert ([each.partition for each in report.fetched], report.changed) == (["2025-01", "2025-02"], ["2025-02"])
    assert lake.rows(STATIONS, "SELECT mois, count(*) FROM lake GROUP BY 1 ORDER BY 1") == [
        ("2025-01", 744),
        ("2025-02", 480),
    ]
    assert portal.asked(f"{STATIONS.portal}/{FOLDER}/H_75_latest-2025-2026.csv.gz", "file") == 2


def _at(month: int, day: int, hour: int) -> datetime:
    return datetime(2023, month, day, hour, tzinfo=UTC)


def test_each_state_of_the_present_weather_is_kept(portal: Stub, lake: Lake) -> None:
    assert lake.refresh(NOW).outcome == "refreshed"
    assert lake.refresh(NOW).outcome == "unchanged"
    # The same for each of thirteen towns.
    assert portal.counted() == {f"openweathermap/{NOW.id}": {"forecast": 39}}
    later = NOON + timedelta(hours=1)
    publish_weather(portal, later, temperature=9.5, at=1774694700)
    assert lake.refresh(NOW).changed == ["2026-03"]
    found = lake.rows(NOW, "SELECT emise_a, count(*), any_value(temperature) FROM lake GROUP BY 1 ORDER BY 1")
    assert found == [(NOON, 13, 8.5), (later, 13, 9.5)]


def test_the_forecast_of_gfs_is_kept_in_utc(lake: Lake) -> None:
    assert lake.refresh(GFS).outcome == "refreshed"
    assert lake.rows(GFS, "SELECT instant, count(*), any_value(temperature_2m) FROM lake GROUP BY 1 ORDER BY 1") == [
        (datetime(2026, 3, 29, 0, tzinfo=UTC), 13, 282.7),
        (datetime(2026, 3, 29, 3, tzinfo=UTC), 13, 280.0),
    ]


@pytest.mark.parametrize(
    ("dataset", "words"), [(NOW, "HTTP 401: Invalid API key"), (GFS, "the portal refuses (request_state 403)")]
)
def test_a_wrong_key_is_a_fault_that_does_not_repeat_it(
    portal: Stub, tmp_path: Path, dataset: Dataset, words: str
) -> None:
    lake = Lake(tmp_path / "lake", portal, weather="wrong/key", gfs="_auth=wrong%2Fkey&_c=wrong+key")
    report = lake.refresh(dataset)
    assert (report.outcome, report.fault) == ("failed", RequestRejected.__name__)
    assert words in str(report.error)
    message = load_state(lake.ctx.paths, dataset).message
    assert message == report.error
    assert not any(each in str(message) for each in spellings(["wrong/key", "wrong key"]))


def test_no_file_of_the_lake_and_no_log_holds_a_key(lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for dataset in (NOW, GFS):
            assert lake.refresh(dataset).outcome == "refreshed"
    files = [path for path in lake.ctx.paths.root.rglob("*") if path.is_file()]
    written = b"".join(path.read_bytes() for path in files)
    manifests = [path for path in files if path.suffix == ".json"]
    assert b"units" in b"".join(path.read_bytes() for path in manifests)  # the parameters are recorded
    assert not any(each.encode() in written for each in SECRETS)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "data/2.5/weather" in logged
    assert not any(each in logged for each in spellings(SECRETS))
    assert not any(each in repr(lake.ctx.settings) for each in SECRETS)
