"""The regression behind a decomposition: the days of a territory, the factors, and the thresholds of the weather."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HEATING, COOLING = "temperature_chauffage", "temperature_climatisation"
DAY_TYPE, HOLIDAYS, SCHOOL, TREND = "type_de_jour", "feries", "vacances", "tendance"

# The grids and the fewest cold days are those of the weather sensitivity (docs/methods/thermosensibilite.md).
HEATING_GRID = np.arange(10, 20.5, 0.5)
COOLING_GRID = np.arange(18, 26.5, 0.5)
LEAST_BEYOND = 30

# Over less than two years a trend cannot be told from a season.
LEAST_TREND_DAYS = 730
DAYS_OF_A_YEAR = 365.2425

# A column of which less than this is left, once the others are known, is rounding.
INDEPENDENT = 1e-9


@dataclass(frozen=True, slots=True)
class Days:
    """The days of one territory and energy, in order; each array has one value per day.

    Attributes:
        date: days since 1970.
        energy: MWh.
        temperature: smoothed (°C).
        month: 1 to 12.
        kind: type of day (``ouvré``, ``samedi``, ``dimanche``, ``férié``).
        bridge: 1 for a working day between two days off.
        school: share of the inhabitants who are on school holiday.
    """

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


def model_of(days: Days) -> Model:
    """Return the model of some days: best thresholds, and only columns that add something to the others."""
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
    """Remove from ``columns`` what is constant or follows from the others; return an orthonormal base of the rest."""
    length = len(next(iter(columns.values())))
    base = np.full((length, 1), 1 / np.sqrt(length))
    for factor in list(columns):
        kept = []
        for column in columns[factor].T:
            rest = _residual(_residual(column, base), base)  # twice, for rounding
            size = float(np.linalg.norm(rest))
            if size > INDEPENDENT * max(1.0, float(np.linalg.norm(column))):
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
    """Return the thresholds with the smallest squares; without a positive slope there is no heating or cooling."""
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
    """Return the squares that one or two columns leave; None when a slope is not positive or not determined."""
    sums = [float(column @ energy) for column in columns]
    squares = [float(column @ column) for column in columns]
    if len(columns) == 1:
        slopes = [sums[0] / squares[0]]
    else:
        crossed = float(columns[0] @ columns[1])
        determinant = squares[0] * squares[1] - crossed**2
        if determinant <= INDEPENDENT * squares[0] * squares[1]:
            return None
        slopes = [
            (sums[0] * squares[1] - sums[1] * crossed) / determinant,
            (sums[1] * squares[0] - sums[0] * crossed) / determinant,
        ]
    if min(slopes) <= 0:
        return None
    return float(energy @ energy) - sum(s * b for s, b in zip(sums, slopes, strict=True))
