"""How good forecasts were: every score is a mean over the readings that the forecast and its reference share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from dataelec_assets.analysis.prevision.baselines import NAIVE, PERSISTENCE, RTE
from dataelec_assets.analysis.prevision.forecasts import DAY, HALF_HOUR, STEPS, Forecasts, Series, stored_by_territory
from dataelec_assets.analysis.prevision.inputs import Booleans, Floats, Integers, Territory

WHOLE, YEAR, SEASON, HOUR, KIND = "ensemble", "annee", "saison", "heure", "type_jour"

# Errors within a week are alike, so Newey and West's kernel spans one. Fewer than eight times as many days give no test
# (a rule of thumb: the kernel must be short compared with the series).
_LAGS, _FEWEST_DAYS = 7, 56

# The seasonal naive of a week ahead looks two weeks back.
_LAGS_OF_REFERENCES = 14

_MEASURES = ("mae_mw", "mape_pct", "biais_mw", "rmse_mw", "mase", "pinball_mw")
_COVERAGES = ("couverture_90_pct", "couverture_50_pct", "largeur_90_mw")
_GAINS = ("gain_contre_naif_pct", "gain_contre_persistance_pct")
_TEST = ("mae_rte_mw", "dm_statistique", "dm_p_valeur")

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("maille", "code_territoire", "pas", "modele", "meteo")),
        ("horizon_jours", pa.int32()),
        *((name, pa.string()) for name in ("decoupe", "valeur_decoupe")),
        ("nombre", pa.int32()),
        ("nombre_jours", pa.int32()),
        *((name, pa.float64()) for name in _MEASURES),
        ("echelle_mase_mw", pa.float64()),
        ("nombre_intervalles", pa.int32()),
        *((name, pa.float64()) for name in (*_COVERAGES, *_GAINS, *_TEST)),
        ("dm_nombre_jours", pa.int32()),
        *((name, pa.date32()) for name in ("debut", "fin")),
    ]
)


def scores(readings: pa.Table, days: pa.Table, revisions: pa.Table, stored: pa.Table) -> pa.Table:
    """Return the scores of every model, by territory, step, weather, horizon and cut of the back-test.

    Args:
        readings: ``int_prevision_lectures``.
        days: ``int_prevision_jours``.
        revisions: ``int_prevision_revisions``.
        stored: ``int_prevision_retrotest``.
    """
    rows: list[dict[str, Any]] = []
    with threadpool_limits(1):
        for territory, own, (first, last) in stored_by_territory(readings, days, revisions, stored):
            before = Forecasts(territory.between(0, first), own) if first > 0 else None
            scales = {step: _scale(before.actual[step]) if before else math.nan for step in STEPS}
            rows += _of_territory(Forecasts(territory.between(first - _LAGS_OF_REFERENCES, last + 1), own), scales)
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A breakdown of the readings: the group of each day, or of each label."""

    name: str
    values: list[str]
    groups: Integers
    is_of_days: bool = True


def _of_territory(forecasts: Forecasts, scales: Mapping[str, float]) -> Iterator[dict[str, Any]]:
    territory = forecasts.territory
    first, last = forecasts.tested
    window = slice(first, last)
    cuts = {step: list(_cuts(territory, window, step)) for step in STEPS}
    for each in forecasts.series():
        marks = {
            name: _of_step(forecasts, power, each.step)[window]
            for name, power in forecasts.references(each.horizon).items()
            if name != each.model
        }
        head = {
            "maille": territory.grain,
            "code_territoire": territory.code,
            "pas": each.step,
            "modele": each.model,
            "meteo": each.meteo,
            "horizon_jours": each.horizon,
        }
        actual = forecasts.actual[each.step][window]
        dates = territory.dates[window]
        parts = _scored(
            each, actual, window=window, marks=marks, cuts=cuts[each.step], scale=scales[each.step], dates=dates
        )
        for row in parts:
            yield head | row


def _of_step(forecasts: Forecasts, power: Floats, step: str) -> Floats:
    return forecasts.of_days(power) if step == DAY else power


def _scale(actual: Floats) -> float:
    """Return the mean error of the seasonal naive of seven days before the back-test: the denominator of MASE."""
    errors = np.abs(actual[7:] - actual[:-7])
    return float(np.nanmean(errors)) if np.isfinite(errors).any() else math.nan


def _cuts(territory: Territory, window: slice, step: str) -> Iterator[_Cut]:
    size = window.stop - window.start
    yield _Cut(WHOLE, [WHOLE], np.zeros(size, dtype=np.int64))
    years = territory.dates[window].astype("datetime64[Y]").astype(str)
    for name, values in ((YEAR, years), (SEASON, territory.season[window]), (KIND, territory.kind[window])):
        names, at = np.unique(values, return_inverse=True)
        yield _Cut(name, [str(each) for each in names], at)
    if step == HALF_HOUR:
        labels = np.arange(territory.load.shape[1]) // 2
        yield _Cut(HOUR, [f"{hour:02d}" for hour in range(24)], labels, is_of_days=False)


