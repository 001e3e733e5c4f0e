"""The two locks of a lake: of whoever writes, and of whoever runs a whole refresh; on a bucket each is a lease too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from threading import get_ident

from dataelec_assets.disk import cannot_write
from dataelec_assets.errors import BusyError
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.takeover import take_over
from dataelec_assets.lake.write_through import copy_of

# The thread of this process that holds each lock.
_held: dict[Path, int] = {}


@contextmanager
def exclusive(paths: LakePaths, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the lake's writer lock, and first remove what a killed run has left.

    The lock belongs to the operating system and ends with the process, so a killed refresh blocks nobody. A thread that
    holds it may take it again; other threads wait as other processes do.

    Raises:
        BusyError: another process holds it for longer than ``wait_seconds``.
        LakeError: the folder of the lake cannot be written to.
    """
    from filelock import Timeout

    if _held.get(paths.lock) == get_ident():
        yield
        return
    try:
        with _locked(paths, paths.lock, wait_seconds):
            _held[paths.lock] = get_ident()
            try:
                shutil.rmtree(paths.temporary, ignore_errors=True)
                with _leased(paths, wait_seconds):
                    take_over(paths)
                    yield
            finally:
                del _held[paths.lock]
    except Timeout as error:
        raise BusyError(f"Another refresh is writing to {paths.root}.") from error


@contextmanager
def refreshing(paths: LakePaths, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the lock of whole refreshes: a refresh that had to wait for it finds little or nothing left to do.

    Raises:
        BusyError: another process refreshes for longer than ``wait_seconds``.
        LakeError: the folder of the lake cannot be written to.
    """
    from filelock import Timeout

    try:
        with _locked(paths, paths.refresh_lock, wait_seconds):
            copy = copy_of(paths)
            with nullcontext() if copy is None else copy.refreshing(wait_seconds):
                yield
    except Timeout as error:
        raise BusyError(f"Another refresh of {paths.root} is running.") from error


@contextmanager
def _leased(paths: LakePaths, wait_seconds: float) -> Iterator[None]:
    """Hold the lease of a lake on a bucket too, with the files of whoever wrote last."""
    copy = copy_of(paths)
    if copy is None:
        yield
        return
    from dataelec_assets.lake.served_copy import take

    with copy.writing(wait_seconds) as is_moved:
        if is_moved:
            take(copy)
        yield


def freshen(paths: LakePaths) -> None:
    """Bring the working copy of a bucket up to date for whoever only reads; a run of this machine keeps it so itself.

    Raises:
        LakeError: the bucket does not answer.
    """
    if (copy := copy_of(paths)) is not None:
        from filelock import Timeout

        from dataelec_assets.lake.served_copy import take

        with suppress(Timeout), _locked(paths, paths.lock, 0):
            copy.pull()
            take(copy)


def _locked(paths: LakePaths, file: Path, wait_seconds: float) -> AbstractContextManager[object]:
    """Take a lock of the operating system.

    Raises:
        Timeout: another process holds it.
        LakeError: its file cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        paths.root.mkdir(parents=True, exist_ok=True)
        return FileLock(file).acquire(timeout=wait_seconds)
    except Timeout:
        raise
    except OSError as error:
        raise cannot_write(file, error) from error
