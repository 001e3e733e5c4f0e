"""What goes with daily consumption: weather, weekends, public and school holidays, trend; in MWh and in variance.

Ordinary least squares of the energy of a day on the factors. A factor's energy is relative to a reference day: a
working day at the level of the first day, outside holidays and school holidays, neither cold nor hot; reference and
contributions add up to what was consumed. A factor's share of the variance is its average gain in R² over all orders in
which the factors can enter (LMG: Lindeman, Merenda and Gold 1980; Grömping 2006, J. Stat. Softw. 17(1)), since cold
days, school holidays and public holidays go together and a single order would favour whatever comes first. Errors are
robust to autocorrelation (Newey and West 1987).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]

HEATING, COOLING = "temperature_chauffage", "temperature_climatisation"
DAY_TYPE, HOLIDAYS, SCHOOL, TREND, RESIDUAL = "type_de_jour", "feries", "vacances", "tendance", "residu"
FACTORS = (HEATING, COOLING, DAY_TYPE, HOLIDAYS, SCHOOL, TREND, RESIDUAL)

# The grids, the days and the cold days that the weather sensitivity asks for (docs/methods/thermosensibilite.md).
HEATING_GRID = np.arange(10, 20.5, 0.5)
COOLING_GRID = np.arange(18, 26.5, 0.5)
LEAST_DAYS = 180
LEAST_BEYOND = 30

# A trend over less than two years is a season.
LEAST_TREND_DAYS = 730
DAYS_OF_A_YEAR = 365.2425

# Autocorrelations that the errors take account of: a week, which is the cycle of the residuals.
NEWEY_WEST_LAGS = 7
_NORMAL_95 = 1.959963984540054

# Below it, what is left of a column once the others are known is rounding.
_INDEPENDENT = 1e-9

SCHEMA = pa.schema(
    [
        ("code_region", pa.string()),
        ("energie", pa.string()),
        ("facteur", pa.string()),
        ("contribution_mwh", pa.float64()),
        ("contribution_ic95_bas_mwh", pa.float64()),
        ("contribution_ic95_haut_mwh", pa.float64()),
        ("contribution_part_energie_pct", pa.float64()),
        ("contribution_part_variance_pct", pa.float64()),
        ("reference_mwh", pa.float64()),
        ("energie_totale_mwh", pa.float64()),
        ("seuil_chauffage_c", pa.float64()),
        ("seuil_climatisation_c", pa.float64()),
        ("r2", pa.float64()),
        ("debut", pa.date32()),
        ("fin", pa.date32()),
        ("nombre_jours", pa.int32()),
        ("est_fiable", pa.bool_()),
        ("motif", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of one territory and energy, in order; each array has one value per day."""

    date: npt.NDArray[np.int64]
    energy: Floats
    temperature: Floats
    month: npt.NDArray[np.int64]
    kind: npt.NDArray[np.str_]
    bridge: Floats
    school: Floats


@dataclass(frozen=True, slots=True)
class Model:
    """Columns of the factors that are in the model, and why the others are not."""

    columns: dict[str, Floats]
    reasons: dict[str, str]
    heating_threshold: float | None
    cooling_threshold: float | None


