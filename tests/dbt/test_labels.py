"""The rows that the other tests are made of are what RTE prints."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.dbt.lakes import labels


def test_every_day_prints_48_labels() -> None:
    assert {len(labels(day)) for day in (date(2019, 1, 1), date(2019, 3, 31), date(2019, 10, 27))} == {48}


def test_spring_labels_share_the_instants_of_the_next_hour() -> None:
    spring = dict(labels(date(2019, 3, 31)))
    assert spring["01:30"] == datetime(2019, 3, 31, 0, 30, tzinfo=UTC)
    assert spring["02:00"] == spring["03:00"] == datetime(2019, 3, 31, 1, tzinfo=UTC)
    assert spring["02:30"] == spring["03:30"] == datetime(2019, 3, 31, 1, 30, tzinfo=UTC)


def test_the_repeated_autumn_hour_is_printed_with_its_second_pass() -> None:
    autumn = dict(labels(date(2019, 10, 27)))
    assert autumn["01:30"] == datetime(2019, 10, 26, 23, 30, tzinfo=UTC)
    assert autumn["02:00"] == datetime(2019, 10, 27, 1, tzinfo=UTC)
