"""A period knows its days, reads in French, and is compared with its like only."""

from __future__ import annotations

from datetime import date

import pytest

from dataelec_assets.serving.report.periods import Period, alike, same_days, whole

SPACE = "\u00a0"


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2019-01-01", "2019-12-31", "en 2019"),
        ("2016-01-01", "2019-12-31", "de 2016 à 2019"),
        ("2026-05-01", "2026-05-31", "en mai 2026"),
        ("2026-04-01", "2026-06-30", "d’avril à juin 2026"),
        ("2024-07-01", "2026-06-30", "de juillet 2024 à juin 2026"),
        ("2026-05-22", "2026-05-22", "le 22 mai 2026"),
        ("2026-05-02", "2026-05-22", "du 2 au 22 mai 2026"),
        ("2026-04-23", "2026-05-22", "du 23 avril au 22 mai 2026"),
        ("2025-12-01", "2026-01-07", "du 1er décembre 2025 au 7 janvier 2026"),
    ],
)
def test_a_period_reads_as_a_french_hand_writes_it(start: str, end: str, words: str) -> None:
    period = Period(date.fromisoformat(start), date.fromisoformat(end), 30, 30)
    assert period.words.replace(SPACE, " ") == words


def test_a_period_is_complete_when_no_day_lacks() -> None:
    partial = Period(date(2026, 4, 23), date(2026, 5, 22), 30, 10)
    assert not partial.is_complete
    assert partial.days.replace(SPACE, " ") == "10 jours sur 30"
    assert Period(partial.start, partial.end, 30, 1).days.replace(SPACE, " ") == "1 jour sur 30"
    assert Period(partial.start, partial.end, 30, 30).is_complete
    assert Period.year(2024).expected == 366
    assert Period.between(date(2026, 5, 1), date(2026, 5, 10), 9) == Period(date(2026, 5, 1), date(2026, 5, 10), 10, 9)


def test_only_whole_periods_of_a_length_are_alike() -> None:
    years = [Period.year(2023), Period.year(2024)]
    assert alike(years)
    assert not alike([*years, Period(date(2026, 1, 1), date(2026, 12, 31), 365, 143)])
    assert not alike([Period.year(2024), Period(date(2026, 5, 1), date(2026, 5, 31), 31, 31)])
    assert alike([])


def test_several_periods_make_one_that_counts_each_day_once() -> None:
    may, june = (Period.between(date(2026, m, 1), date(2026, m, 30), n) for m, n in ((5, 30), (6, 10)))
    assert whole([may, june, may]) == Period(date(2026, 5, 1), date(2026, 6, 30), 60, 40)
    # Overlapping ones: the days of the fullest, never more than there are.
    assert whole([Period.year(2024), Period.between(date(2024, 7, 1), date(2025, 6, 30), 365)]) == Period(
        date(2024, 1, 1), date(2025, 6, 30), 547, 366
    )


def test_places_are_compared_over_the_days_that_most_of_them_have() -> None:
    rows = [{"debut": date(2024, 1, 1), "fin": date(2025, 12, 31), "nom": name} for name in "ab"]
    late = {"debut": date(2025, 1, 1), "fin": date(2025, 12, 31), "nom": "c"}
    assert same_days([late, *rows]) == (rows, [late])
    assert same_days([]) == ([], [])
