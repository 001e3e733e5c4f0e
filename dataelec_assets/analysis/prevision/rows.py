"""Forecasts as rows: the coming week, and the last sixty days as forecast the day before."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from dataelec_assets.analysis.prevision.backtest import HORIZONS
from dataelec_assets.analysis.prevision.days import instant_of
from dataelec_assets.analysis.prevision.forecasts import DAY, HALF_HOUR, Forecasts, Series, stored_by_territory
from dataelec_assets.analysis.prevision.inputs import ISSUE_HOUR, LABELS, Integers, Territory
from dataelec_assets.analysis.prevision.weather import OBSERVED

SHOWN_DAYS = 60

# These days, a year of errors for their intervals, the months in which both begin, and the lags of the references.
_KEPT_DAYS = SHOWN_DAYS + 365 + 2 * 31 + 14

_NUMBERS = ("prevision_mw", "ic50_bas_mw", "ic50_haut_mw", "ic90_bas_mw", "ic90_haut_mw", "realise_mw")

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
    ]
)


def rows(readings: pa.Table, days: pa.Table, revisions: pa.Table, stored: pa.Table) -> pa.Table:
    """Return the forecasts to show, one row per half-hour, and per day without a label.

    Args:
        readings: ``int_prevision_lectures``.
        days: ``int_prevision_jours``.
        revisions: ``int_prevision_revisions``.
        stored: ``int_prevision_retrotest``.
    """
    tables = [SCHEMA.empty_table()]
    with threadpool_limits(1):
        for territory, own, (_, last) in stored_by_territory(readings, days, revisions, stored):
            tables += _of_territory(Forecasts(territory.between(last + 1 - _KEPT_DAYS, last + 1), own))
    return pa.concat_tables(tables).combine_chunks()


def _of_territory(forecasts: Forecasts) -> Iterator[pa.Table]:
    territory, issue = forecasts.territory, forecasts.last_issue
    read = np.flatnonzero(~np.isnan(forecasts.actual[HALF_HOUR]).all(axis=1))
    shown = read[(read >= forecasts.tested[0]) & (read <= issue)][-SHOWN_DAYS:]
    instants = _instants(territory, (int(shown[0]) if len(shown) else issue) - HORIZONS[-1])
    for each in forecasts.series(since=int(shown[0]) if len(shown) else issue):
        if each.horizon == HORIZONS[0]:
            yield _table(forecasts, each, shown, instants, is_coming=False)
        # Coming weather counts as unobserved, even where the lake holds it.
        if each.meteo != OBSERVED and 0 <= issue < len(territory.load) - each.horizon:
            yield _table(forecasts, each, np.array([issue + each.horizon]), instants, is_coming=True)


def _instants(territory: Territory, since: int) -> NDArray[np.datetime64]:
    """Return the instant of each label of each day from the row ``since``; not-a-time before it."""
    grid = np.full((len(territory.load), LABELS), np.datetime64("NaT"), dtype="datetime64[us]")
    for row, day in enumerate(territory.dates.tolist()):
        if row >= since:
            grid[row] = [instant_of(day, label).replace(tzinfo=None) for label in range(LABELS)]
    return grid


def _table(
    forecasts: Forecasts, series: Series, targets: Integers, instants: NDArray[np.datetime64], *, is_coming: bool
) -> pa.Table:
    territory = forecasts.territory
    at, labels = np.nonzero(~np.isnan(series.power[targets]))
    days = targets[at]
    is_day, size = series.step == DAY, len(days)
    power, half_50, half_90 = (each[days, labels] for each in (series.power, series.half_50, series.half_90))
    actual = forecasts.actual[series.step][days, labels]
    numbers = (power, power - half_50, power + half_50, power - half_90, power + half_90, actual)
    names = pa.array([f"{each // 2:02d}:{30 * (each % 2):02d}" for each in range(LABELS)])
    hours = pa.nulls(size, pa.string()) if is_day else names.take(pa.array(labels))
    columns = [
        *(pa.repeat(each, size) for each in (territory.grain, territory.code, series.step, series.model, series.meteo)),
        _instant_column(instants[days - series.horizon, 2 * ISSUE_HOUR]),
        pa.repeat(pa.scalar(series.horizon, pa.int32()), size),
        pa.array(territory.dates[days], pa.date32()),
        hours,
        _instant_column(instants[days, 0 * labels if is_day else labels]),
        *(pa.array(np.round(each, 1), from_pandas=True) for each in numbers),
        pa.repeat(is_coming, size),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _instant_column(instants: NDArray[np.datetime64]) -> pa.Array:
    return pa.array(instants, pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
