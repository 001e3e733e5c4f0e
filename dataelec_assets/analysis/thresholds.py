"""The temperatures below which a territory heats and above which it cools: those that leave the smallest squares.

Power is regressed on two hinges, one below the heating threshold and one above the cooling threshold, for every pair of
thresholds on a grid. Each group of comparable days of each heating year has its own level, so that everything is
computed within the groups (docs/methods/thermosensibilite.md). With one or two hinges least squares have a closed form,
which tries the whole grid at once; ``analysis.thermosensibilite`` regresses once more at the thresholds that are found.

Temperatures are whole thousandths of a degree and powers whole kilowatts, whose sums are exact. Sums of what is not
whole are taken in the order of their size. So the order of the rows changes no digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# 10 to 20 °C for heating, 18 to 26 for cooling, by half a degree; in thousandths of a degree, as the days are.
HEATING_GRID = np.arange(10_000, 20_001, 500, dtype=np.int64)
COOLING_GRID = np.arange(18_000, 26_001, 500, dtype=np.int64)

HEATING, BOTH = "chauffage", "chauffage et climatisation"
WHOLE_PERIOD = "ensemble"

# A hinge that hardly moves within the groups, by this share of its own square, has no slope: what is left of it is
# rounding. So is the determinant of two hinges that move as one.
_ROUNDING = 1e-9

SERIES = ("maille", "code_territoire", "energie")

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (*SERIES, "periode", "modele")),
        ("seuil_chauffage_mc", pa.int32()),
        ("seuil_climatisation_mc", pa.int32()),
        ("gradient_chauffage_mw_par_c", pa.float64()),
        ("gradient_climatisation_mw_par_c", pa.float64()),
        ("nombre_jours_sous_seuil", pa.int64()),
        ("nombre_jours_au_dessus", pa.int64()),
    ]
)


@dataclass(frozen=True, slots=True)
class _Hinge:
    """Sums of one hinge over the days of each group: one row per group, one column per threshold of its grid.

    Attributes:
        total: sum of the hinge (m°C).
        squares: sum of its squares.
        products: sum of its products with the power (m°C·kW).
        days: how many days are on its side of the threshold.
    """

    total: Floats
    squares: Floats
    products: Floats
    days: Integers


@dataclass(frozen=True, slots=True)
class _Groups:
    """Groups of comparable days of one series, by number.

    Attributes:
        years: heating year of each group.
        sizes: how many days each has.
        power: sum of the power of its days (kW).
        heating: hinge below the heating thresholds.
        cooling: hinge above the cooling thresholds.
    """

    years: NDArray[Any]
    sizes: Floats
    power: Floats
    heating: _Hinge
    cooling: _Hinge


def thresholds(days: pa.Table) -> pa.Table:
    """Return the best thresholds and their slopes, for each series, period and model that has any.

    Args:
        days: ``int_thermosensibilite_jours``: temperatures in thousandths of a degree, powers in kilowatts.

    Returns:
        One row per territory, energy, period (a heating year, or all of them together) and model (heating alone, or
        heating and cooling). Slopes are in MW/°C. Of equal fits the lowest thresholds stand.
    """
    return pa.Table.from_pylist(list(_rows(days)) if days.num_rows else [], schema=SCHEMA)


def _rows(days: pa.Table) -> Iterator[dict[str, Any]]:
    frame = days.select([*SERIES, "annee_de_chauffe", "groupe", "temperature_mc", "puissance_kw"]).to_pandas()
    for key, part in frame.groupby(list(SERIES)):
        groups = _groups(part)
        for period in (WHOLE_PERIOD, *sorted(set(groups.years))):
            chosen = (groups.years == period) | (period == WHOLE_PERIOD)
            for model in _best(groups, chosen):
                yield {**dict(zip(SERIES, key, strict=True)), "periode": period, **model}


def _groups(part: Any) -> _Groups:
    part = part.sort_values(["annee_de_chauffe", "groupe"])
    numbers = part.groupby(["annee_de_chauffe", "groupe"]).ngroup().to_numpy()
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    temperature = part["temperature_mc"].to_numpy()[:, None]
    power = part["puissance_kw"].to_numpy()[:, None]

    def hinge(gaps: Integers) -> _Hinge:
        beyond = np.maximum(gaps, 0)
        return _Hinge(
            np.add.reduceat(beyond, starts).astype(np.float64),
            np.add.reduceat(beyond * beyond, starts).astype(np.float64),
            np.add.reduceat(beyond * power, starts).astype(np.float64),
            np.add.reduceat((gaps > 0).astype(np.int64), starts),
        )

    return _Groups(
        part["annee_de_chauffe"].to_numpy()[starts],
        np.diff(starts, append=len(part)).astype(np.float64)[:, None],
        np.add.reduceat(power, starts).astype(np.float64),
        hinge(HEATING_GRID - temperature),
        hinge(temperature - COOLING_GRID),
    )


def _best(groups: _Groups, chosen: NDArray[np.bool_]) -> Iterator[dict[str, Any]]:
    """Yield the best heating threshold alone, and the best pair, over some of the groups."""
    sxx, sxy, cold = _within(groups, groups.heating, chosen)
    szz, szy, hot = _within(groups, groups.cooling, chosen)
    days_below = groups.heating.days[chosen].sum(axis=0)
    days_above = groups.cooling.days[chosen].sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = sxy / sxx
        position = _largest(slope * sxy, cold)
        if position is not None:
            (low,) = position
            yield {
                "modele": HEATING,
                "seuil_chauffage_mc": int(HEATING_GRID[low]),
                "gradient_chauffage_mw_par_c": float(slope[low]),
                "nombre_jours_sous_seuil": int(days_below[low]),
            }
        # No day both heats and cools, so the product of the means is all that is left of the cross product. Rounded to
        # whole numbers, whose sum is exact.
        products = groups.heating.total[:, :, None] * groups.cooling.total[:, None, :] / groups.sizes[:, :, None]
        sxz = -np.floor(products[chosen] + 0.5).sum(axis=0)
        determinant = sxx[:, None] * szz - sxz * sxz
        below = (sxy[:, None] * szz - szy * sxz) / determinant
        above = (szy * sxx[:, None] - sxy[:, None] * sxz) / determinant
        position = _largest(
            below * sxy[:, None] + above * szy,
            cold[:, None]
            & hot
            & (HEATING_GRID[:, None] < COOLING_GRID)
            & (determinant > _ROUNDING * sxx[:, None] * szz),
        )
    if position is not None:
        low, high = position
        yield {
            "modele": BOTH,
            "seuil_chauffage_mc": int(HEATING_GRID[low]),
            "seuil_climatisation_mc": int(COOLING_GRID[high]),
            "gradient_chauffage_mw_par_c": float(below[low, high]),
            "gradient_climatisation_mw_par_c": float(above[low, high]),
            "nombre_jours_sous_seuil": int(days_below[low]),
            "nombre_jours_au_dessus": int(days_above[high]),
        }


def _within(groups: _Groups, hinge: _Hinge, chosen: NDArray[np.bool_]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return sums of squares and of products within the groups, for each threshold, and which hinges move at all."""
    squares = _ordered_sum((hinge.squares - hinge.total * hinge.total / groups.sizes)[chosen])
    products = _ordered_sum((hinge.products - hinge.total * groups.power / groups.sizes)[chosen])
    return squares, products, squares > _ROUNDING * hinge.squares[chosen].sum(axis=0)


def _ordered_sum(values: Floats) -> Floats:
    """Return the sum of each column, its values added one after the other from the smallest to the largest."""
    return np.asarray(np.cumsum(np.sort(values, axis=0), axis=0)[-1], dtype=np.float64)


def _largest(explained: Floats, allowed: NDArray[np.bool_]) -> tuple[int, ...] | None:
    """Return where most of the squares is explained, the first of equal ones; None when no fit is allowed."""
    if not allowed.any():
        return None
    where = np.unravel_index(int(np.argmax(np.where(allowed, explained, -np.inf))), explained.shape)
    return tuple(int(position) for position in where)
