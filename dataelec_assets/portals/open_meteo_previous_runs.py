"""Client of Open-Meteo's Previous Runs API: what was forecast one to seven days before an hour, since 2024; no key.

For each hour the API gives what the newest run said (``temperature_2m``) and what the run of N days before said
(``_previous_dayN``). It does not say when that became known. The newest run that is old enough began N days before the
hour at the latest; a model's output is there some hours after its run began. So a value counts as known N days before
the hour and half a day after that: ``emise_a``, by which the lake cuts the history as it cuts the forecasts that it
reads itself.

Half a day is a bound of ours: a user found the output of ARPEGE five hours after its run (open-meteo issue 1520,
October 2025). Another saw values that still moved by a tenth of a degree a day later (issue 1469, August 2025), which
the documentation does not explain: a look ahead of that size cannot be excluded. A revision is fetched again.

One town's hours over the whole history show which months there are, and whether one was revised, as in the archive. A
month is one request for all towns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.errors import ContractViolation
from dataelec_assets.portals.client import Download
from dataelec_assets.portals.open_meteo import UNITS, place_rows, places_of, town_parameters, weight
from dataelec_assets.portals.open_meteo_months import WITNESS, OpenMeteoMonths, midnight
from dataelec_assets.portals.partition_filters import PARIS, partition_bounds
from dataelec_assets.portals.streams import plain_chunks, store_csv, whole_body, writing
from dataelec_assets.portals.weather import document_of, readable, table_of

PATH = "v1/forecast"

# Days before the hour: 0 is what the newest run says, seven is as far as the API goes.
LEADS = range(8)

_TEMPERATURE = "temperature_2m"
NAMES = tuple(f"{_TEMPERATURE}_previous_day{lead}" if lead else _TEMPERATURE for lead in LEADS)

# The hours of the witness: as old as a forecast for tomorrow.
DAY_BEFORE = NAMES[1]

# Of a run, until everybody can read it; see above.
KNOWN_AFTER = timedelta(hours=12)

_DAY = timedelta(days=1)
_EXPECTED = dict.fromkeys(NAMES, UNITS[_TEMPERATURE])
_COLUMNS = ("emise_a", "code_region", "instant", "latitude", "longitude", _TEMPERATURE)


class OpenMeteoPreviousRunsPortal(OpenMeteoMonths):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`, by the day on which a value became known."""

    path = PATH

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store what became known in a month, as far as that is over.

        Raises:
            ContractViolation: a place, an hour or a unit is not the expected one.
            LakeError: the file cannot be written.
        """
        first, after = partition_bounds(dataset, partition)
        until = min(after, midnight(_today()))
        rows, asked = self._hours(dataset, *hours_known_between(first, until))
        body = table_of(_COLUMNS, _known_between(rows, first, until))
        with writing(dataset.id, destination):
            stored = store_csv(iter((body,)), "text/csv", destination, on_bytes)
        return Download(
            self._url, asked, destination, stored.sha256, stored.size, stored.stored_size, "application/json"
        )

    def _hours(self, dataset: Dataset, first: date, last: date) -> tuple[list[tuple[str, ...]], dict[str, str]]:
        """Return the hours of two days of UTC and those between, and what was asked."""
        asked = {
            **town_parameters(sorted(CHIEF_TOWNS)),
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
            "hourly": ",".join(NAMES),
            "timezone": "GMT",
        }
        days = (last - first).days + 1

        def use(response: httpx.Response) -> list[tuple[str, ...]]:
            places = places_of(whole_body(plain_chunks(response)), response.headers.get("Content-Type", ""))
            with readable(dataset.id, str(response.url)):
                return list(place_rows(dataset, places, 24 * days, _EXPECTED))

        return self._portal.ask(
            self._url,
            asked,
            use,
            dataset_id=dataset.id,
            silence=self._portal.timeouts.export,
            weight=weight(len(CHIEF_TOWNS), len(NAMES), days),
        ), asked

    def _days(self, dataset: Dataset) -> dict[date, str]:
        """Return what the witness's hours said that became known on each day that is over."""
        # What became known yesterday reaches until noon of today, in Paris.
        last = _today()
        asked = {
            **town_parameters([WITNESS]),
            "start_date": dataset.history_start.isoformat(),
            "end_date": last.isoformat(),
            "hourly": DAY_BEFORE,
            "timezone": "GMT",
        }

        def use(response: httpx.Response) -> dict[date, str]:
            found = document_of(whole_body(plain_chunks(response)), response.headers.get("Content-Type", ""))
            with readable(dataset.id, str(response.url)):
                series, unit = found["hourly"], found["hourly_units"][DAY_BEFORE]
                if unit != UNITS[_TEMPERATURE] or len(series["time"]) != len(series[DAY_BEFORE]):
                    raise ContractViolation(
                        f"{DAY_BEFORE} is in {unit!r}, or shorter than its hours.",
                        dataset_id=dataset.id,
                        column=DAY_BEFORE,
                    )
                instants = (datetime.fromisoformat(hour).replace(tzinfo=UTC) for hour in series["time"])
                return days_of(dataset, zip(instants, series[DAY_BEFORE], strict=True))

        return self._portal.ask(
            self._url,
            asked,
            use,
            dataset_id=dataset.id,
            silence=self._portal.timeouts.export,
            weight=weight(1, 1, (last - dataset.history_start).days + 1),
        )


def known_at(instant: datetime, lead: int) -> datetime:
    """Return when everybody could know what the run of some days before an hour said of it."""
    return instant - lead * _DAY + KNOWN_AFTER


def hours_known_between(first: datetime, until: datetime) -> tuple[date, date]:
    """Return the first and the last day (UTC) whose hours something became known of between two instants."""
    return (first - KNOWN_AFTER).date(), (until + LEADS[-1] * _DAY - KNOWN_AFTER).date()


def days_of(dataset: Dataset, series: Iterator[tuple[datetime, float | None]]) -> dict[date, str]:
    """Return the values of ``DAY_BEFORE`` by the day on which they became known, as one text; not of today."""
    today, found = _today(), defaultdict[date, list[str]](list)
    for instant, value in series:
        day = known_at(instant, 1).astimezone(PARIS).date()
        if value is not None and dataset.history_start <= day < today:
            found[day].append(f"{float(value):g}")
    return {day: " ".join(values) for day, values in sorted(found.items())}


def _known_between(
    rows: Sequence[tuple[str, ...]], first: datetime, until: datetime
) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Yield one row for each value that became known between two instants."""
    for code, hour, latitude, longitude, *values in rows:
        instant = datetime.fromisoformat(hour)
        for lead, value in zip(LEADS, values, strict=True):
            known = known_at(instant, lead)
            if value and first <= known < until:
                yield known.isoformat(), code, hour, latitude, longitude, value


def _today() -> date:
    return datetime.now(PARIS).date()
