"""Labels, instants and the dates until which data sets are published."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np

from dataelec_assets.sample.timeline import Calendar, Horizon, label_texts


def _instants(day: str, labels: int) -> dict[str, str]:
    calendar = Calendar.of(np.array([day], dtype="datetime64[D]"))
    texts = np.datetime_as_string(calendar.instants(labels)[0], unit="m")
    return dict(zip(label_texts(labels), texts.tolist(), strict=True))


def test_in_spring_the_missing_hour_has_the_instants_of_the_next() -> None:
    instants = _instants("2025-03-30", 96)
    assert instants["01:45"] == "2025-03-30T00:45"
    assert instants["02:00"] == instants["03:00"] == "2025-03-30T01:00"
    assert instants["02:45"] == instants["03:45"] == "2025-03-30T01:45"


def test_in_autumn_the_repeated_hour_is_its_second_pass() -> None:
    instants = _instants("2025-10-26", 48)
    assert instants["01:30"] == "2025-10-25T23:30"
    assert instants["02:00"] == "2025-10-26T01:00"  # +01:00; 00:00Z to 00:59Z are not published
    assert instants["23:30"] == "2025-10-26T22:30"


def test_only_the_missing_hour_of_spring_is_fictitious() -> None:
    calendar = Calendar.of(np.array(["2025-03-29", "2025-03-30", "2025-10-26"], dtype="datetime64[D]"))
    assert np.argwhere(calendar.fictitious(48)).tolist() == [[1, 4], [1, 5]]


def test_the_lags_of_publication_are_those_of_the_portal() -> None:
    horizon = Horizon(date(2023, 1, 1), datetime(2026, 9, 27, 8, tzinfo=UTC))
    assert horizon.definitive == date(2024, 12, 31)
    assert horizon.consolidated == date(2026, 6, 30)
    assert horizon.end_of_month(1) == date(2026, 8, 31)
    assert Horizon(date(2023, 1, 1), datetime(2026, 1, 5, tzinfo=UTC)).end_of_month(2) == date(2025, 11, 30)


def test_today_is_a_day_of_paris() -> None:
    horizon = Horizon(date(2023, 1, 1), datetime(2025, 6, 30, 22, 30, tzinfo=UTC))
    assert (horizon.today, horizon.tomorrow) == (date(2025, 7, 1), date(2025, 7, 2))
