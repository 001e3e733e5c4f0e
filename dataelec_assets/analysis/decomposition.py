"""How daily consumption splits into weather, weekends, public and school holidays and trend: in MWh and in variance.

Ordinary least squares of the energy of a day on the factors. A factor's energy is relative to a reference day: a
working day at the level of the first day, outside holidays and school holidays, neither cold nor hot; reference and
contributions add up to what was consumed. A factor's share of the variance is its average gain in R² over all orders in
which the factors can enter (LMG: Lindeman, Merenda and Gold 1980; Grömping 2006, J. Stat. Softw. 17(1)), since cold
days, school holidays and public holidays coincide and a single order would favour whatever comes first. Errors are
robust to autocorrelation (Newey and West 1987).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dataelec_assets.analysis.decomposition_model import (
    COOLING,
    COOLING_GRID,
    DAY_TYPE,
    HEATING,
    HEATING_GRID,
    HOLIDAYS,
    INDEPENDENT,
    SCHOOL,
    TREND,
    Days,
    Floats,
    Model,
    model_of,
)

RESIDUAL = "residu"
FACTORS = (HEATING, COOLING, DAY_TYPE, HOLIDAYS, SCHOOL, TREND, RESIDUAL)

# As many days as the weather sensitivity needs (docs/methods/thermosensibilite.md).
LEAST_DAYS = 180

# Autocorrelations that the errors account for: a week, which is the cycle of the residuals.
NEWEY_WEST_LAGS = 7
_NORMAL_95 = 1.959963984540054

_SERIES = ("code_region", "energie")

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

    frame = days.to_pandas().sort_values([*_SERIES, "date"])
    # One thread: the last digits must not depend on the number of cores, and refreshes run beside other work.
    with threadpool_limits(1):
        rows = [
            row
            for (code, energy), part in frame.groupby(list(_SERIES))
            for row in _decomposition(code, energy, _days(part))
        ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _days(part: Any) -> Days:
    """Return the days of one territory and energy whose energy, temperature and holidays are known."""
    part = part.dropna(subset=["energie_mwh", "temperature_lissee_c", "part_vacances"])
    return Days(
        part["date"].to_numpy().astype("datetime64[D]").astype(np.int64),
        part["energie_mwh"].to_numpy(np.float64),
        part["temperature_lissee_c"].to_numpy(np.float64),
        part["mois_de_annee"].to_numpy(np.int64),
        part["type_jour"].to_numpy(np.str_),
        part["est_pont"].to_numpy(np.float64),
        part["part_vacances"].to_numpy(np.float64),
    )


def _decomposition(code: str, energy: str, days: Days) -> Iterator[dict[str, Any]]:
    count = len(days.date)
    common = {"code_region": code, "energie": energy, "nombre_jours": count, "est_fiable": False}
    if count:
        common |= {"debut": int(days.date[0]), "fin": int(days.date[-1])}
    reason = _unusable(days)
    if reason is not None:
        yield from ({**common, "facteur": factor, "motif": reason} for factor in FACTORS)
        return
    model = model_of(days)
    yield from ({**common, **row} for row in _rows(days, model))


def _unusable(days: Days) -> str | None:
    if len(days.date) == 0:
        return "aucun jour complet"
    if len(days.date) < LEAST_DAYS:
        return f"moins de {LEAST_DAYS} jours complets"
    if np.ptp(days.energy) <= INDEPENDENT * np.abs(days.energy).max():
        return "consommation constante"
    return None


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
    """Return the share of R² of each group of columns, averaged over all orders of entry. The shares add up to R².

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
