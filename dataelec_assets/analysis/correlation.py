"""Correlation, rank correlation and slope of two daily series, with their effective number of days.

Days resemble their neighbours, so a thousand days carry less information than a thousand independent ones. The
effective number comes from the autocorrelations of both series (Pyper and Peterman 1998, Can. J. Fish. Aquat. Sci.
55:2127-2140, with their advice to stop at a fifth of the days; Bretherton et al. 1999, J. Climate 12:1990-2009, give
the same for series of the first order).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Series = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# A month: below it neither an autocorrelation nor Fisher's approximation can be relied on.
LEAST_DAYS = 30

# Fisher's transform divides by n - 3.
LEAST_EFFECTIVE = 3.0

# Harmonics of the year in a climatology: annual, half-yearly and four-monthly. Fitting some harmonics estimates the
# climatological mean better than the mean of each day of the year (Narapusetty, DelSole and Tippett 2009, J. Climate
# 22:4845-4859), and a single year of a day weighs little.
HARMONICS = 3
DAYS_OF_A_YEAR = 365.2425

# Two years separate a season from its year; a month counts for the climatology when half of it is there.
_DAYS_OF_A_MONTH = 15
_LEAST_YEARS = 2

_NORMAL_95 = 1.959963984540054

# Variance of the transform of a rank correlation, in units of 1/(n - 3) (Fieller, Hartley and Pearson 1957, Biometrika
# 44:470-481).
_RANK_VARIANCE = 1.06

NO_DAY = "aucun jour commun"
FEW_DAYS = f"moins de {LEAST_DAYS} jours communs"
CONSTANT = "série constante"
FEW_EFFECTIVE = "nombre effectif trop petit pour un intervalle"
HOLDS_ZERO = "l'intervalle contient zéro"
SHORT_HISTORY = "moins de deux années de chaque mois : pas de climatologie"


@dataclass(frozen=True, slots=True)
class Estimate:
    """The result of one method for a pair of series; without an ``effect``, ``reason`` says why."""

    method: str
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    days: int = 0
    effective: float | None = None
    conclusive: bool = False
    reason: str | None = None


METHODS = ("pearson", "spearman", "pente")


def nothing(reason: str, days: int = 0) -> list[Estimate]:
    """Return one estimate per method without an effect, with the reason."""
    return [Estimate(method, days=days, reason=reason) for method in METHODS]


def estimates(x: Series, y: Series) -> list[Estimate]:
    """Return the three estimates of ``y`` against ``x``: a value per civil day, NaN where it is missing."""
    both = np.isfinite(x) & np.isfinite(y)
    days = int(both.sum())
    if days < LEAST_DAYS:
        return nothing(FEW_DAYS if days else NO_DAY, days)
    where = np.flatnonzero(both)
    inner = slice(int(where[0]), int(where[-1]) + 1)
    both = both[inner]
    xs, ys = x[inner][both], y[inner][both]
    if _is_constant(xs) or _is_constant(ys):
        return nothing(CONSTANT, days)
    ranked = _ranks(xs), _ranks(ys)
    effective, effective_ranks = effective_numbers([(xs, ys), ranked], both)
    r = _correlation(xs, ys)
    return [
        _judged(_correlated("pearson", r, days, effective, 1.0)),
        _judged(_correlated("spearman", _correlation(*ranked), days, effective_ranks, _RANK_VARIANCE)),
        _judged(_sloping(r, float(ys.std() / xs.std()), days, effective)),
    ]


def anomalies(values: Series, day_of_year: Whole, year: Whole, month: Whole) -> Series | None:
    """Return the differences from the climatology of the day of the year; None without two years of each month."""
    known = np.isfinite(values)
    months, counts = np.unique(year[known] * 100 + month[known], return_counts=True)
    full = months[counts >= _DAYS_OF_A_MONTH] % 100
    if any(int((full == each).sum()) < _LEAST_YEARS for each in range(1, 13)):
        return None
    design = harmonics(day_of_year)
    coefficients = np.linalg.lstsq(design[known], values[known], rcond=None)[0]
    rest: Series = values - design @ coefficients
    # Where the seasons explain everything, what is left is rounding.
    rest[known & (np.abs(rest) <= 1e-9 * max(1.0, float(np.abs(values[known]).max())))] = 0.0
    return rest


def harmonics(day_of_year: Whole) -> Series:
    """Return the regressors of a climatology: a constant and the first harmonics of the year."""
    angle = (2 * np.pi / DAYS_OF_A_YEAR) * (day_of_year - 1)
    waves = [wave(order * angle) for order in range(1, HARMONICS + 1) for wave in (np.cos, np.sin)]
    return np.column_stack([np.ones_like(angle), *waves])


def effective_numbers(pairs: Sequence[tuple[Series, Series]], both: Flags) -> list[float]:
    """Return how many independent days each pair of series is worth, between 1 and the number of days.

    Args:
        pairs: values on the days of ``both`` only.
        both: one flag per civil day from the first to the last; the others are gaps.
    """
    days = len(pairs[0][0])
    # Padded, so that the two ends do not overlap; a power of two is fast.
    size = 1 << int(2 * len(both) - 1).bit_length()
    lags = slice(1, max(days // 5, 1) + 1)

    def products(values: Series) -> Series:
        """Return, at each lag, the sum of the products over the pairs of days that exist."""
        placed = np.zeros(len(both))
        placed[both] = values
        found: Series = np.fft.irfft(np.abs(np.fft.rfft(placed, size)) ** 2, size)[: len(both)]
        return found

    # With gaps, the number of existing pairs replaces the n - j of the formula.
    there = np.round(products(np.ones(days)))
    divisor = np.maximum(there, 1.0)

    def autocorrelations(values: Series) -> Series:
        means = products(values - values.mean()) / divisor
        return np.asarray(means / means[0], dtype=np.float64)

    found = []
    for x, y in pairs:
        inflation = 1 + 2 * float(np.sum((there / days * autocorrelations(x) * autocorrelations(y))[lags]))
        found.append(float(min(days, max(1.0, days / inflation))) if inflation > 0 else float(days))
    return found


def _correlated(method: str, r: float, days: int, effective: float, variance: float) -> Estimate:
    if effective <= LEAST_EFFECTIVE:
        return Estimate(method, r, days=days, effective=effective)
    # A perfect correlation has no transform; this one is perfect to every digit shown.
    centre = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    half = _NORMAL_95 * np.sqrt(variance / (effective - 3))
    return Estimate(method, r, float(np.tanh(centre - half)), float(np.tanh(centre + half)), days, effective)


def _sloping(r: float, ratio: float, days: int, effective: float) -> Estimate:
    from scipy.special import stdtrit

    if effective <= LEAST_EFFECTIVE:
        return Estimate("pente", r * ratio, days=days, effective=effective)
    half = float(stdtrit(effective - 2, 0.975)) * ratio * float(np.sqrt(max(1 - r * r, 0.0) / (effective - 2)))
    return Estimate("pente", r * ratio, r * ratio - half, r * ratio + half, days, effective)


def _judged(estimate: Estimate) -> Estimate:
    if estimate.low is None or estimate.high is None:
        return replace(estimate, reason=FEW_EFFECTIVE)
    conclusive = not estimate.low <= 0 <= estimate.high
    return replace(estimate, conclusive=conclusive, reason=None if conclusive else HOLDS_ZERO)


def _correlation(x: Series, y: Series) -> float:
    dx, dy = x - x.mean(), y - y.mean()
    return float(np.clip(dx @ dy / np.sqrt((dx @ dx) * (dy @ dy)), -1, 1))


def _is_constant(values: Series) -> bool:
    # Relative to the values: a mean of equal numbers differs from them by rounding.
    return bool(np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())))


def _ranks(values: Series) -> Series:
    """Return the ranks; equal values share their mean rank."""
    _, position, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Any = (last - (counts - 1) / 2)[position]
    return np.asarray(ranks, dtype=np.float64)
