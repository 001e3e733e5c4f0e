"""What the weather portals share: no version, no past, one reply that holds everything.

A refresh fetches the whole reply to observe it. Its content, whenever it was given, shows whether it is new; a new
reply is kept as a vintage of its month, under the instant at which the server gave it: that instant decides which
forecasts of ours may use it. Replies nest; the lake keeps a table.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.errors import UnexpectedContent
from dataelec_assets.portals.client import DatasetMetadata, Download
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.http_portal import HttpPortal
from dataelec_assets.portals.partition_filters import partition_of
from dataelec_assets.portals.streams import BrokenBody, NotData, plain_chunks, store_csv, whole_body, writing


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of the API.

    Attributes:
        issued: when it was given (UTC), by the clock of the server.
        rows: region, instant and the other columns, as texts.
        columns: names: the instant of issue, then the columns of the rows.
    """

    issued: datetime
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Digest of the content, whenever it was given."""
        return hashlib.sha256(repr(self.rows).encode()).hexdigest()[:32]

    def csv(self) -> bytes:
        """Return the table as bytes: the instant of issue, then the rows."""
        return table_of(self.columns, ((self.issued.isoformat(), *row) for row in self.rows))


class WeatherPortal(HttpPortal):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`; each portal adds how it is asked.

    Attributes:
        path: of the call, below the root.
        columns: of the table that the lake keeps: ``emise_a``, ``code_region``, ``instant``, then the portal's.
    """

    # One reply holds everything.
    survey_is_free = True

    path: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]

    _reply: Reply | None = None

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what is in force now; its version is the first instant of the reply."""
        self._reply = reply = self._ask(dataset)
        return DatasetMetadata(
            dataset_id=dataset.id,
            title=dataset.title,
            data_processed=datetime.fromisoformat(min(row[1] for row in reply.rows)),
            records_count=len(reply.rows),
            fields=(),
            synthetic=self.is_synthetic,
        )

    def extent(self, dataset: Dataset) -> tuple[str, str]:
        """Return the first and the last instant of the reply."""
        self._reply = reply = self._reply or self._ask(dataset)
        instants = [row[1] for row in reply.rows]
        return min(instants), max(instants)

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:
        """Return the month in which the reply was given, all that the API shows."""
        reply = self._reply or self._ask(dataset)
        self._reply = reply
        month = partition_of(dataset, reply.issued)
        fingerprint = Fingerprint(metadata.records_count, sums={"contenu": reply.digest})
        return Survey({month: fingerprint}, versions={month: reply.issued.isoformat()})

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store the reply that was observed, else a new one.

        Raises:
            UnexpectedContent: the partition is not the present month.
            LakeError: the file cannot be written.
        """
        reply = self._reply or self._ask(dataset)
        if partition != partition_of(dataset, reply.issued):
            raise UnexpectedContent(
                f"{partition} cannot be had: the API does not keep the forecasts that it replaces.",
                dataset_id=dataset.id,
                request=self._url,
            )
        with writing(dataset.id, destination):
            stored = store_csv(iter((reply.csv(),)), "text/csv", destination, on_bytes)
        return Download(
            self._url, self._asked(), destination, stored.sha256, stored.size, stored.stored_size, "application/json"
        )

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

    @abstractmethod
    def _asked(self) -> dict[str, str]:
        """Return the parameters that the manifest records; never a key."""

    @abstractmethod
    def _ask(self, dataset: Dataset) -> Reply:
        """Return the API's present reply."""


class TownByTownPortal(WeatherPortal):
    """A portal that answers for one place at a time: one request for each chief town, in the order of the codes."""

    def _asked(self) -> dict[str, str]:
        """Return the parameters of the first request: the others differ in the place."""
        return self._parameters(*CHIEF_TOWNS[min(CHIEF_TOWNS)][1:])

    def _ask(self, dataset: Dataset) -> Reply:
        said = [self._ask_of(dataset, code) for code in sorted(CHIEF_TOWNS)]
        # The last of them: no content is younger than its vintage.
        issued = max(each.issued for each in said)
        rows = tuple(row for each in said for row in each.rows)
        return Reply(issued, rows, self.columns)

    def _ask_of(self, dataset: Dataset, code: str) -> Reply:
        _, latitude, longitude = CHIEF_TOWNS[code]

        def use(response: httpx.Response) -> Reply:
            document = document_of(whole_body(plain_chunks(response)), response.headers.get("Content-Type", ""))
            with readable(dataset.id, self._url, self._portal.scrubbed):
                rows = tuple((code, *row) for row in self._rows(dataset, code, document))
            return Reply(issued_at(response.headers), rows, self.columns)

        return self._portal.ask(
            self._url,
            self._parameters(latitude, longitude),
            use,
            dataset_id=dataset.id,
            silence=self._portal.timeouts.read,
        )

    @abstractmethod
    def _parameters(self, latitude: float, longitude: float) -> dict[str, str]:
        """Return the parameters of a request, without the key."""

    @abstractmethod
    def _rows(self, dataset: Dataset, code: str, document: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
        """Yield the rows of a town, from the instant on."""


def table_of(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """Return a table as the lake keeps it: CSV with semicolons."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def document_of(body: bytes, media_type: str) -> Mapping[str, Any]:
    """Return the one JSON object of a reply.

    Raises:
        NotData: HTML, or JSON other than an object.
        BrokenBody: the body ends early.
    """
    if body.lstrip()[:1] == b"<":
        raise NotData(f"no JSON object (announced as {media_type or 'nothing'})", body)
    try:
        found = json.loads(body)
    except ValueError as error:
        raise BrokenBody("the body is not a complete JSON document") from error
    if not isinstance(found, dict):
        raise NotData("no JSON object", body)
    return found


@contextmanager
def readable(dataset_id: str, request: str, hide: Callable[[str], str] = str) -> Iterator[None]:
    """Turn what goes wrong while a reply is read into a fault of the source, without what must be hidden.

    Raises:
        UnexpectedContent: a member is missing or not a number.
    """
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnexpectedContent(
            f"the reply cannot be read ({type(error).__name__}: {hide(str(error))})",
            dataset_id=dataset_id,
            request=request,
        ) from error


def issued_at(headers: httpx.Headers) -> datetime:
    """Return when the server answered (UTC), by our clock when it does not say."""
    try:
        moment: datetime = parsedate_to_datetime(headers["Date"])
    except (KeyError, ValueError):
        moment = datetime.now(UTC).replace(microsecond=0)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def number(value: Any) -> str:
    """Return a number as text, the same for 8 and 8.0; empty for None.

    Raises:
        TypeError, ValueError: it is not a number.
    """
    return "" if value is None else f"{float(value):.10g}"
