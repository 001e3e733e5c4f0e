"""Half-hours as meters record them, invented: the same seed gives the same rows, a day at a time.

A site has a size, a share of electric heating and a shape of the day; the day has a temperature and a weekday. What
publishers of such readings do is in it: readings that are missing (a meter that cannot be reached), empty or estimated,
the same half-hour published twice, of which the later one counts, and days of 46 and 50 half-hours.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dataelec_assets.catalog import Column, Dataset
from dataelec_assets.catalog.partitioning import Partitioning

PARIS = ZoneInfo("Europe/Paris")
HALF_HOUR = timedelta(minutes=30)

# A leap year, with both changes of the clock: 17,568 half-hours.
YEAR = 2024
HALF_HOURS = 366 * 48

# Sites of one commune, so that a fact by commune has a sixteenth of the rows.
_SITES_OF_A_COMMUNE = 16

# Of Enedis's published shares of estimated and missing readings nothing is known here: these are chosen to be there in
# every day of a thousand sites, and to stay small.
_CUT, _EMPTY, _ESTIMATED, _TWICE = 0.003, 0.002, 0.01, 0.001

# Watts for each degree below 15 °C, of a site that heats with electricity; a third of dwellings do.
_HEATING_W, _HEATED_SHARE, _THRESHOLD_C = 130, 1 / 3, 15

# No portal has it; one must be named.
READINGS = Dataset(
    portal="odre",
    id="releves-de-compteurs",
    title="Courbes de charge de sites (inventées)",
    publisher="DataElec",
    cadence="daily",
    expected_lag=timedelta(days=2),
    history_start=date(YEAR, 1, 1),
    partitioning=Partitioning("month", on="horodatage"),
    key=("site", "horodatage"),
    fingerprint=("puissance_w",),
    columns=(
        Column("site", "text", nullable=False, description="Site"),
        Column("code_commune", "text", nullable=False, description="Commune du site, code INSEE"),
        Column("horodatage", "datetime", nullable=False, description="Début de la demi-heure"),
        Column("puissance_w", "double", unit="W", description="Puissance moyenne de la demi-heure"),
        Column("statut", "text", nullable=False, description="R : relevée, E : estimée, C : corrigée"),
        Column("publie_le", "datetime", nullable=False, description="Publication de la valeur : la dernière compte"),
    ),
)


def sites_of(rows: int) -> int:
    """Return how many sites have about so many half-hours in a year."""
    return max(1, round(rows / HALF_HOURS))


def months() -> list[str]:
    """Return the months of the year, such as ``2024-03``."""
    return [f"{YEAR}-{month:02d}" for month in range(1, 13)]


def days_of(month: str) -> Iterator[date]:
    """Yield the days of a month."""
    day = date.fromisoformat(f"{month}-01")
    while f"{day:%Y-%m}" == month:
        yield day
        day += timedelta(days=1)


def instants_of(day: date) -> list[datetime]:
    """Return the beginnings of the half-hours of a civil day in Paris (UTC): 46, 48 or 50."""
    first, end = (datetime.combine(each, time(), PARIS).astimezone(UTC) for each in (day, day + timedelta(days=1)))
    return [first + number * HALF_HOUR for number in range(int((end - first) / HALF_HOUR))]


def readings(day: date, sites: int, seed: int) -> pa.Table:
    """Return the readings of a civil day (Paris), by half-hour and then by site, in the columns of ``READINGS``."""
    instants = instants_of(day)
    size, heats = _sites(sites, seed)
    rng = np.random.default_rng([seed, day.toordinal()])
    local = [each.astimezone(PARIS) for each in instants]
    hours = np.array([each.hour + each.minute / 60 for each in local])
    # °C: the year, then the weather of the day, then the afternoon.
    season = 12 - 8 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 15) / 365)
    temperature = season + rng.normal(0, 3) + 3 * np.cos(2 * np.pi * (hours - 15) / 24)
    shape = _shape(hours, is_weekend=day.weekday() >= 5)  # noqa: PLR2004 - Saturday
    cold = np.maximum(_THRESHOLD_C - temperature, 0)
    expected = np.outer(shape, size) + np.outer(cold, heats)
    watts = np.round(expected * rng.gamma(4, 1 / 4, expected.shape))

    is_cut = np.zeros(expected.shape, bool)  # no row at all
    for site in np.flatnonzero(rng.random(sites) < _CUT):
        start = rng.integers(0, len(instants))
        is_cut[start : start + rng.integers(1, 12), site] = True
    watts[rng.random(expected.shape) < _EMPTY] = np.nan
    when, who = np.nonzero(~is_cut)
    is_estimated = rng.random(len(when)) < _ESTIMATED
    again = np.flatnonzero(rng.random(len(when)) < _TWICE)

    starts = np.array([int(each.timestamp()) for each in instants], np.int64) * 1_000_000
    published = starts[-1] + 12 * 3_600_000_000
    columns = [
        np.concatenate([who, who[again]]),
        np.concatenate([starts[when], starts[when[again]]]),
        np.concatenate([watts[when, who], np.round(expected[when[again], who[again]])]),
        np.concatenate([is_estimated.astype(np.int8), np.full(len(again), 2, np.int8)]),
        np.concatenate([np.full(len(when), published), np.full(len(again), published + 86_400_000_000)]),
    ]
    return _table(columns, sites)


def _sites(sites: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the usual power of each site, and what it draws for each degree of cold, W."""
    rng = np.random.default_rng([seed])
    return rng.lognormal(5.5, 0.8, sites), _HEATING_W * rng.random(sites) * 2 * (rng.random(sites) < _HEATED_SHARE)


def _shape(hours: np.ndarray, *, is_weekend: bool) -> np.ndarray:
    """Return the shape of a day: low at night, a peak in the morning and a higher one in the evening."""
    morning = np.exp(-(((hours - (10 if is_weekend else 7.5)) / 1.8) ** 2))
    evening = np.exp(-(((hours - 19.5) / 2.2) ** 2))
    found: np.ndarray = 0.6 + (0.7 if is_weekend else 0.5) * morning + 0.9 * evening
    return found


def _table(columns: list[np.ndarray], sites: int) -> pa.Table:
    who, when, watts, status, published = columns
    names = pa.array([f"S{number:08d}" for number in range(sites)])
    communes = pa.array([f"{1001 + number // _SITES_OF_A_COMMUNE:05d}" for number in range(sites)])
    instant = pa.timestamp("us", tz="UTC")
    return pa.table(
        {
            "site": pa.DictionaryArray.from_arrays(pa.array(who, pa.int32()), names),
            "code_commune": pa.DictionaryArray.from_arrays(pa.array(who, pa.int32()), communes),
            "horodatage": pa.array(when).cast(instant),
            "puissance_w": pa.array(watts, from_pandas=True),
            "statut": pa.DictionaryArray.from_arrays(pa.array(status), pa.array(["R", "E", "C"])),
            "publie_le": pa.array(published).cast(instant),
        }
    )


def write_month(target: Path, month: str, sites: int, seed: int) -> int:
    """Write the arrival of a month, a day in memory at a time; return the number of its rows."""
    target.parent.mkdir(parents=True, exist_ok=True)
    rows, writer = 0, None
    for day in days_of(month):
        table = readings(day, sites, seed)
        writer = writer or pq.ParquetWriter(target, table.schema, compression="zstd")
        writer.write_table(table)
        rows += table.num_rows
    if writer is not None:
        writer.close()
    return rows


if __name__ == "__main__":
    print(write_month(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
