"""How occupied charging points are by weather, hour and day: rates with intervals that treat a day as one observation.

Hours of one day are alike: the same holiday, the same rain. So the day is the unit of resampling (cluster bootstrap of
a ratio; Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13): intervals are percentiles of
the rates of two thousand draws of as many days. Days are taken as independent: a heat wave of a week counts as seven
days although it is one event, which makes intervals somewhat too narrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SCHEMA = pa.schema(
    [
        ("decoupe", pa.string()),
        ("classe", pa.string()),
        ("ordre", pa.int32()),
        ("nombre_jours", pa.int32()),
        ("nombre_heures", pa.int32()),
        ("minutes_observees", pa.float64()),
        ("taux_occupation", pa.float64()),
        ("ic90_bas", pa.float64()),
        ("ic90_haut", pa.float64()),
        ("ic95_bas", pa.float64()),
        ("ic95_haut", pa.float64()),
        ("ecart_ajuste", pa.float64()),
        ("ecart_ajuste_ic95_bas", pa.float64()),
        ("ecart_ajuste_ic95_haut", pa.float64()),
        ("est_fiable", pa.bool_()),
        ("motif", pa.string()),
    ]
)

# Below ten clusters intervals are known to be too narrow whatever the method (Cameron, Gelbach and Miller, Review of
# Economics and Statistics 90, 2008).
FEWEST_DAYS = 10
TOO_FEW = f"moins de {FEWEST_DAYS} jours"

_DRAWS, _SEED = 2000, 20230130

# Classes of five degrees, the outer ones open.
_EDGES = (0, 5, 10, 15, 20, 25, 30)

# The smallest rain that the model prints: a tenth of a millimetre in the hour.
_WET_MM = 0.1

_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_SATURDAY = 6


@dataclass(frozen=True, slots=True)
class Hours:
    """Observed hours in order of time; every array has shape (hours,).

    Attributes:
        day: position of the civil day among those that have an hour.
        hour: of Paris, 0 to 23.
        weekday: 1 is Monday.
        occupied, observed: minutes of all points together.
        expected: minutes that would be occupied if each hour were as usual for its time on a weekday or week-end.
        temperature: °C, NaN where unknown.
        rain: mm in the hour, NaN where unknown.
    """

    day: NDArray[np.int64]
    hour: NDArray[np.int64]
    weekday: NDArray[np.int64]
    occupied: Floats
    observed: Floats
    expected: Floats
    temperature: Floats
    rain: Floats


def occupation_by_class(table: pa.Table) -> pa.Table:
    """Return the rate of occupation by class of temperature, rain, hour and weekday.

    Args:
        table: one row per hour: ``date_locale`` (date), ``heure_locale``, ``jour_semaine`` (int), ``minutes_occupees``,
            ``minutes_observees`` (min), ``temperature_c``, ``precipitation_mm`` (double, may be null).

    Returns:
        A table of :data:`SCHEMA`; rates lie between 0 and 1, differences between -1 and 1. Below ten days intervals are
        null and the row is marked as unreliable. ``ecart_ajuste`` is the rate less what it would be if each hour were
        as usual for its time on a weekday or week-end: cold hours are mostly at night. Null for hours and weekdays.
    """
    hours = _hours(table)
    if hours is None:
        return SCHEMA.empty_table()
    days = int(hours.day.max()) + 1
    # The same draws for every class: a draw is a choice of days, whatever is measured.
    drawn = np.random.Generator(np.random.PCG64(_SEED)).multinomial(days, np.full(days, 1 / days), size=_DRAWS)
    weights = drawn.astype(np.float64)
    rows = [_row(hours, weights, each) for each in _groups(hours)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _hours(table: pa.Table) -> Hours | None:
    """Return the hours with an observed minute; None when there are none."""
    import pyarrow.compute as pc

    known = table.filter(pc.greater(table["minutes_observees"], 0)).sort_by(
        [("date_locale", "ascending"), ("heure_locale", "ascending"), ("minutes_observees", "ascending")]
    )
    if known.num_rows == 0:
        return None
    dates = known["date_locale"].to_numpy().astype("datetime64[D]")
    _, day = np.unique(dates, return_inverse=True)
    hour, weekday = (known[name].to_numpy().astype(np.int64) for name in ("heure_locale", "jour_semaine"))
    occupied, observed = (known[name].to_numpy().astype(np.float64) for name in _MINUTES)
    temperature, rain = (known[name].cast(pa.float64()).to_numpy() for name in ("temperature_c", "precipitation_mm"))
    moment = hour + 24 * (weekday >= _SATURDAY)
    usual = np.bincount(moment, occupied, minlength=48) / np.maximum(np.bincount(moment, observed, minlength=48), 1e-9)
    return Hours(day, hour, weekday, occupied, observed, observed * usual[moment], temperature, rain)


_MINUTES = ("minutes_occupees", "minutes_observees")


@dataclass(frozen=True, slots=True)
class Group:
    """The hours of one class.

    Attributes:
        cut: what it is a class of.
        name: in French.
        rank: in its cut.
        chosen: its hours, shape (hours,).
        compared: whether its rate is compared with the usual one of its hours.
    """

    cut: str
    name: str
    rank: int
    chosen: NDArray[np.bool_]
    compared: bool = False


def _groups(hours: Hours) -> Iterator[Group]:
    yield Group("ensemble", "ensemble", 0, np.ones(hours.day.shape, dtype=bool))
    for rank, (low, high) in enumerate(pairwise((-np.inf, *_EDGES, np.inf))):
        name = (
            f"moins de {high} °C" if rank == 0 else f"{low} à {high} °C" if np.isfinite(high) else f"{low} °C et plus"
        )
        chosen = (hours.temperature >= low) & (hours.temperature < high)
        yield Group("temperature", name, rank, chosen, compared=True)
    yield Group("pluie", "sans pluie", 0, hours.rain < _WET_MM, compared=True)
    yield Group("pluie", "pluie", 1, hours.rain >= _WET_MM, compared=True)
    for hour in range(24):
        yield Group("heure", f"{hour} h", hour, hours.hour == hour)
    for number, name in enumerate(_WEEKDAYS, 1):
        yield Group("jour", name, number, hours.weekday == number)


def _row(hours: Hours, weights: Floats, group: Group) -> dict[str, object]:
    size = weights.shape[1]

    def by_day(values: Floats) -> Floats:
        return np.bincount(hours.day[group.chosen], values[group.chosen], minlength=size).astype(np.float64)

    occupied, observed, expected = (by_day(each) for each in (hours.occupied, hours.observed, hours.expected))
    days = int(np.count_nonzero(observed))
    row: dict[str, object] = {
        "decoupe": group.cut,
        "classe": group.name,
        "ordre": group.rank,
        "nombre_jours": days,
        "nombre_heures": int(np.count_nonzero(group.chosen)),
        "minutes_observees": float(observed.sum()),
        "est_fiable": days >= FEWEST_DAYS,
        "motif": None if days >= FEWEST_DAYS else TOO_FEW if days else "aucune heure",
    }
    if not days:
        return row
    row["taux_occupation"] = float(occupied.sum() / observed.sum())
    if group.compared:
        row["ecart_ajuste"] = float((occupied.sum() - expected.sum()) / observed.sum())
    if days < FEWEST_DAYS:
        return row
    bounds = _interval(weights, occupied, observed)
    row |= dict(zip(("ic90_bas", "ic90_haut", "ic95_bas", "ic95_haut"), bounds, strict=True))
    if group.compared:
        *_, low, high = _interval(weights, occupied - expected, observed)
        row |= {"ecart_ajuste_ic95_bas": low, "ecart_ajuste_ic95_haut": high}
    return row


def _interval(weights: Floats, part: Floats, whole: Floats) -> list[float]:
    """Return the bounds at 90 % and at 95 % of a ratio of sums over days."""
    # Products by column and a sum in a fixed order: the result does not depend on the number of cores.
    parts, wholes = (np.einsum("ij,j->i", weights, each) for each in (part, whole))
    drawn = wholes > 0
    bounds = np.percentile(parts[drawn] / wholes[drawn], [5, 95, 2.5, 97.5])
    return [float(each) for each in bounds]
