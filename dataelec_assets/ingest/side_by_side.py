"""Several sources fetched side by side: a slow portal holds back nobody but itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from dataelec_assets.catalog import Dataset
from dataelec_assets.ingest.fetch import SourceReport, fetch_source
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.lake.atomic_files import exclusive
from dataelec_assets.portals.downloads import CallOff, as_they_end
from dataelec_assets.portals.progress import Progress, SilentProgress
from dataelec_assets.run_context import RunContext


class _Part(SilentProgress):
    """Shows the downloads of one source as a part of those of all."""

    def __init__(self, whole: Progress) -> None:
        self._whole = whole

    def received(self, count: int) -> None:
        """Count bytes."""
        self._whole.received(count)

    def done(self, label: str, error: Exception | None) -> None:
        """Count one task."""
        self._whole.done(label, error)


@contextmanager
def fetch_side_by_side(
    ctx: RunContext,
    wanted: Sequence[tuple[Observation, Sequence[str]]],
    progress: Progress,
    *,
    accept_shrink: bool,
) -> Iterator[Callable[[Dataset], SourceReport]]:
    """Begin to fetch, and give a function that waits for the report of one source.

    Of each portal as many sources are fetched at a time as the settings allow downloads; together they have no more of
    these than one source has alone. The thread that waits holds the lock of the lake, so that it can copy meanwhile.

    Args:
        ctx: settings and folders.
        wanted: what the portals said a moment ago, and the partitions to fetch.
        progress: where downloads show their advance.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.

    Raises:
        BusyError: another process holds the lock of the lake for too long.
    """
    if not wanted:
        yield _nothing
        return
    called_off = CallOff()
    tasks = sum(len(partitions) for _, partitions in wanted)
    progress.begin(wanted[0][0].dataset.id if len(wanted) == 1 else f"{len(wanted)} data sets", tasks)

    def fetch(observation: Observation, partitions: Sequence[str]) -> SourceReport:
        return fetch_source(
            ctx,
            observation.dataset,
            _Part(progress),
            partitions=partitions,
            accept_shrink=accept_shrink,
            view=observation.view,
            spent=observation.seconds,
            called_off=called_off,
        )

    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds), ExitStack() as pools:
        by_portal = {
            portal: pools.enter_context(ThreadPoolExecutor(ctx.settings.connections, thread_name_prefix=portal))
            for portal in sorted({each.dataset.portal for each, _ in wanted})
        }
        futures = {
            each.dataset.id: by_portal[each.dataset.portal].submit(fetch, each, partitions)
            for each, partitions in wanted
        }
        try:
            yield lambda dataset: _awaited(futures, dataset, called_off)
        except BaseException:
            called_off.set()
            for future in futures.values():
                future.cancel()
            raise


def _awaited(futures: Mapping[str, Future[SourceReport]], dataset: Dataset, called_off: CallOff) -> SourceReport:
    (report,) = as_they_end([futures[dataset.id]], called_off)
    return report


def _nothing(dataset: Dataset) -> SourceReport:
    raise KeyError(dataset.id)
