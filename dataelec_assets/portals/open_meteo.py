"""Open-Meteo, as a refresh asks it: the forecast in force now, of every chief town, in one request.

The API has no version and keeps no forecast that it has replaced. So its whole reply is asked for to look at it; what
it says, without the time that the server took, tells news. A reply that says something new is kept as a vintage of the
month in which it was given, under the instant at which the server gave it: that instant decides who may use it.

The reply nests series by place and repeats the request; the lake keeps it as a table. Nothing that varies is left out
but ``generationtime_ms`` and the height of the model's cell.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.errors import ContractViolation, UnexpectedContent
from dataelec_assets.portals.client import DatasetMetadata, Download
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.streams import BrokenBody, NotData, plain_chunks, store_csv, writing
from dataelec_assets.portals.windows import partition_of

PATH = "v1/forecast"

# Today and the seven days that a forecast of consumption looks ahead; two days back, so that yesterday is there from
# its first local hour to its last.
PAST_DAYS, FORECAST_DAYS = 2, 8

# Of each measure, the unit that the contract means: the API takes others for a parameter.
UNITS = {"temperature_2m": "°C", "precipitation": "mm", "wind_speed_10m": "m/s"}

# A model answers for the cell that holds the point: the coarsest are of a quarter of a degree.
_FARTHEST = 0.5

# Of the embedded portal, whose clock is that of the vintage it shows.
ISSUED = "X-Dataelec-Issued"

_COLUMNS = ("emise_a", "code_region", "instant", "latitude", "longitude", *UNITS)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the API said.

    Attributes:
        issued: when (UTC), by the clock of the server.
        rows: region, instant, latitude, longitude and measures, as texts.
        synthetic: whether the embedded portal invented it.
    """

    issued: datetime
    rows: tuple[tuple[str, ...], ...]
    synthetic: bool

    @property
    def digest(self) -> str:
        """Digest of what was said, whenever it was."""
        return hashlib.sha256(repr(self.rows).encode()).hexdigest()[:32]

    def csv(self) -> bytes:
        """Return the table as bytes: the instant of issue, then the rows."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows((self.issued.isoformat(), *row) for row in self.rows)
        return text.getvalue().encode()


class OpenMeteoPortal(AbstractContextManager["OpenMeteoPortal"]):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`.

    Args:
        connection: closed with this client.
    """

    # One reply says everything.
    survey_is_free = True

    def __init__(self, connection: Connection) -> None:
        self._portal = connection
        self._reply: Reply | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._portal.close()

    def cancel(self) -> None:
        """End all waits between attempts."""
        self._portal.cancel()

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what is in force now; its version is the first hour that the reply covers, which moves once a day."""
        self._reply = reply = self._ask(dataset)
        return DatasetMetadata(
            dataset_id=dataset.id,
            title=dataset.title,
            data_processed=datetime.fromisoformat(min(row[1] for row in reply.rows)),
            records_count=len(reply.rows),
            fields=(),
            synthetic=reply.synthetic,
        )

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:
        """Return the month in which the reply was given: all that the API shows."""
        reply = self._reply or self._ask(dataset)
        self._reply = reply
        month = partition_of(dataset, reply.issued)
        fingerprint = Fingerprint(metadata.records_count, sums={"contenu": reply.digest})
        return Survey({month: fingerprint}, versions={month: reply.issued.isoformat()})

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store the reply that was looked at, else a new one.

        Raises:
            UnexpectedContent: another month than the present one is asked for.
            LakeError: the file cannot be written.
        """
        reply = self._reply or self._ask(dataset)
        if partition != partition_of(dataset, reply.issued):
            raise UnexpectedContent(
                f"{partition} is asked for, and the API keeps no forecast that it has replaced.",
                dataset_id=dataset.id,
                request=self._url,
            )
        with writing(dataset.id, destination):
            stored = store_csv(iter((reply.csv(),)), "text/csv", destination, on_bytes)
        return Download(
            self._url, parameters(), destination, stored.sha256, stored.size, stored.stored_size, "application/json"
        )

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Do nothing: a reply without one of its places or hours was refused when it came."""

    @property
    def _url(self) -> str:
        return f"{self._portal.base_url}/{PATH}"

    def _ask(self, dataset: Dataset) -> Reply:
        asked = parameters()

        def use(response: httpx.Response) -> Reply:
            body = b"".join(plain_chunks(response))
            places = _places(body, response.headers.get("Content-Type", ""))
            try:
                rows = tuple(_rows(dataset, places))
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise UnexpectedContent(
                    f"the forecast cannot be read ({type(error).__name__}: {error})",
                    dataset_id=dataset.id,
                    request=str(response.url),
                ) from error
            synthetic = response.headers.get("X-Dataelec-Synthetic", "").strip().lower() in ("1", "true")
            return Reply(_issued(response.headers), rows, synthetic)

        return self._portal.ask(self._url, asked, use, dataset_id=dataset.id, silence=self._portal.timeouts.read)


def parameters() -> dict[str, str]:
    """Return the parameters of the one request: every chief town, in the order of the codes."""
    places = [CHIEF_TOWNS[code] for code in sorted(CHIEF_TOWNS)]
    return {
        "latitude": ",".join(f"{latitude:.4f}" for _, latitude, _ in places),
        "longitude": ",".join(f"{longitude:.4f}" for _, _, longitude in places),
        "hourly": ",".join(UNITS),
        "wind_speed_unit": "ms",
        "timezone": "GMT",
        "past_days": str(PAST_DAYS),
        "forecast_days": str(FORECAST_DAYS),
    }


def _places(body: bytes, media_type: str) -> list[Mapping[str, Any]]:
    """Return the places of a reply.

    Raises:
        NotData: a page, or an error under a status of success.
        BrokenBody: the body ends early.
    """
    start = body.lstrip()[:1]
    if start in (b"<", b"{"):
        raise NotData(f"no list of places (announced as {media_type or 'nothing'})", body)
    try:
        found = json.loads(body)
    except ValueError as error:
        raise BrokenBody("the body is no whole JSON document") from error
    if not isinstance(found, list):
        raise NotData("no list of places", body)
    return found


def _rows(dataset: Dataset, places: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Yield region, instant, latitude, longitude and measures.

    Raises:
        ContractViolation: a place is missing or another one, a unit or the clock is another, a series is too short.
    """
    codes = sorted(CHIEF_TOWNS)

    def require(holds: bool, what: str, column: str) -> None:  # noqa: FBT001 - reads as a sentence at the call
        if not holds:
            raise ContractViolation(what, dataset_id=dataset.id, column=column)

    require(len(places) == len(codes), f"{len(places)} places answer for {len(codes)}.", "code_region")
    for code, place in zip(codes, places, strict=True):
        town, latitude, longitude = CHIEF_TOWNS[code]
        found = (float(place["latitude"]), float(place["longitude"]))
        is_near = max(abs(found[0] - latitude), abs(found[1] - longitude)) <= _FARTHEST
        require(is_near, f"{found} answers for {town}.", "latitude")
        require(place["utc_offset_seconds"] == 0, f"the hours of {town} are not in UTC.", "instant")
        series, units = place["hourly"], place["hourly_units"]
        hours = series["time"]
        wanted = 24 * (PAST_DAYS + FORECAST_DAYS)
        require(len(hours) == wanted, f"{town} has {len(hours)} hours of {wanted}.", "instant")
        for name, unit in UNITS.items():
            require(units[name] == unit, f"{name} is in {units[name]!r}, not in {unit!r}.", name)
            require(len(series[name]) == wanted, f"{town} has {len(series[name])} values of {wanted}.", name)
        # The same text for the same number, whether it is written 8 or 8.0.
        for hour, *values in zip(hours, *(series[name] for name in UNITS), strict=True):
            instant = datetime.fromisoformat(hour).replace(tzinfo=UTC).isoformat()
            texts = ("" if value is None else f"{float(value):g}" for value in values)
            yield (code, instant, f"{found[0]:g}", f"{found[1]:g}", *texts)


def _issued(headers: httpx.Headers) -> datetime:
    """Return when the server answered; by our clock when it does not say."""
    if ISSUED in headers:
        return datetime.fromisoformat(headers[ISSUED]).astimezone(UTC)
    try:
        moment: datetime = parsedate_to_datetime(headers["Date"])
    except (KeyError, ValueError):
        moment = datetime.now(UTC).replace(microsecond=0)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
