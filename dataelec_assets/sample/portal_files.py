"""The files of a synthetic France under construction, each in a shape in which the publishers' files are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dataelec_assets.catalog import load_catalog
from dataelec_assets.sample import daily, eco2mix, gross, weather
from dataelec_assets.sample.bornes import write_charging_points
from dataelec_assets.sample.faulty import with_an_impossible_month, with_faults
from dataelec_assets.sample.files import (
    ParquetFile,
    two_runs,
    with_first,
    write_csv,
    write_json,
    write_records,
)
from dataelec_assets.sample.power import Integers, quarter_hourly, settle, simulate
from dataelec_assets.sample.regions import MAINLAND, Floats
from dataelec_assets.sample.timeline import HALF_HOURS, Calendar, Horizon
from dataelec_assets.sample.world import World
from dataelec_assets.sample.yearly import write_territories

# RTE's grid does not reach Corse; a rounded order of magnitude of its year.
_CORSE_GWH = 2300.0

_GROSS = "consommation-quotidienne-brute"
_GROSS_REGIONAL = "consommation-quotidienne-brute-regionale"
_NATIONAL = "eco2mix-national-cons-def"
_NATIONAL_TR = "eco2mix-national-tr"
_REGIONAL = "eco2mix-regional-cons-def"
_REGIONAL_TR = "eco2mix-regional-tr"
_EXCHANGES = "imports-exports-commerciaux"
_INJECTIONS = "injections-regionales-quotidiennes-consolidees-rpt"
_STORAGES = "stock-quotidien-stockages-gaz"
_TEMPERATURES = "temperature-quotidienne-regionale"


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """One file that was written: its data set, its path, how many rows and bytes it has."""

    dataset_id: str
    path: Path
    rows: int
    size: int


class PortalFiles:
    """The files under construction. Large sets are streamed year by year; small ones are kept until the end."""

    def __init__(self, destination: Path, *, faulty: bool) -> None:
        self._faulty = faulty
        self._folder = destination / "odre"
        self._streams = {
            dataset_id: ParquetFile(self._path(dataset_id, "parquet"))
            for dataset_id in (_GROSS_REGIONAL, _NATIONAL, _REGIONAL)
        }
        self._kept: dict[str, list[Any]] = {_GROSS: [], _EXCHANGES: [], _INJECTIONS: []}
        self._recent: list[tuple[Calendar, dict[str, Floats], tuple[Integers, Integers]]] = []
        self._written: list[tuple[str, Path, int]] = []
        self._energies: dict[int, dict[str, dict[str, float]]] = {}

    def _path(self, dataset_id: str, suffix: str) -> Path:
        path = self._folder / dataset_id / f"{dataset_id}_synthetique.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def close(self) -> None:
        """Finish the streamed files."""
        for stream in self._streams.values():
            stream.close()

    def files(self) -> tuple[DatasetFile, ...]:
        """Return what was written, once the files are closed, in alphabetical order."""
        streamed = [(dataset_id, stream.path, stream.rows) for dataset_id, stream in self._streams.items()]
        return tuple(
            DatasetFile(dataset_id, path, rows, path.stat().st_size)
            for dataset_id, path, rows in sorted(self._written + streamed)
        )

    def add_year(self, world: World, horizon: Horizon, year: int) -> None:
        """Simulate one civil year and add it to the sets that it belongs to."""
        calendar, power = simulate(world, year)
        load = quarter_hourly({"load": power["consommation"].sum(axis=2, keepdims=True)})["load"][:, :, 0]
        previsions = eco2mix.forecasts(world, year, load)
        mw = settle(power)
        self._energies[year] = _energies(world, calendar, mw)

        def until(last: date) -> int:
            return int(np.searchsorted(calendar.days, np.datetime64(last, "D"), side="right"))

        if count := until(horizon.consolidated):
            known = (previsions[0][:count], previsions[1][:count])
            national, regional = eco2mix.consolidated(world, calendar[:count], _first(mw, count), known, horizon)
            self._streams[_NATIONAL].write(two_runs(national))
            self._streams[_REGIONAL].write(two_runs(regional))
        if count < len(calendar.days):
            # Copies: views would keep whole years in memory.
            recent = {name: values[count:].copy() for name, values in power.items()}
            self._recent.append((calendar[count:], recent, (previsions[0][count:], previsions[1][count:])))
        if count := until(horizon.end_of_month(2)):
            regional, national = gross.tables(world, calendar[:count], mw["consommation"][:count], horizon)
            if self._faulty and not self._kept[_GROSS]:
                regional, national = with_faults(regional, national)
            self._streams[_GROSS_REGIONAL].write(two_runs(regional))
            self._kept[_GROSS].append(national)
            self._kept[_INJECTIONS].append(daily.injections(calendar[:count], _first(mw, count)))
        if count := until(horizon.end_of_month(1)):
            self._kept[_EXCHANGES].append(daily.exchanges(world, calendar[:count], _first(mw, count)))

    def finish(self, world: World, horizon: Horizon) -> None:
        """Write the real-time sets and those that were kept, each in a shape in which the portal's files are found."""
        national, regional = self._real_time(world, horizon)
        catalog = load_catalog()
        self._streams[_REGIONAL_TR] = ParquetFile(self._path(_REGIONAL_TR, "parquet"))
        self._streams[_REGIONAL_TR].write(two_runs(regional))
        self._streams[_TEMPERATURES] = ParquetFile(self._path(_TEMPERATURES, "parquet"))
        self._streams[_TEMPERATURES].write(daily.temperatures(world, horizon))

        national = with_first(two_runs(national), "perimetre")
        write_csv(self._add(_NATIONAL_TR, "csv", national), catalog[_NATIONAL_TR], national, end="\r\n")
        # As published: BOM, CRLF, newest first.
        newest_first = with_first(self._whole(_GROSS), "date_heure", "date", "heure")
        age = -newest_first["date_heure"].to_numpy().astype("datetime64[m]").astype(np.int64)
        newest_first = newest_first.take(pa.array(np.argsort(age, kind="stable")))
        path = self._add(_GROSS, "csv", newest_first)
        write_csv(path, catalog[_GROSS], newest_first, encoding="utf-8-sig", end="\r\n")
        injections = self._whole(_INJECTIONS)
        write_csv(self._add(_INJECTIONS, "csv", injections), catalog[_INJECTIONS], injections, encoding="latin-1")
        exchanges = self._whole(_EXCHANGES)
        write_json(self._add(_EXCHANGES, "json", exchanges), exchanges)
        storages = daily.storages(world, horizon)
        if self._faulty:
            storages = with_an_impossible_month(storages)
        write_records(self._add(_STORAGES, "json.gz", storages), catalog[_STORAGES], storages, horizon.now)

    def add_territories(self, destination: Path, seed: int, horizon: Horizon) -> None:
        """Write the sets by commune and by year: of the years that are over, or of the present one."""
        present = horizon.today.year
        over = {year: gwh for year, gwh in self._energies.items() if year < present}
        self._written.extend(write_territories(destination, seed, over or {present: self._energies[present]}))

    def add_weather(self, destination: Path, seed: int, horizon: Horizon) -> None:
        """Write the weather forecasts of the last days, and the archive of the months before."""
        self._written.extend(weather.write_forecasts(destination, seed, horizon))
        self._written.extend(weather.write_archive(destination, seed, horizon))

    def add_charging_points(self, destination: Path, seed: int, horizon: Horizon) -> None:
        """Write the charging points, with the states of the last day."""
        self._written.extend(write_charging_points(destination, seed, horizon))

    def _add(self, dataset_id: str, suffix: str, table: Any) -> Path:
        path = self._path(dataset_id, suffix)
        self._written.append((dataset_id, path, int(table.num_rows)))
        return path

    def _whole(self, dataset_id: str) -> Any:
        return pa.concat_tables(self._kept[dataset_id]).unify_dictionaries()

    def _real_time(self, world: World, horizon: Horizon) -> tuple[Any, Any]:
        calendars, powers, previsions = zip(*self._recent, strict=True)
        power = {name: np.concatenate([each[name] for each in powers]) for name in powers[0]}
        # The world holds one day more than is published, so that the last quarter-hour has a neighbour.
        mw = _first(settle(quarter_hourly(power)), -1)
        before, same_day = (np.concatenate(parts)[:-1] for parts in zip(*previsions, strict=True))
        calendar = Calendar.of(np.concatenate([each.days for each in calendars])[:-1])
        return eco2mix.real_time(world, calendar, mw, (before, same_day), horizon)


def _energies(world: World, calendar: Calendar, mw: Mapping[str, Integers]) -> dict[str, dict[str, float]]:
    """Return what a year comes to, GWh by région and measure; hours that no clock shows do not count."""
    real = ~calendar.fictitious(HALF_HOURS)
    names = ("consommation", "nucleaire", "thermique", "hydraulique", "eolien", "solaire", "bioenergies")
    sums = {name: mw[name][real].sum(axis=0) * 0.5 / 1000 for name in names}
    natran, terega = gross.gas(world, calendar)
    sums["gaz"] = (natran + terega)[~calendar.fictitious(HALF_HOURS // 2)].sum(axis=0) / 1000
    found = {
        region.code: {name: float(values[position]) for name, values in sums.items()}
        for position, region in enumerate(MAINLAND)
    }
    return {**found, "94": {"consommation": _CORSE_GWH}}


def _first(mw: Mapping[str, Integers], days: int) -> dict[str, Integers]:
    return {name: values[:days] for name, values in mw.items()}
