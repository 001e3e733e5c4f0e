"""From portal to raw vintage: download what an observation found stale, verify it, keep it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from typing import get_args

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import (
    DataElecError,
    DatasetAbsent,
)
from dataelec_assets.ingest.arrivals import ArrivalDesk
from dataelec_assets.ingest.collected_states import earlier_states
from dataelec_assets.ingest.downloading import Downloading
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
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.state import load_memory, load_state, save_memory, save_state
from dataelec_assets.portals.downloads import CallOff, Cancelled
from dataelec_assets.portals.progress import Progress
from dataelec_assets.run_context import Off, RunContext


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
    if report.outcome in get_args(Off):
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
                fetching = Downloading(ctx, dataset, client, desk, memory=memory, report=report)
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
