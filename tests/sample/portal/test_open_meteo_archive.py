"""The embedded archive, played from the invented weather: a lake gets its months, and asks for none twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample.portal import RunningPortal, serve
from dataelec_assets.sample.timeline import Horizon
from dataelec_assets.sample.weather import write_archive
from dataelec_assets.settings import Settings

ARCHIVE = load_catalog()["archives-meteo-regions"]
NOW = datetime(2023, 5, 20, 12, tzinfo=UTC)
HORIZON = Horizon(date(2023, 1, 1), NOW)


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[RunningPortal]:
    list(write_archive(tmp_path / "portal", 7, HORIZON))
    with serve(tmp_path / "portal") as running:
        yield running


def ask(portal: RunningPortal, **asked: str) -> Any:
    place = {"latitude": "48.85", "longitude": "2.35"}
    return portal.client.get(f"{portal.url}/open_meteo_archive/v1/archive", params={**place, **asked})


def test_a_lake_is_filled_by_month_and_asks_for_none_twice(portal: RunningPortal, tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path / "lake", **portal.addresses)  # type: ignore[arg-type]  # all are addresses
    ctx = RunContext(settings, now=lambda: NOW, retries=RetryPolicy(attempts=1, first_wait=0.01))
    report = refresh_source(ctx, ARCHIVE, SilentProgress())
    assert (report.outcome, report.error) == ("refreshed", None)
    assert report.changed == ["2023-03", "2023-04", "2023-05"]
    refresh_copies(ctx, ARCHIVE)
    # Five days late; 26 March has 23 hours. The first of its days is sixty-one before May.
    files = f"read_parquet('{ctx.parquet.folder(ARCHIVE)}/*/*.parquet')"
    rows = connect().execute(
        f"SELECT mois, count(*), min(instant), max(instant), count(temperature_2m) FROM {files} "
        "GROUP BY mois ORDER BY mois"
    )
    assert rows.fetchall() == [
        ("2023-03", 13 * 743, _at(2, 28, 23), _at(3, 31, 21), 13 * 743),
        ("2023-04", 13 * 720, _at(3, 31, 22), _at(4, 30, 21), 13 * 720),
        ("2023-05", 13 * 360, _at(4, 30, 22), _at(5, 15, 21), 13 * 360),
    ]
    assert refresh_source(ctx, ARCHIVE, SilentProgress()).outcome == "unchanged"
    # Days, three months, days again.
    assert portal.control()["calls"] == {f"open_meteo_archive/{ARCHIVE.id}": {"forecast": 5}}


def _at(month: int, day: int, hour: int) -> datetime:
    return datetime(2023, month, day, hour, tzinfo=UTC)


def test_what_no_file_has_is_null_and_the_mean_is_that_of_the_hours(portal: RunningPortal) -> None:
    said = ask(portal, start_date="2023-02-28", end_date="2023-03-02", daily="temperature_2m_mean").json()
    assert said["daily"]["temperature_2m_mean"][0] is None
    hours = ask(portal, start_date="2023-03-02", end_date="2023-03-02", hourly="temperature_2m").json()["hourly"]
    assert len(hours["time"]) == 24
    assert said["daily"]["temperature_2m_mean"][2] == round(sum(hours["temperature_2m"]) / 24, 1)
    late = ask(portal, start_date="2023-05-18", end_date="2023-05-18", hourly="temperature_2m").json()["hourly"]
    assert late["temperature_2m"] == [None] * 24


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"end_date": "2023-03-02"}, "cannot be read"),
        ({"start_date": "x", "end_date": "2023-03-02"}, "cannot be read"),
        ({"start_date": "2023-03-01", "end_date": "2023-03-02", "hourly": "snow"}, "invalid String value snow"),
    ],
)
def test_what_cannot_be_served_is_refused(portal: RunningPortal, asked: dict[str, str], words: str) -> None:
    refused = ask(portal, **asked)
    assert (refused.status_code, refused.json()["error"]) == (400, True)
    assert words in refused.json()["reason"]


def test_a_day_is_the_same_however_far_the_archive_reaches(tmp_path: Path) -> None:
    def written(folder: str, now: datetime) -> dict[str, float]:
        ((_, path, rows),) = write_archive(tmp_path / folder, 7, Horizon(HORIZON.start, now))
        hourly = json.loads(path.read_text("utf-8"))[0]["hourly"]
        hours, wind = hourly["time"], hourly["wind_speed_10m"]
        assert rows == 13 * len(hours)
        return dict(zip(hours, wind, strict=True))

    first, later = written("a", NOW), written("b", datetime(2023, 6, 7, 12, tzinfo=UTC))
    both = first.keys() & later.keys()
    assert len(both) > 24 * 40
    assert {hour: first[hour] for hour in both} == {hour: later[hour] for hour in both}
