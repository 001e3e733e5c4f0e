"""The questions about weather, gas, exchanges and the mix: which pairs of daily series, in which form, at which lag.

The results show how two series move together, never that one moves the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dataelec_assets.analysis.correlation import (
    SHORT_HISTORY,
    Series,
    anomalies,
    estimates,
    nothing,
)

TEMPERATURE = "temperature_moyenne_c"
WINTER_TEMPERATURE = "temperature_novembre_mars_c"
STOCK = "stock_gaz_gwh"
FLOW = "flux_stock_gaz_gwh"
FILL = "remplissage_stock_gaz_pct"
FULL = "est_stock_gaz_plein"
SOURCES = tuple(
    f"{name}_mwh"
    for name in ("nucleaire", "eolien", "solaire", "hydraulique", "bioenergies", "gaz", "charbon", "fioul")
)
EXCHANGES = ("export_commercial_mwh", "import_commercial_mwh", "solde_commercial_mwh", "ech_physiques_mwh")
SEASONS = tuple(f"est_{name}" for name in ("hiver", "printemps", "ete", "automne"))

RAW = "brute"
DESEASONALISED = "desaisonnalisee"

# Gas is filled in summer and drawn in winter, so its stock follows the weather by a season: three months.
LAGS = range(0, 91, 5)

SCHEMA = pa.schema(
    [
        ("question", pa.string()),
        ("serie_x", pa.string()),
        ("serie_y", pa.string()),
        ("transformation", pa.string()),
        ("forme", pa.string()),
        ("decalage_jours", pa.int32()),
        ("methode", pa.string()),
        ("effet", pa.float64()),
        ("unite_effet", pa.string()),
        ("ic95_bas", pa.float64()),
        ("ic95_haut", pa.float64()),
        ("debut", pa.date32()),
        ("fin", pa.date32()),
        ("nombre_jours", pa.int32()),
        ("nombre_effectif", pa.float64()),
        ("est_concluant", pa.bool_()),
        ("motif", pa.string()),
        ("empreinte", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two series of one question: ``y`` on a day against ``x`` ``lag`` days before.

    With ``of_years``, ``y`` must have two years: a season seen once cannot be separated from its year.
    """

    question: str
    x: str
    y: str
    form: str
    lag: int = 0
    transformations: tuple[str, ...] = (RAW, DESEASONALISED)
    of_years: bool = False


def _pairs() -> Iterator[Pair]:
    for form, y in (("niveau", STOCK), ("flux", FLOW)):
        for lag in LAGS:
            yield Pair("stock_temperature", TEMPERATURE, y, form, lag)
    # A season within a season has no climatology.
    yield Pair("stock_temperature", WINTER_TEMPERATURE, FLOW, "flux", transformations=(RAW,))
    for source in SOURCES:
        yield Pair("filieres_temperature", TEMPERATURE, source, "flux")
        yield Pair("filieres_stock", STOCK, source, "niveau")
        yield Pair("filieres_stock", FLOW, source, "flux")
    for season in SEASONS:
        for y in ("consommation_mwh", "production_mwh", *SOURCES, FLOW, *EXCHANGES):
            # A deseasonalised season is nothing.
            yield Pair("saisons", season, y, "flux", transformations=(RAW,), of_years=True)
    for y in EXCHANGES:
        yield Pair("echanges_stock", FILL, y, "niveau")
        yield Pair("echanges_stock", FULL, y, "niveau")
        yield Pair("echanges_stock", FLOW, y, "flux")


PAIRS = tuple(_pairs())
COLUMNS = tuple(sorted({name for pair in PAIRS for name in (pair.x, pair.y)}))


