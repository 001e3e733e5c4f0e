"""Open-Meteo's forecast: replies as published, found in a folder, each in force from its stamp on.

A file holds the list of places that one request for several places gives. What is asked for is cut out of it: places,
measures, days back and ahead. A file whose name has no stamp is in force since it was written.
"""

from __future__ import annotations

import gzip
import itertools
import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from dataelec_assets.catalog import Dataset
from dataelec_assets.portals import open_meteo_archive as archive
from dataelec_assets.portals.folder.stamps import SourceFile, read_stamp
from dataelec_assets.portals.open_meteo import PATH
from dataelec_assets.sample.portal.replies import PortalError, not_found

if TYPE_CHECKING:
    from dataelec_assets.sample.portal.store import Store

SUFFIXES = (".json", ".json.gz")

# As in the adapter: the coarsest models answer for cells of a quarter of a degree.
ISSUED = "X-Dataelec-Issued"
_FARTHEST = 0.5

# What the API gives where nothing is asked for, and its limits.
_DAYS = {"past_days": (0, 0, 92), "forecast_days": (7, 0, 16)}


class Forecasts:
    """The forecasts of one portal; safe to use from several threads.

    Args:
        name: of the portal.
        folder: where its files are.
        datasets: of the catalogue.
    """

    def __init__(self, name: str, folder: Path, datasets: Iterable[Dataset]) -> None:
        self.name = name
        self.datasets = {dataset.id: dataset for dataset in datasets}
        paths = (path for path in folder.rglob("*") if path.is_file() and path.name.endswith(SUFFIXES))
        self._files = sorted((read_stamp(path) for path in paths), key=lambda file: file.order)
        self._at: datetime | None = None
        self._read: tuple[Path, list[Mapping[str, Any]]] | None = None
        self._lock = threading.Lock()

    @property
    def stamps(self) -> list[datetime]:
        """Instants (UTC) at which another forecast comes into force, in order."""
        return sorted({file.at for file in self._files if file.at is not None})

    def show_at(self, at: datetime | None) -> None:
        """Show the forecast in force at ``at``; None: the newest."""
        self._at = at

    def in_force(self) -> tuple[SourceFile, list[Mapping[str, Any]]] | None:
        """Return the file that is shown, and its places; None when there is none yet."""
        at = self._at
        shown = [file for file in self._files if at is None or file.at is None or file.at <= at]
        if not shown:
            return None
        file = shown[-1]
        with self._lock:
            if self._read is None or self._read[0] != file.path:
                body = file.path.read_bytes()
                plain = gzip.decompress(body) if file.path.suffix == ".gz" else body
                self._read = (file.path, json.loads(plain))
            return file, self._read[1]


class OpenMeteo:
    """The forecast call of a store's forecasts."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._served = itertools.count(1)

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes below ``/<portal>``."""
        return [Route(f"/{PATH}", self.forecast)]

    def forecast(self, request: HttpRequest) -> Response:
        """Serve what is asked for of the forecast in force.

        Raises:
            PortalError: 404, there is none; 400, a parameter cannot be used, in the API's own words where recorded.
        """
        forecasts = self.store.forecasts.get(request.path_params["portal"])
        found = forecasts.in_force() if forecasts else None
        if found is None:
            raise not_found(request.url.path)
        file, places = found
        if request.scope.get("dataelec.empty"):
            return Response(b"", media_type="application/json")
        asked = dict(request.query_params)
        measures = [each for each in asked.get("hourly", "").split(",") if each]
        back, ahead = (_whole(asked, name) for name in _DAYS)
        first = file.processed_at.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=back)
        last = first + timedelta(days=back + ahead)
        chosen = [_nearest(places, each) for each in _coordinates(asked)]
        body = [self._cut(place, measures, first, last) for place in chosen]
        headers = {ISSUED: file.processed_at.astimezone(UTC).isoformat()}
        return JSONResponse(body if len(body) > 1 else body[0], headers=headers)

    def _cut(
        self, place: Mapping[str, Any], measures: Sequence[str], first: datetime, last: datetime
    ) -> dict[str, object]:
        series, units = place["hourly"], place["hourly_units"]
        unknown = [name for name in measures if name not in series]
        if unknown:
            raise _refused(f"Cannot initialize variable from invalid String value {unknown[0]}")
        hours = [datetime.fromisoformat(hour).replace(tzinfo=UTC) for hour in series["time"]]
        rows = [row for row, hour in enumerate(hours) if first <= hour < last]
        return {
            "latitude": place["latitude"],
            "longitude": place["longitude"],
            # Never twice the same, as the API's.
            "generationtime_ms": next(self._served) / 1000,
            "utc_offset_seconds": 0,
            "timezone": "GMT",
            "timezone_abbreviation": "GMT",
            "elevation": place.get("elevation", 0.0),
            "hourly_units": {name: units[name] for name in ("time", *measures)},
            "hourly": {name: [series[name][row] for row in rows] for name in ("time", *measures)},
        }


