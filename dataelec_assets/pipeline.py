"""One whole refresh: fetch what is stale, copy, build, check, publish; what one source lacks holds back no other.

The command line, the sensor and the schedules all come through here. What happens is told to a recorder, which makes
Dagster's events of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from dataelec_assets.catalog import Dataset
from dataelec_assets.disk import writable
from dataelec_assets.errors import BusyError, DataElecError, LakeError, WarehouseError
from dataelec_assets.ingest.copies import CopyReport, copy_again, refresh_copies, settle, stale_copies
from dataelec_assets.ingest.faults import contained
from dataelec_assets.ingest.fetch import SourceReport
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.ingest.side_by_side import fetch_side_by_side
from dataelec_assets.lake.quarantine import Hold
from dataelec_assets.portals.progress import Progress
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.failed_builds import note_attempt
from dataelec_assets.warehouse.publication import Publication
from dataelec_assets.warehouse.publish import is_up_to_date, publish
from dataelec_assets.warehouse.quarantine import Built, build_with_quarantine


class Recorder(Protocol):
    """Told of each step as soon as it is done."""

    def observed(self, observation: Observation) -> None:
        """Note what a portal said."""

    def fetched(self, dataset: Dataset, report: SourceReport) -> None:
        """Note what was downloaded, and the fault that stopped it, if any."""

    def copied(self, dataset: Dataset, report: CopyReport) -> None:
        """Note which Parquet partitions were written."""

    def built(self, report: BuildReport) -> None:
        """Note what became of each table and check."""

    def held(self, built: Built) -> None:
        """Note what is in quarantine now, and what is not any more."""

    def published(self, publication: Publication) -> None:
        """Note what is served now."""


class Unrecorded:
    """Records nothing."""

    def observed(self, observation: Observation) -> None:
        """Do nothing."""

    def fetched(self, dataset: Dataset, report: SourceReport) -> None:
        """Do nothing."""

    def copied(self, dataset: Dataset, report: CopyReport) -> None:
        """Do nothing."""

    def built(self, report: BuildReport) -> None:
        """Do nothing."""

    def held(self, built: Built) -> None:
        """Do nothing."""

    def published(self, publication: Publication) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Outcome:
    """What a refresh did.

    Attributes:
        reports: what became of each source, by id.
        copies: what was copied.
        build: what dbt did, None when there was nothing to build.
        publication: what was published, None when nothing was.
        held: what was put into quarantine.
        kept: tables that stay as they were last published, with the reason.
    """

    reports: dict[str, SourceReport]
    copies: list[CopyReport] = field(default_factory=list)
    build: BuildReport | None = None
    publication: Publication | None = None
    held: list[Hold] = field(default_factory=list)
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> list[SourceReport]:
        """The sources that failed; absent ones have not."""
        return [report for report in self.reports.values() if report.outcome == "failed"]


def run_pipeline(
    ctx: RunContext,
    observations: Sequence[Observation],
    recorder: Recorder,
    progress: Progress,
    *,
    partitions: Mapping[str, Iterable[str]] | None = None,
    accept_shrink: bool = False,
) -> Outcome:
    """Do what the observations ask for, then bring tables and served file in line with the lake.

    Args:
        ctx: settings and folders.
        observations: what the portals said a moment ago.
        recorder: told of each step.
        progress: where downloads show their advance.
        partitions: per data set, fetch exactly these instead of what is stale (a backfill).
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.

    Returns:
        What was done. The fault of a source is in its report.

    Raises:
        WarehouseError: the tables could not be built or published; the served file is unchanged.
    """
    outcome = Outcome({each.dataset.id: each.report for each in observations})
    asked = {each.dataset.id: _asked(each, partitions) for each in observations}
    wanted = [(each, keys) for each in observations if (keys := asked[each.dataset.id]) is not None]
    with fetch_side_by_side(ctx, wanted, progress, accept_shrink=accept_shrink) as report_of:
        # Recorded and copied by this thread, in this order, whichever source is the first to have arrived.
        for each in observations:
            recorder.observed(each)
            fetched = report_of(each.dataset) if asked[each.dataset.id] is not None else None
            _ingest(ctx, each, fetched, recorder, outcome)
    with writable(ctx.paths.root):
        build_and_publish(ctx, outcome, recorder)
    return outcome


def _asked(observation: Observation, partitions: Mapping[str, Iterable[str]] | None) -> list[str] | None:
    """Return the partitions to fetch of a source; None when it is not to be asked."""
    if observation.report.error is not None:
        return None
    if partitions is not None:
        chosen = partitions.get(observation.dataset.id)
        return None if chosen is None else list(chosen)
    return [stale.partition for stale in observation.plan.to_fetch] or None


def rebuild_from_raw(ctx: RunContext, recorder: Recorder) -> Outcome:
    """Make every Parquet copy and every table again from the raw vintages, without network.

    Raises:
        LakeError: vintages of some data sets cannot be used; the served file is unchanged.
        WarehouseError: the tables could not be built; the served file is unchanged.
    """
    outcome, faults = Outcome({}), []
    for dataset in ctx.catalog.values():
        if not ctx.raw.partitions(dataset):
            continue
        try:
            copied = refresh_copies(ctx, dataset, from_scratch=True)
        except BusyError:
            raise
        except DataElecError as error:
            faults.append(str(error))
            continue
        outcome.copies.append(copied)
        settle(ctx, dataset)
        recorder.copied(dataset, copied)
    if faults:
        raise LakeError(" ".join(faults), advice="The served file is unchanged.")
    with writable(ctx.paths.root):
        build_and_publish(ctx, outcome, recorder, full=True)
    return outcome


def _ingest(
    ctx: RunContext,
    observation: Observation,
    fetched: SourceReport | None,
    recorder: Recorder,
    outcome: Outcome,
) -> None:
    """Record what was fetched of one data set, and copy it; its faults end in its report."""
    dataset, report = observation.dataset, observation.report
    if fetched is not None:
        report = outcome.reports[dataset.id] = report.joined(fetched)
    if fetched is not None or report.error is not None:
        recorder.fetched(dataset, report)
    try:
        with contained(dataset, "copying"):
            copy_stale(ctx, dataset, outcome, recorder)
    except BusyError:
        raise
    except DataElecError as error:
        # Not a fault of the portal: a damaged vintage, a contract that an older vintage does not fit, a full disk.
        fault = SourceReport(dataset.id, "failed", error=str(error), fault=type(error).__name__)
        outcome.reports[dataset.id] = report.joined(fault)
        recorder.fetched(dataset, fault)


def copy_stale(ctx: RunContext, dataset: Dataset, outcome: Outcome, recorder: Recorder) -> None:
    """Bring the copies of one data set in line with its vintages.

    Raises:
        ContractViolation: a vintage does not fit the present contract.
        LakeError: a file of the lake is damaged.
    """
    behind = [each.partition for each in stale_copies(ctx, dataset)]
    if behind:
        copied = refresh_copies(ctx, dataset, partitions=behind)
        outcome.copies.append(copied)
        recorder.copied(dataset, copied)
    if behind or ctx.raw.pending(dataset.id).exists():
        settle(ctx, dataset)


def build_and_publish(ctx: RunContext, outcome: Outcome, recorder: Recorder, *, full: bool = False) -> None:
    """Bring the tables and the served file in line with the lake, when they are not.

    What a check finds impossible is held back, what cannot be built stays as it was last published.

    Raises:
        WarehouseError: dbt could not run, or the warehouse cannot be read; the served file is unchanged.
    """
    if not has_content(ctx) or (is_up_to_date(ctx) and not full):
        return
    try:
        built = build_with_quarantine(ctx, partial(copy_again, ctx), full=full, told=recorder.built)
        outcome.build, outcome.held, outcome.kept = built.report, built.held, built.kept
        recorder.held(built)
        outcome.publication = publish(ctx, built.kept)
    except WarehouseError as error:
        note_attempt(ctx, str(error))
        raise
    # Tables that are kept are tried again, less and less often: the sensor waits as after any failed build.
    note_attempt(ctx, next(iter(built.kept.values()), None))
    recorder.published(outcome.publication)


def has_content(ctx: RunContext) -> bool:
    """Return whether anything was ever loaded: a file of empty tables would look like an answer."""
    return any(ctx.parquet.head(dataset) or ctx.parquet.index(dataset) for dataset in ctx.catalog.values())
