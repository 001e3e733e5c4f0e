"""The age of a source is that of its newest measured value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.refresh.freshness import age_of, in_words

REAL_TIME = load_catalog()["eco2mix-national-tr"]
GAS = load_catalog()["stock-quotidien-stockages-gaz"]


@pytest.mark.parametrize(("hours", "status"), [(0, "pass"), (3, "pass"), (3.1, "warn"), (6, "warn"), (6.1, "fail")])
def test_real_time_passes_for_three_hours_and_fails_after_six(hours: float, status: str) -> None:
    newest = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert age_of(REAL_TIME, newest.isoformat(), newest + timedelta(hours=hours)).status == status


def test_a_day_counts_from_its_beginning() -> None:
    age = age_of(GAS, "2026-01-01", datetime(2026, 3, 2, tzinfo=UTC))
    assert (age.status, age.age) == ("pass", timedelta(days=60))
    assert age.words == "newest measured value 60 d old, 65 d expected"


def test_a_source_without_any_measure_fails() -> None:
    assert age_of(GAS, None, datetime(2026, 3, 2, tzinfo=UTC)).status == "fail"


@pytest.mark.parametrize(
    ("span", "words"), [({"minutes": 119}, "119 min"), ({"hours": 3}, "3 h"), ({"hours": 48}, "2 d")]
)
def test_spans_are_written_with_one_unit(span: dict[str, int], words: str) -> None:
    assert in_words(timedelta(**span)) == words
