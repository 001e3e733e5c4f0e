"""Client of RTE's éCO2mix archives, which have no months, instants or codes: they are read as a folder of them is.

What the server says of each archive (``ETag``, ``Last-Modified``) decides whether it is fetched again. The newest state
of each is kept beside the lake, so that the look and the fetch that follows read the same bytes.
"""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from uuid import uuid4

import httpx

from dataelec_assets.catalog import Dataset
from dataelec_assets.disk import writable
from dataelec_assets.errors import DatasetAbsent, IncompleteExport, RequestRejected
from dataelec_assets.portals.archives import require_archive
from dataelec_assets.portals.client import DatasetMetadata, Download
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.files import VALIDATORS, modified_at
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.folder.client import FolderPortal
from dataelec_assets.portals.http_portal import HttpPortal
from dataelec_assets.portals.rte_archives import Archive, archives_of
from dataelec_assets.portals.streams import media_type_of, plain_chunks

# Archives that are asked for at the same time; the connection may allow fewer.
_AT_ONCE = 4


class RtePortal(HttpPortal):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`.

    Args:
        connection: closed with this client.
        folder: where archives are kept; None: nowhere beyond the life of this client.
    """

    # What the server says of each archive counts, not the newest time of all.
    survey_is_free = True

    def __init__(self, connection: Connection, folder: Path | None) -> None:
        super().__init__(connection)
        self._closing = ExitStack()
        self._root = folder or Path(self._closing.enter_context(TemporaryDirectory(prefix="dataelec-")))
        self._heads: dict[str, dict[Archive, tuple[str, httpx.Headers]]] = {}
        self._folders: dict[str, FolderPortal] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections, and what was read of the archives."""
        super().__exit__(kind, error, traceback)
        for each in self._folders.values():
            each.__exit__(kind, error, traceback)
        self._closing.close()

    def cancel(self) -> None:
        """End all waits, cut what is under way and retry no more."""
        super().cancel()
        for each in list(self._folders.values()):
            each.cancel()

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what the server says of the archives, with one call for the headers of each.

        Raises:
            DatasetAbsent: the server has none of them. Single ones that should be there are named.
        """
        archives = archives_of(dataset, datetime.now(UTC).year)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(pool.map(lambda each: self._head(dataset, each), archives))
        found = {archive: answer for archive, answer in zip(archives, answers, strict=True) if answer is not None}
        if not found:
            raise DatasetAbsent(
                "none of its archives is there",
                dataset_id=dataset.id,
                request=f"{self._portal.base_url}/{archives[-1].paths[0]}",
                advice="What was loaded before stays served; the other data sets are not affected.",
            )
        self._heads[dataset.id] = found
        moments = [moment for _, headers in found.values() if (moment := modified_at(headers)) is not None]
        return DatasetMetadata(
            dataset_id=dataset.id,
            title=dataset.title,
            data_processed=max(moments, default=datetime.now(UTC).replace(microsecond=0)),
            records_count=0,
            fields=(),
            missing=tuple(each.name for each in archives if each not in found and not each.may_miss),
        )

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:  # noqa: ARG002 - the protocol's
        """Return what the archives hold of each month; those that have moved are fetched, the others are remembered."""
        folder = self._folder(dataset)
        return folder.survey(dataset, folder.metadata(dataset))

    def survey_partition(self, dataset: Dataset, partition: str, metadata: DatasetMetadata) -> Fingerprint:
        """Return what the archives hold of one month."""
        return self.survey(dataset, metadata).partitions.get(partition, Fingerprint(0))

    def rows_by(self, dataset: Dataset, partition: str, columns: Sequence[str]) -> list[int] | None:
        """Return how many rows each group of a month has."""
        return self._folder(dataset).rows_by(dataset, partition, columns)

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store the rows of a month as CSV.

        Raises:
            SourceError: an archive cannot be fetched or read.
            LakeError: the file cannot be written.
        """
        stored = self._folder(dataset).fetch(dataset, partition, destination, on_bytes)
        return replace(stored, url=f"{self._portal.base_url}/{dataset.archives[-1]}")

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Compare the rows with those of the archives."""
        self._folder(dataset).verify(dataset, partition, rows)

    def _head(self, dataset: Dataset, archive: Archive) -> tuple[str, httpx.Headers] | None:
        """Return the first address at which an archive is, and what the server says of it; None: it is nowhere."""
        silence = self._portal.timeouts.read

        def headers(response: httpx.Response) -> httpx.Headers:
            return response.headers

        for path in archive.paths:
            url = f"{self._portal.base_url}/{path}"
            try:
                try:
                    return url, self._portal.ask(
                        url, {}, headers, dataset_id=dataset.id, silence=silence, method="HEAD"
                    )
                except RequestRejected:
                    return url, self._portal.ask(url, {}, headers, dataset_id=dataset.id, silence=silence)
            except DatasetAbsent:
                continue
        return None

    def _folder(self, dataset: Dataset) -> FolderPortal:
        """Return the archives as a folder, after those that have moved were fetched."""
        with self._locks[dataset.id]:
            if dataset.id not in self._folders:
                if dataset.id not in self._heads:
                    self.metadata(dataset)
                self._bring(dataset)
                memory = self._root / "memory"
                self._folders[dataset.id] = FolderPortal(self._root, memory, memory)
            return self._folders[dataset.id]

    def _bring(self, dataset: Dataset) -> None:
        """Fetch the archives that have moved since they were fetched last.

        Raises:
            SourceError: one cannot be fetched; those that could are kept.
            LakeError: one cannot be written.
        """
        place = self._root / dataset.portal / dataset.id
        marks = place / ".archives.json"
        with writable(place, dataset.id):
            place.mkdir(parents=True, exist_ok=True)
        known = _read(marks)
        wanted = {}
        for archive, (url, headers) in self._heads[dataset.id].items():
            mark = {name: headers[name] for name in VALIDATORS if name in headers}
            if not mark or known.get(archive.name) != mark or not (place / archive.name).exists():
                wanted[archive] = (url, mark)

        def bring(archive: Archive) -> None:
            url, mark = wanted[archive]
            moment = modified_at(self._fetch_archive(dataset, url, place / archive.name)) or datetime.now(UTC)
            with writable(place, dataset.id):
                os.utime(place / archive.name, (moment.timestamp(), moment.timestamp()))
            known[archive.name] = mark

        try:
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(pool.map(bring, wanted))
        finally:
            if wanted:
                draft = marks.with_name(f".{uuid4().hex}.tmp")
                with writable(marks, dataset.id):
                    draft.write_text(json.dumps(known, indent=1), encoding="utf-8")
                    draft.replace(marks)

    def _fetch_archive(self, dataset: Dataset, url: str, target: Path) -> httpx.Headers:
        """Store an archive in the place of its older state, once it is known to be whole; return its headers."""
        draft = target.with_name(f".{uuid4().hex}.tmp")

        def store(response: httpx.Response) -> httpx.Headers:
            with writable(target, dataset.id), draft.open("wb") as stream:
                for chunk in plain_chunks(response):
                    stream.write(chunk)
            require_archive(draft, media_type_of(response))
            return response.headers

        silence = self._portal.timeouts.export
        try:
            headers = self._portal.ask(url, {}, store, dataset_id=dataset.id, silence=silence, broken=IncompleteExport)
            with writable(target, dataset.id):
                draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return headers


def _read(marks: Path) -> dict[str, dict[str, str]]:
    """Return what the server said of each archive that is there; nothing where that is lost: it is fetched again."""
    try:
        content = json.loads(marks.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
