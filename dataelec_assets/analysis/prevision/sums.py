"""How far off forecasts were, month by month: sums that add up to every score, and the half-widths of the intervals.

A month is computed again when something up to its end has changed, or when the back-test begins later than it did and
leaves the intervals of the month with fewer errors. Scores (:mod:`.scores`) and forecasts to show (:mod:`.rows`) are
made from these rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dataelec_assets.analysis.prevision.backtest import HORIZONS
from dataelec_assets.analysis.prevision.baselines import NAIVE, NO_WEATHER, PERSISTENCE, RIDGE, RTE
from dataelec_assets.analysis.prevision.conformal import DAYS_OF_ERRORS, LEVELS, half_widths
from dataelec_assets.analysis.prevision.days import Days
from dataelec_assets.analysis.prevision.forecasts import DAY, STEPS, Forecasts
from dataelec_assets.analysis.prevision.inputs import DAY_TYPES, LABELS, Booleans, Floats, Integers
from dataelec_assets.analysis.prevision.source import History, Source, of_territory

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

KINDS = tuple(DAY_TYPES)
HOURS = LABELS // 2

# The seasonal naive of a week ahead looks two weeks back.
_LAGS_OF_REFERENCES = 14

COUNTS = ("n", "ape_n", "intervals", "in_90", "in_50")
SUMS = (
    "mae", "ape", "bias", "square", "pinball", "width",
    *(f"{name}_{whose}" for name in (NAIVE, PERSISTENCE) for whose in ("own", "other")),
)  # fmt: skip

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("cle", "maille", "code_territoire", "mois", "saison")),
        *((name, pa.string()) for name in ("pas", "modele", "meteo")),
        ("horizon_jours", pa.int32()),
        ("nombre_jours", pa.list_(pa.int32())),
        *((name, pa.list_(pa.date32())) for name in ("premiers_jours", "derniers_jours")),
        ("comptes", pa.list_(pa.int32())),
        ("sommes", pa.list_(pa.float64())),
        ("comptes_heures", pa.list_(pa.int32())),
        ("sommes_heures", pa.list_(pa.float64())),
        ("ecarts_rte", pa.list_(pa.float64())),
        ("somme_rte", pa.float64()),
        ("nombre_rte", pa.int32()),
        ("demi_largeurs", pa.list_(pa.float64())),
        ("empreinte", pa.string()),
    ]
)

Day = np.datetime64


@dataclass(frozen=True, slots=True)
class Span:
    """First and last target day of the back-test of a territory."""

    first: Day
    last: Day

    def digests(self, history: History) -> dict[str, str]:
        """Return, by month, a digest of all that its sums depend on."""
        months = np.arange(self.first.astype("datetime64[M]"), self.last.astype("datetime64[M]") + 1)
        found = {}
        for month in months:
            ends = max(self.first, _oldest_error(month)), min(self.last, (month + 1).astype("datetime64[D]"))
            mark = f"{history.digests[str(month)]} {ends[0]} {ends[1]}"
            found[str(month)] = hashlib.sha256(mark.encode()).hexdigest()[:32]
        return found


def spans_of(forecasts: DuckDBPyRelation) -> dict[str, Span]:
    """Return the span of each territory of ``int_prevision_retrotest``, by code."""
    ends = forecasts.aggregate("code_territoire, min(date), max(date)", "code_territoire").fetchall()
    return {code: Span(np.datetime64(first, "D"), np.datetime64(last, "D")) for code, first, last in ends}


def marks_of(sums: DuckDBPyRelation) -> dict[str, str]:
    """Return a digest of the months of each territory of ``int_prevision_sommes``, by code."""
    rows = sums.aggregate("code_territoire, cle, min(empreinte)", "code_territoire, cle").order("ALL").fetchall()
    found: dict[str, str] = {}
    for code, key, mark in rows:
        found[code] = hashlib.sha256(f"{found.get(code, '')} {key} {mark}".encode()).hexdigest()[:32]
    return found


def _oldest_error(month: np.datetime64) -> Day:
    return np.datetime64(month.astype("datetime64[D]") - DAYS_OF_ERRORS - HORIZONS[-1])


def sums(source: Source, stored: DuckDBPyRelation, done: Mapping[str, str] | None = None) -> pa.Table:
    """Return the sums of the months to compute.

    Args:
        source: tables of the warehouse.
        stored: ``int_prevision_retrotest``.
        done: digest of each month that has been computed, by its key. Months with the same digest are left out; months
            no longer needed come back as one row without a step.

    Returns:
        One row per territory, month, step, model, weather and horizon. ``nombre_jours``, ``premiers_jours`` and
        ``derniers_jours`` are by kind of day (:data:`KINDS`); ``comptes`` (:data:`COUNTS`) and ``sommes``
        (:data:`SUMS`, MW) by kind, then measure; ``_heures`` the same by hour, of half-hours only. ``ecarts_rte`` holds
        the mean difference to RTE's error of each day that has both (MW). ``demi_largeurs`` (MW) are by level, then
        label or type of day (:data:`DAY_TYPES`), of the ridge only.
    """
    done = done or {}
    spans = spans_of(stored)
    tables = []
    wanted: set[str] = set()
    for history in source.histories():
        span = spans.get(history.code)
        if span is None:
            continue
        digests = span.digests(history)
        wanted |= {history.key(each) for each in digests}
        todo = [each for each, digest in digests.items() if done.get(history.key(each)) != digest]
        if todo:
            months = [np.datetime64(each, "M") for each in todo]
            since = max(span.first, _oldest_error(months[0]))
            territory = source.territory(history, since - _LAGS_OF_REFERENCES)
            if territory is not None:
                own = of_territory(stored, history.code, since)
                own = own.select("date, horizon_jours, meteo, prevision_mw")
                tables += _of_territory(Forecasts(territory, own.to_arrow_table()), history, span, digests, todo)
    gone = sorted(done.keys() - wanted)
    tables.append(pa.Table.from_pylist([{"cle": each} for each in gone], schema=SCHEMA))
    return pa.concat_tables(tables).combine_chunks()


class _Errors:
    """The series of a territory at one step, and how far off they were on each day of its grid.

    Attributes:
        names: model, weather and horizon of each series, the ridge first.
        errors: forecast less what was read: series × days × columns; NaN where either is missing.
    """

    def __init__(self, forecasts: Forecasts, step: str) -> None:
        self._territory = forecasts.territory
        self._actual = forecasts.actual[step]
        self._groups = self._territory.day_type if step == DAY else None
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
        """Return the half-widths of the month that begins at a row: ridge series × levels × groups × columns."""
        found = []
        for horizon in HORIZONS:
            chosen = [at for at, (model, _, h) in enumerate(self.names) if model == RIDGE and h == horizon]
            if chosen:
                # The weathers of a horizon side by side.
                rows = slice(max(start - horizon - DAYS_OF_ERRORS, 0), max(start, 0))
                groups = None if self._groups is None else self._groups[rows]
                past = np.abs(self.errors[chosen, rows]).transpose(1, 0, 2)
                width = past.shape[2]
                halves = half_widths(past.reshape(len(past), -1), len(past), horizon, groups)
                found += [halves[..., at * width : (at + 1) * width] for at in range(len(chosen))]
        return np.array(found)

    def month(self, rows: slice, halves: Floats) -> dict[str, pa.Array]:
        """Return what is stored of each series, by column: its errors on some days, and the half-widths that held."""
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
        return {name: each.filter(pa.array(kept)) for name, each in columns.items()}

    def _of_days(self, halves: Floats, rows: slice) -> tuple[Floats, ...]:
        """Return the half-widths of each day, by level."""
        if self._groups is None:
            return tuple(halves[:, level] for level in range(len(LEVELS)))
        return tuple(halves[:, level, self._groups[rows]] for level in range(len(LEVELS)))

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
    return values.sum(axis=1).reshape(len(values), HOURS, 2).sum(axis=2)


def _summed(
    measures: Mapping[str, Floats | Booleans], summed: Callable[[Floats | Booleans], Floats], counts: str, sums: str
) -> dict[str, pa.Array]:
    """Return the counts and the sums of each series as lists, by group, then measure; 0 where only the ridge has one."""
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


def _of_territory(
    forecasts: Forecasts, history: History, span: Span, digests: Mapping[str, str], months: Sequence[str]
) -> Iterator[pa.Table]:
    territory = forecasts.territory
    for step in STEPS:
        errors = _Errors(forecasts, step)
        for month in months:
            first = np.datetime64(month, "M")
            start = territory.position(first.astype("datetime64[D]"))
            begin = max(start, territory.position(span.first))
            end = min(territory.position((first + 1).astype("datetime64[D]")), territory.position(span.last) + 1)
            columns = errors.month(slice(begin, end), errors.half_widths(start))
            size = len(columns["modele"])
            columns |= {
                "cle": pa.repeat(history.key(month), size),
                "maille": pa.repeat(history.grain, size),
                "code_territoire": pa.repeat(history.code, size),
                "mois": pa.repeat(month, size),
                "saison": pa.repeat(str(territory.season[begin]), size),
                "pas": pa.repeat(step, size),
                "empreinte": pa.repeat(digests[month], size),
            }
            yield pa.table([columns.get(each.name, pa.nulls(size, each.type)) for each in SCHEMA], schema=SCHEMA)
