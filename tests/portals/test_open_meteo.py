"""Open-Meteo: one request for all places, news recognised by content, the instant of issue kept."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.errors import (
    ContractViolation,
    PortalUnreachable,
    RequestRejected,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.fingerprints import Survey, difference
from dataelec_assets.portals.open_meteo import OpenMeteoPortal
from tests.portals.open_meteo_replies import HOURS, NOON, places
from tests.portals.support import Script, document, page, plain

FORECASTS = load_catalog()["previsions-meteo-regions"]
DATE = "Sat, 28 Mar 2026 09:48:00 GMT"


def surveyed(*replies: Callable[[], httpx.Response]) -> Survey:
    with OpenMeteoPortal(Script(*replies).connection()) as client:
        return client.survey(FORECASTS, client.metadata(FORECASTS))


def test_the_client_does_what_a_refresh_asks_of_any_portal() -> None:
    assert isinstance(OpenMeteoPortal(Script(page).connection()), PortalClient)


def test_a_look_and_its_download_cost_one_request_for_all_places(tmp_path: Path) -> None:
    script = Script(lambda: document(places(), Date=DATE))
    with OpenMeteoPortal(script.connection("https://portal.example/open_meteo")) as client:
        metadata = client.metadata(FORECASTS)
        survey = client.survey(FORECASTS, metadata)
        download = client.fetch(FORECASTS, "2026-03", tmp_path / "part", lambda _: None)
    assert [each.url.path for each in script.requests] == ["/open_meteo/v1/forecast"]
    asked = script.parameters
    assert len(asked["latitude"].split(",")) == len(asked["longitude"].split(",")) == 13
    assert asked["latitude"].startswith("48.8566,")
    assert asked["longitude"].startswith("2.3522,")
    assert (asked["timezone"], asked["wind_speed_unit"]) == ("GMT", "ms")
    assert (asked["past_days"], asked["forecast_days"]) == ("2", "8")
    assert metadata.records_count == 13 * HOURS
    assert not metadata.synthetic
    assert survey.versions == {"2026-03": NOON.isoformat()}
    rows = list(csv.DictReader(plain(download.path).decode().splitlines(), delimiter=";"))
    assert len(rows) == 13 * HOURS
    assert rows[0] == {
        "emise_a": "2026-03-28T09:48:00+00:00",
        "code_region": "11",
        "instant": "2026-03-26T00:00:00+00:00",
        "latitude": "48.86",
        "longitude": "2.4522",
        "temperature_2m": "0",
        "precipitation": "",
        "wind_speed_10m": "3.5",
    }
    assert rows[-1]["code_region"] == "94"
    assert rows[-1]["instant"] == "2026-04-04T23:00:00+00:00"


def test_the_extent_is_that_of_the_one_reply() -> None:
    script = Script(lambda: document(places(), Date=DATE))
    with OpenMeteoPortal(script.connection()) as client:
        first, last = client.extent(FORECASTS)
    assert datetime.fromisoformat(last) - datetime.fromisoformat(first) == timedelta(hours=HOURS - 1)
    assert len(script.requests) == 1


def test_the_same_words_at_another_time_are_no_news() -> None:
    before = surveyed(lambda: document(places(took_ms=0.08), Date=DATE)).partitions["2026-03"]
    later = surveyed(lambda: document(places(took_ms=0.31), Date="Sat, 28 Mar 2026 15:48:00 GMT"))
    assert difference(before.text, later.partitions["2026-03"]) is None
    warmer = surveyed(lambda: document(places(warmer=0.1), Date=DATE)).partitions["2026-03"]
    assert difference(before.text, warmer) == "revised"


def test_no_month_but_the_present_one_can_be_had(tmp_path: Path) -> None:
    with OpenMeteoPortal(Script(lambda: document(places(), Date=DATE)).connection()) as client:
        client.metadata(FORECASTS)
        with pytest.raises(UnexpectedContent, match="2026-02 cannot be had"):
            client.fetch(FORECASTS, "2026-02", tmp_path / "part", lambda _: None)


def test_the_month_is_that_of_the_issue_in_paris() -> None:
    survey = surveyed(lambda: document(places(), Date="Tue, 31 Mar 2026 22:30:00 GMT"))
    assert list(survey.partitions) == ["2026-04"]


def test_without_a_date_our_own_clock_gives_the_instant_of_issue() -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    ((_, issued),) = surveyed(lambda: document(places())).versions.items()
    assert before <= datetime.fromisoformat(issued) <= datetime.now(UTC)


def _spoiled(spoil: Callable[[list[dict[str, Any]]], object]) -> Callable[[], httpx.Response]:
    def reply() -> httpx.Response:
        body = places()
        spoil(body)
        return document(body)

    return reply


@pytest.mark.parametrize(
    ("spoil", "fault", "words"),
    [
        (lambda body: body.pop(), ContractViolation, "12 places answer for 13"),
        (lambda body: body.reverse(), ContractViolation, "answers for Paris"),
        (lambda body: body[3].update(utc_offset_seconds=3600), ContractViolation, "hours of Rouen are not in UTC"),
        (lambda body: body[0]["hourly_units"].update(temperature_2m="°F"), ContractViolation, "not in '°C'"),
        (lambda body: body[0]["hourly_units"].update(wind_speed_10m="km/h"), ContractViolation, "not in 'm/s'"),
        (lambda body: body[0]["hourly"]["time"].pop(), ContractViolation, "Paris has 239 hours of 240"),
        (lambda body: body[12]["hourly"]["precipitation"].pop(), ContractViolation, "Ajaccio has 239 values of 240"),
        (lambda body: body[5].pop("hourly"), UnexpectedContent, "KeyError: 'hourly'"),
        (lambda body: body[5]["hourly"]["temperature_2m"].__setitem__(9, "warm"), UnexpectedContent, "ValueError"),
    ],
)
def test_a_reply_to_another_question_is_refused_and_says_why(
    spoil: Callable[[list[dict[str, Any]]], object], fault: type[SourceError], words: str
) -> None:
    with pytest.raises(fault, match=words):
        surveyed(_spoiled(spoil))


def test_the_reason_of_a_refusal_is_reported() -> None:
    reason = "Parameter 'past_days' is out of allowed range from 0 to 92"
    with pytest.raises(RequestRejected, match="allowed range from 0 to 92"):
        surveyed(lambda: document({"error": True, "reason": reason}, 400))


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (page, UnexpectedContent),
        (lambda: document({"error": True, "reason": "Minutely API request limit exceeded."}), UnexpectedContent),
        (lambda: httpx.Response(200, content=iter([b'[{"latitude": 48'])), PortalUnreachable),
        (lambda: httpx.Response(200, content=iter([b""])), PortalUnreachable),
    ],
)
def test_pages_errors_and_broken_bodies_are_no_forecast(
    reply: Callable[[], httpx.Response], fault: type[SourceError]
) -> None:
    with pytest.raises(fault):
        surveyed(reply)


def test_a_broken_body_is_requested_again() -> None:
    script = Script(lambda: httpx.Response(200, content=iter([b'[{"lat'])), lambda: document(places(), Date=DATE))
    with OpenMeteoPortal(script.connection()) as client:
        assert client.metadata(FORECASTS).records_count == 13 * HOURS
    assert len(script.requests) == 2
