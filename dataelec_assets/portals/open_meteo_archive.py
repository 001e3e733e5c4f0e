"""Client of Open-Meteo's archive: the weather of past hours, from reanalyses (ERA5 and others); no key.

It has no version. One request for the daily means of one town over the whole history shows which months there are, how
far the newest reaches, and whether one was revised. Months that follow each other are one request for all towns. Days
whose hours are not all known yet, about the last five, are left out until they are.

The call and its parameters are those of open-meteo.com/en/docs/historical-weather-api, not checked against a real
reply; hourly series are read like those of the forecast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.errors import ContractViolation, SourceError
from dataelec_assets.portals.client import Download, Together
from dataelec_assets.portals.open_meteo import UNITS, place_rows, places_of, town_parameters, weight
from dataelec_assets.portals.open_meteo_months import WITNESS, OpenMeteoMonths, hours_of
from dataelec_assets.portals.partition_filters import PARIS, partition_bounds
from dataelec_assets.portals.streams import plain_chunks, store_csv, whole_body, writing
from dataelec_assets.portals.weather import document_of, readable, table_of

PATH = "v1/archive"

# The daily mean of the witness that is asked for.
DAILY = "temperature_2m_mean"

_COLUMNS = ("code_region", "instant", "latitude", "longitude", *UNITS)


@dataclass(frozen=True, slots=True)
class HoursOfPlaces:
    """Hours of all places.

    Attributes:
        first, last: days of UTC.
        places: as the API gives them; each has all hours of these days.
        asked: parameters of the request.
    """

    first: date
    last: date
    places: list[Mapping[str, Any]]
    asked: dict[str, str]

    def part(self, first: date, last: date) -> tuple[list[Mapping[str, Any]], int]:
        """Return the places with the hours of some of the days, as far as there are any, and how many hours."""
        last = min(last, self.last)
        start, hours = 24 * (first - self.first).days, _hours_of_days(first, last)

        def cut(place: Mapping[str, Any]) -> Mapping[str, Any]:
            series = {name: values[start : start + hours] for name, values in place["hourly"].items()}
            return {**place, "hourly": series}

        return [cut(place) for place in self.places], hours


class OpenMeteoArchivePortal(OpenMeteoMonths):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`."""

    path = PATH

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store the complete days of a month.

        Raises:
            ContractViolation: a place, an hour or a unit is not the expected one.
            LakeError: the file cannot be written.
        """
        first, after = partition_bounds(dataset, partition)
        return self._stored(dataset, partition, self._reply(dataset, first.date(), after.date()), destination, on_bytes)

    def fetch_together(self, dataset: Dataset, drafts: Mapping[str, Path], on_bytes: Callable[[int], None]) -> Together:
        """Ask for the hours from the first month to the last in one request, and store each month by itself.

        The reply, four megabytes a year, is in memory; its rows are made one month at a time.

        Raises:
            LakeError: a file cannot be written.
        """
        first, after = partition_bounds(dataset, min(drafts))[0], partition_bounds(dataset, max(drafts))[1]
        downloads: dict[str, Download] = {}
        try:
            reply = self._reply(dataset, first.date(), after.date())
            for month, draft in drafts.items():
                downloads[month] = self._stored(dataset, month, reply, draft, on_bytes)
        except SourceError as error:
            return Together(downloads, fault=error)
        return Together(downloads)

    def _stored(
        self, dataset: Dataset, month: str, reply: HoursOfPlaces, destination: Path, on_bytes: Callable[[int], None]
    ) -> Download:
        """Store the complete days of a month, of a reply that has it."""
        first, after = partition_bounds(dataset, month)
        places, hours = reply.part(first.date(), after.date())
        with readable(dataset.id, self._url):
            rows = place_rows(dataset, places, hours)
            body = table_of(_COLUMNS, _whole_days(rows, first, after))
        with writing(dataset.id, destination):
            stored = store_csv(iter((body,)), "text/csv", destination, on_bytes)
        return Download(
            self._url, reply.asked, destination, stored.sha256, stored.size, stored.stored_size, "application/json"
        )

    def _reply(self, dataset: Dataset, first: date, last: date) -> HoursOfPlaces:
        """Return the hours of two days of UTC and those between, as far as there are any.

        Raises:
            ContractViolation: a place has other hours than those asked for.
        """
        last = min(last, _yesterday())  # the API refuses days to come
        asked = {
            **town_parameters(sorted(CHIEF_TOWNS)),
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
            "hourly": ",".join(UNITS),
            "wind_speed_unit": "ms",
            "timezone": "GMT",
        }
        hours = _hours_of_days(first, last)

        def use(response: httpx.Response) -> HoursOfPlaces:
            places = places_of(whole_body(plain_chunks(response)), response.headers.get("Content-Type", ""))
            with readable(dataset.id, str(response.url)):
                # A part is found by its position, so each series must have every hour.
                for code, place in zip(sorted(CHIEF_TOWNS), places, strict=False):
                    times, town = place["hourly"]["time"], CHIEF_TOWNS[code][0]
                    if len(times) != hours or times[0] != f"{first}T00:00":
                        raise ContractViolation(
                            f"{town} has {len(times)} hours of {hours} from {first} on.",
                            dataset_id=dataset.id,
                            column="instant",
                        )
            return HoursOfPlaces(first, last, places, asked)

        return self._portal.ask(
            self._url,
            asked,
            use,
            dataset_id=dataset.id,
            silence=self._portal.timeouts.export,
            weight=weight(len(CHIEF_TOWNS), len(UNITS), hours // 24),
        )

    def _days(self, dataset: Dataset) -> dict[date, str]:
        """Return the mean of each complete day of the witness."""
        asked = {
            **town_parameters([WITNESS]),
            "start_date": dataset.history_start.isoformat(),
            "end_date": _yesterday().isoformat(),
            "daily": DAILY,
            "timezone": "Europe/Paris",
        }

        def use(response: httpx.Response) -> dict[date, str]:
            found = document_of(whole_body(plain_chunks(response)), response.headers.get("Content-Type", ""))
            with readable(dataset.id, str(response.url)):
                series, unit = found["daily"], found["daily_units"][DAILY]
                if unit != UNITS["temperature_2m"] or len(series["time"]) != len(series[DAILY]):
                    raise ContractViolation(
                        f"{DAILY} is in {unit!r}, or shorter than its days.", dataset_id=dataset.id, column=DAILY
                    )
                means = zip(series["time"], series[DAILY], strict=True)
                return {date.fromisoformat(day): f"{float(mean):g}" for day, mean in means if mean is not None}

        return self._portal.ask(
            self._url,
            asked,
            use,
            dataset_id=dataset.id,
            silence=self._portal.timeouts.export,
            weight=weight(1, 1, (_yesterday() - dataset.history_start).days + 1),
        )


def _whole_days(rows: Iterable[tuple[str, ...]], first: datetime, after: datetime) -> list[tuple[str, ...]]:
    """Return the rows between two instants, of the days of Paris whose temperatures are all known, everywhere."""
    inside = [(datetime.fromisoformat(row[1]), row) for row in rows]
    inside = [(instant, row) for instant, row in inside if first <= instant < after]
    # Counted in what came: a day that is cut at the end of the reply is not complete either.
    known = Counter(instant.astimezone(PARIS).date() for instant, row in inside if row[4])
    whole = {day for day, count in known.items() if count == hours_of(day) * len(CHIEF_TOWNS)}
    return [row for instant, row in inside if instant.astimezone(PARIS).date() in whole]


def _hours_of_days(first: date, last: date) -> int:
    """Return how many hours two days of UTC and those between have."""
    return 24 * ((last - first).days + 1)


def _yesterday() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)
