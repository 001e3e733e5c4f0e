"""Student's distribution, without loading SciPy for a single number."""

from __future__ import annotations

import math

# The continued fraction converges in far fewer terms where it is used; the limit only ends a loop.
_TERMS, _PRECISION, _TINY = 500, 1e-16, 1e-300


def two_sided(statistic: float, degrees: float) -> float:
    """Return the probability that Student's variable is at least this far from zero.

    It is the regularised incomplete beta function of ``degrees / 2`` and one half, as a continued fraction (Abramowitz
    and Stegun, 26.5.8 and 26.7.1).
    """
    square = statistic * statistic
    if square == 0:
        return 1.0
    x = degrees / (degrees + square)
    y = square / (degrees + square)
    a, b = degrees / 2, 0.5
    front = math.exp(_log_ratio(a) - math.lgamma(b) - a * math.log1p(square / degrees) + b * math.log(y))
    # The fraction converges where x is below the mean of the distribution; beyond, the complement does.
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(y, b, a) / b


def _log_ratio(a: float) -> float:
    """Return the logarithm of Γ(a + ½) / Γ(a); large ones cancel, so from 50 on their difference is a series."""
    # There the next term, 17 / (14336 a⁷), is below one unit of the last place.
    if a < 50:  # noqa: PLR2004
        return math.lgamma(a + 0.5) - math.lgamma(a)
    return 0.5 * math.log(a) - 1 / (8 * a) + 1 / (192 * a**3) - 1 / (640 * a**5)


def _fraction(x: float, a: float, b: float) -> float:
    """Evaluate the continued fraction of the incomplete beta function (Lentz's method)."""
    c, d = 1.0, _away(1 - (a + b) * x / (a + 1))
    d = 1 / d
    result = d
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        change = 1.0
        for term in (even, odd):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            change = d * c
            result *= change
        if abs(change - 1) < _PRECISION:
            break
    return result


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
