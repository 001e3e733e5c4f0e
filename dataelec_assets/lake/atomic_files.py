"""Files that appear whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from threading import get_ident
from typing import Any, TypeVar
from uuid import uuid4

from dataelec_assets.disk import cannot_write, writable
from dataelec_assets.errors import BusyError, LakeError, Superseded
from dataelec_assets.lake.paths import LakePaths

Record = TypeVar("Record")

# Bytes that one call copies at most: the kernel takes up to 2 GB.
_AT_ONCE = 2**30

# Threads of this process that need no other lock of a lake: that which holds the writer lock, or those of data sets.
_held: set[tuple[Path, int]] = set()


def temporary_path(paths: LakePaths, suffix: str) -> Path:
    """Return a new name in the lake's temporary folder, on the same file system as the final names.

    Raises:
        LakeError: the folder cannot be made.
    """
    with writable(paths.temporary):
        paths.temporary.mkdir(parents=True, exist_ok=True)
    return paths.temporary / f"{uuid4().hex}{suffix}"


def move_into_place(source: Path, target: Path) -> None:
    """Rename ``source`` to ``target`` atomically, after its bytes have reached the disk.

    Raises:
        LakeError: it cannot be written there.
    """
    with writable(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as stream:
            os.fsync(stream.fileno())
        source.replace(target)


def forbid_writing(path: Path) -> None:
    """Take from everybody the right to write to a file; to replace it is a right of its folder.

    Raises:
        LakeError: this user may not.
    """
    with writable(path):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file; where the file system can, both share their blocks until one is written to, and nothing is copied.

    Raises:
        OSError: it cannot be written there.
    """
    with suppress(AttributeError, OSError), source.open("rb") as stream, target.open("wb") as copy:
        # Makes a reflink on Btrfs, XFS and others, and copies inside the kernel elsewhere. Not everywhere: macOS and
        # some network file systems lack it.
        while os.copy_file_range(stream.fileno(), copy.fileno(), _AT_ONCE):
            pass
        return
    shutil.copyfile(source, target)


def point_to(link: Path, folder: Path) -> None:
    """Make ``link`` point to ``folder`` beside it by one rename, then remove the folders of older publications."""
    draft = link.with_name(f"{link.name}.{uuid4().hex[:8]}")
    with writable(link):
        draft.symlink_to(folder.name, target_is_directory=True)
        draft.replace(link)
    for old in link.parent.glob(f"{link.name}[-.]*"):
        if old.is_symlink():
            old.unlink()  # left by a refresh that was killed
        elif old != folder:
            shutil.rmtree(old)


def write_json(paths: LakePaths, target: Path, content: Any, indent: int | None = 1) -> None:
    """Write ``content`` as JSON to ``target``, atomically; without ``indent``, ten times faster.

    Raises:
        LakeError: it cannot be written.
    """
    draft = temporary_path(paths, ".json")
    with writable(target):
        draft.write_text(
            json.dumps(content, ensure_ascii=False, indent=indent, sort_keys=True) + "\n", encoding="utf-8"
        )
    move_into_place(draft, target)


