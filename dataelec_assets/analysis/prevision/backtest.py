"""Rolling-origin back-test, and the coming week: every forecast that could have been issued, month by month.

The fit of a month, for a horizon of ``h`` days, uses target days whose consumption and temperature were known at noon
``h`` days before its first day, with the values of that time. A digest of everything up to the end of a month tells
which months have changed since the last build; only these are computed, and only their territories are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from dataelec_assets.analysis.prevision.days import Days
from dataelec_assets.analysis.prevision.features import (
    calendar_features,
    load_features,
    weather_features,
    weekends_of,
)
from dataelec_assets.analysis.prevision.inputs import (
    LABELS,
    Booleans,
    Floats,
    Integers,
    Territory,
    morning_mean,
)
from dataelec_assets.analysis.prevision.ridge import ALPHA, Fit, Moments
from dataelec_assets.analysis.prevision.source import History, Source
from dataelec_assets.analysis.prevision.weather import (
    FORECAST,
    OBSERVED,
    TEMPERATURE_DELAY_DAYS,
    Weather,
    forecast_issues,
    forecast_weather,
    normals,
    weather_by_name,
)

HORIZONS = tuple(range(1, 8))

# Scores cover three years at most, training five: habits change, and the time of a refresh must not grow.
_TESTED_MONTHS, _LEARNT_MONTHS = 36, 60

# A fit must know every season, and the present: 300 complete days among the 400 before it leave room for gaps of a
# month or two, not for a year that ended long ago.
_FEWEST_DAYS, _AMONG_DAYS = 300, 400

# Beyond the oldest day that is learnt: the two weeks of the lags, and a week more for calendars around them.
_LEAD_DAYS = 30

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("cle", "maille", "code_territoire", "mois", "meteo")),
        ("horizon_jours", pa.int32()),
        ("date", pa.date32()),
        ("prevision_mw", pa.list_(pa.float32())),
        ("alpha", pa.float64()),
        ("apprentissage_debut", pa.date32()),
        ("apprentissage_fin", pa.date32()),
        ("nombre_jours", pa.int32()),
        ("empreinte", pa.string()),
    ]
)

Month = np.datetime64


@dataclass(frozen=True, slots=True)
class _Training:
    """A fit, the first and the last day it was trained on, and their number."""

    fit: Fit
    first: date
    last: date
    days: int


@dataclass(frozen=True, slots=True)
class _Issued:
    """The weather that was forecast on many days, one issue after the other.

    Attributes:
        weather: of all of them.
        weekend: of the same days.
        rows: by issue day (row of the territory), the row of that day here.
    """

    weather: Weather
    weekend: Booleans
    rows: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Part:
    """Forecasts of a month, at a horizon, with a weather: the 48 half-hours of each target day."""

    month: Month
    horizon: int
    meteo: str
    dates: Days
    power: Floats
    trained: _Training


def backtest(source: Source, stored: Mapping[str, str] | None = None) -> pa.Table:
    """Return the forecasts of the months to compute.

    Args:
        source: tables of the warehouse.
        stored: digest of each stored month, by its key. Months with the same digest are left out; months no longer
            needed come back as one row without a date.

    Returns:
        One row per territory, month, horizon, weather and target day, the 48 half-hours in a list.
    """
    stored = stored or {}
    tables: list[pa.Table] = []
    wanted: set[str] = set()
    with threadpool_limits(1):
        for history in source.histories():
            own = {key: digest for key, digest in stored.items() if history.owns(key)}
            if history.is_told_by(own):
                wanted |= own.keys()
                continue
            territory = source.territory(history)
            if territory is None:
                continue
            months = tested_months(territory)
            wanted |= {history.key(each) for each in months}
            todo = [each for each in months if own.get(history.key(each)) != history.digests[str(each)]]
            if todo:
                parts = list(_forecasts(territory, todo))
                if parts:
                    tables.append(_table(territory, parts, history))
    gone = sorted(stored.keys() - wanted)
    tables.append(pa.Table.from_pylist([{"cle": each} for each in gone], schema=SCHEMA))
    return pa.concat_tables(tables).combine_chunks()


def tested_months(territory: Territory) -> list[Month]:
    """Return the newest months for which a fit is possible, up to a week after the newest reading."""
    complete = ~np.isnan(territory.load).any(axis=1) & ~np.isnan(territory.temperatures).any(axis=1)
    before = np.concatenate([[0], np.cumsum(complete)])
    issues = np.flatnonzero(~np.isnan(morning_mean(territory.first_load)))
    # Months that some forecast targets; the first day of a month ends the one before.
    targets = territory.dates[
        np.unique(np.concatenate([issues + each for each in (HORIZONS[0], HORIZONS[-1])])).clip(
            max=len(territory.load) - 1
        )
    ]
    months = []
    for month in np.unique(targets.astype("datetime64[M]")):
        cut = max(territory.position(month.astype("datetime64[D]")) - HORIZONS[-1] - TEMPERATURE_DELAY_DAYS, 0)
        if before[cut] - before[max(cut - _AMONG_DAYS, 0)] >= _FEWEST_DAYS:
            months.append(month)
    return months[-_TESTED_MONTHS:]


def _forecasts(territory: Territory, months: list[Month]) -> Iterator[_Part]:
    normal = normals(territory)
    forecast = _issued(territory, months, normal)
    # Weather remembers all days before; everything else looks back a few weeks at most.
    oldest = (months[0] - _LEARNT_MONTHS - 1).astype("datetime64[D]") - TEMPERATURE_DELAY_DAYS - _LEAD_DAYS
    start = max(territory.position(oldest), 0)
    recent = territory.between(start, len(territory.load))
    weathers = {meteo: each.since(start) for meteo, each in weather_by_name(territory, normal).items()}
    calendar, weekend = calendar_features(recent), weekends_of(recent)
    complete = ~np.isnan(recent.load).any(axis=1)
    months_of_days = recent.dates.astype("datetime64[M]")
    for horizon in HORIZONS:
        shared = np.column_stack([calendar, load_features(recent, horizon)])
        features = {
            meteo: np.column_stack([shared, weather_features(weekend, horizon, weather)])
            for meteo, weather in weathers.items()
        }
        usable = np.flatnonzero(complete & ~np.isnan(features[OBSERVED]).any(axis=1))
        told = weather_features(forecast.weekend, horizon, forecast.weather)
        fits = _fits(recent, features[OBSERVED], usable, horizon, months)
        for month, trained in fits.items():
            rows = np.flatnonzero(months_of_days == month)
            for meteo, matrix in features.items():
                ready = rows[~np.isnan(matrix[rows]).any(axis=1)]
                if len(ready):
                    power = trained.fit.predict(matrix[ready])
                    yield _Part(month, horizon, meteo, recent.dates[ready], power, trained)
            targets = [row for row in rows.tolist() if start + row - horizon in forecast.rows]
            if targets:
                at = [forecast.rows[start + row - horizon] + horizon for row in targets]
                matrix = np.column_stack([shared[targets], told[at]])
                whole = ~np.isnan(matrix).any(axis=1)
                if whole.any():
                    power = trained.fit.predict(matrix[whole])
                    yield _Part(month, horizon, FORECAST, recent.dates[np.array(targets)[whole]], power, trained)


def _issued(territory: Territory, months: list[Month], normal: Floats) -> _Issued:
    """Return the forecast weather of each issue day that can target one of the months."""
    issues = forecast_issues(territory)
    reached = [(territory.dates[issues] + each).astype("datetime64[M]") for each in (HORIZONS[0], HORIZONS[-1])]
    wanted = issues[np.isin(reached[0], months) | np.isin(reached[1], months)]
    weekend = weekends_of(territory)
    # Each brings more days before it than its targets look back, so that none of them sees another one: a month is
    # tested only after 300 days.
    temperatures, memories, weekends = [np.empty((0, 3))], [np.empty(0)], [weekend[:0]]
    rows, size = {}, 0
    for issue in wanted.tolist():
        start, found = forecast_weather(territory, issue, normal)
        temperatures.append(found.temperatures)
        memories.append(found.memory)
        weekends.append(weekend[start : start + len(found.memory)])
        rows[issue] = size + issue - start
        size += len(found.memory)
    return _Issued(Weather(np.concatenate(temperatures), np.concatenate(memories)), np.concatenate(weekends), rows)


def _fits(
    territory: Territory, features: Floats, usable: Integers, horizon: int, months: list[Month]
) -> dict[Month, _Training]:
    """Return the fit of each month that has enough data."""
    every = np.arange((months[0] - _LEARNT_MONTHS).astype("datetime64[M]"), months[-1] + 1, dtype="datetime64[M]")
    # A day enters training once its temperature is published, long after it is over.
    delay = horizon + TEMPERATURE_DELAY_DAYS
    cuts = np.array([territory.position(each.astype("datetime64[D]")) - delay for each in every])
    ends = np.searchsorted(usable, cuts)
    moments = Moments(features[usable], territory.load[usable], ends, int(every[0].astype(np.int64)) % 12)
    result = {}
    for month in months:
        at = int((month - every[0]).astype(np.int64))
        oldest = at - _LEARNT_MONTHS
        trained = usable[ends[oldest] : ends[at]]
        if len(trained) < _FEWEST_DAYS:
            continue
        known = territory.load_known_at(month.astype("datetime64[D]") - horizon)
        changed = trained[:0]
        if known is not territory.load:
            changed = trained[(known[trained] != territory.load[trained]).any(axis=1)]
        fit = moments.fit(oldest, at, features[changed], known[changed] - territory.load[changed])
        first, last = territory.dates[trained[[0, -1]]].tolist()
        result[month] = _Training(fit, first, last, len(trained))
    return result


def _table(territory: Territory, parts: list[_Part], history: History) -> pa.Table:
    counts = [len(each.dates) for each in parts]
    size = sum(counts)
    at = pa.array(np.repeat(np.arange(len(parts)), counts))
    dates, power = np.concatenate([each.dates for each in parts]), np.concatenate([each.power for each in parts])
    # A tenth of a megawatt: more digits would be noise, and compress badly.
    values = pa.array(np.round(power, 1).astype(np.float32).ravel())
    offsets = pa.array(np.arange(0, LABELS * size + 1, LABELS, dtype=np.int32))

    def each(kind: pa.DataType, values: Iterable[object]) -> pa.Array:
        return pa.array(list(values), kind).take(at)

    columns = [
        each(pa.string(), (history.key(part.month) for part in parts)),
        pa.repeat(territory.grain, size),
        pa.repeat(territory.code, size),
        each(pa.string(), (str(part.month) for part in parts)),
        each(pa.string(), (part.meteo for part in parts)),
        each(pa.int32(), (part.horizon for part in parts)),
        pa.array(dates, pa.date32()),
        pa.ListArray.from_arrays(offsets, values),
        pa.repeat(ALPHA, size),
        each(pa.date32(), (part.trained.first for part in parts)),
        each(pa.date32(), (part.trained.last for part in parts)),
        each(pa.int32(), (part.trained.days for part in parts)),
        each(pa.string(), (history.digests[str(part.month)] for part in parts)),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)
