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

# 90 % of fewer errors would rest on the two or three largest; a rarer type uses those of all days.
_FEWEST_OF_A_TYPE, _FEWEST = 30, 60

_TYPES = 1 + max(DAY_TYPES.values())


def half_widths(errors: Floats, types: Integers | None = None) -> Floats:
    """Return the half-widths of the intervals of a month; NaN where too few errors are known.

    Args:
        errors: series × columns (half-hour label, or one for the day) × days: absolute errors of the
            :data:`DAYS_OF_ERRORS` target days that were over at the first issue of the month; NaN where none.
        types: series × days, type of each of these days (:data:`DAY_TYPES`); None when all are of one kind. Errors of
            a type are used, or those of all days when these are too few.

    Returns:
        Series × levels × types (one when all are of one kind) × columns.
    """
    every = _quantiles(errors, _FEWEST)
    if types is None:
        return every[:, :, None]
    own = [_quantiles(np.where(types[:, None] == each, errors, np.nan), _FEWEST_OF_A_TYPE) for each in range(_TYPES)]
    return np.stack([np.where(np.isnan(each), every, each) for each in own], axis=2)


def _quantiles(errors: Floats, fewest: int) -> Floats:
    """Return, by series, level and column, the smallest error that is expected to cover that share of future errors."""
    # NaN goes last.
    ordered = np.sort(errors, axis=2)
    number = np.full(errors.shape[:2], errors.shape[2])
    if np.isnan(ordered[..., -1]).any():
        number -= np.isnan(ordered).sum(axis=2)
    ranks = np.stack([np.ceil((number + 1) * level).astype(np.int64) for level in LEVELS], axis=1)
    enough = ((number >= fewest) & (ranks[:, -1] <= number))[:, None]
    found = np.take_along_axis(ordered, (np.where(enough, ranks, 1) - 1).transpose(0, 2, 1), axis=2)
    return np.where(enough, found.transpose(0, 2, 1), np.nan)
