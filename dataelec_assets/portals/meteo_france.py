"""Client of Météo-France's hourly measurements: gzipped files by département and span of years; no key.

``H_<département>_latest-2025-2026.csv.gz`` is written anew each day, ``…_previous-2020-2024`` and the decades before it
less often; the years in the names move on each January. A file has every station of a département and some 196 columns:
tens of megabytes, a gigabyte unpacked. What the lake keeps of it is a table by month: the stations around the
chief towns, and the few columns that are used.

What the server says of the files (``ETag``, ``Last-Modified``) is the version of every month in them. So a month comes
again whenever one of its files has moved; equal rows make no new vintage. A client reads each file once, cuts it into
months on disk, and holds one line of it in memory.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Lock
from types import TracebackType

import httpx

from dataelec_assets.catalog import Dataset, Edition
from dataelec_assets.catalog.chief_towns import DEPARTMENTS
from dataelec_assets.errors import DatasetAbsent, IncompleteExport, SourceError
from dataelec_assets.portals.client import Beginning, DatasetMetadata, Download
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.files import FilePortal, fingerprint_of, modified_at
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.partition_filters import PARIS, partition_bounds, partition_of
from dataelec_assets.portals.station_files import COLUMNS, StationFile, cut, spans
from dataelec_assets.portals.streams import (
    plain_chunks,
    store_csv,
    unpacked,
    writing,
)
from dataelec_assets.portals.weather import readable, table_of

FOLDER = "data/synchro_ftp/BASE/HOR"

# Rows come one or two days after their hour: a month is there once it began two days before the file was written.
_LAG = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class FileState:
    """What is known of a file without reading it: when it was written (UTC), and a mark that moves with it."""

    written: datetime | None
    mark: str


class MeteoFrancePortal(FilePortal):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._prepare()

    def _prepare(self) -> None:
        """Begin with nothing read."""
        self._states: dict[StationFile, FileState] | None = None
        self._folder: Path | None = None
        self._done: set[StationFile] = set()
        self._faults: dict[StationFile, SourceError] = {}
        self._locks: defaultdict[StationFile, Lock] = defaultdict(Lock)
        self._making, self._turns = Lock(), count()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections, and remove what was cut."""
        super().__exit__(kind, error, traceback)
        self._forget()

    def _forget(self) -> None:
        """Remove what was cut."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what the server says of the files, with one call for the headers of each.

        Raises:
            DatasetAbsent: there is none of them. Single ones that are not there are named.
        """
        wanted, states = self._look(dataset)
        if not states:
            raise DatasetAbsent("no file of the thirteen départements", dataset_id=dataset.id, request=self._root)
        self._states = states
        moments = [each.written for each in states.values() if each.written is not None]
        return DatasetMetadata(
            dataset_id=dataset.id,
            title=dataset.title,
            data_processed=max(moments, default=_now().replace(microsecond=0)),
            records_count=0,
            fields=(),
            synthetic=self.is_synthetic,
            missing=tuple(each.name for each in sorted(set(wanted) - set(states))),
        )

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:  # noqa: ARG002 - the protocol's
        """Return the months that the files cover, each with a digest of what is said of its files."""
        states = self._known(dataset)
        months: dict[str, Fingerprint] = {}
        for month in self._months(dataset):
            marks = [f"{each.name} {states[each].mark}" for each in self._files_of(dataset, month)]
            digest = hashlib.sha256("\n".join(marks).encode()).hexdigest()[:32]
            months[month] = Fingerprint(0, sums={"fichiers": digest})
        return Survey(months)

    def _months(self, dataset: Dataset) -> Iterator[str]:
        """Yield the months of which there are rows, as far as the names and the time of the files tell."""
        states = self._known(dataset)
        newest = max(each.span.last for each in states)
        written = [state.written or _now() for each, state in states.items() if each.span.last == newest]
        last = (min(written) - _LAG).astimezone(PARIS).date()
        day = max(date(min(each.span.first for each in states), 1, 1), dataset.history_start)
        while day <= last:
            yield partition_of(dataset, day)
            day = (day + timedelta(days=31)).replace(day=1)

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store the rows of a month, from the files that cover it.

        Raises:
            ContractViolation: a file lacks a column.
            IncompleteExport: a file is damaged in every attempt.
            LakeError: the file cannot be written.
        """
        files = self._files_of(dataset, partition)
        folder = self._cut_all(dataset, files, destination.parent, on_bytes)
        with writing(dataset.id, destination):
            parts = (folder / file.name / partition for file in files)
            body = _joined(part for part in parts if part.exists())
            stored = store_csv(body, "text/csv", destination, lambda _: None)
        named = {"files": ", ".join(each.name for each in files)}
        return Download(
            self._root, named, destination, stored.sha256, stored.size, stored.stored_size, "application/gzip"
        )

    def beginning(self, dataset: Dataset, edition: str) -> Beginning | None:  # noqa: ARG002 - the protocol's
        """Return None: what the lake keeps is not a file of the publisher's."""
        return None

    @property
    def _root(self) -> str:
        return f"{self._portal.base_url}/{FOLDER}"

    def _look(self, dataset: Dataset) -> tuple[list[StationFile], dict[StationFile, FileState]]:
        """Return the files that should be there, and the state of those that are."""
        year = _now().year
        # Until the names have moved on in January, the newest ends with the year before.
        latest = (StationFile(department, spans(year, year)[0]) for department in DEPARTMENTS.values())
        newest = year if any(self._state(dataset, each) for each in latest) else year - 1
        wanted = [
            StationFile(department, span)
            for span in spans(newest, dataset.history_start.year)
            for department in DEPARTMENTS.values()
        ]
        found = {each: self._state(dataset, each) for each in wanted}
        return wanted, {each: state for each, state in found.items() if state is not None}

    def _state(self, dataset: Dataset, file: StationFile) -> FileState | None:
        try:
            headers = self._head(dataset, Edition("all", f"{FOLDER}/{file.name}.csv.gz"))
        except DatasetAbsent:
            return None
        return FileState(modified_at(headers), fingerprint_of(headers).text)

    def _known(self, dataset: Dataset) -> dict[StationFile, FileState]:
        if self._states is None:
            self.metadata(dataset)
        assert self._states is not None  # noqa: S101 - metadata sets it or raises
        return self._states

    def _files_of(self, dataset: Dataset, month: str) -> list[StationFile]:
        """Return the files that hold hours of a month, in order."""
        first, after = partition_bounds(dataset, month)
        years = {first.year, (after - timedelta(hours=1)).year}
        return sorted(
            each for each in self._known(dataset) if any(each.span.first <= year <= each.span.last for year in years)
        )

    def _cut_all(
        self, dataset: Dataset, files: Sequence[StationFile], beside: Path, on_bytes: Callable[[int], None]
    ) -> Path:
        """Cut files into months, each once in the life of the client; return the folder, with one for each file."""
        with self._making:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="meteo-france-", dir=beside))
        # Threads that ask for different months begin with different files, of which each is read by one of them.
        turn = 4 * next(self._turns) % max(len(files), 1)
        for file in (*files[turn:], *files[:turn]):
            with self._making:
                lock = self._locks[file]
            with lock:
                if file in self._faults:
                    # Each month of a span needs the file: one that is damaged is not asked for sixty times.
                    raise self._faults[file]
                if file not in self._done:
                    try:
                        self._read(dataset, file, self._folder / file.name, on_bytes)
                    except SourceError as fault:
                        self._faults[file] = fault
                        raise
                    self._done.add(file)
        return self._folder

    def _read(self, dataset: Dataset, file: StationFile, folder: Path, on_bytes: Callable[[int], None]) -> None:
        """Cut a file into months, below a folder."""
        url = f"{self._root}/{file.name}.csv.gz"

        def use(response: httpx.Response) -> None:
            told = 0

            def count_bytes(size: int) -> None:
                nonlocal told
                told += size
                on_bytes(size)

            try:
                with writing(dataset.id, folder), readable(dataset.id, url):
                    cut(dataset, file, unpacked(plain_chunks(response)), folder, count_bytes)
            except Exception:
                on_bytes(-told)
                raise

        self._portal.ask(
            url,
            {},
            use,
            dataset_id=dataset.id,
            silence=self._portal.timeouts.export,
            broken=IncompleteExport,
        )


def _joined(parts: Iterable[Path]) -> Iterator[bytes]:
    yield table_of(COLUMNS, ())
    for part in parts:
        yield part.read_bytes()


def _now() -> datetime:
    return datetime.now(UTC)
