"""From portal to raw vintage: download what an observation found stale, verify it, keep it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC
from threading import Lock

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import ContractViolation, DataElecError, DatasetAbsent, DeadlinePassed, SourceError
from dataelec_assets.ingest.arrivals import ArrivalDesk
from dataelec_assets.ingest.collected_states import earlier_states
from dataelec_assets.ingest.faults import contained
from dataelec_assets.ingest.observe import (
    Observation,
    PortalView,
    is_current,
    observe_source,
    observe_sources,
    view_portal,
)
from dataelec_assets.ingest.plan import Reason, Stale
from dataelec_assets.ingest.reports import OFF, SourceReport
from dataelec_assets.lake.atomic_files import exclusive, temporary_path
from dataelec_assets.lake.raw import Vintage
from dataelec_assets.lake.state import PartitionMemory, load_memory, load_state, save_memory, save_state
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.downloads import CallOff, Cancelled, Failed, run_side_by_side
from dataelec_assets.portals.progress import Progress
from dataelec_assets.run_context import RunContext

# So many first arrivals that break the contract alike, before any is kept, say that the contract or the publisher's
# export has changed, not a partition: asking for two hundred more would add nothing. One bad month costs none.
HOPELESS_AFTER = 3

# What is new is remembered by its manifest, at once. What was fetched and was not new leaves none: it is written down
# after this many partitions, so that a refresh that is killed need not ask for all of it again.
CHECKPOINT_EVERY = 12


def refresh_source(
    ctx: RunContext,
    dataset: Dataset,
    progress: Progress,
    *,
    partitions: Iterable[str] | None = None,
    accept_shrink: bool = False,
) -> SourceReport:
    """Observe one source and bring its raw vintages up to date, under the lock of the lake.

    Args:
        ctx: settings and folders.
        dataset: the source.
        progress: where the advance of the downloads is shown.
        partitions: fetch exactly these, whatever the fingerprints say; None: those that are stale.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.

    Returns:
        The report; see :func:`fetch_source`.

    Raises:
        BusyError: another process holds the lock for too long.
    """
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        (observation,) = observe_sources(ctx, [dataset])
        if observation.report.error is not None or (partitions is None and not observation.plan.to_fetch):
            return observation.report
        return fetch_source(ctx, observation, progress, partitions=partitions, accept_shrink=accept_shrink)


def fetch_source(
    ctx: RunContext,
    observation: Observation,
    progress: Progress,
    *,
    partitions: Iterable[str] | None = None,
    accept_shrink: bool = False,
    called_off: CallOff | None = None,
) -> SourceReport:
    """Bring the raw vintages of one source up to date; the caller holds the lock of the lake.

    Several sources may be fetched at the same time, each in a thread of its own.

    Args:
        ctx: settings and folders.
        observation: what the portal said a moment ago.
        progress: where the advance of the downloads is shown.
        partitions: fetch exactly these, whatever the fingerprints say; None: those that are stale.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.
        called_off: through which another thread ends the work; ``Cancelled`` is raised then.

    Returns:
        The report of the observation, completed. A fault of the source, or of the lake while the source is handled, is
        in the report and in the source's state, never raised: the other sources go on.
    """
    dataset, called_off = observation.dataset, called_off or CallOff()
    earlier: list[SourceReport] = []
    for instant in earlier_states(ctx, dataset):
        then = replace(ctx, published_by=instant)
        with then.client(dataset, spent=observation.seconds) as client:
            seen = observe_source(then, client, dataset)
        earlier.append(_fetch_shown(then, seen, progress, called_off, accept_shrink=accept_shrink))
    present = _fetch_shown(ctx, observation, progress, called_off, partitions=partitions, accept_shrink=accept_shrink)
    for each in earlier:
        present.include(each)
    return present


def _fetch_shown(
    ctx: RunContext,
    observation: Observation,
    progress: Progress,
    called_off: CallOff,
    *,
    partitions: Iterable[str] | None = None,
    accept_shrink: bool,
) -> SourceReport:
    """Bring the raw vintages of one source up to date with what one observation shows; see :func:`fetch_source`."""
    dataset, seen = observation.dataset, observation.report
    report = replace(seen, fetched=[], changed=[], warnings=list(seen.warnings))
    if report.outcome in OFF:
        return report
    try:
        state, memory = load_state(ctx.paths, dataset), load_memory(ctx.paths, dataset)
        state.checked_at = ctx.now().astimezone(UTC).isoformat()
        try:
            with (
                contained(dataset, "refreshing"),
                ctx.client(dataset, spent=observation.seconds) as client,
                called_off.ending(client.cancel),
            ):
                # Of a source whose version has not moved, only what is asked for by name is fetched.
                view = observation.view or view_portal(client, dataset, client.metadata(dataset), memory)
                desk = ArrivalDesk(ctx, dataset, client, view, report=report, accept_shrink=accept_shrink)
                stale = observation.plan.to_fetch
                wanted = stale if partitions is None else _asked_for(partitions, stale, view)
                fetching = _Fetching(ctx, dataset, client, desk, memory=memory, report=report)
                errors = fetching.run(wanted, progress, called_off)
                if report.fetched:
                    report.warnings.extend(view.metadata.notices)
                report.outcome = "refreshed" if report.changed else "checked"
                if errors:
                    raise errors[0]
                if is_current(dataset, replace(view, partitions=desk.shown), memory, ctx.now()):
                    state.version = view.version
                state.settled(len({each.partition for each in stale} - {each.partition for each in wanted}))
        except DataElecError as error:
            if called_off.is_set():
                # What was cut short is not the portal's fault.
                raise Cancelled from error
            state.failed(str(error), absent=isinstance(error, DatasetAbsent))
            raise
        finally:
            save_memory(ctx.paths, dataset, memory)
            save_state(ctx.paths, dataset, state)
    except DataElecError as error:
        report.failed(error)
    return report


def _asked_for(partitions: Iterable[str], stale: Iterable[Stale], view: PortalView) -> tuple[Stale, ...]:
    """Return the partitions that a user wants and that the portal has, each with its reason."""
    reasons: dict[str, Reason] = {each.partition: each.reason for each in stale}
    return tuple(Stale(each, reasons.get(each, "asked for")) for each in partitions if each in view.partitions)


class _Fetching:
    """The downloads of one source; holds what its threads share."""

    def __init__(
        self,
        ctx: RunContext,
        dataset: Dataset,
        client: PortalClient,
        desk: ArrivalDesk,
        *,
        memory: PartitionMemory,
        report: SourceReport,
    ) -> None:
        self._ctx = ctx
        self._dataset = dataset
        self._client = client
        self._desk = desk
        self._memory = memory
        self._report = report
        self._remembering = Lock()
        # Contract violations as long as no partition has arrived: which column, how often.
        self._refused: Counter[str | None] = Counter()

    def run(self, wanted: Sequence[Stale], progress: Progress, called_off: CallOff) -> list[SourceError]:
        """Fetch partitions side by side; what succeeds is kept whatever happens to the others.

        Returns:
            The faults, the first of which is the source's.
        """
        if not wanted:
            return []
        outcomes = run_side_by_side(
            wanted,
            self._fetch,
            limit=self._ctx.settings.connections,
            progress=progress,
            title=self._dataset.id,
            label=lambda each: f"{self._dataset.id} {each.partition}",
            called_off=called_off,
            on_cancel=self._client.cancel,
        )
        report = self._report
        report.fetched.sort(key=lambda each: each.partition)
        report.changed.sort()
        errors = [outcome.error for outcome in outcomes if isinstance(outcome, Failed)]
        if late := next((error for error in errors if isinstance(error, DeadlinePassed)), None):
            fetched = f"{len(report.fetched)} of {len(wanted)} partition(s) were fetched before"
            return [DeadlinePassed(f"{late.what}; {fetched}", dataset_id=self._dataset.id, request=late.request)]
        if errors and (spared := len(wanted) - len(report.fetched) - len(errors)) > 0:
            report.warnings.append(
                f"{spared} further partition(s) were not asked for: the first {len(errors)} break the same contract"
            )
        return errors

    def _fetch(self, each: Stale, on_bytes: Callable[[int], None]) -> None:
        """Fetch one partition, in a thread, and remember what arrived."""
        if self._is_hopeless():
            return
        with contained(self._dataset, f"fetching {each.partition}"):
            try:
                vintage, is_new = self._keep(each.partition, on_bytes)
            except ContractViolation as error:
                with self._remembering:
                    self._refused[error.column] += 1
                raise
        with self._remembering:
            shown = self._desk.shown[each.partition].text
            self._report.fetched.append(each)
            self._report.rows += vintage.rows
            self._memory.lake[each.partition] = self._memory.portal[each.partition] = shown
            if is_new:
                self._memory.vintages[each.partition] = vintage.name
                self._report.changed.append(each.partition)
            if len(self._report.fetched) % CHECKPOINT_EVERY == 0:
                save_memory(self._ctx.paths, self._dataset, self._memory)

    def _is_hopeless(self) -> bool:
        """Return whether the contract, not a partition, is at fault: the first arrivals all break it alike."""
        return not self._report.fetched and max(self._refused.values(), default=0) >= HOPELESS_AFTER

    def _keep(self, partition: str, on_bytes: Callable[[int], None]) -> tuple[Vintage, bool]:
        """Download, verify and keep one partition; return what arrived, and whether its content is new."""
        draft = temporary_path(self._ctx.paths, ".csv.zst")
        fetched_at = self._ctx.now().astimezone(UTC)
        try:
            download, arrival = self._desk.receive(partition, draft, on_bytes)
            vintage = Vintage(
                dataset_id=self._dataset.id,
                partition=partition,
                url=download.url,
                parameters=download.parameters,
                fetched_at=fetched_at.isoformat(),
                portal_version=self._desk.version(partition),
                sha256=download.sha256,
                bytes=download.bytes,
                rows=arrival.facts.rows,
                fingerprint=self._desk.shown[partition].text,
                licence=self._dataset.licence,
                synthetic=self._desk.synthetic,
            )
            is_new = self._ctx.raw.keep(download.path, vintage, stamped=self._dataset.stamped_by is not None)
            if is_new:
                self._desk.keep_typed(partition, vintage, arrival)
            return vintage, is_new
        finally:
            draft.unlink(missing_ok=True)
