"""Forecasts as rows: the coming week, and the last sixty days as forecast the day before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dataelec_assets.analysis.prevision.backtest import HORIZONS
from dataelec_assets.analysis.prevision.baselines import NO_WEATHER, RIDGE
from dataelec_assets.analysis.prevision.conformal import LEVELS
from dataelec_assets.analysis.prevision.days import instant_of
from dataelec_assets.analysis.prevision.forecasts import DAY, HALF_HOUR, STEPS, Forecasts
from dataelec_assets.analysis.prevision.inputs import ISSUE_HOUR, LABELS, Floats, Integers, Territory
from dataelec_assets.analysis.prevision.source import Source, of_territory
from dataelec_assets.analysis.prevision.sums import marks_of, spans_of
from dataelec_assets.analysis.prevision.weather import OBSERVED

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

SHOWN_DAYS = 60

# These days may lie a year apart where readings are missing; and the lags of the references.
_KEPT_DAYS = SHOWN_DAYS + 365 + 2 * 31 + 14

# The newest issue lies the day before the last forecast of the next day; some of its forecasts may be missing.
_COMING_DAYS = 3 * HORIZONS[-1]

_NUMBERS = ("prevision_mw", "ic50_bas_mw", "ic50_haut_mw", "ic90_bas_mw", "ic90_haut_mw", "realise_mw")

_HOURS = pa.array([f"{each // 2:02d}:{30 * (each % 2):02d}" for each in range(LABELS)])

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("maille", "code_territoire", "pas", "modele", "meteo")),
        ("emise_a", pa.timestamp("us", "UTC")),
        ("horizon_jours", pa.int32()),
        ("date", pa.date32()),
        ("heure_locale", pa.string()),
        ("instant_utc", pa.timestamp("us", "UTC")),
        *((name, pa.float64()) for name in _NUMBERS),
        ("est_a_venir", pa.bool_()),
        ("empreinte", pa.string()),
    ]
)


def rows(
    source: Source, stored: DuckDBPyRelation, sums: DuckDBPyRelation, shown: DuckDBPyRelation | None = None
) -> pa.Table:
    """Return the forecasts to show, one row per half-hour, and per day without a label.

    Args:
        source: tables of the warehouse.
        stored: ``int_prevision_retrotest``.
        sums: ``int_prevision_sommes``, which holds the half-widths of the intervals.
        shown: this table as it is. Territories whose forecasts have not changed are left out; those without any come
            back as one row without a step.
    """
    done = {}
    if shown is not None:
        done = dict(shown.aggregate("code_territoire, min(empreinte)", "code_territoire").fetchall())
    spans, marks = spans_of(stored), marks_of(sums)
    tables = [SCHEMA.empty_table()]
    for history in source.histories():
        if history.code not in marks or done.get(history.code) == marks[history.code]:
            continue
        last = spans[history.code].last
        since = last + 1 - _KEPT_DAYS
        territory = source.territory(history, since)
        if territory is not None:
            wanted = f"horizon_jours = {HORIZONS[0]} OR date > DATE '{last - _COMING_DAYS}'"
            own = of_territory(stored, history.code, since).filter(wanted)
            forecasts = Forecasts(
                territory.between(0, territory.position(last) + 1),
                own.select("date, horizon_jours, meteo, prevision_mw").to_arrow_table(),
            )
            halves = of_territory(sums, history.code).filter(
                f"demi_largeurs IS NOT NULL AND mois >= '{since.astype('datetime64[M]')}'"
            )
            first = forecasts.territory.position(spans[history.code].first)
            tables += _of_territory(forecasts, _Halves(halves), first, marks[history.code])
    gone = sorted(done.keys() - marks.keys())
    tables.append(pa.Table.from_pylist([{"code_territoire": each} for each in gone], schema=SCHEMA))
    return pa.concat_tables(tables).combine_chunks()


class _Halves:
    """The half-widths of the intervals of a territory, by month, step, weather and horizon."""

    def __init__(self, sums: DuckDBPyRelation) -> None:
        found = sums.select("mois, pas, meteo, horizon_jours, demi_largeurs").to_arrow_table()
        halves = found["demi_largeurs"].combine_chunks()
        values, ends = halves.flatten().to_numpy(), halves.value_lengths().to_numpy().cumsum()
        keys = zip(*(found[name].to_pylist() for name in ("mois", "pas", "meteo", "horizon_jours")), strict=True)
        parts = np.split(values, ends[:-1])
        self._found = (
            {key: part.reshape(len(LEVELS), -1) for key, part in zip(keys, parts, strict=True)} if len(ends) else {}
        )

    def of(self, series: Series, territory: Territory, days: Integers, labels: Integers) -> Iterator[Floats]:
        """Yield, by level, the half-width of each forecast; NaN where there is none."""
        result = np.full((len(LEVELS), len(days)), np.nan)
        months = territory.dates[days].astype("datetime64[M]")
        columns = territory.day_type[days] if series.step == DAY else labels
        for month in np.unique(months):
            halves = self._found.get((str(month), series.step, series.meteo, series.horizon))
            if halves is not None and series.model == RIDGE:
                inside = months == month
                result[:, inside] = halves[:, columns[inside]]
        yield from result


@dataclass(frozen=True, slots=True)
class Series:
    """One model, with one weather, at one horizon, for days or half-hours.

    Attributes:
        step: ``jour`` or ``demi_heure``.
        model: name of the model.
        meteo: weather that it was given.
        horizon: days from the issue day to the target day.
        power: forecast by target day and column (48, or 1 for days); NaN where none.
    """

    step: str
    model: str
    meteo: str
    horizon: int
    power: Floats


def _series(forecasts: Forecasts) -> Iterator[Series]:
    for (horizon, meteo), power in forecasts.ridge.items():
        for step in STEPS:
            yield Series(step, RIDGE, meteo, horizon, forecasts.of_step(power, step))
    for horizon in HORIZONS:
        for model, power in forecasts.references(horizon).items():
            for step in STEPS:
                yield Series(step, model, NO_WEATHER, horizon, forecasts.of_step(power, step))


def _of_territory(forecasts: Forecasts, halves: _Halves, first: int, mark: str) -> Iterator[pa.Table]:
    territory, issue = forecasts.territory, forecasts.last_issue
    read = np.flatnonzero(~np.isnan(forecasts.actual[HALF_HOUR]).all(axis=1))
    shown = read[(read >= first) & (read <= issue)][-SHOWN_DAYS:]
    instants = _instants(territory, (int(shown[0]) if len(shown) else issue) - HORIZONS[-1])
    for each in _series(forecasts):
        if each.horizon == HORIZONS[0]:
            yield _table(forecasts, each, shown, instants, halves=halves, mark=mark, is_coming=False)
        # Coming weather counts as unobserved, even where the lake holds it.
        if each.meteo != OBSERVED and 0 <= issue < len(territory.load) - each.horizon:
            coming = np.array([issue + each.horizon])
            yield _table(forecasts, each, coming, instants, halves=halves, mark=mark, is_coming=True)


def _instants(territory: Territory, since: int) -> NDArray[np.datetime64]:
    """Return the instant of each label of each day from the row ``since``; not-a-time before it."""
    grid = np.full((len(territory.load), LABELS), np.datetime64("NaT"), dtype="datetime64[us]")
    for row, day in enumerate(territory.dates.tolist()):
        if row >= since:
            grid[row] = _instants_of(day)
    return grid


# Territories show the same days: sixty, the lags of the longest horizon before them and the coming week.
@lru_cache(maxsize=128)
def _instants_of(day: date) -> NDArray[np.datetime64]:
    return np.array([instant_of(day, label).replace(tzinfo=None) for label in range(LABELS)], dtype="datetime64[us]")


def _table(
    forecasts: Forecasts,
    series: Series,
    targets: Integers,
    instants: NDArray[np.datetime64],
    *,
    halves: _Halves,
    mark: str,
    is_coming: bool,
) -> pa.Table:
    territory = forecasts.territory
    at, labels = np.nonzero(~np.isnan(series.power[targets]))
    days = targets[at]
    is_day, size = series.step == DAY, len(days)
    power = series.power[days, labels]
    half_50, half_90 = halves.of(series, territory, days, labels)
    actual = forecasts.actual[series.step][days, labels]
    numbers = (power, power - half_50, power + half_50, power - half_90, power + half_90, actual)
    hours = pa.nulls(size, pa.string()) if is_day else _HOURS.take(pa.array(labels))
    columns = [
        *(pa.repeat(each, size) for each in (territory.grain, territory.code, series.step, series.model, series.meteo)),
        _instant_column(instants[days - series.horizon, 2 * ISSUE_HOUR]),
        pa.repeat(pa.scalar(series.horizon, pa.int32()), size),
        pa.array(territory.dates[days], pa.date32()),
        hours,
        _instant_column(instants[days, 0 * labels if is_day else labels]),
        *(pa.array(np.round(each, 1), from_pandas=True) for each in numbers),
        pa.repeat(is_coming, size),
        pa.repeat(mark, size),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _instant_column(instants: NDArray[np.datetime64]) -> pa.Array:
    return pa.array(instants, pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
