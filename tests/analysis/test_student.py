"""Student's distribution is SciPy's."""

from __future__ import annotations

import pytest
from scipy.stats import t

from dataelec_assets.analysis.student import two_sided


@pytest.mark.parametrize("degrees", [3, 29, 55, 98, 101, 364, 1095, 33_000])
@pytest.mark.parametrize("statistic", [1e-3, 0.1, 0.7, 1.0, 1.96, 2.6, 5.0, 12.0, 30.0])
def test_two_sided_is_that_of_scipy(degrees: float, statistic: float) -> None:
    expected = 2 * t.sf(statistic, degrees)
    assert two_sided(statistic, degrees) == pytest.approx(expected, rel=1e-9, abs=1e-300)
    assert two_sided(-statistic, degrees) == two_sided(statistic, degrees)


def test_no_difference_is_certain_to_be_reached() -> None:
    assert two_sided(0.0, 100) == 1
