"""Correlation and slope of daily series: against SciPy, and the number of days that they are worth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dataelec_assets.analysis import correlation
from dataelec_assets.analysis.correlation import Series, Whole, anomalies, effective_numbers, estimates


def white(seed: int, days: int = 2000) -> Series:
    return np.random.default_rng(seed).normal(size=days)


def first_order(seed: int, phi: float, days: int = 4000) -> Series:
    noise = white(seed, days)
    values = np.zeros(days)
    for day in range(1, days):
        values[day] = phi * values[day - 1] + noise[day]
    return values


def calendar(days: int) -> tuple[Whole, Whole, Whole]:
    """Return day of the year, year and month of consecutive days from 2016-01-01."""
    dates = np.datetime64("2016-01-01") + np.arange(days)
    years = dates.astype("datetime64[Y]")
    months = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    return (dates - years.astype("datetime64[D]")).astype(np.int64) + 1, years.astype(np.int64) + 1970, months


def test_effects_are_those_of_scipy_on_the_days_that_both_series_have() -> None:
    x = np.round(white(1), 1)  # with ties
    y = 0.5 * x + white(2)
    x[10:20], y[50] = np.nan, np.nan
    both = np.isfinite(x) & np.isfinite(y)
    pearson, spearman, slope = estimates(x, y)
    assert [each.days for each in (pearson, spearman, slope)] == [1989] * 3
    assert pearson.effect == pytest.approx(stats.pearsonr(x[both], y[both]).statistic)
    assert spearman.effect == pytest.approx(stats.spearmanr(x[both], y[both]).statistic)
    line = stats.linregress(x[both], y[both])
    assert slope.effect == pytest.approx(line.slope)
    assert all(each.conclusive and each.reason is None for each in (pearson, spearman, slope))


def test_of_independent_days_the_intervals_are_the_usual_ones() -> None:
    x = white(3)
    y = 0.3 * x + white(4)
    pearson, _, slope = estimates(x, y)
    assert pearson.effective == pytest.approx(2000, rel=0.1)
    usual = stats.pearsonr(x, y).confidence_interval(0.95)
    assert pearson.low == pytest.approx(usual.low, abs=0.005)
    assert pearson.high == pytest.approx(usual.high, abs=0.005)
    line = stats.linregress(x, y)
    assert slope.low == pytest.approx(line.slope - 1.96 * line.stderr, abs=0.005)


def test_days_like_their_neighbours_are_worth_what_bretherton_says_of_first_order_series() -> None:
    found = [
        effective_numbers([(first_order(seed, 0.8), first_order(seed + 100, 0.8))], np.ones(4000, dtype=bool))[0]
        for seed in range(20)
    ]
    expected = 4000 * (1 - 0.64) / (1 + 0.64)
    assert np.median(found) == pytest.approx(expected, rel=0.25)


def test_the_effective_number_is_the_sum_over_the_pairs_of_days_also_with_gaps() -> None:
    x, y = first_order(5, 0.7, 200), first_order(6, 0.6, 200)
    both = np.ones(200, dtype=bool)
    both[[30, 31, 32, 90, 150]] = False
    days = int(both.sum())

    def naive(values: Series, lag: int) -> float:
        centred = values - values[both].mean()
        pairs = [(i, i + lag) for i in range(200 - lag) if both[i] and both[i + lag]]
        return float(np.mean([centred[i] * centred[j] for i, j in pairs]) / np.mean(centred[both] ** 2))

    def pairs(lag: int) -> int:
        return sum(bool(both[i] and both[i + lag]) for i in range(200 - lag))

    inflation = 1 + 2 * sum(pairs(lag) / days * naive(x, lag) * naive(y, lag) for lag in range(1, days // 5 + 1))
    assert effective_numbers([(x[both], y[both])], both) == [pytest.approx(days / inflation)]


def test_unrelated_persistent_series_are_rarely_called_conclusive() -> None:
    # With n instead of the effective number, more than a third would be.
    found = [estimates(first_order(seed, 0.9, 1000), first_order(seed + 500, 0.9, 1000))[0] for seed in range(100)]
    assert sum(each.conclusive for each in found) <= 12
    assert sum(abs(each.effect or 0) > 1.96 / np.sqrt(1000) for each in found) > 33


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        (np.empty(0), np.empty(0), correlation.NO_DAY),
        (np.array([1.0]), np.array([2.0]), correlation.FEW_DAYS),
        (np.full(400, np.nan), white(1, 400), correlation.NO_DAY),
        (np.full(400, 7.1), white(1, 400), correlation.CONSTANT),
        (white(1, 400), np.full(400, -3.3), correlation.CONSTANT),
        (white(1, 29), white(2, 29), correlation.FEW_DAYS),
    ],
    ids=["empty", "single", "no common day", "constant x", "constant y", "a month short of a day"],
)
def test_what_cannot_be_told_is_null_with_its_reason(x: Series, y: Series, reason: str) -> None:
    for each in estimates(x, y):
        assert (each.effect, each.low, each.high, each.effective, each.conclusive) == (None, None, None, None, False)
        assert each.reason == reason


def test_too_few_effective_days_give_an_effect_without_interval() -> None:
    # Two fortnights, years apart: thirty days, but little more than two facts.
    x = np.full(1500, np.nan)
    x[:15], x[-15:] = 0.0, 1.0
    for each in estimates(x, 3 * x):
        assert each.effect is not None
        assert (each.low, each.conclusive, each.reason) == (None, False, correlation.FEW_EFFECTIVE)


def test_an_identical_series_has_a_correlation_of_one() -> None:
    x = white(8)
    pearson, _, slope = estimates(x, 2 * x)
    assert pearson.effect == pytest.approx(1)
    assert pearson.high == pytest.approx(1)
    assert slope.effect == pytest.approx(2)


def test_anomalies_take_the_season_out_and_leave_the_rest() -> None:
    day, year, month = calendar(4 * 365)
    season = 10 + 8 * np.cos(2 * np.pi * (day - 200) / 365.2425)
    rest = white(9, len(day))
    found = anomalies(season + rest, day, year, month)
    assert found is not None
    assert np.corrcoef(found, rest)[0, 1] > 0.99
    # Nothing but season leaves nothing, not a series of rounding errors.
    bare = anomalies(1e6 * season, day, year, month)
    assert bare is not None
    assert {each.reason for each in estimates(bare, rest)} == {correlation.CONSTANT}


def test_without_two_years_of_each_month_there_is_no_climatology() -> None:
    day, year, month = calendar(730)
    values = white(10, 730)
    assert anomalies(values, day, year, month) is not None
    assert anomalies(values[:-30], day[:-30], year[:-30], month[:-30]) is None
    values[month == 3] = np.nan
    assert anomalies(values, day, year, month) is None
