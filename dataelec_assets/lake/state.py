"""What each portal last answered, per data set: the memory that makes an unchanged source cost one call.

Each data set has two files: a small one that every refresh reads, whose size does not grow with the history, and one
with a line per partition that is read only when something moved. They can be lost, or be older than the vintages after
a killed refresh: the manifests say what the lake holds, and the next refresh asks the portals again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.atomic_files import read_as, read_json, write_json
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.raw import RawStore, Vintage

Status = Literal["never", "fresh", "stale", "absent", "failed"]


@dataclass(slots=True)
class SourceState:
    """State of one source.

    Attributes:
        version: portal version (``data_processed``, ISO UTC) whose whole content is in the lake.
        observed: portal version last seen.
        checked_at: when the portal last answered, or was last asked in vain (ISO UTC).
        unchanged_since: when the current version was first seen (ISO UTC).
        status: ``fresh`` (raw holds all that the portal shows), ``stale`` (something must be fetched), ``absent``,
            ``failed`` or ``never`` asked.
        message: the error of the last refresh, None when it went well.
        failures: consecutive failures of the source, on which the back-off depends.
        failing_since: when the first of them was (ISO UTC); None when there is none, or it was not noted.
        stale: partitions to fetch, as last observed.
        records_count: rows that the portal last announced.
        synthetic: whether the portal marks its data as invented.
        not_loaded: rows of the portal that cannot be loaded, as last observed; None: an earlier version of the program
            did not count them.
        missing: editions that were not at their addresses, as last observed.
        overdue: what is to be said of an edition that should be out and is not; None when there is nothing.
        standing: what showed (``ingest/standing.py``) that all of a folder was in the lake, and nothing to be said of
            it; None when something was missing, or for a portal.
    """

    version: str | None = None
    observed: str | None = None
    checked_at: str | None = None
    unchanged_since: str | None = None
    status: Status = "never"
    message: str | None = None
    failures: int = 0
    failing_since: str | None = None
    stale: int = 0
    records_count: int | None = None
    synthetic: bool = False
    not_loaded: int | None = None
    missing: list[str] = field(default_factory=list)
    overdue: str | None = None
    standing: str | None = None

    def failed(self, message: str, *, absent: bool = False) -> None:
        """Record a failure of the source."""
        self.status, self.message = ("absent" if absent else "failed"), message
        if not self.failures:
            self.failing_since = self.checked_at
        self.failures += 1

    def answered(self, stale: int) -> None:
        """Record that the portal answered, and how many partitions must be fetched.

        A source that failed while fetching stays failed until the missing partitions have arrived.
        """
        if not stale or not self.failures:
            self.settled(stale)
        self.stale = stale

    def settled(self, stale: int = 0) -> None:
        """Record a success, and how many partitions must still be fetched."""
        self.status, self.message, self.stale, self.failures = ("stale" if stale else "fresh"), None, stale, 0
        self.failing_since = None


@dataclass(slots=True)
class PartitionMemory:
    """What is known of each partition, as texts of fingerprints.

    Attributes:
        lake: content that the lake holds.
        portal: content that the portal showed when it was last asked.
        version: portal version of ``portal``.
        weak: principal measures whose sums the portal could not give.
        vintages: name of the newest vintage behind ``lake``.
    """

    lake: dict[str, str] = field(default_factory=dict)
    portal: dict[str, str] = field(default_factory=dict)
    version: str | None = None
    weak: list[str] = field(default_factory=list)
    vintages: dict[str, str] = field(default_factory=dict)

    def follow(self, raw: RawStore, dataset: Dataset) -> None:
        """Take what the lake holds from the manifests wherever their newest is not the remembered one.

        A killed refresh has kept vintages that it could not record. They must be neither fetched again nor forgotten if
        the publisher returns to an earlier state. The manifests alone are not enough: an arrival with the bytes of the
        one before leaves none, although the portal sums it up differently.
        """
        names = {partition: raw.names(dataset, partition) for partition in raw.partitions(dataset)}
        newest = {partition: known[-1] for partition, known in names.items() if known}
        for partition in self.vintages.keys() - newest.keys():
            self.lake.pop(partition, None)
            del self.vintages[partition]
        for partition, name in newest.items():
            if name == self.vintages.get(partition):
                continue
            self.vintages[partition] = name
            vintage = raw.newest(dataset.id, partition)
            if vintage is None or vintage.fingerprint is None:
                self.lake.pop(partition, None)
            else:
                self.lake[partition] = vintage.fingerprint


def load_state(paths: LakePaths, dataset: Dataset) -> SourceState:
    """Return the state of a source; a new one when it has no file.

    Raises:
        LakeError: the file is damaged.
    """
    path = paths.state / f"{dataset.id}.json"
    if path.exists():
        return read_as(SourceState, path, read_json(path))
    newest = _newest(paths, dataset)
    return SourceState(synthetic=any(each.synthetic for each in newest.values()))


def save_state(paths: LakePaths, dataset: Dataset, state: SourceState) -> None:
    """Write the state of a source, atomically."""
    write_json(paths, paths.state / f"{dataset.id}.json", asdict(state))


def load_memory(paths: LakePaths, dataset: Dataset) -> PartitionMemory:
    """Return what is known of each partition, completed from the manifests.

    Raises:
        LakeError: the file or a manifest is damaged.
    """
    path = _memory_path(paths, dataset)
    memory = read_as(PartitionMemory, path, read_json(path)) if path.exists() else PartitionMemory()
    memory.follow(RawStore(paths), dataset)
    return memory


def save_memory(paths: LakePaths, dataset: Dataset, memory: PartitionMemory) -> None:
    """Write what is known of each partition, atomically; before :func:`save_state`, which vouches for it."""
    write_json(paths, _memory_path(paths, dataset), asdict(memory))


def _memory_path(paths: LakePaths, dataset: Dataset) -> Path:
    return paths.state / "partitions" / f"{dataset.id}.json"


def _newest(paths: LakePaths, dataset: Dataset) -> dict[str, Vintage]:
    raw = RawStore(paths)
    found = {partition: raw.newest(dataset.id, partition) for partition in raw.partitions(dataset)}
    return {partition: vintage for partition, vintage in found.items() if vintage is not None}
