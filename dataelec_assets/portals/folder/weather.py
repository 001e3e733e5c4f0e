"""Replies of the weather portals, kept as files: the newest is in force, and read as the portal's own client reads it.

A file holds one reply for all chief towns (Open-Meteo), or the list of the replies of each (``coord`` tells the place,
which Infoclimat's replies do not). A file without a stamp in its name is in force since it was written.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import fmean
from threading import Lock
from types import TracebackType
from typing import Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS, DEPARTMENTS
from dataelec_assets.catalog.portals import Api
from dataelec_assets.errors import ContractViolation, DatasetAbsent, IncompleteExport, UnexpectedContent
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.folder.layout import STATIONS, Layout
from dataelec_assets.portals.folder.stamps import SourceFile
from dataelec_assets.portals.http_portal import HttpPortal
from dataelec_assets.portals.infoclimat import InfoclimatPortal
from dataelec_assets.portals.meteo_france import FileState, MeteoFrancePortal
from dataelec_assets.portals.open_meteo import FORECAST_DAYS, PAST_DAYS, UNITS, OpenMeteoPortal, place_rows
from dataelec_assets.portals.open_meteo_archive import DAILY, HoursOfPlaces, OpenMeteoArchivePortal
from dataelec_assets.portals.open_meteo_months import WITNESS
from dataelec_assets.portals.open_meteo_previous_runs import (
    DAY_BEFORE,
    NAMES,
    OpenMeteoPreviousRunsPortal,
    days_of,
)
from dataelec_assets.portals.openweathermap import OpenWeatherMapPortal
from dataelec_assets.portals.partition_filters import PARIS, partition_of
from dataelec_assets.portals.station_files import Span, StationFile, cut
from dataelec_assets.portals.streams import BrokenBody, NotData, unpacked
from dataelec_assets.portals.weather import Reply, TownByTownPortal, readable

# As in the clients: the coarsest models answer for cells of a quarter of a degree.
_FARTHEST = 0.5

_SHORTEST_DAY = 23  # hours, in spring


class _Files(HttpPortal):
    """Takes replies from a folder; it has no connection.

    Args:
        layout: of the folder.
        dataset: the one data set of the portal.
        spill: folder of what is read and not fetched yet.
    """

    def __init__(self, layout: Layout, dataset: Dataset, spill: Path) -> None:
        self._layout = layout
        self._spill = spill
        self._dataset = dataset
        self._found: tuple[SourceFile, list[Mapping[str, Any]]] | None = None
        self._reading = Lock()
        self.is_synthetic = layout.is_synthetic

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Do nothing: there is no connection."""

    def cancel(self) -> None:
        """Do nothing: a reply is read at once."""

    @property
    def _url(self) -> str:
        return str(self._layout.root / self._dataset.portal)

    def _in_force(self) -> tuple[SourceFile, list[Mapping[str, Any]]]:
        """Return the file in force and its places, read once."""
        with self._reading:
            if self._found is None:
                self._found = self._read_newest()
            return self._found

    def _read_newest(self) -> tuple[SourceFile, list[Mapping[str, Any]]]:
        files = self._layout.files(self._dataset)
        if not files:
            raise DatasetAbsent("the folder holds no reply", dataset_id=self._dataset.id, request=self._url)
        path = files[-1].path
        try:
            body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            found = json.loads(body)
        except (OSError, EOFError, ValueError) as error:
            raise UnexpectedContent(
                f"{path.name} cannot be read: {error}",
                dataset_id=self._dataset.id,
                request=str(path),
                advice="Remove or repair the file; the other data sets are not affected.",
            ) from error
        return files[-1], found if isinstance(found, list) else [found]

    def _nearest(self, places: Sequence[Mapping[str, Any]], code: str) -> Mapping[str, Any]:
        town, latitude, longitude = CHIEF_TOWNS[code]

        def distance(place: Mapping[str, Any]) -> float:
            at = place.get("coord") or {"lat": place["latitude"], "lon": place["longitude"]}
            return float(max(abs(at["lat"] - latitude), abs(at["lon"] - longitude)))

        found = min(places, key=distance, default=None)
        if found is None or distance(found) > _FARTHEST:
            raise ContractViolation(f"no place is near {town}.", dataset_id=self._dataset.id, column="code_region")
        return found

    def _cut(
        self, places: Sequence[Mapping[str, Any]], first: datetime, hours: int, names: Iterable[str] = UNITS
    ) -> list[Mapping[str, Any]]:
        """Return the place of each chief town with so many hours from ``first`` (UTC) on; null where there is none."""
        wanted = [first + timedelta(hours=hour) for hour in range(hours)]
        time = [f"{hour:%Y-%m-%dT%H:%M}" for hour in wanted]
        found: list[Mapping[str, Any]] = []
        clock: tuple[Any, Any] | None = None
        known: dict[datetime, int] = {}
        for code in sorted(CHIEF_TOWNS):
            place = self._nearest(places, code)
            # Places of one file have the same hours: they are read once.
            own = (place.get("utc_offset_seconds", 0), place["hourly"]["time"])
            if own != clock:
                clock, known = own, _hours(place)
            rows = [known.get(hour) for hour in wanted]
            series = {name: [place["hourly"][name][row] if row is not None else None for row in rows] for name in names}
            found.append({**place, "utc_offset_seconds": 0, "hourly": {"time": time, **series}})
        return found