class OpenMeteoArchive:
    """The archive call: hours of past days by place, or the daily mean of the temperature; null where it is unknown."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes below ``/<portal>``."""
        return [Route(f"/{archive.PATH}", self.past)]

    def past(self, request: HttpRequest) -> Response:
        """Serve what is asked for of the archive in force.

        Raises:
            PortalError: 404, there is none; 400, a parameter cannot be used.
        """
        forecasts = self.store.forecasts.get(request.path_params["portal"])
        found = forecasts.in_force() if forecasts else None
        if found is None:
            raise not_found(request.url.path)
        if request.scope.get("dataelec.empty"):
            return Response(b"", media_type="application/json")
        asked = dict(request.query_params)
        try:
            first, last = (date.fromisoformat(asked[name]) for name in ("start_date", "end_date"))
            clock = ZoneInfo(asked.get("timezone", "GMT"))
        except (KeyError, ValueError, ZoneInfoNotFoundError) as error:
            raise _refused("Parameter 'start_date', 'end_date' or 'timezone' cannot be read") from error
        chosen = [_nearest(found[1], each) for each in _coordinates(asked)]
        days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
        body = [_past_of(place, asked, days, clock) for place in chosen]
        return JSONResponse(body if len(body) > 1 else body[0])


def _past_of(
    place: Mapping[str, Any], asked: Mapping[str, str], days: Sequence[date], clock: ZoneInfo
) -> dict[str, object]:
    series = place["hourly"]
    known = {datetime.fromisoformat(hour).replace(tzinfo=UTC): row for row, hour in enumerate(series["time"])}
    said: dict[str, object] = {
        "latitude": place["latitude"],
        "longitude": place["longitude"],
        "utc_offset_seconds": 0,
        "timezone": str(clock),
    }
    if asked.get("daily") == archive.DAILY:
        by_day: defaultdict[date, list[float]] = defaultdict(list)
        for instant, row in known.items():
            if series["temperature_2m"][row] is not None:
                by_day[instant.astimezone(clock).date()].append(series["temperature_2m"][row])
        shortest = 23  # of a day in spring
        means = [round(fmean(by_day[day]), 1) if len(by_day.get(day, ())) >= shortest else None for day in days]
        said["daily_units"] = {"time": "iso8601", archive.DAILY: place["hourly_units"]["temperature_2m"]}
        said["daily"] = {"time": [day.isoformat() for day in days], archive.DAILY: means}
        return said
    measures = [each for each in asked.get("hourly", "").split(",") if each]
    unknown = [name for name in measures if name not in series]
    if unknown:
        raise _refused(f"Cannot initialize variable from invalid String value {unknown[0]}")
    hours = [datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for day in days for hour in range(24)]
    said["hourly_units"] = {name: place["hourly_units"][name] for name in ("time", *measures)}
    said["hourly"] = {
        "time": [f"{hour:%Y-%m-%dT%H:%M}" for hour in hours],
        **{name: [series[name][known[hour]] if hour in known else None for hour in hours] for name in measures},
    }
    return said


def _coordinates(asked: Mapping[str, str]) -> list[tuple[float, float]]:
    try:
        latitudes = [float(each) for each in asked["latitude"].split(",")]
        longitudes = [float(each) for each in asked["longitude"].split(",")]
    except (KeyError, ValueError) as error:
        raise _refused("Parameter 'latitude' and 'longitude' must be numbers") from error
    if len(latitudes) != len(longitudes):
        raise _refused("Parameter 'latitude' and 'longitude' must have the same number of elements")
    return list(zip(latitudes, longitudes, strict=True))


def _nearest(places: Sequence[Mapping[str, Any]], point: tuple[float, float]) -> Mapping[str, Any]:
    def distance(place: Mapping[str, Any]) -> float:
        return float(max(abs(place["latitude"] - point[0]), abs(place["longitude"] - point[1])))

    found = min(places, key=distance)
    if distance(found) > _FARTHEST:
        raise _refused("No data is available for this location")
    return found


def _whole(asked: Mapping[str, str], name: str) -> int:
    default, low, high = _DAYS[name]
    text = asked.get(name, str(default))
    if not text.isdigit() or not low <= int(text) <= high:
        raise _refused(f"Parameter '{name}' is out of allowed range from {low} to {high}")
    return int(text)


def _refused(reason: str) -> PortalError:
    return PortalError(400, {"error": True, "reason": reason})
