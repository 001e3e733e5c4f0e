"""Publications of a bucket go a day after they were replaced, however old they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dataelec_assets.lake.parts import GRACE
from dataelec_assets.lake.served_copy import out_of_use

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def written(**ages: timedelta) -> dict[str, datetime]:
    return {name: NOW - age for name, age in ages.items()}


def test_a_publication_stays_a_day_after_the_next_however_old_it_is() -> None:
    minute = timedelta(minutes=1)
    assert out_of_use(written(old=400 * GRACE, before=GRACE - minute, now=timedelta()), "now") == []
    assert out_of_use(written(old=400 * GRACE, before=GRACE + minute, now=timedelta()), "now") == ["old"]


def test_what_is_served_stays_and_the_first_publication_too() -> None:
    assert out_of_use(written(now=timedelta()), "now") == []
    ages = written(now=3 * GRACE, left_by_a_killed_run=2 * GRACE, another=GRACE / 2, last=timedelta())
    assert out_of_use(ages, "now") == []  # the run that was killed came half a day before the next
    ages = written(now=4 * GRACE, left_by_a_killed_run=3 * GRACE, another=2 * GRACE, last=timedelta())
    assert out_of_use(ages, "now") == ["left_by_a_killed_run"]


def test_publications_of_one_second_are_both_kept() -> None:
    assert out_of_use(written(one=timedelta(), two=timedelta()), "two") == []
