"""Files over plain HTTP (INSEE), as a refresh asks for them: one file, or one member of a zip archive, per edition.

A file has no version of its own. What its server says of it (``ETag``, ``Last-Modified``, length) stands for one: when
none of them moves, nothing is downloaded. Equal bytes make no new vintage, whatever the server says.
"""

from __future__ import annotations

import fnmatch
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path, PureWindowsPath
from types import TracebackType
from typing import IO

import httpx

from dataelec_assets.catalog import Dataset, Edition
from dataelec_assets.errors import DatasetAbsent, IncompleteExport, RequestRejected, UnexpectedContent
from dataelec_assets.limits import MOST_MEMBERS
from dataelec_assets.portals.client import DatasetMetadata, Download
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.streams import (
    ZIP,
    BrokenBody,
    Stored,
    limited,
    plain_chunks,
    refuse_what_is_not_csv,
    store_csv,
    writing,
)

_CHUNK = 1 << 20

_ENCRYPTED = 1

# Names of an archive that a message lists.
_SHOWN = 20

_VALIDATORS = ("ETag", "Last-Modified")

# Any of these tells where a body ends, so that a body that is cut is told from one whose last line lacks its end.
_PROOFS = ("Content-Length", "Transfer-Encoding", "Content-Encoding")


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
            data_processed=max(moments, default=_now().replace(microsecond=0)),
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
        moments = {key: moment for key, each in headers.items() if (moment := _modified(each)) is not None}
        return Survey(
            {key: _fingerprint(each) for key, each in sorted(headers.items())},
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
        url = self._url(edition)

        def store(response: httpx.Response) -> Stored:
            with writing(dataset.id, destination):
                if edition.member is not None:
                    return _store_member(dataset, edition, response, destination, on_bytes)
                return store_csv(
                    plain_chunks(response),
                    _media_type(response),
                    destination,
                    on_bytes,
                    is_proved_whole=any(name in response.headers for name in _PROOFS),
                )

        stored = self._portal.ask(
            url, {}, store, dataset_id=dataset.id, silence=self._portal.timeouts.export, broken=IncompleteExport
        )
        parameters = {"member": edition.member} if edition.member else {}
        return Download(url, parameters, destination, stored.sha256, stored.size, stored.stored_size, "text/csv")

    def survey_partition(self, dataset: Dataset, partition: str, metadata: DatasetMetadata) -> Fingerprint:
        """Return what :meth:`survey` told of one partition: no sum of its rows is known."""
        return self.survey(dataset, metadata).partitions[partition]

    def rows_by(self, dataset: Dataset, partition: str, columns: Sequence[str]) -> list[int] | None:
        """Return None: nothing so fine is told."""

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


def _store_member(
    dataset: Dataset, edition: Edition, response: httpx.Response, destination: Path, on_bytes: Callable[[int], None]
) -> Stored:
    """Store one member of an archive, which lies beside the destination meanwhile."""
    archive, received = destination.with_name(f"{destination.name}.zip"), 0
    try:
        with archive.open("wb") as stream:
            for chunk in plain_chunks(response):
                stream.write(chunk)
                received += len(chunk)
                on_bytes(len(chunk))
        _require_archive(archive, _media_type(response))
        with ExitStack() as closing:
            with _whole_archive():
                opened = closing.enter_context(zipfile.ZipFile(archive))
            info = member_of(dataset, edition, opened.infolist())
            with _whole_archive():
                member = closing.enter_context(opened.open(info))
            pieces = limited(_pieces(member), lambda: info.compress_size)
            # The archive was counted when it came; unpacking can be called off, but counts for nothing.
            return store_csv(pieces, "text/csv", destination, lambda _: on_bytes(0), is_proved_whole=True)
    except Exception as error:
        on_bytes(-received)
        if isinstance(error, (NotImplementedError, RuntimeError)):  # a method or a password that Python has not
            raise UnexpectedContent(
                f"the archive cannot be unpacked ({error})", dataset_id=dataset.id, request=edition.path
            ) from error
        raise
    finally:
        archive.unlink(missing_ok=True)


@contextmanager
def _whole_archive() -> Iterator[None]:
    """Tell an archive that is damaged from a disk that cannot be written to: both are errors of the machine.

    Raises:
        BrokenBody: what its directory or a header in it says is nonsense.
    """
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError) as error:
        raise BrokenBody(f"the archive is damaged ({error})") from error


def _require_archive(archive: Path, media_type: str) -> None:
    """Tell a page or an error object under a status of success from an archive, and an archive from half of one."""
    if zipfile.is_zipfile(archive):
        return
    with archive.open("rb") as stream:
        head = stream.read(_CHUNK)
    if not head.startswith(ZIP):
        refuse_what_is_not_csv(head, iter(()), media_type)
    raise BrokenBody("the body is no whole zip archive")


def _pieces(member: IO[bytes]) -> Iterator[bytes]:
    while True:
        with _whole_archive():
            piece = member.read(_CHUNK)
        if not piece:
            return
        yield piece


def member_of(dataset: Dataset, edition: Edition, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the one member that the catalogue means, in whatever folder of the archive.

    Raises:
        UnexpectedContent: none or several fit; the message lists what the archive has. Or the archive is one that no
            publisher makes.
    """
    strange = partial(UnexpectedContent, dataset_id=dataset.id, request=edition.path)
    if len(members) > MOST_MEMBERS:
        raise strange(f"the archive of {edition.key} has {len(members):,} members; {MOST_MEMBERS:,} at most are read")
    by_name = {each.filename: each for each in members}
    for name in by_name:
        # Nothing is unpacked under its own name, so it could do no harm here; but no publisher writes it.
        path = PureWindowsPath(name)
        if path.anchor or ".." in path.parts:
            raise strange(f"the archive of {edition.key} has a member that points out of it, {name!r}")
    names = list(by_name)
    wanted = str(edition.member).lower()
    # macOS adds a shadow of each file.
    files = [name for name in names if not name.endswith("/") and not name.startswith("__MACOSX/")]
    found = [name for name in files if fnmatch.fnmatchcase(name.replace("\\", "/").rsplit("/", 1)[-1].lower(), wanted)]
    if len(found) != 1:
        raise UnexpectedContent(
            f"the archive of {edition.key} has {len(found) or 'no'} member{'s' * (len(found) > 1)} like "
            f"{edition.member!r}; it has {', '.join(files[:_SHOWN])}{', …' * (len(files) > _SHOWN)}",
            dataset_id=dataset.id,
            request=edition.path,
            advice="If the publisher renamed it, correct the edition's member in dataelec_assets/catalog/entries/.",
        )
    member = by_name[found[0]]
    if member.flag_bits & _ENCRYPTED:
        raise strange(f"member {found[0]!r} of the archive of {edition.key} is encrypted")
    return member


def _now() -> datetime:
    return datetime.now(UTC)


def _media_type(response: httpx.Response) -> str:
    return str(response.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


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
    """Return what a server says of a file, or the day of the question where it says nothing.

    A length alone does not tell two states apart, so it counts for nothing.
    """
    if not any(name in headers for name in _VALIDATORS):
        return Fingerprint(0, last=f"{_now():%Y-%m-%d}")
    told = {name: headers.get(name, "") for name in (*_VALIDATORS, "Content-Length")}
    return Fingerprint(0, sums=told)
