"""How far off the forecasts of a territory were: its series on one grid, and what a month of them adds up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
        self.names = [(RIDGE, meteo, horizon) for horizon, meteo in forecasts.ridge]
        power = list(forecasts.ridge.values())
        for horizon in HORIZONS:
            for name, values in forecasts.references(horizon).items():
                self.names.append((name, NO_WEATHER, horizon))
                power.append(values)
        self.errors = np.array([forecasts.of_step(each, step) - self._actual for each in power])

    def others(self, reference: str) -> tuple[Integers, Integers]:
        """Return the places of the series that a reference is compared with, and the place of the reference of each."""
        places = {horizon: at for at, (model, _, horizon) in enumerate(self.names) if model == reference}
        own = [at for at, (model, _, horizon) in enumerate(self.names) if model != reference and horizon in places]
        return np.array(own, dtype=np.int64), np.array([places[self.names[at][2]] for at in own], dtype=np.int64)

    def half_widths(self, start: int) -> Floats:
        """Return the half-widths of the month that begins at a row: ridge series × levels × types of day × columns."""
        horizons = np.array([horizon for model, _, horizon in self.names if model == RIDGE])
        # Days that were over at the noon of the first issue; none before the grid.
        days = max(start, 0) - horizons[:, None] + np.arange(-DAYS_OF_ERRORS, 0)
        there = days >= 0
        rows = np.maximum(days, 0)
        past = np.abs(self.errors[np.arange(len(horizons))[:, None], rows])
        past[~there] = np.nan
        return half_widths(past, None if self._types is None else self._types[rows])

    def month(self, rows: slice, halves: Floats) -> tuple[dict[str, pa.Array], Booleans]:
        """Return what is stored of each series, by column: its errors on some days, and the half-widths that held.

        The second part tells which series have an error or half-widths.
        """
        errors, actual = self.errors[:, rows], self._actual[rows]
        there = ~np.isnan(errors)
        error = np.where(there, errors, 0.0)
        size = np.abs(error)
        positive = there & (actual > 0)
        measures: dict[str, Floats | Booleans] = {
            "n": there,
            "ape_n": positive,
            "mae": size,
            # A total of zero has no shares.
            "ape": np.divide(size, actual, out=np.zeros(size.shape), where=positive),
            "bias": error,
            "square": error * error,
        }
        for name in (NAIVE, PERSISTENCE):
            own, other = self.others(name)
            common = there[own] & there[other]
            for whose, at in (("own", own), ("other", other)):
                measures[f"{name}_{whose}"] = values = np.zeros(size.shape)
                values[own] = np.where(common, size[at], 0.0)
        ridge = len(halves)
        measures |= _of_intervals(error[:ridge], size[:ridge], there[:ridge], self._of_days(halves, rows))
        kinds = self._territory.kind[rows, None] == KINDS
        used = there.any(axis=2)
        kept = used.any(axis=1)
        kept[:ridge] = True
        columns = {
            "modele": pa.array([model for model, *_ in self.names]),
            "meteo": pa.array([meteo for _, meteo, _ in self.names]),
            "horizon_jours": pa.array([horizon for *_, horizon in self.names], pa.int32()),
            **_days_of(used, kinds, self._territory.dates[rows]),
            **_summed(measures, lambda values: values.sum(axis=2) @ kinds.astype(np.float64), "comptes", "sommes"),
            "demi_largeurs": pa.concat_arrays(
                [_lists(halves.reshape(ridge, -1)), pa.nulls(len(kept) - ridge, pa.list_(pa.float64()))]
            ),
            **self._against_rte(there, size),
        }
        if errors.shape[2] == LABELS:
            columns |= _summed(measures, _by_hour, "comptes_heures", "sommes_heures")
        return columns, kept

    def _of_days(self, halves: Floats, rows: slice) -> tuple[Floats, ...]:
        """Return the half-widths of each day, by level."""
        if self._types is None:
            return tuple(halves[:, level] for level in range(len(LEVELS)))
        return tuple(halves[:, level, self._types[rows]] for level in range(len(LEVELS)))

    def _against_rte(self, there: Booleans, size: Floats) -> dict[str, pa.Array]:
        """Return what compares each series with RTE: the mean difference of each day, RTE's errors, their number."""
        differences: list[Floats | None] = [None] * len(size)
        totals: list[float | None] = [None] * len(size)
        numbers: list[int | None] = [None] * len(size)
        own, other = self.others(RTE)
        common = there[own] & there[other]
        by_day = common.sum(axis=2)
        apart = np.where(common, size[own] - size[other], 0.0).sum(axis=2)
        errors = np.where(common, size[other], 0.0).sum(axis=(1, 2))
        for place, at in enumerate(own.tolist()):
            days = by_day[place] > 0
            differences[at] = apart[place, days] / by_day[place, days]
            totals[at], numbers[at] = float(errors[place]), int(by_day[place].sum())
        return {
            "ecarts_rte": pa.array(differences, pa.list_(pa.float64())),
            "somme_rte": pa.array(totals, pa.float64()),
            "nombre_rte": pa.array(numbers, pa.int32()),
        }


