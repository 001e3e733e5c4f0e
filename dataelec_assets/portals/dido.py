"""Client of DiDo, the catalogue of the ministry's statistical service (SDES).

One call describes a data set: its files, the vintages (``millesimes``) of each, and of a vintage its rows and columns
with their units. A file keeps its id from one vintage to the next. Each is sent whole as CSV, and proved by the number
of rows that was announced. A value kept secret is written ``secret``. Known from public programs that asked the API in
2026 and from the publisher's own client, didor.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from dataelec_assets.catalog import Dataset, DidoFiles
from dataelec_assets.catalog.dido import API
from dataelec_assets.errors import DatasetAbsent, IncompleteExport, PortalUnreachable, SourceError, UnexpectedContent
from dataelec_assets.portals.client import DatasetMetadata, Download, PortalField
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.http_portal import HttpPortal
from dataelec_assets.portals.streams import (
    BrokenBody,
    Stored,
    media_type_of,
    plain_chunks,
    store_csv,
    writing,
)

# The line of technical names alone: with the others, what is a header would have to be guessed.
_FORM = {"withColumnName": "true", "withColumnDescription": "false", "withColumnUnit": "false"}

# By the catalogue's names; all others are texts.
_TYPES = {"integer": "int", "number": "double", "year": "int"}

_BLOCK = 1 << 20

_QUOTE, _LINE_END = b'"', b"\n"


@dataclass(frozen=True, slots=True)
class _File:
    """The newest vintage of one file.

    Attributes:
        id: of the file.
        millesime: ``YYYY-MM``.
        issued: when it was published, UTC.
        rows: how many it has.
        fields: its columns.
    """

    id: str
    millesime: str
    issued: datetime
    rows: int
    fields: tuple[PortalField, ...]


class DidoPortal(HttpPortal):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient` for data sets that DiDo has too."""

    # One call describes all of them.
    survey_is_free = True

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._described: dict[str, dict[str, Any] | SourceError] = {}
        self._describing = threading.Lock()

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what DiDo says of a data set; its version is when the newest of its files was published.

        Raises:
            DatasetAbsent: DiDo does not have the files that the catalogue means.
        """
        document, files = self._files(dataset)
        return DatasetMetadata(
            dataset_id=dataset.id,
            title=dataset.title,
            data_processed=max(each.issued for each in files),
            records_count=sum(each.rows for each in files),
            fields=files[0].fields,
            licence=document.get("license"),
        )

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:  # noqa: ARG002 - the protocol's
        """Return which vintages there are, without any further call."""
        _, files = self._files(dataset)
        seen = {each.id: f"{each.millesime} {each.issued.isoformat()}" for each in files}
        key = dataset.editions[0].key
        return Survey(
            {key: Fingerprint(sum(each.rows for each in files), sums=seen)},
            versions={key: max(each.issued for each in files).isoformat()},
        )

    def survey_partition(self, dataset: Dataset, partition: str, metadata: DatasetMetadata) -> Fingerprint:
        """Return what :meth:`survey` says of one partition."""
        return self.survey(dataset, metadata).partitions[partition]

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:  # noqa: ARG002 - one edition
        """Store the newest vintage of a data set: its files in DiDo's order as one CSV, their header once.

        Raises:
            IncompleteExport: a file has another number of rows than announced in every attempt, or another header.
            UnexpectedContent: a page or an error object came instead in every attempt.
            LakeError: the file cannot be written.
        """
        _, files = self._files(dataset)
        parts = [destination.with_name(f"{destination.name}.{number}") for number in range(len(files))]
        try:
            for file, part in zip(files, parts, strict=True):
                stored = self._store(dataset, file, part, on_bytes)
            with writing(dataset.id, destination):
                if len(parts) == 1:
                    parts[0].replace(destination)
                else:
                    lines = _joined(dataset, parts)
                    stored = store_csv(lines, "text/csv", destination, lambda _: None, is_proved_whole=True)
        finally:
            for part in parts:
                part.unlink(missing_ok=True)
        parameters = {"files": ",".join(each.id for each in files), "millesime": max(each.millesime for each in files)}
        return Download(
            self._url(files[0].id), parameters, destination, stored.sha256, stored.size, stored.stored_size, "text/csv"
        )

    def rows_by(self, dataset: Dataset, partition: str, columns: Sequence[str]) -> list[int] | None:
        """Return None: lines are counted, and a line has a value for each of many years."""

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Do nothing: the number of lines has proved each file complete."""

    def _store(self, dataset: Dataset, file: _File, part: Path, on_bytes: Callable[[int], None]) -> Stored:
        """Store one file, as many times as it takes to have as many rows as announced."""

        def store(response: httpx.Response) -> Stored:
            count = RowCount()
            with writing(dataset.id, part):
                chunks = count.through(plain_chunks(response))
                stored = store_csv(chunks, media_type_of(response), part, on_bytes, is_proved_whole=True)
            if count.rows != file.rows:
                on_bytes(-stored.size)
                raise BrokenBody(f"{count.rows:,} rows of file {file.id}, DiDo announces {file.rows:,}")
            return stored

        return self._portal.ask(
            self._url(file.id),
            {"millesime": file.millesime, **_FORM},
            store,
            dataset_id=dataset.id,
            silence=self._portal.timeouts.export,
            broken=IncompleteExport,
        )

    def _files(self, dataset: Dataset) -> tuple[dict[str, Any], list[_File]]:
        """Return what DiDo says of the data set, and the files that are meant."""
        meant = dataset.dido
        assert meant is not None, "only for data sets that DiDo has"  # noqa: S101 - the caller has looked
        url = f"{self._portal.base_url}{API}/datasets/{quote(meant.dataset, safe='')}"
        document = self._description(dataset, meant.dataset, url)
        try:
            found = _meant(meant, document)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnexpectedContent(
                f"the metadata cannot be read ({type(error).__name__}: {error})", dataset_id=dataset.id, request=url
            ) from error
        if not found:
            titles = ", ".join(str(each.get("title")) for each in document["datafiles"])
            raise DatasetAbsent(
                f"DiDo has no such file ({', '.join([*meant.titles, *meant.files])}); it has {titles}",
                dataset_id=dataset.id,
                request=url,
            )
        return document, found

    def _description(self, dataset: Dataset, theirs: str, url: str) -> dict[str, Any]:
        """Return what DiDo says: several data sets of ours are parts of one of theirs, which is asked for once."""
        with self._describing:
            if theirs not in self._described:
                try:
                    self._described[theirs] = self._json(dataset.id, url, {}, self._portal.timeouts.read)
                except SourceError as error:
                    self._described[theirs] = error
                    raise
            said = self._described[theirs]
        if isinstance(said, SourceError):
            # Not asked seven times, each with all its attempts.
            kind = DatasetAbsent if isinstance(said, DatasetAbsent) else PortalUnreachable
            raise kind(said.what, dataset_id=dataset.id, request=url, advice=said.advice) from said
        return said

    def _url(self, file: str) -> str:
        return f"{self._portal.base_url}{API}/datafiles/{quote(file, safe='')}/csv"


