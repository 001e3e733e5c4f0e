"""The locks of a lake: of whoever writes, of whoever ingests one data set, and of whoever runs a whole refresh.

On a bucket, each is a lease too: files lock between the processes of a machine, leases between machines.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from threading import get_ident
from uuid import uuid4

from dataelec_assets.catalog import Dataset
from dataelec_assets.disk import cannot_write, writable
from dataelec_assets.errors import BusyError, LakeError, Superseded
from dataelec_assets.lake.atomic_files import move_into_place, read_json
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.takeover import take_over
from dataelec_assets.lake.write_through import copy_of

# Threads of this process that need no other lock of a lake: that which holds the writer lock, or those of data sets.
_held: set[tuple[Path, int]] = set()


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
            shutil.rmtree(paths.temporary, ignore_errors=True)
            with _leased(paths, wait_seconds):
                require_run(paths, run)
                _held.add(mine)
                try:
                    take_over(paths)
                    yield
                finally:
                    _held.remove(mine)
    except Timeout as error:
        raise BusyError(f"Another refresh is writing to {paths.root}.") from error


@contextmanager
def ingesting(paths: LakePaths, dataset: Dataset, *, run: str, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the lock of one data set, beside other steps of the same run that hold those of others.

    It is taken behind the writer lock, as through a turnstile: whoever holds that one (:func:`exclusive`) keeps new
    steps out while those inside end. What this thread does meanwhile needs no other lock. On a bucket, what other
    machines have made of the data set is here then.

    Args:
        paths: folders of the lake.
        dataset: what is ingested.
        run: the run on several machines whose step this is.
        wait_seconds: how long to wait for each of both locks.

    Raises:
        BusyError: another process holds one of them for too long.
        Superseded: the run no longer holds the refresh.
        LakeError: the folder of the lake cannot be written to, or its bucket does not answer.
    """
    from filelock import Timeout

    copy = copy_of(paths)
    # A step that has nothing to do any more does not wait for those that have.
    require_run(paths, run)
    try:
        with ExitStack() as held:
            with (
                _locked(paths.lock, wait_seconds),
                nullcontext() if copy is None else copy.leases.passing(wait_seconds),
            ):
                require_run(paths, run)
                held.enter_context(_locked(paths.ingest_locks / f"{dataset.id}.lock", wait_seconds))
                if copy is not None:
                    held.enter_context(copy.leases.ingesting(dataset, wait_seconds))
            mine = paths.lock, get_ident()
            _held.add(mine)
            held.callback(_held.remove, mine)
            if copy is not None:
                copy.pull(dataset)
            yield
    except Timeout as error:
        raise BusyError(f"Another process is writing to {dataset.id} in {paths.root}.") from error


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
            copy = copy_of(paths)
            # The lease names the run itself: whoever takes it takes the name in the same write.
            with _named(paths, run) if copy is None else copy.leases.refreshing(wait_seconds, run):
                yield
    except Timeout as error:
        raise BusyError(f"Another refresh of {paths.root} is running.") from error


def require_run(paths: LakePaths, run: str | None) -> None:
    """Refuse to go on with a step of a run that no longer holds the refresh of the lake.

    Args:
        paths: folders of the lake.
        run: whose step it is; None: no run on several machines.

    Raises:
        Superseded: it is named in the lake no more.
        LakeError: what names it is damaged, or the bucket does not answer.
    """
    if run is None:
        return
    copy = copy_of(paths)
    holder = run_of(paths)
    if holder != run:
        now = f"run {holder[:8]} holds it" if holder else "it has ended, or another refresh has taken its place"
        place = paths.root if copy is None else copy.bucket.address
        raise Superseded(f"Run {run[:8]} no longer holds the refresh of {place}: {now}.")


def run_of(paths: LakePaths) -> str | None:
    """Return the run on several machines that the lake names; None while there is none.

    Raises:
        LakeError: what names it is damaged, or the bucket does not answer.
    """
    if (copy := copy_of(paths)) is not None:
        return copy.leases.run()
    try:
        return str(read_json(paths.refresh_run)["run"])
    except LakeError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


@contextmanager
def _named(paths: LakePaths, run: str | None) -> Iterator[None]:
    _name_run(paths, run)
    try:
        yield
    finally:
        if run is not None:
            _name_run(paths, None)


def _name_run(paths: LakePaths, run: str | None) -> None:
    with writable(paths.refresh_run):
        if run is None:
            paths.refresh_run.unlink(missing_ok=True)
            return
        # Not among the temporary files, which whoever takes the writer lock removes.
        draft = paths.refresh_run.with_suffix(f".{uuid4().hex}")
        draft.write_text(json.dumps({"run": run}) + "\n", encoding="utf-8")
    move_into_place(draft, paths.refresh_run)


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

        with suppress(Timeout), ExitStack() as held:
            for lock in (paths.lock, *paths.ingest_locks.glob("*.lock")):
                held.enter_context(_locked(lock, 0))
            copy.pull()
            take(copy)


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