def _days_of(used: Booleans, kinds: Booleans, dates: Days) -> dict[str, pa.Array]:
    """Return the number of days of each series and kind that have an error, the first and the last one."""
    there = used[:, :, None] & kinds
    numbers = there.sum(axis=1)
    first, last = there.argmax(axis=1), len(dates) - 1 - there[:, ::-1].argmax(axis=1)
    never = np.datetime64("NaT")
    return {
        "nombre_jours": _lists(numbers.astype(np.int32)),
        "premiers_jours": _lists(np.where(numbers > 0, dates[first], never)),
        "derniers_jours": _lists(np.where(numbers > 0, dates[last], never)),
    }


def _by_hour(values: Floats | Booleans) -> Floats:
    return np.asarray(values.sum(axis=1).reshape(len(values), HOURS, 2).sum(axis=2))


def _summed(
    measures: Mapping[str, Floats | Booleans], summed: Callable[[Floats | Booleans], Floats], counts: str, sums: str
) -> dict[str, pa.Array]:
    """Return the counts and the sums of each series as lists, by group, then measure; intervals are the ridge's."""
    found = {}
    for column, names in ((counts, COUNTS), (sums, SUMS)):
        parts = [summed(measures[name]) for name in names]
        result = np.zeros((*parts[0].shape, len(names)), dtype=np.int32 if names is COUNTS else np.float64)
        for at, part in enumerate(parts):
            result[: len(part), :, at] = part
        found[column] = _lists(result.reshape(len(result), -1))
    return found


def _lists(values: NDArray[Any]) -> pa.Array:
    """Return the rows of an array as lists."""
    ends = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(ends, pa.array(values.ravel()))


def _of_intervals(error: Floats, size: Floats, there: Booleans, halves: tuple[Floats, ...]) -> dict[str, Any]:
    half_50, half_90 = halves
    held = there & ~np.isnan(half_90) & ~np.isnan(half_50)
    return {
        "intervals": held,
        "in_90": held & (size <= half_90),
        "in_50": held & (size <= half_50),
        "pinball": np.where(held, pinball(error, half_50, half_90), 0.0),
        "width": np.where(held, 2 * half_90, 0.0),
    }


def pinball(error: Floats, half_50: Floats, half_90: Floats) -> Floats:
    """Return the mean loss of the quantiles at 5, 25, 50, 75 and 95 %, which the intervals bound."""
    total = np.zeros(error.shape)
    for probability, shift in ((0.05, -half_90), (0.25, -half_50), (0.5, 0.0), (0.75, half_50), (0.95, half_90)):
        above = error + shift  # forecast quantile less what was read
        total += np.maximum(-probability * above, (1 - probability) * above)
    return total / 5