def read_json(path: Path) -> Any:
    """Return the content of a JSON file of the lake.

    Raises:
        LakeError: the file is not JSON, or this user may not read it.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LakeError(
            f"{path} cannot be read: {error.strerror or error}.",
            advice="Give the user who runs it the right to read the lake.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise LakeError(
            f"{path} is damaged: {error}.", advice="Delete it; `dataelec refresh` writes it again."
        ) from error


def read_as(kind: type[Record], path: Path, content: Any) -> Record:
    """Return the content of a JSON file as a dataclass.

    Raises:
        LakeError: the fields are not those of the dataclass.
    """
    try:
        return kind(**content)
    except TypeError as error:
        raise LakeError(
            f"{path} was not written by this version: {error}.",
            advice="Move it away; `dataelec refresh` writes it again.",
        ) from error


@contextmanager
def exclusive(paths: LakePaths, *, wait_seconds: float = 0, run: str | None = None) -> Iterator[None]:
    """Hold the lake's writer lock, and first remove what a killed run has left.

    The lock belongs to the operating system and ends with the process, so a killed refresh blocks nobody. A thread that
    holds it may take it again; other threads wait as other processes do. Data sets that are being ingested
    (:func:`ingesting`) are waited for.

    Args:
        paths: folders of the lake.
        wait_seconds: how long to wait for the lock, and for each data set.
        run: the run on several machines whose step this is; None: there is none.

    Raises:
        BusyError: another process holds it for longer than ``wait_seconds``.
        Superseded: the run no longer holds the refresh.
        LakeError: the folder of the lake cannot be written to.
    """
    from filelock import Timeout

    mine = paths.lock, get_ident()
    if mine in _held:
        yield
        return
    require_run(paths, run)
    try:
        with _locked(paths.lock, wait_seconds):
            for other in paths.ingest_locks.glob("*.lock"):
                with _locked(other, wait_seconds):
                    pass
            require_run(paths, run)
            _held.add(mine)
            try:
                shutil.rmtree(paths.temporary, ignore_errors=True)
                yield
            finally:
                _held.remove(mine)
    except Timeout as error:
        raise BusyError(f"Another refresh is writing to {paths.root}.") from error


@contextmanager
def ingesting(paths: LakePaths, dataset_id: str, *, run: str, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the lock of one data set, beside other steps of the same run that hold those of others.

    It is taken behind the writer lock, as through a turnstile: whoever holds that one (:func:`exclusive`) keeps new
    steps out while those inside end. What this thread does meanwhile needs no other lock.

    Args:
        paths: folders of the lake.
        dataset_id: the data set.
        run: the run on several machines whose step this is.
        wait_seconds: how long to wait for each of both locks.

    Raises:
        BusyError: another process holds one of them for too long.
        Superseded: the run no longer holds the refresh.
        LakeError: the folder of the lake cannot be written to.
    """
    from filelock import Timeout

    # A step that has nothing to do any more does not wait for those that have.
    require_run(paths, run)
    try:
        with ExitStack() as held:
            with _locked(paths.lock, wait_seconds):
                require_run(paths, run)
                held.enter_context(_locked(paths.ingest_locks / f"{dataset_id}.lock", wait_seconds))
            mine = paths.lock, get_ident()
            _held.add(mine)
            held.callback(_held.remove, mine)
            yield
    except Timeout as error:
        raise BusyError(f"Another process is writing to {dataset_id} in {paths.root}.") from error


@contextmanager
def refreshing(paths: LakePaths, *, wait_seconds: float = 0, run: str | None = None) -> Iterator[None]:
    """Hold the lock of whole refreshes: a refresh that had to wait for it finds little or nothing left to do.

    Whoever held it before has ended or is dead. So whoever takes it takes the refresh from the run that is named in the
    lake, whose last steps may still wait on other machines: they find that it is not theirs (:func:`require_run`).

    Args:
        paths: folders of the lake.
        wait_seconds: how long to wait for it.
        run: the run on several machines that is named in the lake meanwhile; None: all is done by this process.

    Raises:
        BusyError: another process refreshes for longer than ``wait_seconds``.
        LakeError: the folder of the lake cannot be written to.
    """
    from filelock import Timeout

    try:
        with _locked(paths.refresh_lock, wait_seconds):
            _name_run(paths, run)
            try:
                yield
            finally:
                if run is not None:
                    _name_run(paths, None)
    except Timeout as error:
        raise BusyError(f"Another refresh of {paths.root} is running.") from error


def require_run(paths: LakePaths, run: str | None) -> None:
    """Refuse to go on with a step of a run that no longer holds the refresh of the lake.

    Args:
        paths: folders of the lake.
        run: whose step it is; None: no run on several machines.

    Raises:
        Superseded: it is named in the lake no more.
        LakeError: the file that names it is damaged.
    """
    if run is None:
        return
    try:
        holder = read_json(paths.refresh_run)["run"]
    except LakeError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        holder = None
    if holder != run:
        now = f"run {holder[:8]} holds it" if holder else "it has ended, or another refresh has taken its place"
        raise Superseded(f"Run {run[:8]} no longer holds the refresh of {paths.root}: {now}.")


def _name_run(paths: LakePaths, run: str | None) -> None:
    with writable(paths.refresh_run):
        if run is None:
            paths.refresh_run.unlink(missing_ok=True)
            return
        # Not among the temporary files, which whoever takes the writer lock removes.
        draft = paths.refresh_run.with_suffix(f".{uuid4().hex}")
        draft.write_text(json.dumps({"run": run}) + "\n", encoding="utf-8")
    move_into_place(draft, paths.refresh_run)


def _locked(file: Path, wait_seconds: float) -> AbstractContextManager[object]:
    """Take a lock of the operating system.

    Raises:
        Timeout: another process holds it.
        LakeError: its file cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(file).acquire(timeout=wait_seconds)
    except Timeout:
        raise
    except OSError as error:
        raise cannot_write(file, error) from error
