"""Files over plain HTTP (INSEE), as a refresh asks for them: one file, or one member of a zip archive, per edition.

A file has no version of its own. What its server says of it (``ETag``, ``Last-Modified``, length) stands for one: when
none of them moves, nothing is downloaded. Equal bytes make no new vintage, whatever the server says.
"""

from __future__ import annotations

import fnmatch
import zipfile
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType

import httpx

from dataelec_assets.catalog import Dataset, Edition
from dataelec_assets.errors import DatasetAbsent, IncompleteExport, LakeError, RequestRejected, UnexpectedContent
from dataelec_assets.portals.client import DatasetMetadata, Download
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.streams import BrokenBody, Stored, plain_chunks, store_csv

_CHUNK = 1 << 20


class FilePortal(AbstractContextManager["FilePortal"]):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`.

    Args:
        connection: closed with this client.
    """

    # The headers of the files are both: what the portal says, and what each edition holds.
    survey_is_free = True

    def __init__(self, connection: Connection) -> None:
        self._portal = connection
        self._headers: dict[str, dict[str, httpx.Headers]] = {}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._portal.close()

    def cancel(self) -> None:
        """End all waits between attempts."""
        self._portal.cancel()

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what the server says of the files of a data set: one call for the headers of each edition.

        Raises:
            DatasetAbsent: the server has none of the editions. One that it has no more is left out.
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
        moments = [moment for headers in found.values() if (moment := _modified(headers)) is not None]
        return DatasetMetadata(
            dataset_id=dataset.id,
            title=dataset.title,
            # A server that tells no time is taken to have published now: the fingerprints decide.
            data_processed=max(moments, default=datetime.now(UTC).replace(microsecond=0)),
            records_count=0,
            fields=(),
            synthetic=any(
                headers.get("X-Dataelec-Synthetic", "").strip().lower() in ("1", "true") for headers in found.values()
            ),
        )

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:
        """Return what tells each edition from an earlier state of itself, without any further call.

        A server that tells nothing gives a fingerprint of its own each day: the file is then fetched daily, and its
        checksum decides.
        """
        headers = self._headers.get(metadata.dataset_id)
        if headers is None:
            self.metadata(dataset)
            headers = self._headers[dataset.id]
        return Survey({key: _fingerprint(each) for key, each in sorted(headers.items())})

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store an edition's file, or its member of an archive, as published.

        Raises:
            UnexpectedContent: the archive has no such member, or HTML came instead of data.
            IncompleteExport: the file or the archive is damaged in every attempt.
            LakeError: the file cannot be written.
        """
        edition = _edition(dataset, partition)
        url = self._url(edition)

        def store(response: httpx.Response) -> Stored:
            try:
                if edition.member is None:
                    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                    return store_csv(plain_chunks(response), media_type, destination, on_bytes)
                return self._store_member(dataset, edition, response, destination, on_bytes)
            except OSError as error:  # the network's own errors are httpx's
                raise LakeError(
                    f"{dataset.id}: cannot write {destination}: {error.strerror or error}.",
                    advice="Check the free space and the rights of the lake's folder; nothing was changed.",
                ) from error

        stored = self._portal.ask(
            url, {}, store, dataset_id=dataset.id, silence=self._portal.timeouts.export, broken=IncompleteExport
        )
        parameters = {"member": edition.member} if edition.member else {}
        return Download(url, parameters, destination, stored.sha256, stored.size, stored.stored_size, "text/csv")

    def _store_member(
        self,
        dataset: Dataset,
        edition: Edition,
        response: httpx.Response,
        destination: Path,
        on_bytes: Callable[[int], None],
    ) -> Stored:
        archive = destination.with_name(f"{destination.name}.zip")
        try:
            with archive.open("wb") as stream:
                for chunk in plain_chunks(response):
                    stream.write(chunk)
            if not zipfile.is_zipfile(archive):
                head = archive.read_bytes()[:_CHUNK]
                # A page under a status of success is told from a damaged archive.
                return store_csv(iter([head]), "", destination, on_bytes) if head.lstrip()[:1] == b"<" else _damaged()
            with zipfile.ZipFile(archive) as opened:
                name = _member(dataset, edition, opened.namelist())
                with opened.open(name) as member:
                    return store_csv(iter(lambda: member.read(_CHUNK), b""), "text/csv", destination, on_bytes)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise BrokenBody(f"the archive is damaged ({error})") from error
        finally:
            archive.unlink(missing_ok=True)

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Do nothing: the length of the file, or the checksum of the archive, has proved it whole."""

    def _url(self, edition: Edition) -> str:
        return f"{self._portal.base_url}/{edition.path}"

    def _head(self, dataset: Dataset, edition: Edition) -> httpx.Headers:
        """Return the headers of a file; of a server that refuses to give them alone, those of the file itself."""

        def headers(response: httpx.Response) -> httpx.Headers:
            return response.headers

        url, silence = self._url(edition), self._portal.timeouts.read
        try:
            return self._portal.ask(url, {}, headers, dataset_id=dataset.id, silence=silence, method="HEAD")
        except RequestRejected:
            return self._portal.ask(url, {}, headers, dataset_id=dataset.id, silence=silence)


def _damaged() -> Stored:
    raise BrokenBody("the archive is damaged")


def _edition(dataset: Dataset, key: str) -> Edition:
    return next(edition for edition in dataset.editions if edition.key == key)


def _member(dataset: Dataset, edition: Edition, names: list[str]) -> str:
    """Return the one member that the catalogue means, in whatever folder of the archive.

    Raises:
        UnexpectedContent: none or several fit; the message lists what the archive has.
    """
    wanted = str(edition.member).lower()
    found = [name for name in names if fnmatch.fnmatch(name.rsplit("/", 1)[-1].lower(), wanted)]
    if len(found) != 1:
        raise UnexpectedContent(
            f"the archive of {edition.key} has {'no' if not found else len(found)} member {edition.member!r}; "
            f"it has {', '.join(names)}",
            dataset_id=dataset.id,
            request=edition.path,
        )
    return found[0]


def _modified(headers: httpx.Headers) -> datetime | None:
    value = headers.get("Last-Modified")
    if value is None:
        return None
    try:
        moment: datetime = parsedate_to_datetime(str(value))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _fingerprint(headers: httpx.Headers) -> Fingerprint:
    told = {
        name: value for name in ("ETag", "Last-Modified", "Content-Length") if (value := headers.get(name)) is not None
    }
    return Fingerprint(0, sums=told or {"asked": f"{datetime.now(UTC):%Y-%m-%d}"})
