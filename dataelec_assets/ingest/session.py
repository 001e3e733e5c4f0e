"""The sources of one refresh: in one process fetched side by side and copied one after the other, or each by a worker.

Nothing here raises for the fault of a source, which is in its report: what one source lacks holds back no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import BusyError, DataElecError
from dataelec_assets.ingest.copies import CopyReport, refresh_copies, settle, stale_copies
from dataelec_assets.ingest.faults import contained
from dataelec_assets.ingest.fetch import fetch_source
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.ingest.side_by_side import Download, Downloads
from dataelec_assets.lake.locks import exclusive, ingesting, refreshing
from dataelec_assets.lake.parquet import TypedFile
from dataelec_assets.portals.progress import Progress, SilentProgress
from dataelec_assets.run_context import RunContext


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done for one source.

    Attributes:
        observation: what its portal said a moment ago.
        partitions: those to fetch; None: the portal is not asked for any.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.
        from_scratch: make every copy again.
    """

    observation: Observation
    partitions: tuple[str, ...] | None = None
    accept_shrink: bool = False
    from_scratch: bool = False

    @property
    def dataset(self) -> Dataset:
        """The source."""
        return self.observation.dataset


@dataclass(frozen=True, slots=True)
class Ingested:
    """What was done for one source.

    Attributes:
        report: what became of it.
        was_fetched: whether its portal was asked for data.
        copies: the Parquet copies that were made; None when none was to be made.
    """

    report: SourceReport
    was_fetched: bool
    copies: CopyReport | None


class Session:
    """A refresh in this process, or the part of one on several machines that is done here.

    In one process it holds the locks of the lake, and the downloads that run side by side. On several machines, the
    launcher of the run holds the lock of refreshes and names the run in the lake; each step is a session of its own,
    which holds the lock of what it writes to, and does nothing when the run is no longer the one that is named.

    Args:
        ctx: settings and folders.
        progress: where downloads show their advance.
        is_locked: whether the caller holds the lock of refreshes already.
        run: the run on several machines whose step this is; None: one process does all.
    """

    def __init__(
        self, ctx: RunContext, progress: Progress | None = None, *, is_locked: bool = False, run: str | None = None
    ) -> None:
        self._ctx = ctx
        self._is_locked = is_locked
        self._run = run
        self._progress = progress or SilentProgress()
        self._open = ExitStack()
        self._downloads: Downloads | None = None

    def begin(self) -> None:
        """Wait for other refreshes of this lake to end, and keep them waiting; on several machines the launcher has.

        Raises:
            BusyError: another process refreshes for too long.
        """
        if self._run is None and not self._is_locked:
            self._open.enter_context(refreshing(self._ctx.paths, wait_seconds=self._ctx.lock_wait_seconds))

    def writing(self) -> AbstractContextManager[None]:
        """Return a block in which a step on another machine writes to what is no single data set's.

        Raises:
            BusyError: another process holds the lock of the lake for too long.
            Superseded: the run has lost the refresh.
        """
        if self._run is None:
            return nullcontext()  # what the step calls takes the lock by itself
        return exclusive(self._ctx.paths, wait_seconds=self._ctx.lock_wait_seconds, run=self._run)

    def download(self, tasks: Iterable[Task]) -> None:
        """Begin to fetch all sources side by side, so that :meth:`ingest` only waits for its own; not for workers.

        Raises:
            BusyError: another process holds the lock of the lake for too long.
        """
        if self._run is not None:
            return
        wanted = [
            Download(each.observation, each.partitions, each.accept_shrink)
            for each in tasks
            if each.partitions is not None
        ]
        if wanted:
            self._open.enter_context(exclusive(self._ctx.paths, wait_seconds=self._ctx.lock_wait_seconds))
            self._downloads = Downloads(self._ctx, wanted, self._progress)
            self._open.callback(self._downloads.close)

    def ingest(self, task: Task) -> Ingested:
        """Bring the raw vintages and the copies of one source up to date.

        Without :meth:`download`, as in a process that has this source alone, it is fetched here and now.

        Raises:
            BusyError: another process holds the lock of the lake for too long.
            Superseded: the run has lost the refresh; nothing was done.
        """
        paths, wait = self._ctx.paths, self._ctx.lock_wait_seconds
        mine = ingesting(paths, task.dataset, run=self._run, wait_seconds=wait) if self._run else None
        with mine or exclusive(paths, wait_seconds=wait):
            report = self._fetched(task)
            return Ingested(report or task.observation.report, report is not None, _copied(self._ctx, task, report))

    def _fetched(self, task: Task) -> SourceReport | None:
        if task.partitions is None:
            return None
        report = self._downloads.report_of(task.dataset.id) if self._downloads is not None else None
        return report or fetch_source(
            self._ctx,
            task.observation,
            self._progress,
            partitions=task.partitions,
            accept_shrink=task.accept_shrink,
        )

    def close(self) -> None:
        """Call off what still runs, and let other refreshes go on."""
        self._open.close()


def _copied(ctx: RunContext, task: Task, report: SourceReport | None) -> CopyReport | None:
    """Make the copies of one data set; a fault is noted in the report of its source."""
    try:
        with contained(task.dataset, "copying"):
            if task.from_scratch:
                copied = refresh_copies(ctx, task.dataset, from_scratch=True)
                settle(ctx, task.dataset)
                return copied
            return copy_stale(ctx, task.dataset, report.typed if report is not None else None)
    except BusyError:
        raise
    except DataElecError as error:
        # Not a fault of the portal: a damaged vintage, a contract that an older vintage does not fit, a full disk.
        (report or task.observation.report).failed(error)
        return None


def copy_stale(ctx: RunContext, dataset: Dataset, typed: Mapping[str, TypedFile] | None = None) -> CopyReport | None:
    """Make the Parquet copies of one data set that are behind its vintages; None when there are none.

    Args:
        ctx: settings and folders.
        dataset: the data set.
        typed: the newest vintage of some partitions, typed as it arrived.

    Raises:
        ContractViolation: a vintage does not fit the present contract.
        LakeError: a file of the lake is damaged.
    """
    behind = [each.partition for each in stale_copies(ctx, dataset)]
    copied = refresh_copies(ctx, dataset, partitions=behind, typed=typed) if behind else None
    if behind or ctx.raw.pending(dataset.id).exists():
        settle(ctx, dataset)
    return copied
