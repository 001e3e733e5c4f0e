"""A source is asked again by its cadence, and more patiently the longer it fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.catalog.rhythms import RHYTHMS
from dataelec_assets.ingest.cadence import LONGEST_RETRY, back_off, due_at, is_due
from dataelec_assets.lake.state import SourceState

REAL_TIME = load_catalog()["eco2mix-national-tr"]
GAS = load_catalog()["stock-quotidien-stockages-gaz"]
CHECKED = datetime(2026, 3, 1, 12, tzinfo=UTC)


def checked(**fields: object) -> SourceState:
    state = SourceState(status="fresh", checked_at=CHECKED.isoformat())
    for name, value in fields.items():
        setattr(state, name, value)
    return state


def wait(state: SourceState, dataset_id: str = REAL_TIME.id) -> timedelta:
    when = due_at(load_catalog()[dataset_id], state)
    assert when is not None
    return when - CHECKED


def test_a_source_that_was_asked_in_the_future_is_due_since_the_clock_has_gone_back() -> None:
    assert is_due(GAS, checked(), CHECKED - timedelta(seconds=1))
    assert not is_due(GAS, checked(), CHECKED)


def test_a_source_that_was_never_asked_is_due_at_once() -> None:
    assert is_due(GAS, SourceState(), CHECKED)


def test_a_fresh_source_is_asked_by_its_cadence() -> None:
    assert wait(checked()) == timedelta(minutes=15)
    assert wait(checked(), GAS.id) == timedelta(hours=6)
    assert not is_due(REAL_TIME, checked(), CHECKED + timedelta(minutes=14))
    assert is_due(REAL_TIME, checked(), CHECKED + timedelta(minutes=15))


def test_a_source_whose_refresh_was_cut_is_asked_again_soon() -> None:
    assert wait(checked(status="stale", stale=3), GAS.id) == timedelta(minutes=5)


def test_failures_are_retried_after_5_10_20_minutes_and_never_less_often_than_every_six_hours() -> None:
    waits = [back_off(failures) for failures in range(1, 9)]
    assert waits[:4] == [timedelta(minutes=each) for each in (5, 10, 20, 40)]
    assert waits == sorted(waits)
    assert waits[-1] == back_off(10_000) == LONGEST_RETRY
    assert wait(checked(status="failed", failures=3), GAS.id) == timedelta(minutes=20)


def test_a_night_of_failures_costs_few_calls() -> None:
    asked, now, failures = 0, CHECKED, 0
    while now < CHECKED + timedelta(hours=8):
        asked, failures = asked + 1, failures + 1
        now += back_off(failures)
    assert asked <= 8


def test_an_absent_data_set_is_not_urgent() -> None:
    assert wait(checked(status="absent", failures=1)) == LONGEST_RETRY


@pytest.mark.parametrize("rhythm", RHYTHMS.values(), ids=RHYTHMS.keys())
def test_a_copy_that_is_checked_in_time_never_warns(rhythm: object) -> None:
    assert isinstance(rhythm, type(RHYTHMS["daily"]))
    assert 2 * rhythm.poll < rhythm.warn < rhythm.fail


def test_a_month_of_polling_stays_below_the_quota_of_the_publisher() -> None:
    # Metadata, groups, export and count for each poll of real time; metadata and groups for the others.
    month = timedelta(days=31)
    calls = sum(
        (month / RHYTHMS[dataset.cadence].poll) * (4 if dataset.cadence == "quarter-hourly" else 2)
        for dataset in load_catalog().values()
        if dataset.stands_in_for is None  # asked while its publisher's portal is not
    )
    assert calls < 50_000
