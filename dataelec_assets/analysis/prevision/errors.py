"""How far off the forecasts of a territory were: its series on one grid, and what a month of them adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dataelec_assets.analysis.prevision.backtest import HORIZONS
from dataelec_assets.analysis.prevision.baselines import NAIVE, NO_WEATHER, PERSISTENCE, RIDGE, RTE
from dataelec_assets.analysis.prevision.conformal import DAYS_OF_ERRORS, LEVELS, half_widths
from dataelec_assets.analysis.prevision.days import Days
from dataelec_assets.analysis.prevision.forecasts import DAY, Forecasts
from dataelec_assets.analysis.prevision.inputs import DAY_TYPES, LABELS, Booleans, Floats, Integers

KINDS = tuple(DAY_TYPES)
HOURS = LABELS // 2

COUNTS = ("n", "ape_n", "intervals", "in_90", "in_50")
SUMS = (
    "mae", "ape", "bias", "square", "pinball", "width",
    *(f"{name}_{whose}" for name in (NAIVE, PERSISTENCE) for whose in ("own", "other")),
)  # fmt: skip

# The oldest error of the intervals lies a year and the longest horizon before the month.
_BEFORE = DAYS_OF_ERRORS + HORIZONS[-1]


@dataclass(frozen=True, slots=True)
class MonthOfErrors:
    """What a month of the series of a territory adds up to.

    Attributes:
        kept: series that have an error or half-widths; nothing is stored of the others.
        numbers, first, last: series × kinds of day: days with an error, the first and the last one.
        counts, sums: series × kinds of day × columns (MW) × measures.
        against_rte: of each series, the mean difference to RTE's error of each day that has both (MW), RTE's errors and
            their number; None for a series that is not compared.
        halves: ridge series × (levels, types of day, columns): half-widths that held (MW).
    """

    kept: Booleans
    numbers: Integers
    first: Days
    last: Days
    counts: Floats
    sums: Floats
    against_rte: list[tuple[Floats, float, int] | None]
    halves: Floats


class Errors:
    """The series of a territory at one step, and how far off they were on each day of its grid.

    Attributes:
        names: model, weather and horizon of each series, the ridge first.
        errors: forecast less what was read: series × days × columns; NaN where either is missing.
    """

    def __init__(self, forecasts: Forecasts, step: str) -> None:
        self._territory = forecasts.territory
        self._actual = forecasts.actual[step]
        self._types = self._territory.day_type if step == DAY else None
        self._kinds = (np.array(KINDS)[:, None] == self._territory.kind).astype(np.float64)
        self.names = [(RIDGE, meteo, horizon) for horizon, meteo in forecasts.ridge]
        power = list(forecasts.ridge.values())
        for horizon in HORIZONS:
            for name, values in forecasts.references(horizon).items():
                self.names.append((name, NO_WEATHER, horizon))
                power.append(values)
        self.errors = np.empty((len(power), *self._actual.shape))
        for errors, values in zip(self.errors, power, strict=True):
            # What clocks do not show has no reading, and so no error.
            np.subtract(forecasts.of_days(values) if step == DAY else values, self._actual, out=errors)
        self._horizons = [horizon for model, _, horizon in self.names if model == RIDGE]
        self._others = {reference: self._compared_with(reference) for reference in (NAIVE, PERSISTENCE, RTE)}
        # Rows of memory sort several times faster than columns. No error is known before the grid.
        ridge, (days, columns) = len(self._horizons), self._actual.shape
        self._sizes = np.full((ridge, columns, _BEFORE + days), np.nan)
        np.abs(self.errors[:ridge].transpose(0, 2, 1), out=self._sizes[:, :, _BEFORE:])

    def _compared_with(self, reference: str) -> tuple[Integers, Integers]:
        """Return the places of the series that a reference is compared with, and the place of the reference of each."""
        places = {horizon: at for at, (model, _, horizon) in enumerate(self.names) if model == reference}
        own = [at for at, (model, _, horizon) in enumerate(self.names) if model != reference and horizon in places]
        return np.array(own, dtype=np.int64), np.array([places[self.names[at][2]] for at in own], dtype=np.int64)

    def half_widths(self, start: int) -> Floats:
        """Return the half-widths of the month that begins at a row: ridge series × levels × types of day × columns."""
        # Days that were over at the noon of the first issue.
        ends = [_BEFORE + max(start, 0) - horizon for horizon in self._horizons]
        past = np.array([each[:, end - DAYS_OF_ERRORS : end] for each, end in zip(self._sizes, ends, strict=True)])
        types = None
        if self._types is not None:
            before = np.concatenate([np.full(_BEFORE, -1), self._types])
            types = np.array([before[end - DAYS_OF_ERRORS : end] for end in ends])
        return half_widths(past, types)

    def month(self, rows: slice, halves: Floats) -> MonthOfErrors:
        """Return what the errors of some days add up to, with the half-widths that held (:meth:`half_widths`)."""
        errors, actual, kinds = self.errors[:, rows], self._actual[rows], self._kinds[:, rows]
        there = ~np.isnan(errors)
        error = np.where(there, errors, 0.0)
        size = np.abs(error)
        positive = actual > 0
        ridge = len(halves)
        found = {
            "n": kinds @ there,
            "ape_n": kinds @ (there & positive),
            "mae": kinds @ size,
            # A total of zero has no shares.
            "ape": kinds @ (size / np.where(positive, actual, np.inf)),
            "bias": kinds @ error,
            "square": kinds @ (error * error),
            **_of_intervals(size[:ridge], there[:ridge], self._of_days(halves, rows), kinds),
        }
        for name in (NAIVE, PERSISTENCE):
            own, other = self._others[name]
            mine, theirs = np.zeros((2, *found["mae"].shape))
            mine[own], theirs[own] = found["mae"][own], found["mae"][other]
            # Sums are those of the readings that both have: all of them, but for a few months.
            apart = np.asarray((there[own] != there[other]).any(axis=(1, 2)))
            own, other = own[apart], other[apart]
            common = there[own] & there[other]
            mine[own], theirs[own] = kinds @ (size[own] * common), kinds @ (size[other] * common)
            found |= {f"{name}_own": mine, f"{name}_other": theirs}
        used = np.asarray(there.any(axis=2))
        kept = np.asarray(used.any(axis=1))
        kept[:ridge] = True
        numbers, first, last = _days_of(used, kinds > 0, self._territory.dates[rows])
        return MonthOfErrors(
            kept,
            numbers,
            first,
            last,
            counts=_stacked([found[name] for name in COUNTS]),
            sums=_stacked([found[name] for name in SUMS]),
            against_rte=self._against_rte(there, size),
            halves=halves.reshape(ridge, -1),
        )

    def _of_days(self, halves: Floats, rows: slice) -> tuple[Floats, ...]:
        """Return the half-widths of each day, by level; one for all days where they are of one kind."""
        if self._types is None:
            return tuple(halves[:, level] for level in range(len(LEVELS)))
        return tuple(halves[:, level, self._types[rows]] for level in range(len(LEVELS)))

    def _against_rte(self, there: Booleans, size: Floats) -> list[tuple[Floats, float, int] | None]:
        found: list[tuple[Floats, float, int] | None] = [None] * len(size)
        own, other = self._others[RTE]
        common = there[own] & there[other]
        by_day = common.sum(axis=2)
        apart = np.where(common, size[own] - size[other], 0.0).sum(axis=2)
        errors = np.where(common, size[other], 0.0).sum(axis=(1, 2))
        for place, at in enumerate(own.tolist()):
            days = by_day[place] > 0
            found[at] = apart[place, days] / by_day[place, days], float(errors[place]), int(by_day[place].sum())
        return found

    def columns(self, months: list[MonthOfErrors]) -> dict[str, pa.Array]:
        """Return what is stored of some months, by column, all series one month after another."""
        size, ridge = len(months), len(self._horizons)
        counts, sums = (np.concatenate(each) for each in ([m.counts for m in months], [m.sums for m in months]))
        rte = [each for month in months for each in month.against_rte]
        nothing = pa.nulls(len(self.names) - ridge, pa.list_(pa.float64()))
        halves = [part for each in months for part in (_lists(each.halves), nothing)]
        found = {
            "modele": pa.array([model for model, *_ in self.names] * size),
            "meteo": pa.array([meteo for _, meteo, _ in self.names] * size),
            "horizon_jours": pa.array([horizon for *_, horizon in self.names] * size, pa.int32()),
            "nombre_jours": _lists(np.concatenate([each.numbers for each in months]).astype(np.int32)),
            "premiers_jours": _lists(np.concatenate([each.first for each in months])),
            "derniers_jours": _lists(np.concatenate([each.last for each in months])),
            "comptes": _lists(counts.sum(axis=2).astype(np.int32)),
            "sommes": _lists(sums.sum(axis=2)),
            "demi_largeurs": pa.concat_arrays(halves),
            "ecarts_rte": pa.array([each and each[0] for each in rte], pa.list_(pa.float64())),
            "somme_rte": pa.array([each and each[1] for each in rte], pa.float64()),
            "nombre_rte": pa.array([each and each[2] for each in rte], pa.int32()),
        }
        if self.errors.shape[2] == LABELS:
            found["comptes_heures"] = _lists(_by_hour(counts).astype(np.int32))
            found["sommes_heures"] = _lists(_by_hour(sums))
        return found


def _days_of(used: Booleans, kinds: Booleans, dates: Days) -> tuple[Integers, Days, Days]:
    """Return the number of days of each series and kind that have an error, the first and the last one."""
    there = used[:, None] & kinds
    numbers = there.sum(axis=2)
    first, last = there.argmax(axis=2), len(dates) - 1 - there[:, :, ::-1].argmax(axis=2)
    never = np.datetime64("NaT")
    return numbers, np.where(numbers > 0, dates[first], never), np.where(numbers > 0, dates[last], never)


def _stacked(measures: list[Floats]) -> Floats:
    """Return the sums of each measure as series × kinds × columns × measures; intervals are the ridge's."""
    found = np.zeros((*measures[0].shape, len(measures)))
    for at, each in enumerate(measures):
        found[: len(each), ..., at] = each
    return found


