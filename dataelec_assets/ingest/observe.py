"""What is stale in the lake, asked without downloading anything.

One metadata call per data set; where the portal's version moved, one grouped call more says which partitions changed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import DataElecError, DatasetAbsent, LakeError, SourceError
from dataelec_assets.ingest.copies import stale_copies
from dataelec_assets.ingest.faults import contained
from dataelec_assets.ingest.fetch import PortalView, SourceReport, is_current, look, note_version, plan_of
from dataelec_assets.ingest.plan import Plan, plan_source
from dataelec_assets.lake.atomic_files import exclusive
from dataelec_assets.lake.state import SourceState, load_memory, load_state, save_memory, save_state
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.fingerprints import Fingerprint
from dataelec_assets.run_context import RunContext


@dataclass(frozen=True, slots=True)
class Observation:
    """What the portal says of one source.

    Attributes:
        dataset: the source.
        plan: what is stale, with the reasons.
        report: the outcome as far as it is known: no key, unchanged, checked, absent, failed.
        view: what the portal said, None when its version is the one that the lake holds, or it did not answer.
        seconds: how long it took, of the time that a source has in a refresh.
    """

    dataset: Dataset
    plan: Plan
    report: SourceReport
    view: PortalView | None
    seconds: float = 0.0


def observe_sources(ctx: RunContext, datasets: Iterable[Dataset]) -> list[Observation]:
    """Ask the portals for every source, side by side, and remember the answers.

    A portal that does not answer is a report, never an exception: it does not hold back the others.
    """
    chosen = list(datasets)
    # As many threads as there can be requests: who waits for a slow portal takes no place of another one.
    threads = ctx.settings.connections * max(len({each.portal for each in chosen}), 1)
    with (
        exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds),
        ThreadPoolExecutor(max_workers=threads) as pool,
        ExitStack() as clients,
    ):
        # One client a portal: making one costs more than the call.
        by_portal = {
            portal: clients.enter_context(ctx.client(next(each for each in chosen if each.portal == portal)))
            for portal in sorted({each.portal for each in chosen if not ctx.lacks_key(each)})
        }
        return list(pool.map(lambda dataset: _observe(ctx, by_portal.get(dataset.portal), dataset), chosen))


def _observe(ctx: RunContext, client: PortalClient | None, dataset: Dataset) -> Observation:
    if client is None:
        # Off: nothing is asked and nothing is remembered; what was loaded with a key is still copied and served.
        return Observation(dataset, Plan(tuple(stale_copies(ctx, dataset))), SourceReport(dataset.id, "no key"), None)
    began = time.monotonic()
    report, state = SourceReport(dataset.id, "unchanged"), SourceState()
    plan, view = Plan(()), None
    try:
        state = load_state(ctx.paths, dataset)
        state.checked_at = ctx.now().astimezone(UTC).isoformat()
        with contained(dataset, "asking the portal"):
            metadata = client.metadata(dataset)
            report.version = note_version(state, metadata, ctx.now())
            if report.version == state.version and not client.survey_is_free and state.not_loaded is not None:
                plan = Plan(tuple(stale_copies(ctx, dataset)), not_loaded=state.not_loaded)
                if state.not_loaded:
                    report.warnings.append(f"{state.not_loaded} row(s) at the portal are still not loaded")
            else:
                report.outcome = "unchanged" if report.version == state.version else "checked"
                memory = load_memory(ctx.paths, dataset)
                view = look(client, dataset, metadata, memory)
                plan = plan_of(ctx, dataset, view, memory)
                report.warnings.extend(plan.warnings)
                save_memory(ctx.paths, dataset, memory)
                if not plan.to_fetch and is_current(dataset, view, memory, ctx.now()):
                    state.version = report.version
            report.not_loaded = state.not_loaded = plan.not_loaded
            state.answered(len(plan.to_fetch))
    except SourceError as error:
        if dataset.withdrawn and isinstance(error, DatasetAbsent):
            # Expected: nobody is to be warned of it, and nothing is to be repaired.
            report.outcome, state.status, state.message, state.failures = "absent", "absent", None, 0
        else:
            report.failed(error)
            state.failed(str(error), absent=isinstance(error, DatasetAbsent))
    except DataElecError as error:
        # A file of the lake is damaged or cannot be written, which the state cannot tell.
        report.failed(error)
        return Observation(dataset, plan, report, view)
    try:
        save_state(ctx.paths, dataset, state)
    except LakeError as error:
        report.failed(error)
    return Observation(dataset, plan, report, view, time.monotonic() - began)


def remembered_plan(ctx: RunContext, dataset: Dataset) -> Plan:
    """Return what is stale as far as the portal's last answer tells, without asking it again."""
    memory = load_memory(ctx.paths, dataset)
    portal = {key: Fingerprint.read(text) for key, text in memory.portal.items()}
    return plan_source(
        dataset,
        {key: each for key, each in portal.items() if each},
        memory.lake,
        ctx.now(),
        weak=memory.weak if load_state(ctx.paths, dataset).version != memory.version else (),
        copies=stale_copies(ctx, dataset),
    )
