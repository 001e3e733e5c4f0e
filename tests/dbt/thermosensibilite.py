"""Weather sensitivity once more, in plain pandas and statsmodels, from the half-hours themselves.

Nothing of ``dataelec_assets.analysis`` or of its dbt models is used: dummies instead of differences within groups,
every pair of thresholds tried by ordinary least squares.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.api import OLS

# What the models of weather sensitivity are built from, beyond half-hours, temperatures and calendar.
MODELS = (
    "int_thermosensibilite_jours",
    "int_thermosensibilite_seuils",
    "int_thermosensibilite_robuste",
    "int_logements_par_territoire",
    "mart_degres_jours",
    "mart_thermosensibilite",
    "mart_priorite_isolation",
    "mart_thermosensibilite_locale",
)

# In the paths of these models: what the faults of this subject answer for.
WORDS = ("thermosensibilite", "logements_par_territoire", "degres_jours", "priorite_isolation")

HEATING_GRID = np.arange(10, 20.25, 0.5)
COOLING_GRID = np.arange(18, 26.25, 0.5)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """A regression: thresholds (°C), heating slope (MW/°C) and its 95 % intervals, ordinary and robust."""

    heating_below: float
    cooling_above: float | None
    slope: float
    ordinary: tuple[float, float]
    robust: tuple[float, float]
    days: int


def daily(half_hours: pd.DataFrame, temperatures: pd.DataFrame, calendar: pd.DataFrame) -> pd.DataFrame:
    """Return the whole days of one territory: mean power, smoothed temperature, calendar.

    Args:
        half_hours: ``jour``, ``mw`` of each reading; one row per real half-hour (hour, for gas).
        temperatures: ``jour``, ``t``.
        calendar: ``jour``, ``attendus`` (readings of a whole day), ``type``, ``vacances``.
    """
    days = half_hours.groupby("jour")["mw"].agg(["mean", "count"]).rename(columns={"mean": "mw", "count": "lus"})
    days = days.join(calendar.set_index("jour"), how="inner")
    days = days[days["lus"] == days["attendus"]]
    warm = temperatures.set_index("jour")["t"].asfreq("D")
    days["t"] = 0.6 * warm + 0.3 * warm.shift(1) + 0.1 * warm.shift(2)
    days = days.dropna(subset=["t"]).sort_index()
    when = pd.DatetimeIndex(days.index)
    days["annee"] = when.year - (when.month < 7).astype(int)
    return days


def regress(days: pd.DataFrame) -> Measured:
    """Return the best regression: with cooling when its robust interval lies above zero and 30 days are that hot."""
    dummies = pd.get_dummies(days[["annee", "type", "vacances"]].astype(str).agg("|".join, axis=1)).to_numpy(float)
    power, warm = days["mw"].to_numpy(), days["t"].to_numpy()
    basis, _ = np.linalg.qr(dummies)

    def left(values: Floats) -> Floats:
        return np.asarray(values - basis @ (basis.T @ values))

    target = left(power)
    cold = {limit: np.maximum(limit - warm, 0) for limit in HEATING_GRID}
    hot = {limit: np.maximum(warm - limit, 0) for limit in COOLING_GRID if (warm > limit).any()}
    rest_cold = {limit: left(values) for limit, values in cold.items()}
    rest_hot = {limit: left(values) for limit, values in hot.items()}

    def squares(*columns: Floats) -> float:
        design = np.column_stack(columns)
        slopes, *_ = np.linalg.lstsq(design, target, rcond=None)
        return float(((target - design @ slopes) ** 2).sum())

    pairs = [(low, high) for low in cold for high in hot if high > low]
    low, high = min(pairs, key=lambda pair: squares(rest_cold[pair[0]], rest_hot[pair[1]]))
    both = _fitted(power, np.column_stack([cold[low], hot[high], dummies]))
    if both[1][1][0] > 0 and high not in (18, 26) and (warm > high).sum() >= 30:
        return Measured(float(low), float(high), both[0][0], both[2][0], both[1][0], len(days))
    low = min(cold, key=lambda limit: squares(rest_cold[limit]))
    alone = _fitted(power, np.column_stack([cold[low], dummies]))
    return Measured(float(low), None, alone[0][0], alone[2][0], alone[1][0], len(days))


Interval = tuple[float, float]


def _fitted(power: Floats, design: Floats) -> tuple[list[float], list[Interval], list[Interval]]:
    model = OLS(power, design)
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": 7, "use_correction": True}, use_t=True)
    plain = model.fit()
    return (
        [float(value) for value in plain.params],
        [(float(low), float(high)) for low, high in robust.conf_int()],
        [(float(low), float(high)) for low, high in plain.conf_int()],
    )


def between(days: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """Return the days from ``first`` to ``last``."""
    return days[(days.index >= pd.Timestamp(first)) & (days.index <= pd.Timestamp(last))]