def _by_hour(values: Floats) -> Floats:
    """Return the sums of two half-hours of all days."""
    rows, _, _, measures = values.shape
    return np.asarray(values.sum(axis=1).reshape(rows, HOURS, 2, measures).sum(axis=2))


def _lists(values: NDArray[Any]) -> pa.Array:
    """Return the rows of an array as lists."""
    rows = values.reshape(len(values), -1)
    ends = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    return pa.ListArray.from_arrays(ends, pa.array(rows.ravel()))


def _of_intervals(size: Floats, there: Booleans, halves: tuple[Floats, ...], kinds: Floats) -> dict[str, Floats]:
    half_50, half_90 = halves
    held = there & ~np.isnan(half_90 + half_50)
    return {
        "intervals": kinds @ held,
        "in_90": kinds @ (held & (size <= half_90)),
        "in_50": kinds @ (held & (size <= half_50)),
        "pinball": kinds @ np.where(held, pinball(size, half_50, half_90), 0.0),
        "width": kinds @ np.where(held, 2 * half_90, 0.0),
    }


def pinball(error: Floats, half_50: Floats, half_90: Floats) -> Floats:
    """Return the mean loss of the quantiles at 5, 25, 50, 75 and 95 %, which the intervals bound.

    The loss of a quantile of probability p is half the distance to it, and (1/2 - p) times how far it lies above what
    was read. Quantiles lie on both sides of the forecast: |e + h| + |e - h| is twice the larger of |e| and h.
    """
    size = np.abs(error)
    spread = np.maximum(size, half_90) - 0.9 * half_90 + np.maximum(size, half_50) - 0.5 * half_50
    return np.asarray((size / 2 + spread) / 5)
