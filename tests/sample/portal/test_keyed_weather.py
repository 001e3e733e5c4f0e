"""The embedded OpenWeatherMap and Infoclimat: refused without the key, and a lake that never holds it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import connect
from dataelec_assets.errors import RequestRejected
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.state import load_state
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.portals.signing import spellings
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample.portal import RunningPortal, serve
from dataelec_assets.sample.portal.keyed_weather import INFOCLIMAT_KEY, OPENWEATHERMAP_KEY
from dataelec_assets.settings import Settings
from tests.portals.keyed_replies import GFS, NOW, write_portals

ISSUED = datetime(2026, 3, 28, 9, 48, tzinfo=UTC)
SECRETS = (OPENWEATHERMAP_KEY, "cle de demonstration", "_auth", "appid", "told back")


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[RunningPortal]:
    write_portals(tmp_path / "portal", ISSUED)
    with serve(tmp_path / "portal", vintage=f"{ISSUED:%Y-%m-%dT%H:%MZ}") as running:
        yield running


class Lake:
    """A lake that is refreshed from the embedded portal, with these keys."""

    def __init__(self, folder: Path, portal: RunningPortal, weather: str, gfs: str) -> None:
        settings = Settings(
            lake=folder,
            openweathermap_key=SecretStr(weather),
            infoclimat_key=SecretStr(gfs),
            **portal.addresses,  # type: ignore[arg-type]  # all are addresses
        )
        retries = RetryPolicy(attempts=2, first_wait=0.01)
        self.ctx = RunContext(settings, now=lambda: ISSUED + timedelta(hours=2), retries=retries)

    def refresh(self, dataset: Dataset) -> SourceReport:
        report = refresh_source(self.ctx, dataset, SilentProgress())
        refresh_copies(self.ctx, dataset)
        return report

    def rows(self, dataset: Dataset, query: str) -> list[tuple[Any, ...]]:
        files = f"read_parquet('{self.ctx.parquet.folder(dataset)}/*/*.parquet')"
        return connect().execute(query.replace("lake", files)).fetchall()


@pytest.fixture
def lake(portal: RunningPortal, tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake", portal, OPENWEATHERMAP_KEY, INFOCLIMAT_KEY)


def test_each_state_of_the_weather_is_kept(portal: RunningPortal, lake: Lake) -> None:
    assert lake.refresh(NOW).outcome == "refreshed"
    assert lake.refresh(NOW).outcome == "unchanged"
    assert portal.control()["calls"] == {f"openweathermap/{NOW.id}": {"forecast": 26}}
    portal.control("vintage", {"stamp": None})
    assert lake.refresh(NOW).changed == ["2026-03"]
    assert lake.rows(NOW, "SELECT emise_a, count(*), any_value(temperature) FROM lake GROUP BY 1 ORDER BY 1") == [
        (ISSUED, 13, 8.5),
        (ISSUED + timedelta(hours=1), 13, 9.5),
    ]


def test_the_forecast_of_gfs_is_kept_in_utc(lake: Lake) -> None:
    assert lake.refresh(GFS).outcome == "refreshed"
    assert lake.rows(GFS, "SELECT instant, count(*), any_value(temperature_2m) FROM lake GROUP BY 1 ORDER BY 1") == [
        (datetime(2026, 3, 29, 0, tzinfo=UTC), 13, 282.7),
        (datetime(2026, 3, 29, 3, tzinfo=UTC), 13, 280.0),
    ]


def test_what_is_asked_in_standard_units_is_answered_in_kelvin(portal: RunningPortal) -> None:
    address = f"{portal.url}/openweathermap/data/2.5/weather"
    asked = {"lat": "48.85", "lon": "2.35", "appid": OPENWEATHERMAP_KEY}
    assert portal.client.get(address, params=asked).json()["main"]["temp"] == 281.65
    assert portal.client.get(address, params={**asked, "lat": "0"}).json() == {"cod": 404, "message": "city not found"}
    assert portal.client.get(address, params={**asked, "lat": "?"}).status_code == 400


@pytest.mark.parametrize(
    ("dataset", "words"), [(NOW, "HTTP 401: Invalid API key"), (GFS, "the portal refuses (request_state 403)")]
)
def test_a_wrong_key_is_a_fault_that_does_not_tell_it(
    portal: RunningPortal, tmp_path: Path, dataset: Dataset, words: str
) -> None:
    lake = Lake(tmp_path / "lake", portal, "wrong/key", "_auth=wrong%2Fkey&_c=wrong+key")
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
    said = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn"))
    assert "data/2.5/weather" in said
    assert not any(each in said for each in spellings(SECRETS))
    assert not any(each in repr(lake.ctx.settings) for each in SECRETS)
