"""What each portal last answered, per data set: the memory that makes an unchanged source cost one call.

It is a memory only: when a file is lost, the fingerprints come back from the manifests and the next refresh writes it
again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Literal

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.files import read_as, read_json, write_json
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.raw import RawStore

Status = Literal["never", "fresh", "absent", "failed"]


@dataclass(slots=True)
class SourceState:
    """State of one source.

    Attributes:
        version: portal version (``data_processed``, ISO UTC) whose content is wholly in the lake.
        observed: portal version last seen.
        checked_at: when the portal was last asked (ISO UTC).
        status: outcome of the last refresh.
        message: the error of the last refresh, None when it went well.
        records_count: rows that the portal announced last.
        synthetic: whether the portal marks its data as invented.
        fingerprints: per partition, digest of the content that the lake holds, as the portal summed it up.
    """

    version: str | None = None
    observed: str | None = None
    checked_at: str | None = None
    status: Status = "never"
    message: str | None = None
    records_count: int | None = None
    synthetic: bool = False
    fingerprints: dict[str, str] = field(default_factory=dict)


def load_state(paths: LakePaths, dataset: Dataset) -> SourceState:
    """Return the state of a source; rebuilt from the manifests when its file is not there.

    Raises:
        LakeError: the file is damaged.
    """
    path = paths.state / f"{dataset.id}.json"
    if path.exists():
        return read_as(SourceState, path, read_json(path))
    raw = RawStore(paths)
    state = SourceState()
    for partition in raw.partitions(dataset):
        newest = raw.newest(dataset.id, partition)
        if newest is not None and newest.fingerprint is not None:
            state.fingerprints[partition] = newest.fingerprint
            state.synthetic = newest.synthetic
    return state


def save_state(paths: LakePaths, dataset: Dataset, state: SourceState) -> None:
    """Write the state of a source, atomically."""
    write_json(paths, paths.state / f"{dataset.id}.json", asdict(state))