def _scored(
    series: Series,
    actual: Floats,
    *,
    window: slice,
    marks: Mapping[str, Floats],
    cuts: list[_Cut],
    scale: float,
    dates: np.ndarray[Any, np.dtype[np.datetime64]],
) -> Iterator[dict[str, Any]]:
    power, half_50, half_90 = (each[window] for each in (series.power, series.half_50, series.half_90))
    error = power - actual
    there = ~np.isnan(error)
    if not there.any():
        return
    size = np.abs(error)
    intervals = there & ~np.isnan(half_90) & ~np.isnan(half_50)
    sums = {
        "n": there.astype(np.float64),
        "mae": size,
        # A total of zero has no shares.
        "ape": np.divide(size, actual, out=np.full(size.shape, np.nan), where=actual > 0),
        "ape_n": (there & (actual > 0)).astype(np.float64),
        "bias": error,
        "square": error * error,
        "intervals": intervals.astype(np.float64),
        "pinball": _kept(_pinball(error, half_50, half_90), intervals),
        "in_90": _kept(size <= half_90, intervals),
        "in_50": _kept(size <= half_50, intervals),
        "width": _kept(2 * half_90, intervals),
    }
    for name, mark in marks.items():
        other = np.abs(mark - actual)
        common = there & ~np.isnan(other)
        sums[f"{name}_own"], sums[f"{name}_other"] = _kept(size, common), _kept(other, common)
    tallies = {name: (_sum_rows(values), _sum_columns(values)) for name, values in sums.items()}
    for cut in cuts:
        totals = {name: _grouped(by_day, by_label, cut) for name, (by_day, by_label) in tallies.items()}
        for at, value in enumerate(cut.values):
            of_group = {name: float(each[at]) for name, each in totals.items()}
            if of_group["n"]:
                row = {"decoupe": cut.name, "valeur_decoupe": value, **_means(of_group, scale)}
                if cut.is_of_days:
                    inside = cut.groups == at
                    kept = dates[inside & there.any(axis=1)]
                    row |= {"nombre_jours": len(kept), "debut": kept[0].astype(object), "fin": kept[-1].astype(object)}
                    if RTE in marks and cut.name in (WHOLE, YEAR):
                        row |= _against_rte(size[inside], np.abs(marks[RTE] - actual)[inside])
                yield row


def _kept(values: Floats | Booleans, where: Booleans) -> Floats:
    return np.where(where, values, np.nan)


def _sum_rows(values: Floats) -> Floats:
    return np.asarray(np.nansum(values, axis=1))


def _sum_columns(values: Floats) -> Floats:
    return np.asarray(np.nansum(values, axis=0))


def _grouped(by_day: Floats, by_label: Floats, cut: _Cut) -> Floats:
    return np.bincount(cut.groups, weights=by_day if cut.is_of_days else by_label, minlength=len(cut.values)).astype(
        np.float64
    )


def _pinball(error: Floats, half_50: Floats, half_90: Floats) -> Floats:
    """Return the mean loss of the quantiles at 5, 25, 50, 75 and 95 %, which the intervals bound."""
    total = np.zeros(error.shape)
    for probability, shift in ((0.05, -half_90), (0.25, -half_50), (0.5, 0.0), (0.75, half_50), (0.95, half_90)):
        above = error + shift  # forecast quantile less what was read
        total += np.maximum(-probability * above, (1 - probability) * above)
    return total / 5


def _means(sums: Mapping[str, float], scale: float) -> dict[str, Any]:
    number, intervals = sums["n"], sums["intervals"]
    mae = sums["mae"] / number
    row: dict[str, Any] = {
        "nombre": int(number),
        "mae_mw": mae,
        "mape_pct": 100 * sums["ape"] / sums["ape_n"] if sums["ape_n"] else None,
        "biais_mw": sums["bias"] / number,
        "rmse_mw": float(np.sqrt(sums["square"] / number)),
        "mase": mae / scale if scale > 0 else None,
        "echelle_mase_mw": scale if scale > 0 else None,
        "nombre_intervalles": int(intervals),
    }
    if intervals:
        row |= {
            "pinball_mw": sums["pinball"] / intervals,
            "couverture_90_pct": 100 * sums["in_90"] / intervals,
            "couverture_50_pct": 100 * sums["in_50"] / intervals,
            "largeur_90_mw": sums["width"] / intervals,
        }
    for name, column in ((NAIVE, _GAINS[0]), (PERSISTENCE, _GAINS[1])):
        if sums.get(f"{name}_other"):
            row[column] = 100 * (1 - sums[f"{name}_own"] / sums[f"{name}_other"])
    return row


def _against_rte(own: Floats, other: Floats) -> dict[str, Any]:
    """Compare absolute errors on the same readings: Diebold and Mariano, on the means of days."""
    common = ~np.isnan(own) & ~np.isnan(other)
    if not common.any():
        return {}
    number = common.sum(axis=1)
    days = number > 0
    daily = np.where(common, own - other, 0.0).sum(axis=1)[days] / number[days]
    statistic, p_value = diebold_mariano(daily)
    return {
        "mae_rte_mw": float(other[common].mean()),
        "dm_statistique": statistic,
        "dm_p_valeur": p_value,
        "dm_nombre_jours": int(days.sum()),
    }


def diebold_mariano(differences: Floats) -> tuple[float | None, float | None]:
    """Return the statistic (negative: the first model errs less) and its two-sided p-value.

    Args:
        differences: loss of the first model less that of the second, day after day.

    Returns:
        None for both when there are too few days, or when the losses always differ by the same amount.
    """
    from scipy.stats import t

    number = len(differences)
    if number < _FEWEST_DAYS:
        return None, None
    mean = float(differences.mean())
    around = differences - mean
    variance = float(around @ around) / number
    for lag in range(1, _LAGS + 1):
        variance += 2 * (1 - lag / (_LAGS + 1)) * float(around[lag:] @ around[:-lag]) / number
    if variance <= 0:
        return None, None
    statistic = mean / float(np.sqrt(variance / number))
    return statistic, float(2 * t.sf(abs(statistic), number - 1))