def decompositions(days: pa.Table) -> pa.Table:
    """Decompose each territory and energy.

    Args:
        days: ``code_region``, ``energie``, ``date``, ``energie_mwh``, ``temperature_lissee_c``, ``mois_de_annee``,
            ``type_jour``, ``est_pont``, ``part_vacances``: whole days only.

    Returns:
        One row per territory, energy and factor (:data:`SCHEMA`); nulls and a reason where nothing can be said.
    """
    if days.num_rows == 0:
        return SCHEMA.empty_table()
    from threadpoolctl import threadpool_limits

    days = days.sort_by([("code_region", "ascending"), ("energie", "ascending"), ("date", "ascending")])
    keys = sorted(set(zip(days.column("code_region").to_pylist(), days.column("energie").to_pylist(), strict=True)))
    # One thread: the last digits must not depend on the number of cores, and refreshes run beside other work.
    with threadpool_limits(1):
        rows = [row for code, energy in keys for row in _decomposition(code, energy, _of(days, code, energy))]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _of(days: pa.Table, code: str, energy: str) -> Days:
    chosen = days.filter(pc.and_(pc.equal(days.column("code_region"), code), pc.equal(days.column("energie"), energy)))
    numbers = ("energie_mwh", "temperature_lissee_c", "part_vacances")
    known = np.all([np.isfinite(_numbers(chosen, name)) for name in numbers], axis=0)
    chosen = chosen.filter(pa.array(known))
    return Days(
        np.asarray(chosen.column("date").cast(pa.int32()).to_pylist(), dtype=np.int64),
        _numbers(chosen, "energie_mwh"),
        _numbers(chosen, "temperature_lissee_c"),
        np.asarray(chosen.column("mois_de_annee").to_pylist(), dtype=np.int64),
        np.asarray(chosen.column("type_jour").to_pylist(), dtype=np.str_),
        _numbers(chosen, "est_pont"),
        _numbers(chosen, "part_vacances"),
    )


def _numbers(table: pa.Table, name: str) -> Floats:
    values = table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64)


def _decomposition(code: str, energy: str, days: Days) -> Iterator[dict[str, Any]]:
    count = len(days.date)
    common = {"code_region": code, "energie": energy, "nombre_jours": count, "est_fiable": False}
    if count:
        common |= {"debut": int(days.date[0]), "fin": int(days.date[-1])}
    reason = _unusable(days)
    if reason is not None:
        yield from ({**common, "facteur": factor, "motif": reason} for factor in FACTORS)
        return
    model = _model(days)
    yield from ({**common, **row} for row in _rows(days, model))


def _unusable(days: Days) -> str | None:
    if len(days.date) == 0:
        return "aucun jour complet"
    if len(days.date) < LEAST_DAYS:
        return f"moins de {LEAST_DAYS} jours complets"
    if np.ptp(days.energy) <= _INDEPENDENT * np.abs(days.energy).max():
        return "consommation constante"
    return None


def _model(days: Days) -> Model:
    """Choose the thresholds by the least squares, and keep the columns that say something the others do not."""
    columns, reasons = _calendar(days)
    base = _independent(columns, reasons)
    heating, cooling = _thresholds(days, base, reasons)
    if cooling is not None:
        columns = {COOLING: np.maximum(days.temperature - cooling, 0)[:, None], **columns}
    if heating is not None:
        columns = {HEATING: np.maximum(heating - days.temperature, 0)[:, None], **columns}
    return Model(columns, reasons, heating, cooling)


def _calendar(days: Days) -> tuple[dict[str, Floats], dict[str, str]]:
    years = (days.date - days.date[0]) / DAYS_OF_A_YEAR
    august, july = days.month == 8, days.month == 7  # noqa: PLR2004 - months
    columns = {
        DAY_TYPE: _stack(days.kind == "samedi", days.kind == "dimanche"),
        HOLIDAYS: _stack(days.kind == "férié", days.bridge),
        # In summer firms close too, in August most.
        SCHOOL: _stack(*(days.school * when for when in (~(july | august), july, august))),
        TREND: years[:, None],
    }
    reasons = {}
    if days.date[-1] - days.date[0] + 1 < LEAST_TREND_DAYS:
        del columns[TREND]
        reasons[TREND] = "moins de deux ans : une tendance ne se distingue pas de la saison"
    return columns, reasons


def _stack(*columns: Any) -> Floats:
    return np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])


