"""Intervals by split conformal: how far off forecasts of the same kind were during the 365 days before.

The only assumption is that next month's errors look like last year's. Half-widths are computed each month from target
days that were over at noon of its first issue, like the fit itself.
"""

from __future__ import annotations

import numpy as np

from dataelec_assets.analysis.prevision.inputs import DAY_TYPES, Floats, Integers

LEVELS = (0.5, 0.9)

# A year of errors, so that every season counts once (reference, 3.3).
DAYS_OF_ERRORS = 365

# 90 % of fewer errors would rest on the two or three largest; a rarer group uses those of all days.
_FEWEST_OF_A_GROUP, _FEWEST = 30, 60

_GROUPS = 1 + max(DAY_TYPES.values())


def half_widths(errors: Floats, start: int, horizon: int, groups: Integers | None = None) -> Floats:
    """Return the half-widths of the intervals of a month: levels × groups × columns; NaN where too few errors.

    Args:
        errors: absolute errors by target day and column (half-hour label, or one for the day); NaN where none.
        start: row of the first day of the month.
        horizon: days from the issue day to the target day.
        groups: kind of each day (:data:`DAY_TYPES`); None when all are of one kind. Errors of a kind are used, or those
            of all days when these are too few.
    """
    newest = max(start - horizon, 0)
    rows = slice(max(newest - DAYS_OF_ERRORS, 0), newest)
    every = _quantiles(errors[rows], _FEWEST)
    if groups is None:
        return every[:, None]
    of_groups = []
    for group in range(_GROUPS):
        own = _quantiles(errors[rows][groups[rows] == group], _FEWEST_OF_A_GROUP)
        of_groups.append(np.where(np.isnan(own), every, own))
    return np.stack(of_groups, axis=1)


def _quantiles(errors: Floats, fewest: int) -> Floats:
    """Return, by level and column, the smallest error that is expected to cover that share of future errors."""
    number = np.isfinite(errors).sum(axis=0)
    ranks = np.array([np.ceil((number + 1) * level) for level in LEVELS]).astype(np.int64)
    enough = (number >= fewest) & (ranks[-1] <= number)
    if not enough.any():
        return np.full(ranks.shape, np.nan)
    # Rows of memory sort several times faster than columns; NaN goes last.
    ordered = np.sort(np.ascontiguousarray(errors.T), axis=1)
    return np.where(enough, ordered[np.arange(errors.shape[1]), np.where(enough, ranks, 1) - 1], np.nan)
