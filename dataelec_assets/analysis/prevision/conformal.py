"""Intervals by split conformal: how far off forecasts of the same kind were during the 365 days before.

The only assumption is that next month's errors look like last year's. Half-widths are computed each month from target
days that were over at noon of its first issue, like the fit itself.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from dataelec_assets.analysis.prevision.inputs import Floats, Integers

LEVELS = (0.5, 0.9)

# A year of errors, so that every season counts once (reference, 3.3).
_DAYS = 365

# 90 % of fewer errors would rest on the two or three largest; a rarer group uses those of all days.
_FEWEST_OF_A_GROUP, _FEWEST = 30, 60


def half_widths(errors: Floats, groups: Integers | None, starts: Integers, horizon: int) -> tuple[Floats, ...]:
    """Return, by level, the half-width of the interval of each day and column; NaN where too few errors are known.

    Args:
        errors: absolute errors by target day and column (half-hour label, or one for the day); NaN where none.
        groups: kind of each day, None when all are of one kind. Errors of the day's own kind are used, or of all kinds
            when these are too few.
        starts: row of the first day of each month, ascending, then the row after the last.
        horizon: days from the issue day to the target day.
    """
    result = tuple(np.full(errors.shape, np.nan) for _ in LEVELS)
    for start, end in itertools.pairwise(starts):
        newest = max(int(start) - horizon, 0)
        rows = slice(max(newest - _DAYS, 0), newest)
        if groups is None:
            for half, chosen in zip(result, _quantiles(errors[rows], _FEWEST), strict=True):
                half[start:end] = chosen
            continue
        for group in np.unique(groups[start:end]):
            chosen_ones = _quantiles(errors[rows][groups[rows] == group], _FEWEST_OF_A_GROUP)
            if np.isnan(chosen_ones[0]).any():
                chosen_ones = _quantiles(errors[rows], _FEWEST)
            inside = np.flatnonzero(groups[start:end] == group) + start
            for half, chosen in zip(result, chosen_ones, strict=True):
                half[inside] = chosen
    return result


def _quantiles(errors: Floats, fewest: int) -> list[Floats]:
    """Return, by level and column, the smallest error that is expected to cover that share of future errors."""
    if errors.shape[1] == 1:
        return _quantiles_of_one(errors[:, 0], fewest)
    number = np.isfinite(errors).sum(axis=0)
    ranks = [np.ceil((number + 1) * level).astype(np.int64) for level in LEVELS]
    enough = (number >= fewest) & (ranks[-1] <= number)
    if not enough.any():
        return [np.full(errors.shape[1], np.nan) for _ in LEVELS]
    at = [np.where(enough, each, 1) - 1 for each in ranks]
    # Only the needed ranks are put in place, several times faster than a sort; NaN goes last.
    wanted = np.unique(np.concatenate(at))
    placed = np.partition(np.ascontiguousarray(errors.T), wanted, axis=1)
    columns = np.arange(errors.shape[1])
    return [np.where(enough, placed[columns, each], np.nan) for each in at]


def _quantiles_of_one(errors: Floats, fewest: int) -> list[Floats]:
    """Do the same for one column; fast, since there are tens of thousands of short ones."""
    ordered = np.sort(errors)
    number = int(np.searchsorted(ordered, np.inf))
    ranks = [math.ceil((number + 1) * level) for level in LEVELS]
    if number < fewest or ranks[-1] > number:
        return [np.full(1, np.nan) for _ in LEVELS]
    return [ordered[each - 1 : each] for each in ranks]
