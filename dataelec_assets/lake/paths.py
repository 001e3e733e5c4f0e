"""The folders of a lake."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dataelec_assets.errors import LakeError


@dataclass(frozen=True, slots=True)
class LakePaths:
    """Where each kind of file lives under ``root``.

    ``raw/objects`` holds the bytes as published, by content; ``raw/manifests`` says when each was fetched and from
    where; ``parquet`` is derived from ``raw`` and may be deleted; ``state`` remembers what the portals last said.
    """

    root: Path

    def require(self) -> None:
        """Make sure that there is a lake, for what would otherwise make an empty folder where none was meant.

        Raises:
            LakeError: there is no such folder.
        """
        if not self.root.is_dir():
            raise LakeError(
                f"There is no lake in {self.root}.", advice="Run `dataelec refresh` first, or set DATAELEC_LAKE."
            )

    @property
    def objects(self) -> Path:
        """Published bytes, zstd-compressed, named by the SHA-256 of the plain bytes."""
        return self.root / "raw" / "objects"

    @property
    def manifests(self) -> Path:
        """One JSON file per vintage, by data set and partition."""
        return self.root / "raw" / "manifests"

    @property
    def parquet(self) -> Path:
        """Typed copies, hive-partitioned."""
        return self.root / "parquet"

    @property
    def form(self) -> Path:
        """Says by which names the Parquet files are there; a lake of version 1 has none."""
        return self.parquet / "form.json"

    @property
    def state(self) -> Path:
        """What each portal last answered, one JSON file per data set."""
        return self.root / "state"

    @property
    def warehouse(self) -> Path:
        """The one DuckDB file that is written to."""
        return self.root / "warehouse" / "warehouse.duckdb"

    @property
    def serving(self) -> Path:
        """What users open."""
        return self.root / "serving"

    @property
    def served_file(self) -> Path:
        """The published DuckDB file."""
        return self.serving / "dataelec.duckdb"

    @property
    def temporary(self) -> Path:
        """Unfinished files; on the same file system, so that a rename is atomic."""
        return self.root / "tmp"

    @property
    def lock(self) -> Path:
        """Held by the one process that writes."""
        return self.root / ".lock"

    @property
    def refresh_lock(self) -> Path:
        """Held by the one process that runs a whole refresh."""
        return self.root / ".refresh.lock"

    @property
    def refresh_run(self) -> Path:
        """Names the run on several machines that holds the refresh; not there while there is none."""
        return self.root / ".refresh.json"

    @property
    def ingest_locks(self) -> Path:
        """A lock for each data set that a run on several machines has ingested."""
        return self.root / ".ingest"

    @property
    def handover(self) -> Path:
        """What the steps of a run on several machines hand to each other, by run."""
        return self.root / "handover"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own state when ``DAGSTER_HOME`` is not set."""
        return self.root / "dagster"

    @property
    def superset_home(self) -> Path:
        """Superset's own state: its database, its account and the key of its sessions."""
        return self.root / "superset"