def _hours(place: Mapping[str, Any]) -> dict[datetime, int]:
    """Return the position of each hour (UTC) of a place."""
    offset = timedelta(seconds=place.get("utc_offset_seconds", 0))
    times = place["hourly"]["time"]
    return {datetime.fromisoformat(hour).replace(tzinfo=UTC) - offset: row for row, hour in enumerate(times)}


class OpenMeteoFiles(_Files, OpenMeteoPortal):
    """Forecasts of Open-Meteo."""

    def _ask(self, dataset: Dataset) -> Reply:
        file, places = self._in_force()
        hours = 24 * (PAST_DAYS + FORECAST_DAYS)
        first = file.processed_at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=PAST_DAYS)
        with readable(dataset.id, str(file.path)):
            rows = tuple(place_rows(dataset, self._cut(places, first, hours), hours))
        return Reply(file.processed_at.astimezone(UTC), rows, self.columns)


class OpenMeteoArchiveFiles(_Files, OpenMeteoArchivePortal):
    """Past hours of Open-Meteo."""

    def _days(self, dataset: Dataset) -> dict[date, str]:
        file, places = self._in_force()
        by_day: defaultdict[date, list[float]] = defaultdict(list)
        with readable(dataset.id, str(file.path)):
            witness = self._nearest(places, WITNESS)
            values = witness["hourly"][DAILY.removesuffix("_mean")]
            for hour, row in _hours(witness).items():
                if values[row] is not None:
                    by_day[hour.astimezone(PARIS).date()].append(values[row])
        return {
            day: f"{round(fmean(found), 1):g}"
            for day, found in sorted(by_day.items())
            if len(found) >= _SHORTEST_DAY and day >= dataset.history_start
        }

    def _reply(self, dataset: Dataset, first: date, last: date) -> HoursOfPlaces:
        file, places = self._in_force()
        start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        with readable(dataset.id, str(file.path)):
            found = self._cut(places, start, 24 * ((last - first).days + 1))
        return HoursOfPlaces(first, last, found, {"file": file.path.name})


class OpenMeteoPreviousRunsFiles(_Files, OpenMeteoPreviousRunsPortal):
    """What Open-Meteo had forecast."""

    def _days(self, dataset: Dataset) -> dict[date, str]:
        file, places = self._in_force()
        with readable(dataset.id, str(file.path)):
            witness = self._nearest(places, WITNESS)
            values = witness["hourly"][DAY_BEFORE]
            return days_of(dataset, ((hour, values[row]) for hour, row in _hours(witness).items()))

    def _hours(self, dataset: Dataset, first: date, last: date) -> tuple[list[tuple[str, ...]], dict[str, str]]:
        file, places = self._in_force()
        hours = 24 * ((last - first).days + 1)
        start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        units = dict.fromkeys(NAMES, UNITS["temperature_2m"])
        with readable(dataset.id, str(file.path)):
            rows = list(place_rows(dataset, self._cut(places, start, hours, NAMES), hours, units))
        return rows, {"file": file.path.name}


