"""What portals say of their sources, and what is stale in the lake, without downloading anything.

One metadata call per data set; where the portal's version moved, one grouped call more says which partitions changed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import (
    DataElecError,
    DatasetAbsent,
    LakeError,
    SettingsError,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.ingest.copies import stale_copies
from dataelec_assets.ingest.editions import missing_text, overdue, with_found_editions
from dataelec_assets.ingest.faults import contained
from dataelec_assets.ingest.plan import Plan, impossible_partitions, plan_source
from dataelec_assets.ingest.reports import Outcome, SourceReport
from dataelec_assets.ingest.standing import standing
from dataelec_assets.ingest.two_portals import first_answer, in_turn
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.state import (
    PartitionMemory,
    SourceState,
    load_memory,
    load_state,
    save_memory,
    save_state,
)
from dataelec_assets.portals.client import DatasetMetadata, PortalClient
from dataelec_assets.portals.fingerprints import Fingerprint, difference
from dataelec_assets.portals.partition_filters import UNDATED
from dataelec_assets.run_context import RunContext


@dataclass(frozen=True, slots=True)
class PortalView:
    """What a portal said of one source.

    Attributes:
        metadata: what the portal says of the data set.
        partitions: fingerprint of each partition.
        weak: principal measures that the portal could not sum.
        versions: when each partition was published (ISO, UTC), where that is another time than the data set's.
    """

    metadata: DatasetMetadata
    partitions: Mapping[str, Fingerprint]
    weak: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The portal's version (ISO, UTC)."""
        return self.metadata.data_processed.astimezone(UTC).isoformat()


def note_version(state: SourceState, metadata: DatasetMetadata, now: datetime) -> str:
    """Write the portal's version into the state of the source, and return it (ISO, UTC)."""
    version = PortalView(metadata, {}).version
    if version != state.observed or state.unchanged_since is None:
        state.unchanged_since = now.astimezone(UTC).isoformat()
    state.observed, state.records_count, state.synthetic = version, metadata.records_count, metadata.synthetic
    return version


def view_portal(
    client: PortalClient, dataset: Dataset, metadata: DatasetMetadata, memory: PartitionMemory
) -> PortalView:
    """Return what the portal shows in each partition: one call, none when the answer is remembered.

    What it says goes into the memory of the source; the caller saves it.

    Raises:
        ContractViolation: a column that the fingerprint needs is not there.
        UnexpectedContent: the groups do not add up to the number of rows that the portal announces.
        SourceError: the portal cannot answer.
    """
    view = PortalView(metadata, {})
    known = {key: Fingerprint.read(text) for key, text in memory.portal.items()}
    if view.version == memory.version and all(known.values()) and not client.survey_is_free:
        remembered = {key: each for key, each in known.items() if each}
        if _mismatch(remembered, metadata) is None:
            return PortalView(metadata, remembered, tuple(memory.weak))
    survey = client.survey(dataset, metadata)
    if _mismatch(survey.partitions, metadata) is not None:
        # The portal may have processed the set between the two answers: both are asked once more.
        metadata = client.metadata(dataset)
        view, survey = PortalView(metadata, {}), client.survey(dataset, metadata)
        if (fault := _mismatch(survey.partitions, metadata)) is not None:
            raise UnexpectedContent(fault, dataset_id=dataset.id, request="grouped records")
    memory.portal = {key: each.text for key, each in survey.partitions.items()}
    memory.version, memory.weak = view.version, list(survey.weak)
    return PortalView(metadata, survey.partitions, survey.weak, survey.versions)


def _mismatch(partitions: Mapping[str, Fingerprint], metadata: DatasetMetadata) -> str | None:
    """Return how the groups of a portal miss its own number of rows; None when they agree, or it counts none."""
    rows = sum(each.rows for each in partitions.values())
    if rows == metadata.records_count or not metadata.fields:
        return None
    return (
        f"the groups of the portal hold {rows:,} rows in {len(partitions)} partition(s), "
        f"its metadata announce {metadata.records_count:,}."
    )


def plan_of(ctx: RunContext, dataset: Dataset, view: PortalView, memory: PartitionMemory) -> Plan:
    """Return what is stale of a source, given what its portal shows."""
    return plan_source(
        dataset,
        view.partitions,
        memory.lake,
        ctx.now(),
        weak=view.weak,
        copies=stale_copies(ctx, dataset),
    )


