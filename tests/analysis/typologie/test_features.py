"""Indicators become comparable: outliers are bounded, constants and duplicates are left out."""

from __future__ import annotations

import numpy as np
import pytest

from dataelec_assets.analysis.typologie.features import CONSTANT, UNKNOWN, Territories, prepare, read_territories
from tests.analysis.typologie.places import table

DRAWS = np.random.default_rng(3)
A, B, C, D = DRAWS.normal(10, 1, size=(4, 60))


def prepared(**columns: object) -> Territories:
    log = columns.pop("log", ())
    return prepare(read_territories(table(columns, log=log))["epci"])  # type: ignore[arg-type]


def test_features_have_mean_zero_and_deviation_one_within_their_bounds() -> None:
    features = prepared(a=A, b=B * 1000, c=C).features()
    assert features.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert features.std(axis=0) == pytest.approx(1)


@pytest.mark.parametrize("count", [30, 60, 100, 500])
def test_a_territory_far_out_is_bound_to_one_that_is_not(count: int) -> None:
    values = np.random.default_rng(5).normal(10, 1, size=count)
    values[7], values[8] = 1e9, -1e9
    (indicator,) = prepared(a=values).indicators
    rest = np.delete(values, [7, 8])
    assert rest.min() <= indicator.low_bound < indicator.high_bound <= rest.max()


def test_a_logarithm_makes_ratios_equal_and_zero_the_least() -> None:
    values = np.exp(A)
    values[:3] = 0
    territories = prepared(a=values, b=B, c=C, log=["a"])
    indicator = territories.indicators[0]
    assert np.isfinite(indicator.low_bound)
    feature = territories.features()[:, 0]
    assert feature[0] == feature.min()
    assert np.isfinite(feature).all()
    assert indicator.restored(0.0) == pytest.approx(np.exp(indicator.mean))
    assert indicator.standardised(np.array([indicator.restored(0.5)])) == pytest.approx(0.5)


def test_a_negative_quantity_has_no_logarithm_and_leaves_its_territory_out() -> None:
    values = np.exp(A)
    values[4] = -1
    territories = prepared(a=values, b=B, c=C, log=["a"])
    assert list(np.flatnonzero(~territories.complete)) == [4]
    assert territories.missing(4) == ("a",)


def test_what_does_not_vary_says_the_same_or_is_hardly_known_is_left_out_with_its_reason() -> None:
    mostly_unknown = np.where(np.arange(60) < 20, np.nan, C)
    just_known = np.where(np.arange(60) < 15, np.nan, D)
    found = prepared(
        a=A, flat=np.full(60, 3.0) + 1e-9 * B, twin=-5 * A + 0.01 * B, b=B, seldom=mostly_unknown, often=just_known
    )
    assert {each.code: each.reason for each in found.indicators} == {
        "a": None,
        "flat": CONSTANT,
        "twin": "dit la même chose que a",
        "b": None,
        "seldom": UNKNOWN,
        "often": None,
    }
    assert found.indicators[5].known_share == 0.75
    assert found.complete.sum() == 45


def test_a_territory_whose_only_gap_is_an_indicator_left_out_is_kept() -> None:
    twin = 3 * A
    twin[0] = np.nan
    found = prepared(a=A, b=B, twin=twin)
    assert [each.code for each in found.kept] == ["a", "b"]
    assert found.complete.all()
    # Measured on all sixty.
    assert found.indicators[0].mean == prepared(a=A, b=B).indicators[0].mean
