"""The age of a source is that of its newest measured value."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dataelec_assets.catalog import Partitioning, load_catalog
from dataelec_assets.ingest.freshness import age_of, describe_span
from tests.ingest.other_portals import CONSUMPTION, POPULATION

REAL_TIME = load_catalog()["eco2mix-national-tr"]
GAS = load_catalog()["stock-quotidien-stockages-gaz"]


@pytest.mark.parametrize(("hours", "status"), [(0, "pass"), (3, "pass"), (3.1, "warn"), (6, "warn"), (6.1, "fail")])
def test_real_time_passes_for_three_hours_and_fails_after_six(hours: float, status: str) -> None:
    newest = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert age_of(REAL_TIME, newest.isoformat(), newest + timedelta(hours=hours)).status == status


def test_a_day_counts_from_its_beginning() -> None:
    age = age_of(GAS, "2026-01-01", datetime(2026, 3, 2, tzinfo=UTC))
    assert (age.status, age.age) == ("pass", timedelta(days=60))
    assert age.text == "newest measured value 60 d old, 65 d expected"


@pytest.mark.parametrize(("newest", "days"), [("2023", 790), ("2024-06", 608), ("2024-12", 424), ("2024-06-30", 609)])
def test_a_year_or_a_month_counts_from_its_end(newest: str, days: int) -> None:
    for dataset in (CONSUMPTION, POPULATION):
        assert age_of(dataset, newest, datetime(2026, 3, 1, tzinfo=UTC)).age == timedelta(days=days)


def test_rows_without_a_time_have_no_age() -> None:
    timeless = replace(CONSUMPTION, partitioning=Partitioning("none"))
    age = age_of(timeless, None, datetime(2026, 3, 2, tzinfo=UTC))
    assert (age.status, age.age, age.text) == ("pass", None, "its rows tell no time")
    assert age_of(replace(timeless, dated_by="annee"), None, datetime(2026, 3, 2, tzinfo=UTC)).status == "fail"
    assert age_of(POPULATION, None, datetime(2026, 3, 2, tzinfo=UTC)).status == "fail"


def test_a_set_that_its_publisher_has_stopped_is_never_late() -> None:
    stopped, now = load_catalog()["imports-exports-commerciaux"], datetime(2040, 1, 1, tzinfo=UTC)
    age = age_of(stopped, "2021-12-31", now)
    assert (age.status, age.text) == ("pass", "newest measured value 6575 d old, the publisher stopped at 2021-12-31")
    # A copy that does not reach the end is not excused by it.
    assert age_of(stopped, "2021-12-30", now).status == "fail"
    assert age_of(replace(stopped, history_end=None), "2021-12-31", now).status == "fail"


def test_a_set_that_its_publisher_has_withdrawn_is_never_late() -> None:
    age = age_of(replace(GAS, withdrawn=True), "2020-01-01", datetime(2026, 1, 1, tzinfo=UTC))
    assert (age.status, age.text) == ("pass", "newest measured value 2192 d old, no longer published")


def test_a_source_without_any_measure_fails() -> None:
    assert age_of(GAS, None, datetime(2026, 3, 2, tzinfo=UTC)).status == "fail"


@pytest.mark.parametrize(
    ("span", "words"), [({"minutes": 119}, "119 min"), ({"hours": 3}, "3 h"), ({"hours": 48}, "2 d")]
)
def test_spans_are_written_with_one_unit(span: dict[str, int], words: str) -> None:
    assert describe_span(timedelta(**span)) == words