def is_current(dataset: Dataset, view: PortalView, memory: PartitionMemory, now: datetime) -> bool:
    """Return whether the lake holds the content of every partition that the portal shows and that can be loaded."""
    impossible = impossible_partitions(dataset, view.partitions, now)
    return all(
        partition in memory.lake and difference(memory.lake[partition], fingerprint) is None
        for partition, fingerprint in view.partitions.items()
        if partition not in {UNDATED, *impossible}
    )


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

    Raises:
        SettingsError: the lake holds what its settings do not allow.
    """
    require_terms(ctx)
    chosen = list(datasets)
    # As many threads as there can be requests: waiting for a slow portal takes no place from another one.
    threads = ctx.settings.connections * max(len({each.portal for each in chosen}), 1)
    with (
        exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds),
        ThreadPoolExecutor(max_workers=threads) as pool,
        ExitStack() as clients,
    ):
        # One client a portal: making one costs more than the call.
        on = [each for each in chosen if not ctx.is_off(each)]
        asked = [part for each in on for part in in_turn(each)]
        by_portal = {
            portal: clients.enter_context(ctx.client(next(each for each in asked if each.portals[0] == portal)))
            for portal in sorted({each.portals[0] for each in asked})
        }
        ids = {each.id for each in on}

        def observed(dataset: Dataset) -> Observation:
            if dataset.id not in ids:
                return observe_source(ctx, None, dataset)
            first, *others = (by_portal.get(portal) for portal in dataset.portals)
            return observe_source(ctx, first, dataset, others[0] if others else None)

        return list(pool.map(observed, chosen))


def require_terms(ctx: RunContext) -> None:
    """Refuse to serve commercially what was loaded under terms that exclude it.

    Raises:
        SettingsError: the lake holds such data.
    """
    held = [each for each in ctx.catalog.values() if ctx.why_off(each) == "non-commercial" and ctx.parquet.head(each)]
    if held:
        folders = ", ".join(f"raw/{each.id}, parquet/{each.table}" for each in held)
        raise SettingsError(
            f"DATAELEC_COMMERCIAL is set, and this lake holds {', '.join(each.id for each in held)}, whose terms "
            "exclude commercial use.",
            advice=f"Use another lake, or remove {folders} from this one; or set the key of a paid plan.",
        )


def unasked(ctx: RunContext, dataset: Dataset, outcome: Outcome = "unchanged") -> Observation:
    """Return an observation from the lake alone: which copies are to be made, without asking the portal."""
    return Observation(dataset, Plan(tuple(stale_copies(ctx, dataset))), SourceReport(dataset.id, outcome), None)


def observe_source(
    ctx: RunContext, client: PortalClient | None, dataset: Dataset, instead: PortalClient | None = None
) -> Observation:
    """Ask the portal for one source and remember the answer; a fault is in the report. Without a client it is off.

    Args:
        ctx: settings and folders.
        client: of its portal; of two, of that which is asked first.
        dataset: the source.
        instead: of the second portal, if there is one.
    """
    if client is None:
        # Off: nothing is asked and nothing is remembered; what was loaded with a key is still copied and served.
        return unasked(ctx, dataset, ctx.why_off(dataset) or "no key")
    report, state = SourceReport(dataset.id, "unchanged"), SourceState()
    began, plan, view = time.monotonic(), Plan(()), None
    try:
        state = load_state(ctx.paths, dataset)
        state.checked_at = ctx.now().astimezone(UTC).isoformat()
        with contained(dataset, "asking the portal"):
            dataset, fault = with_found_editions(ctx, client, dataset)
            if fault is not None:
                report.warnings.append(f"new editions could not be looked for: {fault}")
            client, dataset, metadata = first_answer(ctx, client, dataset, instead, report)
            _note_editions(ctx, dataset, metadata, state, report)
            report.version = note_version(state, metadata, ctx.now())
            known = standing(ctx, dataset, metadata)
            stands = known is not None and known == state.standing if client.survey_is_free else True
            if report.version == state.version and stands and state.not_loaded is not None:
                plan = Plan(tuple(stale_copies(ctx, dataset)), not_loaded=state.not_loaded)
                if state.not_loaded:
                    report.warnings.append(f"{state.not_loaded} row(s) at the portal are still not loaded")
            else:
                report.outcome = "unchanged" if report.version == state.version else "checked"
                memory = load_memory(ctx.paths, dataset)
                view = view_portal(client, dataset, metadata, memory)
                plan = plan_of(ctx, dataset, view, memory)
                report.warnings.extend(plan.warnings)
                save_memory(ctx.paths, dataset, memory)
                is_whole = not plan.to_fetch and is_current(dataset, view, memory, ctx.now())
                state.version = report.version if is_whole else state.version
                state.standing = known if is_whole and not plan.warnings and not view.weak else None
            report.not_loaded = state.not_loaded = plan.not_loaded
            state.answered(len(plan.to_fetch))
    except SourceError as error:
        if dataset.withdrawn and isinstance(error, DatasetAbsent):
            # Expected: nothing to warn of, nothing to repair.
            report.outcome, state.status, state.message, state.failures = "absent", "absent", None, 0
            state.failing_since = None
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


def _note_editions(
    ctx: RunContext, dataset: Dataset, metadata: DatasetMetadata, state: SourceState, report: SourceReport
) -> None:
    """Note which editions are not at their addresses, and whether one should be out and is not."""
    there = [edition.key for edition in dataset.editions if edition.key not in metadata.missing]
    report.missing = state.missing = list(metadata.missing)
    state.overdue = None if ctx.settings.folder is not None else overdue(dataset, there, ctx.now())
    report.warnings.extend(missing_text(dataset, metadata.missing))
    report.warnings.extend([state.overdue] if state.overdue else [])


def remembered_plan(ctx: RunContext, dataset: Dataset) -> Plan:
    """Return what is stale as far as the portal's last answer goes, without asking it again."""
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
