"""What had been forecast: months by the day on which it was known, and nothing that nobody could know."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.errors import ContractViolation, DatasetAbsent, SourceError, UnexpectedContent
from dataelec_assets.portals import open_meteo_previous_runs
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.fingerprints import Survey, difference
from dataelec_assets.portals.open_meteo_previous_runs import (
    DAY_BEFORE,
    NAMES,
    OpenMeteoPreviousRunsPortal,
    hours_known_between,
    known_at,
)
from tests.portals.previous_runs_replies import Said, runs, said
from tests.portals.support import Script, document, plain

HISTORY = load_catalog()["historique-previsions-meteo-regions"]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_meteo_previous_runs, "_today", lambda: date(2024, 4, 3))


def witness(say: Said = said, first: date = date(2024, 3, 25), last: date = date(2024, 4, 3)) -> dict[str, Any]:
    (found,) = runs(first, last, say, names=(DAY_BEFORE,), codes=("11",))
    return found


def surveyed(body: dict[str, Any]) -> Survey:
    with OpenMeteoPreviousRunsPortal(Script(lambda: document(body)).connection()) as client:
        return client.survey(HISTORY, client.metadata(HISTORY))


def test_the_hours_of_one_town_give_the_version_and_the_months() -> None:
    script = Script(lambda: document(witness()))
    with OpenMeteoPreviousRunsPortal(script.connection()) as client:
        assert isinstance(client, PortalClient)
        metadata = client.metadata(HISTORY)
        survey = client.survey(HISTORY, metadata)
        assert client.extent(HISTORY) == ("2024-03-24", "2024-04-02")
    assert len(script.requests) == 1
    asked = script.parameters
    assert (asked["latitude"], asked["hourly"], asked["timezone"]) == ("48.8566", DAY_BEFORE, "GMT")
    assert (asked["start_date"], asked["end_date"]) == ("2024-01-01", "2024-04-03")
    # Today is not over; 2 April is the newest whole day.
    assert metadata.data_processed == datetime(2024, 4, 2, 22, tzinfo=UTC)
    assert {month: each.last for month, each in survey.partitions.items()} == {
        "2024-03": "2024-03-31",
        "2024-04": "2024-04-02",
    }


def test_a_revision_shows_in_its_month_alone() -> None:
    before = surveyed(witness()).partitions
    # The hour became known half a day before, which was in March.
    at = datetime(2024, 4, 1, 9, tzinfo=UTC)
    revised = surveyed(witness(lambda hour, lead: 30.0 if hour == at else said(hour, lead))).partitions
    assert {month: difference(before[month].text, revised[month]) for month in before} == {
        "2024-03": "revised",
        "2024-04": None,
    }


def test_months_before_the_first_value_are_not_there() -> None:
    begin = datetime(2024, 4, 2, tzinfo=UTC)
    survey = surveyed(witness(lambda hour, lead: said(hour, lead) if hour >= begin else None))
    assert list(survey.partitions) == ["2024-04"]


def test_a_value_is_known_half_a_day_after_the_last_run_that_can_have_said_it() -> None:
    noon = datetime(2024, 3, 20, 12, tzinfo=UTC)
    assert known_at(noon, 0) == noon + timedelta(hours=12)
    assert known_at(noon, 7) == noon - timedelta(days=6, hours=12)


def test_a_month_asks_for_every_hour_of_which_something_became_known_in_it() -> None:
    first, until = datetime(2024, 2, 29, 23, tzinfo=UTC), datetime(2024, 3, 31, 22, tzinfo=UTC)
    assert hours_known_between(first, until) == (date(2024, 2, 29), date(2024, 4, 7))


def test_a_month_is_one_request_and_holds_what_became_known_in_it(tmp_path: Path) -> None:
    script = Script(lambda: document(runs(date(2024, 2, 29), date(2024, 4, 7))))
    with OpenMeteoPreviousRunsPortal(script.connection()) as client:
        download = client.fetch(HISTORY, "2024-03", tmp_path / "part", lambda _: None)
    assert len(script.requests) == 1
    asked = script.parameters
    assert (asked["start_date"], asked["end_date"], asked["hourly"]) == ("2024-02-29", "2024-04-07", ",".join(NAMES))
    assert download.parameters == asked
    rows = list(csv.DictReader(plain(download.path).decode().splitlines(), delimiter=";"))
    assert list(rows[0]) == list(HISTORY.column_names)
    # 743 hours: the month has a day of 23. In each of them one value became known by lead.
    assert len(rows) == 743 * 8 * 13
    known = sorted({row["emise_a"] for row in rows})
    assert (known[0], known[-1]) == ("2024-02-29T23:00:00+00:00", "2024-03-31T21:00:00+00:00")
    for row in rows:
        ahead = datetime.fromisoformat(row["instant"]) - datetime.fromisoformat(row["emise_a"])
        lead = (ahead + timedelta(hours=12)) / timedelta(days=1)
        assert float(row["temperature_2m"]) == said(datetime.fromisoformat(row["instant"]), int(lead))


def test_the_month_in_progress_ends_with_yesterday(tmp_path: Path) -> None:
    script = Script(lambda: document(runs(date(2024, 3, 31), date(2024, 4, 9))))
    with OpenMeteoPreviousRunsPortal(script.connection()) as client:
        download = client.fetch(HISTORY, "2024-04", tmp_path / "part", lambda _: None)
    assert (script.parameters["start_date"], script.parameters["end_date"]) == ("2024-03-31", "2024-04-09")
    known = {row["emise_a"] for row in csv.DictReader(plain(download.path).decode().splitlines(), delimiter=";")}
    assert max(known) == "2024-04-02T21:00:00+00:00"


def test_what_a_model_does_not_say_so_early_is_left_out(tmp_path: Path) -> None:
    script = Script(
        lambda: document(
            runs(date(2024, 3, 31), date(2024, 4, 9), lambda at, lead: None if lead > 3 else said(at, lead))
        )
    )
    with OpenMeteoPreviousRunsPortal(script.connection()) as client:
        download = client.fetch(HISTORY, "2024-04", tmp_path / "part", lambda _: None)
    assert len(plain(download.path).splitlines()) == 1 + 48 * 4 * 13


@pytest.mark.parametrize(
    ("body", "fault", "words"),
    [
        (witness(lambda *_: None), DatasetAbsent, "has no day"),
        ({**witness(), "hourly_units": {DAY_BEFORE: "°F"}}, ContractViolation, "°F"),
        ({"hourly_units": {DAY_BEFORE: "°C"}}, UnexpectedContent, "KeyError: 'hourly'"),
    ],
)
def test_hours_that_cannot_be_trusted_are_refused(body: dict[str, Any], fault: type[SourceError], words: str) -> None:
    with pytest.raises(fault, match=words):
        surveyed(body)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda body: body.pop(), "12 places answer for 13"),
        (lambda body: body[0].update(utc_offset_seconds=3600), "not in UTC"),
        (lambda body: body[0]["hourly"][NAMES[7]].pop(), "values of 240"),
        (lambda body: body[0]["hourly_units"].update({NAMES[2]: "°F"}), "in '°F'"),
    ],
)
def test_hours_of_another_request_are_refused(
    tmp_path: Path, spoil: Callable[[list[dict[str, Any]]], object], words: str
) -> None:
    def reply() -> httpx.Response:
        body = runs(date(2024, 3, 31), date(2024, 4, 9))
        spoil(body)
        return document(body)

    script = Script(reply)
    with (
        OpenMeteoPreviousRunsPortal(script.connection()) as client,
        pytest.raises(ContractViolation, match=words),
    ):
        client.fetch(HISTORY, "2024-04", tmp_path / "part", lambda _: None)