def _independent(columns: dict[str, Floats], reasons: dict[str, str]) -> Floats:
    """Take out of ``columns`` what is constant or follows from the others; return an orthonormal base of the rest."""
    length = len(next(iter(columns.values())))
    base = np.full((length, 1), 1 / np.sqrt(length))
    for factor in list(columns):
        kept = []
        for column in columns[factor].T:
            rest = _residual(_residual(column, base), base)  # twice, for rounding
            size = float(np.linalg.norm(rest))
            if size > _INDEPENDENT * max(1.0, float(np.linalg.norm(column))):
                base = np.column_stack([base, rest / size])
                kept.append(column)
        if kept:
            columns[factor] = np.column_stack(kept)
        else:
            del columns[factor]
            reasons[factor] = "facteur constant sur ces jours"
    return base


def _residual(values: Floats, base: Floats) -> Floats:
    """Return what an orthonormal base leaves of the values."""
    return np.asarray(values - base @ (base.T @ values), dtype=np.float64)


def _thresholds(days: Days, base: Floats, reasons: dict[str, str]) -> tuple[float | None, float | None]:
    """Return the thresholds with the least squares; a slope that is not positive is neither heating nor cooling."""
    cold = {t: np.maximum(t - days.temperature, 0) for t in HEATING_GRID.tolist()}
    hot = {t: np.maximum(days.temperature - t, 0) for t in COOLING_GRID.tolist()}
    cold = {t: values for t, values in cold.items() if (values > 0).sum() >= LEAST_BEYOND}
    hot = {t: values for t, values in hot.items() if (values > 0).sum() >= LEAST_BEYOND}
    names = [*(("cold", t) for t in cold), *(("hot", t) for t in hot)]
    # Frisch-Waugh-Lovell: with the calendar taken out of everything, each pair of thresholds is a fit of two columns.
    left = _residual(np.column_stack([days.energy, *cold.values(), *hot.values()]), base)
    energy, hinges = left[:, 0], dict(zip(names, left[:, 1:].T, strict=True))
    best: tuple[float, float | None, float | None] = (float(energy @ energy), None, None)
    for heating in (None, *cold):
        for cooling in (None, *hot):
            if (heating is None and cooling is None) or (heating or -99.0) >= (cooling or 99.0):
                continue
            chosen = [hinges[key] for key in (("cold", heating), ("hot", cooling)) if key in hinges]
            squares = _squares(energy, chosen)
            if squares is not None and squares < best[0]:
                best = (squares, heating, cooling)
    if best[1] is None:
        reasons[HEATING] = f"moins de {LEAST_BEYOND} jours froids, ou aucune hausse avec le froid"
    if best[2] is None:
        reasons[COOLING] = f"moins de {LEAST_BEYOND} jours chauds, ou aucune hausse avec la chaleur"
    return best[1], best[2]


def _squares(energy: Floats, columns: Sequence[Floats]) -> float | None:
    """Return the squares that one or two columns leave; None when a slope is not positive, or cannot be told."""
    sums = [float(column @ energy) for column in columns]
    squares = [float(column @ column) for column in columns]
    if len(columns) == 1:
        slopes = [sums[0] / squares[0]]
    else:
        crossed = float(columns[0] @ columns[1])
        determinant = squares[0] * squares[1] - crossed**2
        if determinant <= _INDEPENDENT * squares[0] * squares[1]:
            return None
        slopes = [
            (sums[0] * squares[1] - sums[1] * crossed) / determinant,
            (sums[1] * squares[0] - sums[0] * crossed) / determinant,
        ]
    if min(slopes) <= 0:
        return None
    return float(energy @ energy) - sum(s * b for s, b in zip(sums, slopes, strict=True))


