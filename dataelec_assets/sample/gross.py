"""Tables of gross consumption: electricity every half-hour, gas every hour, by region and for the whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dataelec_assets.catalog import load_catalog
from dataelec_assets.sample.files import assemble, positions, repeated
from dataelec_assets.sample.noise import generator
from dataelec_assets.sample.power import HEATING_BELOW, Integers, within_days
from dataelec_assets.sample.regions import MAINLAND, Floats, per_region
from dataelec_assets.sample.timeline import HALF_HOURS, Calendar, Horizon, label_texts
from dataelec_assets.sample.world import World

# Two and a half times the slope of electricity (measured: 6,013 against 2,398 MW/°C), on top of industry and stations.
_GAS_SLOPE = 6000.0
_GAS_BASE = 12_000.0
_HOURS = HALF_HOURS // 2

Mask = NDArray[np.bool_]
Statuses = tuple[Integers, Integers]  # positions in _STATUSES: of electricity, of gas


def gas(world: World, calendar: Calendar) -> tuple[Integers, Integers]:
    """Return the gas carried by NaTran and by Teréga, MW PCS 0 °C, each of shape (days, 24, 12)."""
    first = world.index(calendar.days[0].astype(object))
    last = first + len(calendar.days)
    temperature = within_days(world.temperature[:, : len(MAINLAND)], first, last)[:, ::2]
    hours = np.arange(_HOURS)[None, :, None]
    profile = 1 + 0.10 * np.sin(2 * np.pi * (hours - 4) / 24)  # highest late in the morning
    base = _GAS_BASE * per_region("load") / per_region("load").sum() * world.activity[first:last, None, None]
    heating = _GAS_SLOPE * per_region("gas") * np.clip(HEATING_BELOW - temperature, 0, None)
    draws = generator(world.seed, "gas", calendar.days[0].astype(object).year).standard_normal(
        (366, _HOURS, len(MAINLAND))
    )
    total = (base + heating) * profile * (1 + 0.01 * draws[: len(calendar.days)])
    terega = total * per_region("terega")
    # 2025-03-30 02:00: 223 MW of Teréga beside 2,667 one hour later, in the hour that does not exist.
    broken = calendar.fictitious(_HOURS)
    terega[broken] /= 12
    natran: Floats = total * (1 - per_region("terega"))
    return np.rint(natran).astype(np.int64), np.rint(terega).astype(np.int64)


def tables(world: World, calendar: Calendar, load: Integers, horizon: Horizon) -> tuple[Any, Any]:
    """Return the regional and the national table of some days of one year; the national one is the exact sum.

    Args:
        world: daily state.
        calendar: days, from the first of the year on.
        load: MW, shape (days, 48, 12).
        horizon: says which days are definitive.
    """
    natran, terega = gas(world, calendar)
    years = calendar.days.astype("datetime64[Y]").astype(np.int64) + 1970
    # Electricity is definitive as éCO2mix is; the gas operators settle a year earlier.
    statuses = (
        (years > horizon.definitive.year).astype(np.int64),
        (years > horizon.definitive.year + 1).astype(np.int64),
    )
    regional = _regional(calendar, load, natran, terega, statuses)
    national = _national(calendar, load.sum(axis=2), natran.sum(axis=2), terega.sum(axis=2), statuses)
    return regional, national


_STATUSES = ("Définitif", "Consolidé")


def _at_half_hours(hourly: Integers) -> Integers:
    return np.repeat(hourly, 2, axis=1)


def _whole(values: Integers, null: Mask | None = None) -> Any:
    mask = None if null is None else null.ravel()
    return pa.array(values.ravel(), pa.int64(), mask=mask)


def _measures(
    load: Integers, natran: Integers, terega: Integers, *, null_gas: Mask, null_terega: Mask, statuses: Statuses
) -> dict[str, Any]:
    """Return the columns that both sets share, from arrays of one shape: (days, 48, 12) or (days, 48)."""
    settled, settled_gas = statuses
    total = natran + terega
    return {
        "consommation_brute_gaz_grtgaz": _whole(natran, null_gas),
        "statut_grtgaz": repeated(_STATUSES, settled_gas, null=null_gas),
        "consommation_brute_gaz_terega": _whole(terega, null_terega),
        "statut_terega": repeated(_STATUSES, settled_gas, null=null_terega),
        "consommation_brute_gaz_totale": _whole(total, null_gas),
        "consommation_brute_electricite_rte": _whole(load),
        "statut_rte": repeated(_STATUSES, settled),
        "consommation_brute_totale": _whole(load + total, null_gas),
    }


def _regional(calendar: Calendar, load: Integers, natran: Integers, terega: Integers, statuses: Statuses) -> Any:
    days, labels, regions = positions(load.shape)
    half_past = labels % 2 == 1
    null_terega = half_past | (per_region("terega") == 0)
    return assemble(
        load_catalog()["consommation-quotidienne-brute-regionale"],
        {
            "code_insee_region": repeated([region.code for region in MAINLAND], regions),
            "region": repeated([region.name for region in MAINLAND], regions),
            **_measures(
                load,
                _at_half_hours(natran),
                _at_half_hours(terega),
                null_gas=half_past,
                null_terega=null_terega,
                statuses=(statuses[0][days], statuses[1][days]),
            ),
            "date_heure": pa.array(np.repeat(calendar.instants(HALF_HOURS).ravel(), len(MAINLAND))).cast(
                pa.timestamp("ms", tz="UTC")
            ),
            "date": repeated(np.datetime_as_string(calendar.days).tolist(), days),
            "heure": repeated(label_texts(HALF_HOURS), labels),
            "flag_ignore": repeated(["non"], np.zeros_like(labels)),
        },
    )


def _national(calendar: Calendar, load: Integers, natran: Integers, terega: Integers, statuses: Statuses) -> Any:
    days, labels = positions(load.shape)
    half_past = labels % 2 == 1
    printed = [f"{day:%d/%m/%Y}" for day in calendar.days.tolist()]
    return assemble(
        load_catalog()["consommation-quotidienne-brute"],
        {
            **_measures(
                load,
                _at_half_hours(natran),
                _at_half_hours(terega),
                null_gas=half_past,
                null_terega=half_past,
                statuses=(statuses[0][days], statuses[1][days]),
            ),
            "date_heure": pa.array(calendar.instants(HALF_HOURS).ravel()).cast(pa.timestamp("ms", tz="UTC")),
            "date": repeated(printed, days),
            "heure": repeated(label_texts(HALF_HOURS), labels),
            "flag_ignore": repeated(["non"], np.zeros_like(labels)),
        },
    )
