"""Raw vintages: the bytes as published, each with a manifest, none ever overwritten."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.atomic_files import move_into_place, read_as, read_json, touch, write_json
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.write_through import brought, copy_of

_RESTORE = "Restore it from a backup; what was made from it is kept and stays served (docs/runbooks.md)."

_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class Vintage:
    """One arrival of one partition, as its manifest describes it.

    Attributes:
        dataset_id, partition: its data set and partition.
        url, parameters: the request that was sent; for some partitions it is that of several, see ``is_cut``.
        fetched_at: when (ISO, UTC).
        portal_version: the portal's ``data_processed`` at that time, the time of the file for an edition (ISO, UTC).
        sha256: of the plain bytes as published; also the name of the object.
        bytes: number of plain bytes.
        rows: rows parsed from them.
        fingerprint: text of the fingerprint of the partition as the portal summed it up before the export, or None.
        licence: licence under which it was published.
        synthetic: whether the portal declared its data invented.
        is_cut: whether the request brought other partitions too, and the lines of this one were cut out of the reply.
    """

    dataset_id: str
    partition: str
    url: str
    parameters: dict[str, str]
    fetched_at: str
    portal_version: str
    sha256: str
    bytes: int
    rows: int
    fingerprint: str | None
    licence: str
    synthetic: bool
    is_cut: bool = False

    @property
    def name(self) -> str:
        """Name of its manifest: the time of its arrival and the beginning of its SHA-256."""
        return f"{datetime.fromisoformat(self.fetched_at).astimezone(UTC):{_STAMP}}_{self.sha256[:12]}"

    @property
    def known_at(self) -> datetime:
        """When the content became knowable (UTC): the publisher had processed it, even if we fetched it later."""
        return min(datetime.fromisoformat(each).astimezone(UTC) for each in (self.portal_version, self.fetched_at))


@dataclass(frozen=True, slots=True)
class Content:
    """What the Parquet copy of a vintage depends on.

    Attributes:
        sha256: of the bytes as published.
        stamp: the portal's version, for a data set that is stamped by it: it is part of what the Parquet holds.
    """

    sha256: str
    stamp: str | None = None

    @classmethod
    def of(cls, vintage: Vintage, dataset: Dataset) -> Content:
        """Return the content of a vintage of a data set."""
        return cls(vintage.sha256, vintage.portal_version if dataset.stamped_by else None)

    @property
    def text(self) -> str:
        """Both on one line, which signatures are made from."""
        return self.sha256 if self.stamp is None else f"{self.sha256} {self.stamp}"


class RawStore:
    """Objects by content, manifests by data set, partition and time.

    Args:
        paths: folders of the lake.
        selection: which vintages are visible; None: all. An invisible one counts as never arrived.
        without: further invisible vintages: data set, partition and name of the manifest.
    """

    def __init__(
        self,
        paths: LakePaths,
        selection: Callable[[Vintage], bool] | None = None,
        without: frozenset[tuple[str, str, str]] = frozenset(),
    ) -> None:
        self.paths = paths
        self._selection = selection
        self._without = without

    def object_path(self, sha256: str) -> Path:
        """Return where the bytes with this SHA-256 are stored, zstd-compressed."""
        return self.paths.objects / sha256[:2] / f"{sha256}.csv.zst"

    def check(self, sha256: str) -> Path:
        """Return the path of stored bytes, after checking all of them.

        Raises:
            LakeError: they are missing, or are not the bytes that were published.
        """
        import pyarrow as pa

        path = brought(self.object_path(sha256))
        digest = hashlib.sha256()
        try:
            with pa.input_stream(str(path), compression="zstd") as stream:
                while block := stream.read(1 << 20):
                    digest.update(block)
        except (OSError, pa.ArrowException) as error:
            raise LakeError(f"{path} cannot be read: {error}.", advice=_RESTORE) from error
        if digest.hexdigest() != sha256:
            raise LakeError(f"{path} does not hold the bytes that were published.", advice=_RESTORE)
        return path

    def _folder(self, dataset: Dataset) -> Path:
        return self.paths.manifests / dataset.id

    def pending(self, dataset_id: str) -> Path:
        """Return a file that exists while some vintage of the data set may not have reached its Parquet copy.

        It appears before the vintage and goes once every copy matches its vintages, so that a refresh without work
        need not check every partition.
        """
        return self.paths.manifests / dataset_id / ".pending"

    def keep(self, download: Path, vintage: Vintage, *, stamped: bool = False) -> bool:
        """Store a verified download and its manifest; return whether its content is new for the partition.

        Bytes equal to the partition's newest vintage make no new vintage, except in a data set that is ``stamped`` by
        the portal's version: that nothing had changed by that version is news. The object is in place before the
        manifest that names it, so a manifest never points at nothing.
        """
        newest = self.newest(vintage.dataset_id, vintage.partition)
        same = newest is not None and newest.sha256 == vintage.sha256
        if newest is not None and same and not (stamped and newest.portal_version != vintage.portal_version):
            download.unlink()
            return False
        vintage = _after(newest, vintage)
        target = self.object_path(vintage.sha256)
        # On a bucket, a run that was killed may have left one here that is not there.
        if target.exists() and copy_of(self.paths) is None:
            download.unlink()
        else:
            move_into_place(download, target)
        name = f"{vintage.name}.json"
        pending = self.pending(vintage.dataset_id)
        touch(pending)
        write_json(self.paths, self.paths.manifests / vintage.dataset_id / vintage.partition / name, asdict(vintage))
        return True

    def partitions(self, dataset: Dataset) -> list[str]:
        """Return the partitions that have a vintage, sorted."""
        folder = self._folder(dataset)
        names = sorted(each.name for each in folder.iterdir() if each.is_dir()) if folder.exists() else []
        is_all_seen = self._selection is None and not any(each == dataset.id for each, _, _ in self._without)
        return names if is_all_seen else [name for name in names if self._manifests(dataset.id, name)]

    def _manifests(self, dataset_id: str, partition: str) -> list[Path]:
        folder = self.paths.manifests / dataset_id / partition
        found = sorted(folder.glob("*.json")) if folder.exists() else []
        if self._without:
            found = [path for path in found if (dataset_id, partition, path.stem) not in self._without]
        return found if self._selection is None else [path for path in found if self._selection(_read(path))]

    def names(self, dataset: Dataset, partition: str) -> list[str]:
        """Return the names of the manifests of a partition, oldest first; they hold the time and the content."""
        return [path.stem for path in self._manifests(dataset.id, partition)]

    def vintages(self, dataset: Dataset, partition: str) -> Iterator[Vintage]:
        """Yield the vintages of a partition, oldest first.

        Raises:
            LakeError: a manifest is damaged.
        """
        for path in self._manifests(dataset.id, partition):
            yield _read(path)

    def contents(self, dataset: Dataset, partition: str) -> list[Content]:
        """Return the content of each vintage that can matter to the partition's Parquet, oldest first."""
        paths = self._manifests(dataset.id, partition)
        return [Content.of(_read(path), dataset) for path in (paths if dataset.keep_vanished else paths[-1:])]

    def newest(self, dataset_id: str, partition: str) -> Vintage | None:
        """Return the newest vintage of a partition, or None."""
        paths = self._manifests(dataset_id, partition)
        return _read(paths[-1]) if paths else None


def _after(newest: Vintage | None, arrived: Vintage) -> Vintage:
    """Return an arrival that sorts after the newest vintage, even if the clock went back in between."""
    if newest is None or arrived.name > newest.name:
        return arrived
    later = datetime.fromisoformat(newest.fetched_at) + timedelta(microseconds=1)
    return replace(arrived, fetched_at=later.astimezone(UTC).isoformat())


def _read(path: Path) -> Vintage:
    vintage = read_as(Vintage, path, read_json(path))
    if not re.fullmatch(r"[0-9a-f]{64}", vintage.sha256):
        raise LakeError(f"{path} is damaged: sha256 is {vintage.sha256!r}.")
    return vintage
