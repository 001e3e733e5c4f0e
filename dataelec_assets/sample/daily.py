"""Tables of the smaller sets: temperatures, gas in storage, commercial exchanges, injections on the grid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from dataelec_assets.catalog import load_catalog
from dataelec_assets.sample.eco2mix import commercial
from dataelec_assets.sample.files import assemble, positions, repeated
from dataelec_assets.sample.noise import generator
from dataelec_assets.sample.power import Integers
from dataelec_assets.sample.regions import MAINLAND, REGIONS, Floats
from dataelec_assets.sample.timeline import ONE_DAY, Calendar, Horizon
from dataelec_assets.sample.world import World

# Months whose last day the weather set does not publish, for any region, as the real one.
MONTHS_WITHOUT_LAST_DAY = (1, 2, 3, 5, 8, 10)


def temperatures(world: World, horizon: Horizon) -> Any:
    """Return the daily temperatures of the 13 regions until the end of last month, in no order."""
    days = world.calendar.days
    months = days.astype("datetime64[M]")
    is_last = (days + ONE_DAY).astype("datetime64[M]") != months
    left_out = is_last & np.isin(months.astype(np.int64) % 12 + 1, MONTHS_WITHOUT_LAST_DAY)
    until = np.datetime64(horizon.end_of_month(1), "D")
    chosen = np.flatnonzero((days >= np.datetime64(horizon.start, "D")) & (days <= until) & ~left_out)
    mean, half = world.temperature[chosen], np.maximum(world.half_range[chosen], 0.5)
    low, high = np.round(mean - half, 2), np.round(mean + half, 2)
    rows, regions = positions(mean.shape)
    codes = [region.code for region in REGIONS]
    texts = np.datetime_as_string(days[chosen])
    table = assemble(
        load_catalog()["temperature-quotidienne-regionale"],
        {
            "id": pa.array([f"{day}T00:00:00-{code}" for day in texts for code in codes]),
            "date": pa.array(days[chosen][rows.ravel()]),
            "code_insee_region": pa.array(np.array(codes, dtype=np.int64)[regions.ravel()]),
            "region": repeated([region.name for region in REGIONS], regions),
            "tmin": pa.array(low.ravel()),
            "tmax": pa.array(high.ravel()),
            "tmoy": pa.array(np.round((low + high) / 2, 2).ravel()),
        },
    )
    return table.take(generator(world.seed, "order of temperatures").permutation(table.num_rows))


# Group of storages, operator, greatest stock seen 2010-2023 (GWh), and how early it empties: the exponent of its fill.
_STORAGES = (
    ("Centre", "Storengy", 46_847, 1.00),
    ("Saline", "Storengy", 12_091, 0.80),
    ("Sediane", "Storengy", 13_979, 1.10),
    ("Sediane B", "Storengy", 13_400, 1.25),
    ("Serene", "Storengy", 24_044, 0.95),
    ("Teréga", "Teréga", 34_028, 1.05),
)
_CAPACITY = 132_600.0  # GWh, all groups together; the greatest stocks of each were not reached on the same day
_WITHDRAWAL = 113.0  # GWh a day per °C, measured on winters 2016-2023
_FASTEST = 1500.0  # GWh a day; the limit that alerts is 2,500
_FULL = 0.94  # fill aimed at for 1 November
_LEAST = 0.06


def _fills(world: World) -> Floats:
    """Return how full the storages are at the end of each day, 0 to 1, shape (days,)."""
    temperature = world.temperature[:, : len(MAINLAND)].mean(axis=1)
    draws = generator(world.seed, "gas storage").standard_normal(len(temperature))
    stock = 0.70 * _CAPACITY
    fills = np.empty(len(temperature))
    plain: list[date] = world.calendar.days.tolist()
    for row, day in enumerate(plain):
        winter = day.month >= 11 or day.month <= 3  # noqa: PLR2004 - November to March
        if winter:
            # Withdrawals weaken as the pressure falls.
            change = -_WITHDRAWAL * max(12.0 - temperature[row], -2.0) * min(1.0, stock / (0.35 * _CAPACITY))
        else:
            remaining = (date(day.year, 11, 1) - day).days
            # Warm days leave more gas to inject.
            change = (_FULL * _CAPACITY - stock) / max(remaining, 1) + 30.0 * (temperature[row] - 16.0)
        change = min(max(change + 60.0 * draws[row], -_FASTEST), _FASTEST)
        stock = min(max(stock + change, _LEAST * _CAPACITY), 0.99 * _CAPACITY)
        fills[row] = stock / _CAPACITY
    return fills


def storages(world: World, horizon: Horizon) -> Any:
    """Return the gas in storage; Storengy ends with last month, Teréga one month before."""
    days, fills = world.calendar.days, _fills(world)
    scale = _CAPACITY / sum(greatest for _, _, greatest, _ in _STORAGES)
    since = np.datetime64(horizon.start, "D")
    parts = []
    for name, operator, greatest, exponent in _STORAGES:
        months_back = 2 if operator == "Teréga" else 1
        chosen = (days >= since) & (days <= np.datetime64(horizon.end_of_month(months_back), "D"))
        count = int(chosen.sum())
        parts.append(
            {
                "date": days[chosen],
                "stock_fin_de_journee": np.round(greatest * scale * fills[chosen] ** exponent, 6),
                "source": [operator] * count,
                "pits": [name] * count,
            }
        )
    tables = [pa.table({name: pa.array(values) for name, values in part.items()}) for part in parts]
    merged = pa.concat_tables(tables)
    columns = {name: merged[name].combine_chunks() for name in merged.column_names}
    return assemble(load_catalog()["stock-quotidien-stockages-gaz"], columns)


_EXCHANGED_WITH = {
    "gb": "ech_comm_angleterre",
    "cwe": "ech_comm_allemagne_belgique",
    "ch": "ech_comm_suisse",
    "it": "ech_comm_italie",
    "es": "ech_comm_espagne",
}


def exchanges(world: World, calendar: Calendar, mw: Mapping[str, Integers]) -> Any:
    """Return the hourly commercial exchanges, in MWh: exports positive, imports negative, hours 0 to 23 every day.

    The base of ``position`` is not documented by the portal: 0 is a choice. Every day has 24, as RTE prints days.

    Args:
        world: daily state.
        calendar: days.
        mw: published MW, shape (days, 48, 12).
    """
    balance = mw["ech_physiques"].sum(axis=2)[:, ::2]
    borders = commercial(world, calendar, balance)
    days, hours = positions(balance.shape)
    columns: dict[str, Any] = {"date": pa.array(calendar.days[days.ravel()]), "position": pa.array(hours.ravel())}
    exported, imported = np.zeros_like(balance), np.zeros_like(balance)
    for code, name in _EXCHANGED_WITH.items():
        out, back = np.clip(-borders[name], 0, None), np.clip(-borders[name], None, 0)
        columns[f"fr_{code}"], columns[f"{code}_fr"] = pa.array(out.ravel()), pa.array(back.ravel())
        exported += out
        imported += back
    columns |= {"export_france": pa.array(exported.ravel()), "import_france": pa.array(imported.ravel())}
    return assemble(load_catalog()["imports-exports-commerciaux"], columns)


# Filière as published, measure, share of the production that enters through the transmission grid (measured in 2019),
# regions that have any, and shares of the rows that repeat a key because a sub-category is not published.
_INJECTED: tuple[tuple[str, str, float, tuple[str, ...], tuple[float, ...]], ...] = (
    ("Nucléaire", "nucleaire", 0.99, ("24", "28", "32", "44", "75", "76", "84"), (1.0,)),
    ("Hydraulique", "hydraulique", 0.88, ("27", "44", "53", "75", "76", "84", "93"), (0.5, 0.3, 0.2)),
    ("Thermique non renouvelable", "thermique", 0.80, ("11", "28", "32", "44", "52", "53", "84", "93"), (0.8, 0.2)),
    ("Eolien", "eolien", 0.05, ("24", "32", "44", "75", "76"), (1.0,)),
    ("Solaire", "solaire", 0.08, ("75", "76", "93"), (1.0,)),
    ("Bioénergies", "bioenergies", 0.04, ("32", "75", "93"), (1.0,)),
)
# Regions where a filière is fed in through several categories.
_REPEATED = frozenset({("84", "Hydraulique"), ("76", "Hydraulique"), ("93", "Thermique non renouvelable")})


def injections(calendar: Calendar, mw: Mapping[str, Integers]) -> Any:
    """Return the daily energy fed into the transmission grid, MWh; a key may have two or three rows.

    Args:
        calendar: days.
        mw: published MW, shape (days, 48, 12).
    """
    codes = [region.code for region in MAINLAND]
    found: list[tuple[int, str, Floats]] = []
    for name, measure, share, regions, categories in _INJECTED:
        energy = mw[measure].sum(axis=1) * 0.5  # half-hours
        present = [codes.index(code) for code in regions]
        # The share is that of the whole country, carried by the regions that have such plants.
        whole, carried = energy.sum(axis=1), energy[:, present].sum(axis=1)
        kept = energy[:, present] * (share * whole / np.maximum(carried, 1.0))[:, None]
        for column, position in enumerate(present):
            split = categories if (codes[position], name) in _REPEATED else (1.0,)
            found += [(position, name, np.round(kept[:, column] * part, 3)) for part in split]
    count = len(calendar.days)
    filieres = list(dict.fromkeys(name for _, name, _ in found))
    return assemble(
        load_catalog()["injections-regionales-quotidiennes-consolidees-rpt"],
        {
            "date": pa.array(np.tile(calendar.days, len(found))),
            "code_insee_region": repeated(codes, np.repeat([position for position, _, _ in found], count)),
            "region": repeated([region.name for region in MAINLAND], np.repeat([row[0] for row in found], count)),
            "filiere": repeated(filieres, np.repeat([filieres.index(name) for _, name, _ in found], count)),
            "energie_journaliere_mwh": pa.array(np.concatenate([energy for _, _, energy in found])),
        },
    )
