"""The embedded Open-Meteo: what a request for places gets, and a lake that keeps every forecast it was given."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.portals.open_meteo import parameters
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample.portal import RunningPortal, serve
from dataelec_assets.settings import Settings
from tests.portals.open_meteo_replies import HOURS, NOON, places

FORECASTS = load_catalog()["previsions-meteo-regions"]
NAME = f"open_meteo/{FORECASTS.id}"
EVENING = NOON + timedelta(hours=12)


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[RunningPortal]:
    """Serve two forecasts, the second warmer by a degree, packed."""
    folder = tmp_path / "portal" / "open_meteo" / FORECASTS.id
    folder.mkdir(parents=True)
    (folder / f"paris_snapshot_{NOON:%Y%m%dT%H%M}Z.json").write_text(json.dumps(places()), "utf-8")
    packed = gzip.compress(json.dumps(places(EVENING, warmer=1)).encode())
    (folder / f"paris_snapshot_{EVENING:%Y%m%dT%H%M}Z.json.gz").write_bytes(packed)
    (folder / "notes.txt").write_text("no forecast", "utf-8")
    with serve(tmp_path / "portal", vintage=f"{NOON:%Y-%m-%dT%H:%MZ}") as running:
        yield running


def ask(portal: RunningPortal, **asked: str) -> Any:
    return portal.client.get(f"{portal.url}/open_meteo/v1/forecast", params=asked)


def test_one_place_is_an_object_and_several_are_a_list(portal: RunningPortal) -> None:
    one = ask(portal, latitude="48.85", longitude="2.35", hourly="temperature_2m").json()
    assert (one["latitude"], list(one["hourly"])) == (48.86, ["time", "temperature_2m"])
    assert (len(one["hourly"]["time"]), one["hourly"]["time"][0]) == (7 * 24, "2026-03-28T00:00")
    every = ask(portal, **parameters()).json()
    assert (len(every), len(every[12]["hourly"]["wind_speed_10m"])) == (13, HOURS)
    assert every[0]["generationtime_ms"] != every[1]["generationtime_ms"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"latitude": "48.85"}, "must be numbers"),
        ({"latitude": "48.85,47", "longitude": "2.35"}, "same number of elements"),
        ({"latitude": "0", "longitude": "0"}, "No data is available"),
        ({"latitude": "48.85", "longitude": "2.35", "past_days": "93"}, "allowed range from 0 to 92"),
        ({"latitude": "48.85", "longitude": "2.35", "hourly": "snow"}, "invalid String value snow"),
    ],
)
def test_what_cannot_be_served_is_refused_in_the_shape_of_the_api(
    portal: RunningPortal, asked: dict[str, str], words: str
) -> None:
    refused = ask(portal, **asked)
    assert refused.status_code == 400
    assert refused.json()["error"] is True
    assert words in refused.json()["reason"]


def test_before_its_first_forecast_the_portal_has_none(portal: RunningPortal) -> None:
    portal.control("vintage", {"stamp": "2026-03-01"})
    assert ask(portal, **parameters()).status_code == 404
    assert portal.control()["datasets"][NAME] == [NOON.isoformat(), EVENING.isoformat()]


class Lake:
    """A lake that is refreshed from the embedded portal."""

    def __init__(self, folder: Path, portal: RunningPortal) -> None:
        settings = Settings(lake=folder, **portal.addresses)  # type: ignore[arg-type]  # all are addresses
        retries = RetryPolicy(attempts=2, first_wait=0.01)
        self.ctx = RunContext(settings, now=lambda: datetime(2026, 4, 1, tzinfo=UTC), retries=retries)

    def refresh(self) -> SourceReport:
        report = refresh_source(self.ctx, FORECASTS, SilentProgress())
        refresh_copies(self.ctx, FORECASTS)
        return report

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        files = f"read_parquet('{self.ctx.parquet.folder(FORECASTS)}/*/*.parquet')"
        return connect().execute(query.replace("lake", files)).fetchall()


def test_every_forecast_is_kept_with_its_issue_and_the_same_words_are_kept_once(
    portal: RunningPortal, tmp_path: Path
) -> None:
    lake = Lake(tmp_path / "lake", portal)
    assert lake.refresh().outcome == "refreshed"
    assert lake.refresh().outcome == "unchanged"
    assert portal.control()["calls"] == {NAME: {"forecast": 2}}
    portal.control("vintage", {"stamp": None})
    assert lake.refresh().changed == ["2026-03"]
    assert lake.rows("SELECT emise_a, count(*), count(DISTINCT code_region) FROM lake GROUP BY 1 ORDER BY 1") == [
        (NOON, 13 * HOURS, 13),
        (EVENING, 13 * HOURS, 13),
    ]
    assert lake.rows(
        "SELECT round(max(temperature_2m) - min(temperature_2m), 6) FROM lake "
        "WHERE code_region = '94' AND instant = TIMESTAMPTZ '2026-03-30 12:00:00+00'"
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
    portal: RunningPortal, tmp_path: Path, fault: str, error: str
) -> None:
    lake = Lake(tmp_path / "lake", portal)
    portal.control("faults", [{"fault": fault, "dataset": NAME, "kind": "forecast", "times": 2}])
    report = lake.refresh()
    assert (report.outcome, report.fault) == ("failed", error)
    assert lake.ctx.raw.partitions(FORECASTS) == []
    portal.control("faults", [])
    assert lake.refresh().outcome == "refreshed"
