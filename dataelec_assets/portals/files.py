"""Client of plain files over HTTP (INSEE): one file, or one member of a zip archive, per edition.

A file has no version of its own. What its server says of it (``ETag``, ``Last-Modified``, length) serves as one: while
none of them moves, nothing is downloaded. Equal bytes make no new vintage, whatever the server says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar

import httpx

from dataelec_assets.catalog import Dataset, Edition
from dataelec_assets.catalog.partitioning import placed
from dataelec_assets.errors import DatasetAbsent, IncompleteExport, RequestRejected
from dataelec_assets.portals.archives import store_member
from dataelec_assets.portals.beginnings import Pieces, WholeFilesOnly, beginning_of
from dataelec_assets.portals.client import Beginning, DatasetMetadata, Download
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.http_portal import HttpPortal
from dataelec_assets.portals.streams import (
    Stored,
    media_type_of,
    plain_chunks,
    store_csv,
    whole_body,
    writing,
)

T = TypeVar("T")

# Headers that tell two states of a file apart.
VALIDATORS = ("ETag", "Last-Modified")

# Any of these shows where a body ends, and so tells a cut body from one whose last line has no line end.
_PROOFS = ("Content-Length", "Transfer-Encoding", "Content-Encoding")


class FilePortal(HttpPortal):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`.

    Args:
        connection: closed with this client.
        root_of_portal: root of another portal, by its short name, for editions that may lie there too.
    """

    # The headers of the files are the metadata and the survey at once.
    survey_is_free = True

    def __init__(self, connection: Connection, root_of_portal: Callable[[str], str] | None = None) -> None:
        super().__init__(connection)
        self._root_of_portal = root_of_portal
        self._headers: dict[str, dict[str, httpx.Headers]] = {}

    def text(self, path: str, dataset_id: str) -> str:
        """Return a page or another text, such as one that lists files.

        Args:
            path: below the root, with its parameters.
            dataset_id: for messages.

        Raises:
            SourceError: the server cannot answer, or has no such page.
        """

        def whole(response: httpx.Response) -> str:
            return whole_body(plain_chunks(response)).decode("utf-8", errors="replace")

        url, silence = f"{self._portal.base_url}/{path}", self._portal.timeouts.read
        return self._portal.ask(url, {}, whole, dataset_id=dataset_id, silence=silence)

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what the server says of the files of a data set, with one call for the headers of each edition.

        Raises:
            DatasetAbsent: the server has none of the editions. Single ones that are gone are named.
        """
        absent: DatasetAbsent | None = None
        found = {}
        for edition in dataset.editions:
            try:
                found[edition.key] = self._head(dataset, edition)
            except DatasetAbsent as error:
                absent = error
        if not found and absent is not None:
            raise absent
        self._headers[dataset.id] = found
        moments = [moment for headers in found.values() if (moment := modified_at(headers)) is not None]
        return DatasetMetadata(
            dataset_id=dataset.id,
            title=dataset.title,
            # Without a time, now is taken: the fingerprints decide.
            data_processed=max(moments, default=_now().replace(microsecond=0)),
            records_count=0,
            fields=(),
            missing=tuple(edition.key for edition in dataset.editions if edition.key not in found),
        )

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:
        """Return what distinguishes each edition from its earlier states, without any further call.

        When a server says nothing, the fingerprint changes each day: the file is fetched daily, and its checksum
        decides.
        """
        headers = self._headers.get(metadata.dataset_id)
        if headers is None:
            self.metadata(dataset)
            headers = self._headers[dataset.id]
        moments = {key: moment for key, each in headers.items() if (moment := modified_at(each)) is not None}
        return Survey(
            {key: fingerprint_of(each) for key, each in sorted(headers.items())},
            versions={key: moment.isoformat() for key, moment in moments.items()},
        )

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store an edition's file, or its member of an archive, as published.

        Raises:
            UnexpectedContent: the archive has no such member, or cannot be unpacked, or HTML came instead of data.
            IncompleteExport: the file or the archive is damaged in every attempt.
            LakeError: the file cannot be written.
        """
        edition = next(each for each in dataset.editions if each.key == partition)

        def store(response: httpx.Response) -> Stored:
            with writing(dataset.id, destination):
                if edition.member is not None:
                    return store_member(dataset, edition, response, destination, on_bytes)
                return store_csv(
                    plain_chunks(response),
                    media_type_of(response),
                    destination,
                    on_bytes,
                    is_proved_whole=any(name in response.headers for name in _PROOFS),
                    is_workbook=dataset.sheet is not None,
                )

        def fetched(url: str) -> Stored:
            silence = self._portal.timeouts.export
            return self._portal.ask(url, {}, store, dataset_id=dataset.id, silence=silence, broken=IncompleteExport)

        url, stored = self._first_there(edition, fetched)
        parameters = {"member": edition.member} if edition.member else {}
        return Download(url, parameters, destination, stored.sha256, stored.size, stored.stored_size, "text/csv")

    def beginning(self, dataset: Dataset, edition: str) -> Beginning | None:
        """Return the beginning of an edition, in a few calls for ranges of bytes.

        Raises:
            WholeFilesOnly: the server sends no part of a file.
            UnexpectedContent: the archive has no such member, or cannot be read.
        """
        wanted = next(each for each in dataset.editions if each.key == edition)

        def ask(span: str) -> tuple[bytes, httpx.Headers]:
            def use(response: httpx.Response) -> tuple[bytes, httpx.Headers]:
                if response.status_code != httpx.codes.PARTIAL_CONTENT:
                    raise WholeFilesOnly
                return response.read(), response.headers

            def at(url: str) -> tuple[bytes, httpx.Headers]:
                silence = self._portal.timeouts.read
                return self._portal.ask(url, {}, use, dataset_id=dataset.id, silence=silence, headers={"Range": span})

            return self._first_there(wanted, at)[1]

        return beginning_of(dataset, wanted, Pieces(ask))

    def survey_partition(self, dataset: Dataset, partition: str, metadata: DatasetMetadata) -> Fingerprint:
        """Return what :meth:`survey` says of one partition: no sum of its rows is known."""
        return self.survey(dataset, metadata).partitions[partition]

    def rows_by(self, dataset: Dataset, partition: str, columns: Sequence[str]) -> list[int] | None:
        """Return None: the server counts no rows."""

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Do nothing: the length of the file, or the checksum of the archive, has proved it complete."""

    def _first_there(self, edition: Edition, ask: Callable[[str], T]) -> tuple[str, T]:
        """Return the first address of an edition at which there is something, and what was asked of it.

        Raises:
            DatasetAbsent: there is nothing at any of them.
        """
        *others, last = self._addresses(edition)
        for url in others:
            with suppress(DatasetAbsent):
                return url, ask(url)
        return last, ask(last)

    def _addresses(self, edition: Edition) -> list[str]:
        """Return where an edition may lie, as whole addresses."""
        found = []
        for written in edition.paths:
            portal, path = placed(written)
            if portal is None:
                found.append(f"{self._portal.base_url}/{path}")
            elif self._root_of_portal is not None:
                found.append(f"{self._root_of_portal(portal)}/{path}")
        return found

    def _head(self, dataset: Dataset, edition: Edition) -> httpx.Headers:
        """Return the headers of a file; when the server refuses ``HEAD``, those of a ``GET``."""
        silence = self._portal.timeouts.read

        def headers(response: httpx.Response) -> httpx.Headers:
            return response.headers

        def ask(url: str) -> httpx.Headers:
            try:
                return self._portal.ask(url, {}, headers, dataset_id=dataset.id, silence=silence, method="HEAD")
            except RequestRejected:
                return self._portal.ask(url, {}, headers, dataset_id=dataset.id, silence=silence)

        return self._first_there(edition, ask)[1]


def _now() -> datetime:
    return datetime.now(UTC)


def modified_at(headers: httpx.Headers) -> datetime | None:
    """Return the time (UTC) at which a server says that a file was modified; None where it says nothing readable."""
    value = headers.get("Last-Modified")
    if value is None:
        return None
    try:
        moment: datetime = parsedate_to_datetime(str(value))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def fingerprint_of(headers: httpx.Headers) -> Fingerprint:
    """Return what a server says of a file, or today's date when it says nothing.

    A length alone does not distinguish two states, so it does not count.
    """
    if not any(name in headers for name in VALIDATORS):
        return Fingerprint(0, last=f"{_now():%Y-%m-%d}")
    known = {name: headers.get(name, "") for name in (*VALIDATORS, "Content-Length")}
    return Fingerprint(0, sums=known)
