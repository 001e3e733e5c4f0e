"""The leases of one lake on a bucket: of whoever writes, of whoever ingests one data set, of whoever runs a refresh.

They hold between machines as the locks of :mod:`.locks` do between the processes of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.bucket import Bucket, Tag
from dataelec_assets.lake.lease import Lease, acquire, holder_of, lease

_WRITE, _REFRESH, _INGEST = "write", "refresh", "ingest"

# Requests side by side, one for each data set that was ever ingested on several machines.
_SIDE_BY_SIDE = 16


class Leases:
    """Those that this process holds.

    Args:
        bucket: where the lake is.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._held: list[Lease] = []
        self._released: Tag | None = None

    def check(self) -> None:
        """Make sure that the leases that were taken to write still hold.

        Raises:
            LakeError: one was lost.
        """
        for held in tuple(self._held):
            held.check()

    @contextmanager
    def writing(self, wait_seconds: float) -> Iterator[bool]:
        """Hold the lease of the writer; say whether others may have written since this process last held it.

        Whoever ingests a data set has passed through this lease (:meth:`passing`): they are waited for.

        Raises:
            BusyError: another machine holds it, or that of a data set, for longer than ``wait_seconds``.
        """
        held, before = acquire(self._bucket, _WRITE, wait_seconds=wait_seconds)
        is_moved = before is None or before != self._released
        self._released, is_whole = None, False
        self._held.append(held)
        try:
            if is_moved:
                self._outlast(wait_seconds)
            yield is_moved
            is_whole = True
        finally:
            self._held.remove(held)
            released = held.release()
            # What failed halfway has perhaps not taken over what others have written: the next one does.
            self._released = released if is_whole else None

    @contextmanager
    def passing(self, wait_seconds: float) -> Iterator[None]:
        """Hold the lease of the writer while that of a data set is taken: nobody writes to the whole lake then.

        Raises:
            BusyError: another machine holds it for longer than ``wait_seconds``.
        """
        with self._holding(_WRITE, wait_seconds):
            yield

    @contextmanager
    def ingesting(self, dataset: Dataset, wait_seconds: float) -> Iterator[None]:
        """Hold the lease of a data set.

        Raises:
            BusyError: another machine holds it for longer than ``wait_seconds``.
        """
        with self._holding(f"{_INGEST}/{dataset.id}", wait_seconds):
            yield

    @contextmanager
    def refreshing(self, wait_seconds: float, run: str | None) -> Iterator[None]:
        """Hold the lease of whole refreshes, and name the run on several machines whose refresh it is.

        Raises:
            BusyError: another machine holds it for longer than ``wait_seconds``.
        """
        with lease(self._bucket, _REFRESH, wait_seconds=wait_seconds, run=run):
            yield

    def run(self) -> str | None:
        """Return the run on several machines that is named now; None while there is none.

        Raises:
            LakeError: the lease is damaged, or the bucket does not answer.
        """
        known = holder_of(self._bucket, _REFRESH)
        return known.run if known is not None else None

    def _outlast(self, wait_seconds: float) -> None:
        """Wait for whoever holds the lease of a data set; from a dead one it is taken once its time is up."""
        keys = [each.key for each in self._bucket.list(f"leases/{_INGEST}/")]
        names = [key.removeprefix("leases/").removesuffix(".json") for key in keys]
        with ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="bucket") as pool:
            holders = [*pool.map(lambda name: holder_of(self._bucket, name), names)]
        for name, holder in zip(names, holders, strict=True):
            if holder is not None:
                with self._holding(name, wait_seconds):
                    pass

    @contextmanager
    def _holding(self, name: str, wait_seconds: float) -> Iterator[None]:
        with lease(self._bucket, name, wait_seconds=wait_seconds) as held:
            self._held.append(held)
            try:
                yield
            finally:
                self._held.remove(held)