def _rows(days: Days, model: Model) -> Iterator[dict[str, Any]]:
    factors = list(model.columns)
    groups = np.repeat(np.arange(len(factors)), [model.columns[factor].shape[1] for factor in factors])
    design = np.column_stack([np.ones_like(days.energy), *model.columns.values()])
    coefficients = np.linalg.lstsq(design, days.energy, rcond=None)[0]
    residuals = days.energy - design @ coefficients
    covariance = newey_west(design, residuals)
    shares = variance_shares(design[:, 1:], days.energy, groups, len(factors))
    total = float(days.energy.sum())
    common = {
        "reference_mwh": float(coefficients[0]) * len(days.energy),
        "energie_totale_mwh": total,
        "seuil_chauffage_c": model.heating_threshold,
        "seuil_climatisation_c": model.cooling_threshold,
        "r2": float(shares.sum()),
    }
    for factor in FACTORS[:-1]:
        if factor not in model.columns:
            yield {**common, "facteur": factor, "motif": model.reasons[factor]}
            continue
        position = factors.index(factor)
        # The energy of a factor is linear in its coefficients: the sums of its columns are the weights.
        weights = np.where(np.append(False, groups == position), design.sum(axis=0), 0.0)
        energy, half = float(weights @ coefficients), _NORMAL_95 * float(np.sqrt(weights @ covariance @ weights))
        reason = _doubt(factor, model, energy, half)
        yield {
            **common,
            "facteur": factor,
            "contribution_mwh": energy,
            "contribution_ic95_bas_mwh": energy - half,
            "contribution_ic95_haut_mwh": energy + half,
            "contribution_part_energie_pct": 100 * energy / total if total else None,
            "contribution_part_variance_pct": 100 * float(shares[position]),
            "est_fiable": reason is None,
            "motif": reason,
        }
    yield {
        **common,
        "facteur": RESIDUAL,
        "contribution_mwh": 0.0,
        "contribution_part_energie_pct": 0.0 if total else None,
        "contribution_part_variance_pct": 100 * (1 - float(shares.sum())),
        "est_fiable": True,
    }


def _doubt(factor: str, model: Model, energy: float, half: float) -> str | None:
    edges: Mapping[str, tuple[float | None, Floats]] = {
        HEATING: (model.heating_threshold, HEATING_GRID),
        COOLING: (model.cooling_threshold, COOLING_GRID),
    }
    if factor in edges:
        threshold, grid = edges[factor]
        if threshold in (grid[0], grid[-1]):
            return "seuil au bord de la grille"
    return "l'intervalle contient zéro" if abs(energy) <= half else None


def newey_west(design: Floats, residuals: Floats) -> Floats:
    """Return the covariance of the coefficients, robust to heteroscedasticity and to autocorrelation of a week."""
    moments = design * residuals[:, None]
    middle = moments.T @ moments
    for lag in range(1, NEWEY_WEST_LAGS + 1):
        crossed = moments[lag:].T @ moments[:-lag]
        middle += (1 - lag / (NEWEY_WEST_LAGS + 1)) * (crossed + crossed.T)
    bread = np.linalg.inv(design.T @ design)
    return np.asarray(bread @ middle @ bread, dtype=np.float64)


def variance_shares(columns: Floats, values: Floats, groups: npt.NDArray[np.int64], count: int) -> Floats:
    """Return the share of R² of each group of columns, averaged over all orders of entry; they add up to R².

    Args:
        columns: regressors, without the constant.
        values: what is explained.
        groups: the group of each column, from 0.
        count: number of groups; 2 to its power small systems are solved, all from one matrix of products.
    """
    centred, y = columns - columns.mean(axis=0), values - values.mean()
    products, sums, whole = centred.T @ centred, centred.T @ y, float(y @ y)
    explained: dict[tuple[int, ...], float] = {(): 0.0}
    for size in range(1, count + 1):
        for subset in combinations(range(count), size):
            chosen = np.flatnonzero(np.isin(groups, subset))
            slopes = np.linalg.solve(products[np.ix_(chosen, chosen)], sums[chosen])
            explained[subset] = float(sums[chosen] @ slopes) / whole
    shares = np.zeros(count)
    for subset, r2 in explained.items():
        for group in set(range(count)) - set(subset):
            weight = factorial(len(subset)) * factorial(count - len(subset) - 1) / factorial(count)
            shares[group] += weight * (explained[tuple(sorted((*subset, group)))] - r2)
    return shares
