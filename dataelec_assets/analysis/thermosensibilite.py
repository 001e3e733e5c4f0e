"""How sure a weather sensitivity is: errors robust to autocorrelation, and whether cooling shows at all.

``analysis.thresholds`` finds thresholds and slopes in closed form. Here statsmodels makes the same regression at these
thresholds, for its errors and as a second computation of the slopes (docs/methods/thermosensibilite.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from dataelec_assets.analysis.thresholds import (
    BOTH,
    COOLING_GRID,
    HEATING,
    SERIES,
    WHOLE_PERIOD,
    Floats,
    Integers,
)

# Newey and West's kernel over a week: what is left of the weekly rhythm correlates that far (the reference's choice).
LAGS = 7

# With fewer days, only a few times the kernel, an error means nothing.
FEWEST_DAYS = 30

# Cooling must show on as many days as heating must (the reference: 30 below the threshold).
FEWEST_COOLING_DAYS = 30

# Ends of the grid of cooling thresholds (°C): a threshold there was not chosen by the data.
_ENDS_OF_COOLING_GRID = (COOLING_GRID[0] / 1000, COOLING_GRID[-1] / 1000)

_KEY = (*SERIES, "periode")

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (*_KEY, "modele")),
        *((name, pa.date32()) for name in ("debut", "fin")),
        ("nombre_jours", pa.int32()),
        ("nombre_groupes", pa.int32()),
        *(
            (name, pa.float64())
            for name in (
                "puissance_moyenne_mw",
                "gradient_chauffage_mw_par_c",
                "gradient_chauffage_erreur_type_mw_par_c",
                "gradient_chauffage_erreur_type_mco_mw_par_c",
                "gradient_chauffage_ic95_bas_mw_par_c",
                "gradient_chauffage_ic95_haut_mw_par_c",
                "gradient_climatisation_mw_par_c",
                "gradient_climatisation_erreur_type_mw_par_c",
                "gradient_climatisation_ic95_bas_mw_par_c",
                "gradient_climatisation_ic95_haut_mw_par_c",
                "r2",
                "cvrmse_pct",
                "correlation_residus",
            )
        ),
    ]
)


@dataclass(frozen=True, slots=True)
class Series:
    """Days of a territory and energy in a period, by date.

    Attributes:
        days: days since 1970.
        groups: number of the group of comparable days of each, from 0 without a gap.
        temperature: smoothed (°C).
        power: daily mean (MW).
    """

    days: Integers
    groups: Integers
    temperature: Floats
    power: Floats

    @property
    def group_count(self) -> int:
        """Number of groups; as many levels are fitted."""
        return int(self.groups.max()) + 1

    def within(self, values: Floats) -> Floats:
        """Return the values less the mean of their group: what a dummy per group leaves (Frisch, Waugh, Lovell)."""
        sizes = np.bincount(self.groups)
        return np.asarray(values - (np.bincount(self.groups, values) / sizes)[self.groups], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Fit:
    """A regression at given thresholds: slopes, robust and ordinary errors, 95 % bounds, per threshold."""

    slopes: Floats
    errors: Floats
    ordinary_errors: Floats
    low: Floats
    high: Floats
    residuals: Floats
    freedom: int


def fit(series: Series, heating: float, cooling: float | None) -> Fit | None:
    """Return the regression of power on the hinges; None without degrees of freedom, or when a hinge does not move.

    Args:
        series: the days.
        heating: threshold below which the day heats (°C).
        cooling: threshold above which it cools (°C); None for no cooling.
    """
    from scipy.stats import t as student
    from statsmodels.regression.linear_model import OLS

    hinges = [np.maximum(heating - series.temperature, 0)]
    if cooling is not None:
        hinges.append(np.maximum(series.temperature - cooling, 0))
    design = np.column_stack([series.within(hinge) for hinge in hinges])
    freedom = len(series.power) - series.group_count - design.shape[1]
    if freedom < 1 or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    model = OLS(series.within(series.power), design)
    # The levels of the groups cost degrees of freedom too, although they are not columns here.
    scale = len(series.power) / freedom
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": LAGS, "use_correction": False})
    errors = np.asarray(robust.bse) * scale**0.5
    residuals = np.asarray(robust.resid)
    variance = float(residuals @ residuals) / freedom
    ordinary = np.sqrt(variance * np.diag(np.linalg.inv(design.T @ design)))
    half = float(student.ppf(0.975, freedom)) * errors
    slopes = np.asarray(robust.params)
    return Fit(slopes, errors, ordinary, slopes - half, slopes + half, residuals, freedom)


def sensitivities(days: pa.Table, thresholds: pa.Table) -> pa.Table:
    """Return slopes with their errors, one row per territory, energy and period that has thresholds.

    Cooling is kept when it shows: slope above zero at 95 %, threshold inside the grid, enough days above it. Otherwise
    the regression has heating alone.

    Args:
        days: ``int_thermosensibilite_jours``.
        thresholds: ``int_thermosensibilite_seuils``.
    """
    rows = list(_rows(days, thresholds)) if _longest(days) >= FEWEST_DAYS and thresholds.num_rows else []
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _longest(days: pa.Table) -> int:
    """Return how many days the longest series has; with too few, nothing heavy is imported."""
    counts = days.group_by(list(SERIES)).aggregate([([], "count_all")])
    return max(counts["count_all"].to_pylist(), default=0)


def _rows(days: pa.Table, thresholds: pa.Table) -> Iterator[dict[str, Any]]:
    from threadpoolctl import threadpool_limits

    chosen: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}
    for row in thresholds.to_pylist():
        key = tuple(row[name] for name in _KEY)
        chosen.setdefault(key, {})[row["modele"]] = row
    frame = days.to_pandas().sort_values([*SERIES, "date"])
    parts = dict(iter(frame.groupby(list(SERIES))))
    # One thread: the last digits must not depend on the number of cores, and refreshes run beside other work.
    with threadpool_limits(1):
        for key in sorted(chosen):
            part = parts[key[:3]]
            period = key[3]
            part = part if period == WHOLE_PERIOD else part[part["annee_de_chauffe"] == period]
            if len(part) < FEWEST_DAYS:
                continue
            row = _row(_series(part), chosen[key])
            if row is not None:
                yield {
                    **dict(zip(_KEY, key, strict=True)),
                    "debut": part["date"].min(),
                    "fin": part["date"].max(),
                    **row,
                }


def _series(part: Any) -> Series:
    groups = part.groupby(["annee_de_chauffe", "groupe"]).ngroup().to_numpy()
    return Series(
        part["date"].to_numpy().astype("datetime64[D]").astype(np.int64),
        groups.astype(np.int64),
        part["temperature_mc"].to_numpy() / 1000,
        part["puissance_kw"].to_numpy() / 1000,
    )


def _row(series: Series, models: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    if not np.ptp(series.power) or not np.ptp(series.temperature):
        return None  # a constant cannot show how one follows the other
    model, found = BOTH, None
    if BOTH in models:
        found = fit(series, *_thresholds(models[BOTH]))
        if found is not None and not _cooling_shows(found, models[BOTH]):
            found = None
    if found is None and HEATING in models:
        model, found = HEATING, fit(series, *_thresholds(models[HEATING]))
    if found is None:
        return None
    mean, spread = float(series.power.mean()), float(((series.power - series.power.mean()) ** 2).sum())
    squares = float(found.residuals @ found.residuals)
    row: dict[str, Any] = {
        "modele": model,
        "nombre_jours": len(series.power),
        "nombre_groupes": series.group_count,
        "puissance_moyenne_mw": mean,
        "r2": 1 - squares / spread if spread > 0 else None,
        "cvrmse_pct": 100 * (squares / found.freedom) ** 0.5 / mean if mean > 0 else None,
        "correlation_residus": _correlation_with_the_day_before(series.days, found.residuals),
        "gradient_chauffage_erreur_type_mco_mw_par_c": float(found.ordinary_errors[0]),
    }
    for position, use in enumerate(("chauffage", "climatisation")[: len(found.slopes)]):
        row |= {
            f"gradient_{use}_mw_par_c": float(found.slopes[position]),
            f"gradient_{use}_erreur_type_mw_par_c": float(found.errors[position]),
            f"gradient_{use}_ic95_bas_mw_par_c": float(found.low[position]),
            f"gradient_{use}_ic95_haut_mw_par_c": float(found.high[position]),
        }
    return row


def _thresholds(model: dict[str, Any]) -> tuple[float, float | None]:
    cooling = model["seuil_climatisation_mc"]
    return model["seuil_chauffage_mc"] / 1000, None if cooling is None else cooling / 1000


def _cooling_shows(found: Fit, model: dict[str, Any]) -> bool:
    _, cooling = _thresholds(model)
    return bool(
        found.low[1] > 0
        and cooling not in _ENDS_OF_COOLING_GRID
        and model["nombre_jours_au_dessus"] >= FEWEST_COOLING_DAYS
    )


def _correlation_with_the_day_before(days: Integers, residuals: Floats) -> float | None:
    """Return the correlation of neighbouring days; days after a gap have no neighbour."""
    follows = np.diff(days) == 1
    before, after = residuals[:-1][follows], residuals[1:][follows]
    if len(after) < FEWEST_DAYS or not before.std() or not after.std():
        return None
    return float(np.corrcoef(before, after)[0, 1])
