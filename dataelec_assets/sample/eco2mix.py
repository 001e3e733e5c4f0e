"""Tables of éCO2mix, national and regional, real time and consolidated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.sample.files import assemble, positions, repeated
from dataelec_assets.sample.noise import generator, smooth
from dataelec_assets.sample.power import Integers
from dataelec_assets.sample.regions import MAINLAND, Floats, per_region
from dataelec_assets.sample.timeline import HALF_HOURS, QUARTER_HOURS, Calendar, Horizon, label_texts
from dataelec_assets.sample.world import World

NATURES = ("Données définitives", "Données consolidées", "Données temps réel")
_FILIERES = ("thermique", "nucleaire", "eolien", "solaire", "hydraulique", "bioenergies")
_REAL_TIME = NATURES.index("Données temps réel")
Mask = NDArray[np.bool_]

# Emissions by unit of production, g/kWh: these reproduce the published rate to 0.8 g on 2,976 real rows.
_CO2 = {"charbon": 986, "fioul": 777, "gaz": 429, "bioenergies": 494}

# Border, share of the French balance, what crosses it beside, MW (positive: import into France).
_BORDERS = (
    ("ech_comm_angleterre", 0.17, -300),
    ("ech_comm_espagne", 0.13, 400),
    ("ech_comm_italie", 0.20, -900),
    ("ech_comm_suisse", 0.18, -500),
    ("ech_comm_allemagne_belgique", 0.32, 1300),
)


@dataclass(frozen=True, slots=True)
class Rows:
    """Days of one set.

    Attributes:
        calendar: the days.
        mw: published MW by name, each of shape (days, labels, 12).
        nature: position in ``NATURES`` of each day, shape (days,).
        measured: which labels hold measures, shape (days, labels).
    """

    calendar: Calendar
    mw: Mapping[str, Integers]
    nature: NDArray[np.int64]
    measured: Mask


def natures(calendar: Calendar, horizon: Horizon) -> NDArray[np.int64]:
    """Return the position in ``NATURES`` of each day."""
    definitive, consolidated = np.datetime64(horizon.definitive, "D"), np.datetime64(horizon.consolidated, "D")
    return (calendar.days > definitive).astype(np.int64) + (calendar.days > consolidated)


def commercial(world: World, calendar: Calendar, exchanges: Integers) -> dict[str, Integers]:
    """Share the national balance among five borders.

    Args:
        world: daily state.
        calendar: days.
        exchanges: ``ech_physiques`` of the whole, MW, shape (days, labels).

    Returns:
        MW by name of border, positive for an import, each of shape (days, labels).
    """
    first = world.index(calendar.days[0].astype(object)) if len(calendar.days) else 0
    pulls = world.borders[first : first + len(calendar.days)]
    return {
        name: np.rint(share * exchanges + beside + pulls[:, column, None]).astype(np.int64)
        for column, (name, share, beside) in enumerate(_BORDERS)
    }


def forecasts(world: World, year: int, load: Floats) -> tuple[Integers, Integers]:
    """Return the forecasts of the day before and of the day itself, MW, of shape (days, 96).

    Their mean absolute errors are about 1.5 % and 0.6 %, as those of RTE (1.3 to 1.7 %; 0.58 %).

    Args:
        world: gives the seed.
        year: civil year of the load; its first day is the first of the year in the world.
        load: national load, MW, shape (days, 96).
    """

    def forecast(name: str, spread: float) -> Integers:
        draws = generator(world.seed, name, year).standard_normal((366 * QUARTER_HOURS + 31, 1))
        error = smooth(draws, 32)[: load.size, 0].reshape(load.shape)
        return np.rint(load * (1 + spread * error) / 50).astype(np.int64) * 50

    return forecast("J-1", 0.019), forecast("J", 0.0075)


def _numbers(values: Integers, measured: Mask) -> Any:
    return pa.array(values.ravel(), pa.int64(), mask=~np.broadcast_to(measured, values.shape).ravel())


def _not_available(array: Any, rows: Rows) -> Any:
    """Return the numbers as text, ``ND`` for the first measure of each month."""
    days = rows.calendar.days
    where = np.zeros_like(rows.measured)
    where[:, 0] = (days == days.astype("datetime64[M]")) & rows.measured[:, 0]
    repeats = len(array) // where.size
    return pc.if_else(pa.array(np.repeat(where.ravel(), repeats)), "ND", array.cast(pa.string()))


def _time(rows: Rows, days: NDArray[Any], labels: NDArray[Any], repeats: int) -> dict[str, Any]:
    count = rows.measured.shape[1]
    instants = np.repeat(rows.calendar.instants(count).ravel(), repeats)
    return {
        "nature": repeated(NATURES, rows.nature[days.ravel()]),
        "date": repeated(np.datetime_as_string(rows.calendar.days).tolist(), days),
        "heure": repeated(label_texts(count), labels),
        "date_heure": pa.array(instants).cast(pa.timestamp("ms", tz="UTC")),
    }


def national(
    dataset: Dataset, world: World, rows: Rows, previsions: tuple[Integers, Integers], known: tuple[Mask, Mask]
) -> Any:
    """Return a national table.

    Args:
        dataset: catalogue entry.
        world: daily state.
        rows: quarter-hours.
        previsions: forecasts of the day before and of the day itself, shape (days, 96).
        known: which of these are published.
    """
    mw = {name: values.sum(axis=2) for name, values in rows.mw.items()}
    days, labels = positions(rows.measured.shape)
    # Since 2025 real time has commercial exchanges at each quarter of an hour, and a rate that forgets pumping.
    is_recent = (rows.calendar.days >= np.datetime64("2025-01-01"))[:, None] & (rows.nature == _REAL_TIME)[:, None]
    traded = rows.measured & (is_recent | (labels % 2 == 0))
    columns = {
        **_time(rows, days, labels, 1),
        "perimetre": repeated(["France"], np.zeros_like(days)),
        "prevision_j1": _numbers(previsions[0], known[0]),
        "prevision_j": _numbers(previsions[1], known[1]),
        "taux_co2": _numbers(co2(mw, np.where(is_recent, 0, mw["pompage"])), rows.measured),
    }
    for name, values in {**mw, **_parts(mw)}.items():
        if name in dataset.column_names and name not in columns:
            columns[name] = _numbers(values, rows.measured)
    for name, values in commercial(world, rows.calendar, mw["ech_physiques"]).items():
        columns[name] = _numbers(values, traded)
    for name in ("ech_comm_allemagne_belgique", "stockage_batterie"):
        columns[name] = _not_available(columns[name], rows)
    return assemble(dataset, columns)


def co2(mw: Mapping[str, Integers], pumping: Integers) -> Integers:
    """Return RTE's rate of CO2, g per kWh produced, from national MW of any shape.

    Args:
        mw: published MW by name.
        pumping: what is taken off the production, MW, negative, of the same shape.
    """
    produced = pumping + sum(mw[name] for name in _FILIERES)
    return np.rint(sum(mw[name] * grams for name, grams in _CO2.items()) / produced).astype(np.int64)


def _parts(mw: Mapping[str, Integers]) -> dict[str, Integers]:
    """Return the sub-filières; those of one filière sum up to it exactly."""
    gas, oil, bio = mw["gaz"], mw["fioul"], mw["bioenergies"]
    turbines, cogeneration = np.clip(gas - 7500, 0, None), np.minimum(gas * 2 // 5, 2600)
    oil_turbines, waste, wood = np.clip(oil - 200, 0, None), bio * 19 // 100, bio * 48 // 100
    return {
        "fioul_tac": oil_turbines,
        "fioul_cogen": np.minimum(oil, 30),
        "fioul_autres": oil - oil_turbines - np.minimum(oil, 30),
        "gaz_tac": turbines,
        "gaz_cogen": cogeneration,
        "gaz_ccg": gas - turbines - cogeneration - 1,
        "gaz_autres": np.ones_like(gas),
        "hydraulique_fil_eau_eclusee": mw["fil_eau"],
        "hydraulique_lacs": mw["lacs"],
        "hydraulique_step_turbinage": mw["step"],
        "bioenergies_dechets": waste,
        "bioenergies_biomasse": wood,
        "bioenergies_biogaz": bio - waste - wood,
    }


def regional(dataset: Dataset, rows: Rows, *, with_rates: bool) -> Any:
    """Return a regional table, half-hourly or quarter-hourly as ``rows`` are.

    Args:
        dataset: catalogue entry.
        rows: days.
        with_rates: False leaves the coverage and load rates null, as in early years.
    """
    frame = (*rows.measured.shape, len(MAINLAND))
    days, labels, regions = positions(frame)
    measured = rows.measured[:, :, None]
    has_reactors = per_region("nuclear") > 0
    columns = {
        "code_insee_region": repeated([region.code for region in MAINLAND], regions),
        "libelle_region": repeated([region.name for region in MAINLAND], regions),
        **_time(rows, days, labels, len(MAINLAND)),
    }
    for name, values in rows.mw.items():
        if name in dataset.column_names:
            columns[name] = _numbers(values, measured & has_reactors if name == "nucleaire" else measured)
    if dataset.column("stockage_batterie").portal_type == "text":
        columns["stockage_batterie"] = _not_available(columns["stockage_batterie"], rows)
    shown = measured & with_rates
    for name in _FILIERES:
        published = shown & has_reactors if name == "nucleaire" else shown
        columns[f"tco_{name}"] = _rate(rows.mw[name], rows.mw["consommation"], published)
        columns[f"tch_{name}"] = _rate(rows.mw[name], _capacities()[name], published & (_capacities()[name] > 0))
    return assemble(dataset, columns)


def _rate(power: Integers, reference: Integers | Floats, published: Mask) -> Any:
    percent = np.round(100 * power / np.maximum(reference, 1), 2)
    return pa.array(percent.ravel(), pa.float64(), mask=~np.broadcast_to(published, power.shape).ravel())


def _capacities() -> dict[str, Floats]:
    """Return the installed capacity by region, MW: the rates of load refer to it."""
    return {
        "thermique": 12_500 * per_region("gas_plants") + 1800 * per_region("coal") + 1700 * per_region("oil"),
        "nucleaire": per_region("nuclear"),
        "eolien": per_region("wind") + per_region("offshore"),
        "solaire": per_region("solar"),
        "hydraulique": 20_500 * per_region("hydro") + 5000 * per_region("storage"),
        "bioenergies": 2200 * per_region("bioenergy"),
    }


def consolidated(
    world: World,
    calendar: Calendar,
    mw: Mapping[str, Integers],
    previsions: tuple[Integers, Integers],
    horizon: Horizon,
) -> tuple[Any, Any]:
    """Return the national and the regional table of the consolidated days of one year.

    The national grid is quarter-hourly, but :15 and :45 hold forecasts only; the regional grid is half-hourly.

    Args:
        world: daily state.
        calendar: days.
        mw: published MW, shape (days, 48, 12).
        previsions: forecasts of the day before and of the day itself, MW, shape (days, 96).
        horizon: says which days are definitive.
    """
    catalog = load_catalog()
    nature = natures(calendar, horizon)
    half = Rows(calendar, mw, nature, np.ones((len(calendar.days), HALF_HOURS), dtype=np.bool_))
    always = np.ones(previsions[0].shape, dtype=np.bool_)
    is_measured = always & (np.arange(QUARTER_HOURS) % 2 == 0)
    spread = {name: np.repeat(values.sum(axis=2), 2, axis=1)[:, :, None] for name, values in mw.items()}
    quarters = Rows(calendar, spread, nature, is_measured)
    with_rates = bool(len(calendar.days)) and calendar.days[0].astype(object).year > horizon.start.year
    return (
        national(catalog["eco2mix-national-cons-def"], world, quarters, previsions, (always, always)),
        regional(catalog["eco2mix-regional-cons-def"], half, with_rates=with_rates),
    )


def real_time(
    world: World,
    calendar: Calendar,
    mw: Mapping[str, Integers],
    previsions: tuple[Integers, Integers],
    horizon: Horizon,
) -> tuple[Any, Any]:
    """Return the national and the regional table of the days after consolidation, tomorrow included.

    Rows of the future are there, without any measure: the national ones hold the forecast of the day before, and those
    of today the forecast of the day too.

    Args:
        world: daily state.
        calendar: days.
        mw: published MW, shape (days, 96, 12).
        previsions: forecasts of the day before and of the day itself, MW, shape (days, 96).
        horizon: says what is measured.
    """
    catalog = load_catalog()
    newest = np.datetime64(horizon.last_measured.replace(tzinfo=None), "ms")
    rows = Rows(calendar, mw, natures(calendar, horizon), calendar.instants(QUARTER_HOURS) <= newest)
    always = np.ones(rows.measured.shape, dtype=np.bool_)
    until_today = always & (calendar.days <= np.datetime64(horizon.today, "D"))[:, None]
    return (
        national(catalog["eco2mix-national-tr"], world, rows, previsions, (always, until_today)),
        regional(catalog["eco2mix-regional-tr"], rows, with_rates=True),
    )