def relations(days: pa.Table, before: pa.Table | None = None) -> pa.Table:
    """Answer every question.

    Args:
        days: ``date`` and the columns of :data:`COLUMNS`, one row per day; null where a day is missing or incomplete.
        before: result of an earlier call, returned unchanged when the same code computed it from the same days: real
            time renews this table every quarter of an hour, and a day counts once it is complete.

    Returns:
        One row per pair, transformation, lag and method (:data:`SCHEMA`), always; without enough days the effect is
        null and ``motif`` says why.
    """
    mark = _fingerprint(days)
    if before is not None and before.schema.equals(SCHEMA) and set(before.column("empreinte").to_pylist()) == {mark}:
        return before
    from threadpoolctl import threadpool_limits

    # One thread: the last digits must not depend on the number of cores, and refreshes run beside other work.
    with threadpool_limits(1):
        raw, deseasonalised = _series(days)
        first = min(days.column("date").to_pylist(), default=None)
        rows = [row | {"empreinte": mark} for pair in PAIRS for row in _rows(pair, raw, deseasonalised, first)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _fingerprint(days: pa.Table) -> str:
    """Return a digest of the days in any order, of this code and of its library."""
    digest = hashlib.sha256(version("numpy").encode())
    for name in ("relations.py", "correlation.py"):
        digest.update(Path(__file__).with_name(name).read_bytes())
    order = days.sort_by("date")
    digest.update(order.column("date").cast(pa.int32()).to_numpy().tobytes())
    for name in COLUMNS:
        digest.update(order.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False).tobytes())
    return digest.hexdigest()


def _series(days: pa.Table) -> tuple[dict[str, Series], dict[str, Series | None]]:
    """Return each series on every civil day from the first to the last, and its anomalies."""
    dates = np.asarray(days.column("date").cast(pa.int32()).to_pylist(), dtype=np.int64)
    if len(dates) == 0:
        return {name: np.empty(0) for name in COLUMNS}, dict.fromkeys(COLUMNS)
    first = int(dates.min())
    calendar = np.arange(first, int(dates.max()) + 1).astype("datetime64[D]")
    year = calendar.astype("datetime64[Y]").astype(np.int64) + 1970
    month = calendar.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day_of_year = (calendar - calendar.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64) + 1
    raw, deseasonalised = {}, {}
    for name in COLUMNS:
        values = np.full(len(calendar), np.nan)
        values[dates - first] = days.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
        raw[name] = values
        deseasonalised[name] = anomalies(values, day_of_year, year, month)
    return raw, deseasonalised


def _rows(
    pair: Pair, raw: Mapping[str, Series], deseasonalised: Mapping[str, Series | None], first: date | None
) -> Iterator[dict[str, Any]]:
    for transformation in pair.transformations:
        chosen = raw if transformation == RAW else deseasonalised
        x = _later(chosen[pair.x], pair.lag)
        y = None if pair.of_years and deseasonalised[pair.y] is None else chosen[pair.y]
        start, end = _extent(x, y, first)
        for found in nothing(SHORT_HISTORY) if x is None or y is None else estimates(x, y):
            yield {
                "question": pair.question,
                "serie_x": pair.x,
                "serie_y": pair.y,
                "transformation": transformation,
                "forme": pair.form,
                "decalage_jours": pair.lag,
                "methode": found.method,
                "effet": found.effect,
                "unite_effet": _unit(pair) if found.method == "pente" else "sans unité",
                "ic95_bas": found.low,
                "ic95_haut": found.high,
                "debut": start,
                "fin": end,
                "nombre_jours": found.days,
                "nombre_effectif": found.effective,
                "est_concluant": found.conclusive,
                "motif": found.reason,
            }


def _later(series: Series | None, lag: int) -> Series | None:
    """Return a series whose value of a day is that of ``lag`` days before."""
    if series is None:
        return None
    moved = np.full(len(series), np.nan)
    moved[lag:] = series[: max(len(series) - lag, 0)]
    return moved


def _extent(x: Series | None, y: Series | None, first: date | None) -> tuple[date | None, date | None]:
    """Return the first and the last day on which both series have a value."""
    known = np.empty(0) if x is None or y is None else np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if first is None or len(known) == 0:
        return None, None
    return first + timedelta(days=int(known[0])), first + timedelta(days=int(known[-1]))


def _unit(pair: Pair) -> str:
    """Return the unit of a slope; for two groups of days the slope is the difference of their means."""
    y = {STOCK: "GWh", FLOW: "GWh/jour"}.get(pair.y, "MWh/jour")
    if pair.x in {FULL, *SEASONS}:
        return f"{y} d'écart"
    x = {STOCK: "GWh", FLOW: "GWh/jour", FILL: "point de remplissage"}.get(pair.x, "°C")
    return f"{y} par {x}"