class MeteoFranceFiles(_Files, MeteoFrancePortal):
    """Stations of Météo-France, in files of its own names."""

    def __init__(self, layout: Layout, dataset: Dataset, spill: Path) -> None:
        super().__init__(layout, dataset, spill)
        self._prepare()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove what was cut."""
        self._forget()

    @property
    def _root(self) -> str:
        return self._url

    def _look(self, dataset: Dataset) -> tuple[list[StationFile], dict[StationFile, FileState]]:
        found = {station_file(each): each for each in self._layout.files(dataset)}
        return [], {
            name: FileState(each.processed_at, f"{each.path.stat().st_size} {each.path.stat().st_mtime_ns}")
            for name, each in found.items()
            if name.department in DEPARTMENTS.values()
        }

    def _months(self, dataset: Dataset) -> Iterator[str]:
        """Yield the months that the files hold: a copy may lack some."""
        files = sorted(self._known(dataset))
        self._spill.mkdir(parents=True, exist_ok=True)
        folder = self._cut_all(dataset, files, self._spill, lambda _: None)
        found = {path.name for file in files for path in (folder / file.name).iterdir()}
        yield from sorted(month for month in found if month >= partition_of(dataset, dataset.history_start))

    def _read(self, dataset: Dataset, file: StationFile, folder: Path, on_bytes: Callable[[int], None]) -> None:
        path = next(each.path for each in self._layout.files(dataset) if station_file(each) == file)
        try:
            with path.open("rb") as source, readable(dataset.id, str(path)):
                chunks = iter(lambda: source.read(1 << 20), b"")
                cut(dataset, file, unpacked(chunks), folder, on_bytes)
        except BrokenBody as error:
            raise IncompleteExport(str(error), dataset_id=dataset.id, request=str(path)) from error
        except NotData as error:
            raise UnexpectedContent(str(error), dataset_id=dataset.id, request=str(path)) from error


def station_file(file: SourceFile) -> StationFile:
    """Return which file of Météo-France's a file is, by its name."""
    found = STATIONS.fullmatch(file.path.name)
    assert found is not None  # noqa: S101 - others are not among the files of the data set
    return StationFile(found["department"], Span(int(found["first"]), int(found["last"]), found["kind"]))


class _TownByTown(_Files, TownByTownPortal):
    def _ask(self, dataset: Dataset) -> Reply:
        file, places = self._in_force()
        with readable(dataset.id, str(file.path)):
            rows = tuple(
                (code, *row)
                for code in sorted(CHIEF_TOWNS)
                for row in self._rows(dataset, code, self._nearest(places, code))
            )
        return Reply(file.processed_at.astimezone(UTC), rows, self.columns)


class OpenWeatherMapFiles(_TownByTown, OpenWeatherMapPortal):
    """The current weather of OpenWeatherMap."""


class InfoclimatFiles(_TownByTown, InfoclimatPortal):
    """The GFS forecast of Infoclimat."""


def open_replies(layout: Layout, dataset: Dataset, spill: Path) -> PortalClient:
    """Return a client of the replies of a weather portal in a folder."""
    kinds: dict[Api, type[_Files]] = {
        "open-meteo": OpenMeteoFiles,
        "open-meteo-archive": OpenMeteoArchiveFiles,
        "open-meteo-previous-runs": OpenMeteoPreviousRunsFiles,
        "meteo-france": MeteoFranceFiles,
        "openweathermap": OpenWeatherMapFiles,
        "infoclimat": InfoclimatFiles,
    }
    client = kinds[dataset.info.api](layout, dataset, spill)
    assert isinstance(client, PortalClient)  # noqa: S101
    return client
