"""Client of Open-Meteo's archive: the weather of past hours, from reanalyses (ERA5 and others); no key.

It has no version. One request for the daily means of one town over the whole history shows which months there are, how
far the newest reaches, and whether one was revised. A month is one request for all towns. Days whose hours are not all
known yet, about the last five, are left out until they are.

The call and its parameters are those of open-meteo.com/en/docs/historical-weather-api, not checked against a real
reply; hourly series are read like those of the forecast.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import httpx

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.errors import ContractViolation, DatasetAbsent
from dataelec_assets.portals.client import DatasetMetadata, Download
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.http_portal import HttpPortal
from dataelec_assets.portals.open_meteo import UNITS, place_rows, places_of, town_parameters, weight
from dataelec_assets.portals.partition_filters import PARIS, partition_bounds, partition_of
from dataelec_assets.portals.streams import plain_chunks, store_csv, whole_body, writing
from dataelec_assets.portals.weather import document_of, readable, table_of

PATH = "v1/archive"

# The town whose days show what there is, and the daily mean that is asked for.
WITNESS, DAILY = "11", "temperature_2m_mean"

_COLUMNS = ("code_region", "instant", "latitude", "longitude", *UNITS)


class OpenMeteoArchivePortal(HttpPortal):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`."""

    # The days of the witness give the version, and the content of each month.
    survey_is_free = True

    path: ClassVar[str] = PATH

    _known: dict[date, str] | None = None

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return how far the archive reaches; its version is the end of the newest complete day.

        Raises:
            DatasetAbsent: there is none.
        """
        days = self._days(dataset)
        if not days:
            raise DatasetAbsent("the portal has no day", dataset_id=dataset.id, request=self._url)
        self._known = days
        return DatasetMetadata(
            dataset_id=dataset.id,
            title=dataset.title,
            data_processed=midnight(max(days) + timedelta(days=1)),
            records_count=sum(map(_hours_of, days)) * len(CHIEF_TOWNS),
            fields=(),
            synthetic=self.is_synthetic,
        )

    def extent(self, dataset: Dataset) -> tuple[str, str] | None:
        """Return the first and the last complete day."""
        self._known = known = self._known or self._days(dataset)
        return (min(known).isoformat(), max(known).isoformat()) if known else None

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:  # noqa: ARG002 - the protocol's
        """Return the months, each with a digest of the witness's daily means."""
        if self._known is None:
            self._known = self._days(dataset)
        months: defaultdict[str, list[date]] = defaultdict(list)
        for day in sorted(self._known):
            months[partition_of(dataset, midnight(day))].append(day)
        return Survey({month: self._fingerprint(days, self._known) for month, days in months.items()})

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store the complete days of a month.

        Raises:
            ContractViolation: a place, an hour or a unit is not the expected one.
            LakeError: the file cannot be written.
        """
        first, after = partition_bounds(dataset, partition)
        rows, asked = self._hours(dataset, first.date(), after.date())
        body = table_of(_COLUMNS, _whole_days(rows, first, after))
        with writing(dataset.id, destination):
            stored = store_csv(iter((body,)), "text/csv", destination, on_bytes)
        return Download(
            self._url, asked, destination, stored.sha256, stored.size, stored.stored_size, "application/json"
        )

    def _hours(self, dataset: Dataset, first: date, last: date) -> tuple[list[tuple[str, ...]], dict[str, str]]:
        """Return the hours of two days of UTC and those between, as far as there are any, and what was asked."""
        last = min(last, _yesterday())  # the API refuses days to come
        asked = {
            **town_parameters(sorted(CHIEF_TOWNS)),
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
            "hourly": ",".join(UNITS),
            "wind_speed_unit": "ms",
            "timezone": "GMT",
        }
        hours = 24 * ((last - first).days + 1)

        def use(response: httpx.Response) -> list[tuple[str, ...]]:
            places = places_of(whole_body(plain_chunks(response)), response.headers.get("Content-Type", ""))
            with readable(dataset.id, str(response.url)):
                return list(place_rows(dataset, places, hours))

        return self._portal.ask(
            self._url,
            asked,
            use,
            dataset_id=dataset.id,
            silence=self._portal.timeouts.export,
            weight=weight(len(CHIEF_TOWNS), len(UNITS), hours // 24),
        ), asked

    def survey_partition(self, dataset: Dataset, partition: str, metadata: DatasetMetadata) -> Fingerprint:
        """Return what :meth:`survey` says of one partition: no sum of its rows is known."""
        return self.survey(dataset, metadata).partitions[partition]

    def rows_by(self, dataset: Dataset, partition: str, columns: Sequence[str]) -> list[int] | None:
        """Return None: the API counts no rows."""

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Do nothing: a reply that lacked a place or an hour was refused when it came."""

    @property
    def _url(self) -> str:
        return f"{self._portal.base_url}/{self.path}"

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

    @staticmethod
    def _fingerprint(days: list[date], means: dict[date, str]) -> Fingerprint:
        rows = sum(map(_hours_of, days)) * len(CHIEF_TOWNS)
        content = repr([(day.isoformat(), means[day]) for day in days])
        digest = hashlib.sha256(content.encode()).hexdigest()[:32]
        return Fingerprint(rows, rows, max(days).isoformat(), sums={"temoin": digest})


def _whole_days(rows: Iterable[tuple[str, ...]], first: datetime, after: datetime) -> list[tuple[str, ...]]:
    """Return the rows between two instants, of the days of Paris whose temperatures are all known, everywhere."""
    inside = [(datetime.fromisoformat(row[1]), row) for row in rows]
    inside = [(instant, row) for instant, row in inside if first <= instant < after]
    # Counted in what came: a day that is cut at the end of the reply is not complete either.
    known = Counter(instant.astimezone(PARIS).date() for instant, row in inside if row[4])
    whole = {day for day, count in known.items() if count == _hours_of(day) * len(CHIEF_TOWNS)}
    return [row for instant, row in inside if instant.astimezone(PARIS).date() in whole]


def midnight(day: date) -> datetime:
    """Return the instant (UTC) at which a day begins in Paris."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)


def _hours_of(day: date) -> int:
    """Return how many hours a day has in Paris: 23, 24 or 25."""
    return int((midnight(day + timedelta(days=1)) - midnight(day)).total_seconds()) // 3600


def _yesterday() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)
