"""A folder of published files, as a refresh asks a portal.

What a folder says of a data set is remembered in the lake under the names, sizes and times of its files: as long as
they stand still, no file is read again, and what reads them is not even imported.

Longer than 300 lines because what is remembered of files, and when it is believed, stands beside their reading.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import Database
from dataelec_assets.disk import writable
from dataelec_assets.errors import DatasetAbsent, IncompleteExport, UnexpectedContent
from dataelec_assets.portals.client import DatasetMetadata, Download, PortalClient, PortalField
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.folder.fields import quoted
from dataelec_assets.portals.folder.layout import WEATHER, Layout
from dataelec_assets.portals.folder.looks import Look, Stopping
from dataelec_assets.portals.folder.stamps import SourceFile

if TYPE_CHECKING:
    from dataelec_assets.portals.folder.rows_file import RowsFile

# Of what is remembered: another number when the same files are read otherwise.
_FORMAT = 2

# A memory only: what is lost or damaged is found again in the files.
_FORGOTTEN = (OSError, ValueError, KeyError, TypeError, AttributeError)


class FolderPortal(AbstractContextManager["FolderPortal"]):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient` for every portal of a folder.

    Args:
        root: the folder.
        memory: folder of what is remembered, and of rows that are read and not fetched yet.
        spill: folder of what does not fit into memory.
        at: instant up to which files are seen; None: all of them.

    Raises:
        SettingsError: ``root`` is not a folder.
    """

    # What a folder holds is known as soon as it is looked at.
    survey_is_free = True

    def __init__(self, root: Path, memory: Path, spill: Path, at: datetime | None = None) -> None:
        self._layout = Layout(root, at)
        self._memory, self._spill = memory, spill
        self._database = Database(spill)
        self._stop = threading.Event()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._opening = threading.Lock()
        self._fetched: dict[Path, RowsFile] = {}
        self._weather: dict[str, PortalClient] = {}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the database, and remove the rows that have been fetched."""
        self._database.close()
        for rows in self._fetched:
            rows.unlink(missing_ok=True)
        for client in self._weather.values():
            client.__exit__(kind, error, traceback)

    def cancel(self) -> None:
        """End what is under way."""
        self._stop.set()
        self._database.interrupt()

    def found_editions(self, dataset: Dataset, last: int) -> dict[str, str]:
        """Return the file of each edition, up to a year, that the folder has beyond those that are listed."""
        return self._layout.found_editions(dataset, last)

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what the files of a data set say of it; its version is the newest stamp in their names.

        Raises:
            DatasetAbsent: there is none.
            SourceError: a file cannot be read.
        """
        files = self._files(dataset)
        with self._locks[dataset.id]:
            signature = self._signature(dataset, files)
            content = self._remembered(dataset, signature)
            known = _metadata_in(dataset, content) if content is not None else None
            return replace(known or self._read(dataset, files, signature).metadata, signature=signature)

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:  # noqa: ARG002 - the protocol's
        """Return what the files hold of each partition."""
        return self._look(dataset).survey

    def survey_partition(self, dataset: Dataset, partition: str, metadata: DatasetMetadata) -> Fingerprint:
        """Return what the files hold of one partition."""
        return self.survey(dataset, metadata).partitions.get(partition, Fingerprint(0))

    def rows_by(self, dataset: Dataset, partition: str, columns: Sequence[str]) -> list[int] | None:
        """Return how many rows each group of a partition has; None for editions and weather."""
        if not self._is_table(dataset):
            return None
        names = ", ".join(quoted(name) for name in columns)
        import pyarrow as pa

        _, batches = self._rows(dataset).read(partition)
        if not batches:
            return []
        with self._database.cursor() as con:
            con.register("rows", pa.Table.from_batches(batches))
            counted = con.execute(f"SELECT count(*) FROM rows GROUP BY {names} ORDER BY 1").fetchall()
        return [count for (count,) in counted]

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Compare the rows with those of the files."""
        if not self._is_table(dataset):
            return
        _, batches = self._rows(dataset).read(partition)
        if (count := sum(batch.num_rows for batch in batches)) != rows:
            raise IncompleteExport(
                f"{rows:,} rows of {partition} were read, the folder has {count:,}", dataset_id=dataset.id
            )

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store a partition: the bytes of an edition, the rows of a month or year as CSV.

        Raises:
            SourceError: a file cannot be read.
            LakeError: the file cannot be written.
        """
        if dataset.info.api in WEATHER:
            return self._replies(dataset).fetch(dataset, partition, destination, on_bytes)
        if dataset.info.api == "files":
            from dataelec_assets.portals.folder.editions import store_edition

            file = self._layout.editions(dataset)[partition]
            stored = store_edition(dataset, partition, file.path, destination, on_bytes)
            address = str(file.path)
        else:
            from dataelec_assets.portals.folder.reading import store_partition
            from dataelec_assets.portals.streams import writing

            rows = self._rows(dataset)
            with writing(dataset.id, destination):
                stored = store_partition(self._database.cursor, rows, partition, destination, on_bytes)
            address = str(self._layout.folder_of(dataset))
        return Download(
            address, {"partition": partition}, destination, stored.sha256, stored.size, stored.stored_size, "text/csv"
        )

    @staticmethod
    def _is_table(dataset: Dataset) -> bool:
        return dataset.info.api != "files" and dataset.info.api not in WEATHER

    def _replies(self, dataset: Dataset) -> PortalClient:
        """Return the one client of a weather portal: what it has read serves every partition."""
        from dataelec_assets.portals.folder.weather import open_replies

        with self._opening:
            if dataset.id not in self._weather:
                self._weather[dataset.id] = open_replies(self._layout, dataset, self._spill)
            return self._weather[dataset.id]

    def _look(self, dataset: Dataset) -> Look:
        """Return what the folder says of a data set, from memory when its files are the same."""
        files = self._files(dataset)
        with self._locks[dataset.id]:
            signature = self._signature(dataset, files)
            content = self._remembered(dataset, signature)
            known = _look_in(dataset, content) if content is not None else None
            return known or self._read(dataset, files, signature)

    def _files(self, dataset: Dataset) -> tuple[SourceFile, ...]:
        files = self._layout.files(dataset)
        if not files:
            raise DatasetAbsent(
                "the folder holds no file of it",
                dataset_id=dataset.id,
                request=str(self._layout.folder_of(dataset)),
                advice="Put its files there; the other data sets are not affected.",
            )
        return files

    def _rows(self, dataset: Dataset) -> RowsFile:
        """Return the rows of a data set, and read its files again when they are not there."""
        from dataelec_assets.portals.folder.rows_file import RowsFile

        files = self._files(dataset)
        with self._locks[dataset.id]:
            signature = self._signature(dataset, files)
            path = self._rows_path(dataset, signature)
            if not path.exists():
                self._read(dataset, files, signature)
            return self._fetched.setdefault(path, RowsFile(path))

    def _states(self, dataset: Dataset) -> list[datetime]:
        return self._layout.states(dataset) if dataset.stamped_by is not None else []

    def _rows_path(self, dataset: Dataset, signature: str) -> Path:
        return self._memory / f"{dataset.id}-{signature}.arrow"

    def _signature(self, dataset: Dataset, files: Sequence[SourceFile]) -> str:
        facts = [(file.path, file.path.stat()) for file in files]
        content = [
            _FORMAT,
            repr(dataset),
            self._layout.is_synthetic,
            [(str(path.relative_to(self._layout.root)), each.st_size, each.st_mtime_ns) for path, each in facts],
            [each.isoformat() for each in self._states(dataset)],
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def _read(self, dataset: Dataset, files: Sequence[SourceFile], signature: str) -> Look:
        """Read the files of a data set, and remember what they say."""
        synthetic = self._layout.is_synthetic
        with writable(self._memory, dataset.id):
            self._memory.mkdir(parents=True, exist_ok=True)
            # Earlier versions wrote Parquet.
            for rows in self._memory.glob(f"{dataset.id}-????????????????.*"):
                rows.unlink(missing_ok=True)
        try:
            if dataset.info.api in WEATHER:
                client = self._replies(dataset)
                metadata = client.metadata(dataset)
                look = Look(metadata, client.survey(dataset, metadata))
            elif dataset.info.api == "files":
                from dataelec_assets.portals.folder.editions import look_at_editions

                look = look_at_editions(dataset, self._layout.editions(dataset), synthetic=synthetic)
            else:
                from dataelec_assets.portals.folder.reading import read_tables

                draft = self._memory / f"{uuid4().hex}.tmp"
                try:
                    look = read_tables(
                        dataset,
                        files,
                        draft,
                        states=self._states(dataset),
                        stop=self._stop,
                        database=self._database,
                        synthetic=synthetic,
                    )
                    draft.replace(self._rows_path(dataset, signature))
                finally:
                    draft.unlink(missing_ok=True)
        except Stopping as error:
            raise UnexpectedContent("the reading was called off", dataset_id=dataset.id) from error
        self._remember(dataset, signature, look)
        return look

    def _remember(self, dataset: Dataset, signature: str, look: Look) -> None:
        metadata, survey = look.metadata, look.survey
        content = {
            "signature": signature,
            "title": metadata.title,
            "data_processed": metadata.data_processed.isoformat(),
            "records_count": metadata.records_count,
            "fields": [[each.name, each.label, each.type] for each in metadata.fields],
            "synthetic": metadata.synthetic,
            "notices": list(metadata.notices),
            "partitions": {key: each.text for key, each in survey.partitions.items()},
            "weak": list(survey.weak),
            "versions": dict(survey.versions),
        }
        path = self._memory / f"{dataset.id}.json"
        draft = self._memory / f"{uuid4().hex}.tmp"
        with writable(path, dataset.id):
            draft.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            draft.replace(path)

    def _remembered(self, dataset: Dataset, signature: str) -> dict[str, Any] | None:
        """Return what is remembered of these very files; None when nothing is, or it cannot be read."""
        try:
            content: dict[str, Any] = json.loads((self._memory / f"{dataset.id}.json").read_text(encoding="utf-8"))
            return content if content["signature"] == signature else None
        except _FORGOTTEN:
            return None


def _metadata_in(dataset: Dataset, content: dict[str, Any]) -> DatasetMetadata | None:
    """Return the metadata in what is remembered; None when they are not whole."""
    try:
        return DatasetMetadata(
            dataset.id,
            content["title"],
            datetime.fromisoformat(content["data_processed"]),
            content["records_count"],
            tuple(PortalField(*each) for each in content["fields"]),
            content["synthetic"],
            tuple(content["notices"]),
        )
    except _FORGOTTEN:
        return None


def _look_in(dataset: Dataset, content: dict[str, Any]) -> Look | None:
    """Return all that is remembered; None when it is not whole."""
    metadata = _metadata_in(dataset, content)
    try:
        partitions = {key: Fingerprint.read(text) for key, text in content["partitions"].items()}
        known = {key: each for key, each in partitions.items() if each is not None}
        survey = Survey(known, tuple(content["weak"]), content["versions"])
    except _FORGOTTEN:
        return None
    return Look(metadata, survey) if metadata is not None else None