def _meant(meant: DidoFiles, document: dict[str, Any]) -> list[_File]:
    """Return the newest vintage of each file that is meant, in DiDo's order; a file without a vintage is none."""
    by_id = {str(each["rid"]): each for each in document["datafiles"] if each.get("millesimes")}
    chosen = meant.chosen((file, str(each.get("title") or "")) for file, each in by_id.items())
    return [_file(file, by_id[file]["millesimes"]) for file in chosen]


def _file(file: str, vintages: Sequence[dict[str, Any]]) -> _File:
    newest = max(vintages, key=lambda each: (str(each["millesime"]), str(each["date_diffusion"])))
    issued = datetime.fromisoformat(newest["date_diffusion"])
    return _File(
        file,
        str(newest["millesime"]),
        issued.replace(tzinfo=UTC) if issued.tzinfo is None else issued.astimezone(UTC),
        int(newest["rows"]),
        tuple(
            PortalField(each["name"], each.get("description") or each["name"], _TYPES.get(each["type"], "text"))
            for each in newest["columns"]
        ),
    )


def _blocks(path: Path) -> Iterator[bytes]:
    import pyarrow as pa

    with pa.input_stream(str(path), compression="zstd") as stream:
        while block := bytes(stream.read(_BLOCK)):
            yield block


class RowCount:
    """Counts the rows of a CSV on its way: a line end within quotes ends none."""

    def __init__(self) -> None:
        self._lines, self._is_quoted, self._last = 0, False, _LINE_END

    @property
    def rows(self) -> int:
        """How many there are below the header; the last line may lack its end."""
        return self._lines - 1 + (self._last != _LINE_END)

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the chunks, and count what is in them."""
        import numpy as np

        for chunk in chunks:
            if not chunk:
                continue
            every = np.frombuffer(chunk, np.uint8)
            quotes, ends = np.flatnonzero(every == ord(_QUOTE)), np.flatnonzero(every == ord(_LINE_END))
            is_within = (np.searchsorted(quotes, ends) + self._is_quoted) % 2 == 1
            self._lines += len(ends) - int(np.count_nonzero(is_within))
            self._is_quoted ^= len(quotes) % 2 == 1
            self._last = chunk[-1:]
            yield chunk


def _joined(dataset: Dataset, parts: Iterable[Path]) -> Iterator[bytes]:
    """Yield the files one after the other, without the header from the second on."""
    header: bytes | None = None
    for path in parts:
        blocks = _blocks(path)
        first = next(blocks, b"")
        own, end, rest = first.partition(_LINE_END)
        if header is not None and own.strip() != header:
            raise IncompleteExport("a later file has another header", dataset_id=dataset.id)
        last = end
        for block in [first] if header is None else [rest] if rest else []:
            yield block
            last = block[-1:]
        for block in blocks:
            yield block
            last = block[-1:]
        header = own.strip()
        if last != _LINE_END:
            yield _LINE_END
