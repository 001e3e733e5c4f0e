"""The local copy of a lake whose truth is a bucket: what is written here is written there, in the same order.

A file is renamed into place here, then put under the same key there, and only then does the run go on: so a run that is
killed leaves in the bucket what it would have left on a disk. Parts, manifests and raw objects never change under their
names; indexes, heads and states are put on the condition that the bucket still holds what was read, so a run that lost
its lease overwrites nothing. Raw objects and parts are fetched when something reads them.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.bucket import Bucket, Refused, Tag
from dataelec_assets.lake.leases import Leases
from dataelec_assets.lake.paths import LakePaths

# Requests side by side: beyond it, a line of 100 Mbit/s is what limits.
SIDE_BY_SIDE = 16

_LISTED = ("raw/manifests/", "parquet/", "state/", "serving/locks/")
_OBJECTS = "raw/objects/"
# Caches of portals and folders: made again where they are missing.
_CACHES = ("state/folder/", "state/archives/")


class WorkingCopy:
    """The files of one lake on this machine.

    Attributes:
        bucket: where the lake is.
        leases: those of the lake that this process holds.
        paths: folders on this machine.
    """

    def __init__(self, paths: LakePaths, address: str) -> None:
        self.paths, self.bucket = paths, Bucket(address)
        self.leases = Leases(self.bucket)
        self._tags: dict[str, Tag] = {}
        # Replaced here, and not known to be in the bucket: a request has failed.
        self._unsent: set[str] = set()
        self._lock = threading.Lock()
        self._record_of: sqlite3.Connection | None = None

    # What was in step with the bucket when, so that the next run fetches only what has moved.

    @property
    def _record(self) -> sqlite3.Connection:
        if self._record_of is None:
            self.paths.root.mkdir(parents=True, exist_ok=True)
            record = sqlite3.connect(self.paths.root / ".bucket.sqlite", check_same_thread=False, isolation_level=None)
            record.execute("PRAGMA synchronous = OFF")  # what a crash of the machine loses is fetched again
            record.execute("CREATE TABLE IF NOT EXISTS files (key TEXT PRIMARY KEY, e_tag TEXT, version TEXT)")
            self._record_of = record
        return self._record_of

    def _note(self, key: str, tag: Tag | None) -> None:
        """Note under which tag a file is the bucket's; None: it may differ from it."""
        with self._lock:
            values = (key, tag.e_tag if tag else None, tag.version if tag else None)
            self._record.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", values)

    def _forget(self, key: str) -> None:
        with self._lock:
            self._record.execute("DELETE FROM files WHERE key = ?", (key,))

    # Reading.

    def key_of(self, path: Path) -> str | None:
        """Return the key of a file that the bucket has too; None for what is of this machine alone."""
        try:
            key = path.relative_to(self.paths.root).as_posix()
        except ValueError:
            return None
        return key if key.startswith((*_LISTED, _OBJECTS)) and not key.startswith(_CACHES) else None

    def has(self, path: Path) -> bool:
        """Return whether the bucket has a file, here or not. Of raw objects, what is not here counts as unknown."""
        return self.key_of(path) in self._tags

    def bring(self, paths: Iterable[Path]) -> None:
        """Fetch files that are not here; one that the bucket lacks stays missing."""
        missing = [(path, key) for path in paths if not path.exists() and (key := self.key_of(path)) is not None]
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="bucket") as pool:
            for _ in pool.map(lambda each: self._bring(*each), missing):
                pass

    def _bring(self, path: Path, key: str) -> bool:
        draft = self._draft()
        tag = self.bucket.fetch(key, draft)
        if tag is None:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        self._note(key, None)
        draft.replace(path)
        self._note(key, tag)
        self._tags[key] = tag
        return True

    def _draft(self) -> Path:
        self.paths.temporary.mkdir(parents=True, exist_ok=True)
        return self.paths.temporary / uuid4().hex

    def pull(self, dataset: Dataset | None = None) -> None:
        """Make the files here those of the bucket: one listing, and what has moved of the small ones.

        Args:
            dataset: only what its ingestion reads and writes, of which nobody else may use this copy meanwhile; None:
                everything, and nobody may use it at all.
        """
        folders = _LISTED if dataset is None else _folders_of(dataset)
        listed = {
            each.key: each.tag
            for prefix in folders
            for each in self.bucket.list(prefix)
            if not each.key.startswith(_CACHES)
        }
        rows = self._record.execute("SELECT * FROM files").fetchall()
        known = {key: Tag(*tag) for key, *tag in rows if dataset is None or key.startswith(folders)}
        for key in known.keys() - listed.keys():
            self._drop(key)
        self._tags = {
            key: tag for key, tag in self._tags.items() if dataset is not None and not key.startswith(folders)
        }
        moved = []
        for key, tag in listed.items():
            path, before = self.paths.root / key, known.get(key)
            is_same = before is not None and before.e_tag == tag.e_tag and path.exists()
            self._tags[key] = before if is_same and before is not None else tag
            # A lock of a publication never changes, and may have come with it.
            if not is_same and not key.endswith(".lock"):
                path.unlink(missing_ok=True)
                if not key.endswith(".parquet"):
                    moved.append(path)
        self.bring(moved)
        files = () if dataset is None else _files_of(dataset)
        for key in files:
            if not self._bring(self.paths.root / key, key):
                self._drop(key)
        unsent = set() if dataset is None else self._unsent
        self._unsent = {key for key in unsent if not key.startswith((*folders, *files))}

    def _drop(self, key: str) -> None:
        (self.paths.root / key).unlink(missing_ok=True)
        self._tags.pop(key, None)
        self._forget(key)

    # Writing.

    def expect(self, path: Path) -> str | None:
        """Note that a file is about to be replaced here; return its key, None when it is of this machine alone."""
        key = self.key_of(path)
        if key is not None and not key.startswith(_OBJECTS):
            self.leases.check()
            self._unsent.add(key)
            self._note(key, None)
        return key

    def send(self, key: str) -> None:
        """Put a file that was replaced here.

        Raises:
            LakeError: the bucket holds another one than was read, or does not answer.
        """
        path = self.paths.root / key
        tag = self.bucket.put(key, path) if _is_fixed(key) else self._swap(key, path.read_bytes())
        if not key.startswith(_OBJECTS):
            self._tags[key] = tag
            self._note(key, tag)
            self._unsent.discard(key)

    def _swap(self, key: str, content: bytes) -> Tag:
        before = self._tags.get(key)
        try:
            return self.bucket.create(key, content) if before is None else self.bucket.replace(key, content, before)
        except Refused:
            raise LakeError(
                f"{self.bucket.address}/{key} was written by another run since this one read it.",
                advice="Nothing was overwritten. Run the command again: it goes on from what is there now.",
            ) from None

    def remove(self, path: Path) -> None:
        """Remove a file that was removed here."""
        key = self.key_of(path)
        if key is not None and key in self._tags:
            self.leases.check()
            self.bucket.delete([key])
            del self._tags[key]
            self._forget(key)

    @contextmanager
    def writing(self, wait_seconds: float) -> Iterator[bool]:
        """Hold the lease of the writer; say whether others may have written meanwhile, whose files are here now.

        Raises:
            BusyError: another machine holds it, or that of a data set, for longer than ``wait_seconds``.
        """
        with self.leases.writing(wait_seconds) as is_behind:
            is_moved = is_behind or bool(self._unsent)
            if is_moved:
                self.pull()
            yield is_moved


def _folders_of(dataset: Dataset) -> tuple[str, ...]:
    """Return the folders that the ingestion of a data set reads and writes."""
    tables = (dataset.table, f"revisions/{dataset.table}", "revisions/vide")
    return (f"raw/manifests/{dataset.id}/", *(f"parquet/{each}/" for each in tables))


def _files_of(dataset: Dataset) -> tuple[str, ...]:
    """Return the files beside others' that it reads and writes; what is held back changes with the writer's lease."""
    return (f"state/{dataset.id}.json", f"state/partitions/{dataset.id}.json", "state/quarantine.json")


def _is_fixed(key: str) -> bool:
    """Return whether what lies under a key never changes: a name made from the content, or a mark without any."""
    return key.startswith((_OBJECTS, "raw/manifests/", "serving/locks/")) or key.endswith(".parquet")
