"""Several sources fetched side by side: a slow portal holds back nobody but itself."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from dataelec_assets.ingest.fetch import fetch_source
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.portals.downloads import CallOff, as_they_end
from dataelec_assets.portals.progress import Progress, SilentProgress
from dataelec_assets.run_context import RunContext


@dataclass(frozen=True, slots=True)
class Download:
    """What to fetch of one source.

    Attributes:
        observation: what its portal said a moment ago.
        partitions: their keys.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.
    """

    observation: Observation
    partitions: tuple[str, ...]
    accept_shrink: bool = False


class _Part(SilentProgress):
    """Shows the downloads of one source as a part of those of all."""

    def __init__(self, shared: Progress) -> None:
        self._shared = shared

    def received(self, count: int) -> None:
        """Count bytes."""
        self._shared.received(count)

    def done(self, label: str, error: Exception | None) -> None:
        """Count one task."""
        self._shared.done(label, error)


class Downloads:
    """Sources that are being fetched, each in its own time.

    Of each portal as many sources are fetched at a time as the settings allow downloads; together they have no more of
    these than one source has alone. The caller holds the lock of the lake, so that it can copy meanwhile.

    Args:
        ctx: settings and folders.
        wanted: what to fetch; it begins at once.
        progress: where downloads show their advance.
    """

    def __init__(self, ctx: RunContext, wanted: Sequence[Download], progress: Progress) -> None:
        self._ctx = ctx
        self._progress = progress
        self._called_off = CallOff()
        self._pools = ExitStack()
        self._futures: dict[str, Future[SourceReport]] = {}
        if not wanted:
            return
        tasks = sum(len(each.partitions) for each in wanted)
        progress.begin(wanted[0].observation.dataset.id if len(wanted) == 1 else f"{len(wanted)} data sets", tasks)
        pools = {
            portal: self._pools.enter_context(ThreadPoolExecutor(ctx.settings.connections, thread_name_prefix=portal))
            for portal in sorted({each.observation.dataset.portal for each in wanted})
        }
        for each in wanted:
            dataset = each.observation.dataset
            self._futures[dataset.id] = pools[dataset.portal].submit(self._fetch, each)

    def _fetch(self, each: Download) -> SourceReport:
        return fetch_source(
            self._ctx,
            each.observation,
            _Part(self._progress),
            partitions=each.partitions,
            accept_shrink=each.accept_shrink,
            called_off=self._called_off,
        )

    def report_of(self, dataset_id: str) -> SourceReport | None:
        """Wait for the report of a source; None when it is not being fetched, or its report was given before.

        Raises:
            Cancelled: the downloads were called off.
        """
        future = self._futures.pop(dataset_id, None)
        if future is None:
            return None
        (report,) = as_they_end([future], self._called_off)
        return report

    def close(self) -> None:
        """Call off what still runs and wait until its threads have ended; what has arrived is kept."""
        self._called_off.set()
        for future in self._futures.values():
            future.cancel()
        self._pools.close()
