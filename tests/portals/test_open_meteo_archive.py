"""The archive: months found by one town's days, complete days only, one request a month."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.errors import ContractViolation, DatasetAbsent, SourceError, UnexpectedContent
from dataelec_assets.portals.client import PortalClient, SpanPortal
from dataelec_assets.portals.fingerprints import Survey, difference
from dataelec_assets.portals.open_meteo import weight
from dataelec_assets.portals.open_meteo_archive import OpenMeteoArchivePortal
from dataelec_assets.portals.partition_filters import partition_bounds
from tests.portals.support import Script, document, plain

ARCHIVE = load_catalog()["archives-meteo-regions"]
UNITS = {"time": "iso8601", "temperature_2m": "°C", "precipitation": "mm", "wind_speed_10m": "m/s"}


def days(*means: float | None, first: date = date(2023, 3, 25)) -> dict[str, Any]:
    """Return the daily means of the witness."""
    return {
        "daily_units": {"time": "iso8601", "temperature_2m_mean": "°C"},
        "daily": {
            "time": [(first + timedelta(days=each)).isoformat() for each in range(len(means))],
            "temperature_2m_mean": list(means),
        },
    }


def hours(first: date, last: date, known_until: datetime) -> list[dict[str, Any]]:
    """Return the hours of all towns; temperatures are unknown from an instant on, at one of them an hour before."""
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    instants = [begin + timedelta(hours=each) for each in range(24 * ((last - first).days + 1))]
    return [
        {
            "latitude": latitude,
            "longitude": longitude,
            "utc_offset_seconds": 0,
            "hourly_units": UNITS,
            "hourly": {
                "time": [f"{each:%Y-%m-%dT%H:%M}" for each in instants],
                "temperature_2m": [
                    8.5 if each < known_until - timedelta(hours=code == "94") else None for each in instants
                ],
                "precipitation": [0.1] * len(instants),
                "wind_speed_10m": [3] * len(instants),
            },
        }
        for code, (_, latitude, longitude) in sorted(CHIEF_TOWNS.items())
    ]


def surveyed(body: dict[str, Any]) -> Survey:
    with OpenMeteoArchivePortal(Script(lambda: document(body)).connection()) as client:
        return client.survey(ARCHIVE, client.metadata(ARCHIVE))


def test_the_days_of_one_town_give_the_version_and_the_months() -> None:
    script = Script(lambda: document(days(*[7.25] * 10, None, None)))
    with OpenMeteoArchivePortal(script.connection()) as client:
        assert isinstance(client, PortalClient)
        metadata = client.metadata(ARCHIVE)
        survey = client.survey(ARCHIVE, metadata)
    assert len(script.requests) == 1
    asked = script.parameters
    assert (asked["latitude"], asked["start_date"], asked["daily"]) == ("48.8566", "2023-01-01", "temperature_2m_mean")
    assert asked["end_date"] < f"{datetime.now(UTC):%Y-%m-%d}"
    # 3 April is the newest whole day; 26 March has 23 hours.
    assert metadata.data_processed == datetime(2023, 4, 3, 22, tzinfo=UTC)
    assert {month: (each.rows, each.last) for month, each in survey.partitions.items()} == {
        "2023-03": ((7 * 24 - 1) * 13, "2023-03-31"),
        "2023-04": (3 * 24 * 13, "2023-04-03"),
    }
    assert metadata.records_count == (10 * 24 - 1) * 13


def test_the_extent_is_that_of_the_complete_days_of_one_town() -> None:
    script = Script(lambda: document(days(8.5, 9.5, 9.0)))
    with OpenMeteoArchivePortal(script.connection()) as client:
        client.metadata(ARCHIVE)
        assert client.extent(ARCHIVE) == ("2023-03-25", "2023-03-27")
    assert len(script.requests) == 1


def test_a_revision_shows_in_its_month_alone() -> None:
    before = surveyed(days(*[7.0] * 9, None)).partitions
    assert surveyed(days(*[7] * 9)).partitions == before
    revised = surveyed(days(7.0, 7.1, *[7.0] * 7)).partitions
    found = {month: difference(before[month].text, revised[month]) for month in before}
    assert found == {"2023-03": "revised", "2023-04": None}


def test_a_month_is_one_request_and_holds_its_complete_days_of_paris(tmp_path: Path) -> None:
    # Known until 10 March, 23:00 UTC in all towns but one, whose 10 March lacks its last hour.
    known = datetime(2023, 3, 10, 23, tzinfo=UTC)
    script = Script(lambda: document(hours(date(2023, 2, 28), date(2023, 3, 31), known)))
    with OpenMeteoArchivePortal(script.connection()) as client:
        download = client.fetch(ARCHIVE, "2023-03", tmp_path / "part", lambda _: None)
    assert len(script.requests) == 1
    asked = script.parameters
    assert (asked["start_date"], asked["end_date"], asked["timezone"]) == ("2023-02-28", "2023-03-31", "GMT")
    assert asked["wind_speed_unit"] == "ms"
    assert download.parameters == asked
    rows = list(csv.DictReader(plain(download.path).decode().splitlines(), delimiter=";"))
    assert list(rows[0]) == list(ARCHIVE.column_names)
    assert len(rows) == 9 * 24 * 13
    instants = sorted({row["instant"] for row in rows})
    assert (instants[0], instants[-1]) == ("2023-02-28T23:00:00+00:00", "2023-03-09T22:00:00+00:00")
    assert {row["temperature_2m"] for row in rows} == {"8.5"}


def test_months_that_come_together_are_the_files_that_come_alone(tmp_path: Path) -> None:
    # April is known until the ninth only; March has a change of the clock.
    known, months = datetime(2023, 4, 10, 22, tzinfo=UTC), ["2023-02", "2023-03", "2023-04"]
    bounds = {each: [bound.date() for bound in partition_bounds(ARCHIVE, each)] for each in months}

    def between(first: date, last: date) -> httpx.Response:
        return document(hours(first, last, known))

    script = Script(lambda: between(bounds["2023-02"][0], bounds["2023-04"][1]))
    with OpenMeteoArchivePortal(script.connection()) as client:
        assert isinstance(client, SpanPortal)
        drafts = {each: tmp_path / f"{each}.cut" for each in months}
        together = client.fetch_together(ARCHIVE, drafts, lambda _: None)
    assert (together.fault, len(script.requests)) == (None, 1)
    assert (script.parameters["start_date"], script.parameters["end_date"]) == ("2023-01-31", "2023-04-30")
    for month, cut in together.downloads.items():
        alone = Script(lambda month=month: between(*bounds[month]))  # type: ignore[misc]
        with OpenMeteoArchivePortal(alone.connection()) as client:
            download = client.fetch(ARCHIVE, month, tmp_path / month, lambda _: None)
        assert replace(cut, path=download.path, parameters=download.parameters) == download
        assert cut.parameters == script.parameters
    assert [plain(drafts[each]).count(b"\n") - 1 for each in months] == [13 * 672, 13 * 743, 13 * 216]


def test_a_year_weighs_less_than_its_months() -> None:
    year = weight(len(CHIEF_TOWNS), 3, 367)
    assert year < 12 * weight(len(CHIEF_TOWNS), 3, 32)
    assert 4 * year < 600


def test_hours_that_lack_a_day_within_are_refused_together(tmp_path: Path) -> None:
    def reply() -> httpx.Response:
        body = hours(date(2023, 1, 31), date(2023, 4, 30), datetime(2024, 1, 1, tzinfo=UTC))
        for series in body[3]["hourly"].values():
            del series[480:504]
        return document(body)

    with OpenMeteoArchivePortal(Script(reply).connection()) as client:
        drafts = {each: tmp_path / each for each in ("2023-02", "2023-03", "2023-04")}
        together = client.fetch_together(ARCHIVE, drafts, lambda _: None)
    assert together.downloads == {}
    assert "has 2136 hours of 2160" in str(together.fault)


@pytest.mark.parametrize(
    ("body", "fault", "words"),
    [
        (days(None, None), DatasetAbsent, "has no day"),
        ({**days(7.0), "daily_units": {"temperature_2m_mean": "°F"}}, ContractViolation, "°F"),
        ({"daily_units": {"temperature_2m_mean": "°C"}}, UnexpectedContent, "KeyError: 'daily'"),
    ],
)
def test_days_that_cannot_be_trusted_are_refused(body: dict[str, Any], fault: type[SourceError], words: str) -> None:
    with pytest.raises(fault, match=words):
        surveyed(body)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda body: body.pop(), "12 places answer for 13"),
        (lambda body: body[0].update(utc_offset_seconds=3600), "not in UTC"),
        (lambda body: body[0]["hourly"]["time"].pop(), "Paris has 767 hours of 768"),
    ],
)
def test_hours_of_another_request_are_refused(
    tmp_path: Path, spoil: Callable[[list[dict[str, Any]]], object], words: str
) -> None:
    def reply() -> httpx.Response:
        body = hours(date(2023, 2, 28), date(2023, 3, 31), datetime(2024, 1, 1, tzinfo=UTC))
        spoil(body)
        return document(body)

    with OpenMeteoArchivePortal(Script(reply).connection()) as client, pytest.raises(ContractViolation, match=words):
        client.fetch(ARCHIVE, "2023-03", tmp_path / "part", lambda _: None)
