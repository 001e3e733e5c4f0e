"""The one sequence observe → ingest → build → publish, as plain functions that return what they did.

The jobs and the assets of Dagster are made of these functions, and the command line runs the job: nothing here knows
who calls. What one source lacks holds back no other: its fault is in its report.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from dataelec_assets.disk import writable
from dataelec_assets.errors import LakeError, WarehouseError
from dataelec_assets.ingest.audit import Audit, audit_sources
from dataelec_assets.ingest.copies import CopyReport, copy_again
from dataelec_assets.ingest.observe import Observation, observe_sources, require_terms, unasked
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.ingest.session import Ingested, Session, Task
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.build import BuildReport, build_warehouse
from dataelec_assets.warehouse.chosen import build_some
from dataelec_assets.warehouse.failed_builds import note_attempt
from dataelec_assets.warehouse.publication import Publication
from dataelec_assets.warehouse.publish import publish
from dataelec_assets.warehouse.quarantine import Built, Judge, forget_other_rules
from dataelec_assets.warehouse.up_to_date import has_content


@dataclass(frozen=True, slots=True)
class Request:
    """What a refresh is asked to do.

    Attributes:
        sources: ids of data sets; empty: all of the catalogue.
        observe: ask the portals; false: only make copies, tables and served file from what is in raw.
        audit: first compare all that the lake holds with the portals' sums.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.
        partitions: per data set, fetch exactly these instead of what is stale (a backfill); None: what is stale.
        from_scratch: make every copy and every table again from the raw vintages, without network.
        report: make the report when it does not show what is served.
    """

    sources: tuple[str, ...] = ()
    observe: bool = True
    audit: bool = False
    accept_shrink: bool = False
    partitions: Mapping[str, Collection[str]] | None = None
    from_scratch: bool = False
    report: bool = True


@dataclass(frozen=True, slots=True)
class Observed:
    """What a refresh has found at the portals.

    Attributes:
        request: what it is for.
        observations: one for each source that was asked for.
        audits: one for each source that was compared with its portal's sums.
        tasks: what is to be done, for the sources that need something; a source that failed is among them.
    """

    request: Request
    observations: list[Observation]
    audits: list[Audit]
    tasks: list[Task]


def observe(ctx: RunContext, request: Request, known: Mapping[str, Observation] | None = None) -> Observed:
    """Find out what is to be done; nothing is downloaded.

    Args:
        ctx: settings and folders.
        request: what is asked for.
        known: what portals said a moment ago, by data set, so that these are not asked again.

    Raises:
        KeyError: a data set is not in the catalogue.
        SettingsError: the lake holds what its settings do not allow.
    """
    require_terms(ctx)
    datasets = [ctx.catalog[each] for each in request.sources] or list(ctx.catalog.values())
    if request.from_scratch:
        loaded = [unasked(ctx, each) for each in datasets if ctx.raw.partitions(each)]
        return Observed(request, loaded, [], [Task(each, from_scratch=True) for each in loaded])
    if not request.observe:
        seen = [unasked(ctx, each) for each in datasets]
        return Observed(request, seen, [], [Task(each) for each in seen if each.plan.stale])
    audits = audit_sources(ctx, datasets) if request.audit else []
    known = known or {}
    asked = {
        each.dataset.id: each for each in observe_sources(ctx, [each for each in datasets if each.id not in known])
    }
    observations = [known.get(each.id) or asked[each.id] for each in datasets]
    tasks = [Task(each, _to_fetch(each, request), request.accept_shrink) for each in observations]
    needed = [each for each in tasks if each.partitions is not None or _has_work(ctx, each.observation)]
    return Observed(request, observations, audits, needed)


def _to_fetch(observation: Observation, request: Request) -> tuple[str, ...] | None:
    """Return the partitions to fetch of a source; None when its portal is not to be asked for any."""
    if observation.report.error is not None:
        return None
    if request.partitions is not None:
        chosen = request.partitions.get(observation.dataset.id)
        return None if chosen is None else tuple(chosen)
    return tuple(stale.partition for stale in observation.plan.to_fetch) or None


def _has_work(ctx: RunContext, observation: Observation) -> bool:
    """Return whether something is to be said or done about a source of which nothing is fetched."""
    has_failed = observation.report.error is not None
    return has_failed or bool(observation.plan.stale) or ctx.raw.pending(observation.dataset.id).exists()


def check_rebuilt(ingested: Sequence[Ingested]) -> None:
    """Refuse to build from scratch when some vintages cannot be read.

    Raises:
        LakeError: vintages of some data sets cannot be used; the served file is unchanged.
    """
    faults = [each.report.error for each in ingested if each.report.error is not None]
    if faults:
        raise LakeError(" ".join(faults), advice="The served file is unchanged.")


def build(ctx: RunContext, *, full: bool = False) -> Built:
    """Build the tables that are behind the lake, without what a check finds impossible.

    Raises:
        WarehouseError: dbt could not run, or the warehouse cannot be read; the served file is unchanged.
    """

    def build_round(tolerated: Collection[str]) -> BuildReport:
        return build_warehouse(ctx, full=full, tolerated=tolerated)

    return _build(ctx, build_round)


def build_chosen(ctx: RunContext, names: Collection[str], months: Collection[str] = ()) -> Built:
    """Build some tables, whether behind the lake or not, and what they lack: nothing else.

    Args:
        ctx: settings and folders.
        names: of models and seeds.
        months: of monthly facts, to build although nothing has moved there.

    Raises:
        WarehouseError: dbt could not run, or the warehouse cannot be read.
    """

    def build_round(tolerated: Collection[str]) -> BuildReport:
        return build_some(ctx, names, months=months, tolerated=tolerated)

    return _build(ctx, build_round)


def _build(ctx: RunContext, build_round: Callable[[Collection[str]], BuildReport]) -> Built:
    with writable(ctx.paths.root):
        try:
            copy_again(ctx, forget_other_rules(ctx))
            judge = Judge(ctx)
            while again := judge.take_out(build_round(judge.tolerated())):
                copy_again(ctx, again)
        except WarehouseError as error:
            note_attempt(ctx, str(error))
            raise
    return judge.built


def publish_tables(ctx: RunContext, kept: Mapping[str, str] | None = None) -> Publication:
    """Serve the tables, but for those that stay as they were last published.

    Args:
        ctx: settings and folders.
        kept: these tables, with the reason.

    Raises:
        WarehouseError: the tables are not publishable; the served file is unchanged.
    """
    kept = kept or {}
    with writable(ctx.paths.root):
        try:
            publication = publish(ctx, kept)
        except WarehouseError as error:
            note_attempt(ctx, str(error))
            raise
    # Tables that are kept are tried again, less and less often: the sensor waits as after any failed build.
    note_attempt(ctx, next(iter(kept.values()), None))
    return publication


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a refresh did.

    Attributes:
        observations: what the portals said.
        audits: what an audit found.
        ingested: what was done for the sources that needed something.
        built: what became of the tables, None when there was nothing to build.
        publication: what was published, None when nothing was.
    """

    observations: Sequence[Observation] = ()
    audits: Sequence[Audit] = ()
    ingested: Sequence[Ingested] = ()
    built: Built | None = None
    publication: Publication | None = None

    @property
    def reports(self) -> dict[str, SourceReport]:
        """What became of each source, by id."""
        done = {each.report.dataset_id: each.report for each in self.ingested}
        return {each.dataset.id: each.report for each in self.observations} | done

    @property
    def failed(self) -> list[SourceReport]:
        """The sources that failed; absent ones have not."""
        return [report for report in self.reports.values() if report.outcome == "failed"]

    @property
    def copies(self) -> list[CopyReport]:
        """The copies that were made."""
        return [each.copies for each in self.ingested if each.copies is not None]


def rebuild_from_raw(ctx: RunContext) -> Outcome:
    """Make every Parquet copy and every table again from the raw vintages, without network and without Dagster.

    A folder that has no tables yet begins with the empty warehouse, as the first refresh of a lake does.

    Raises:
        LakeError: vintages of some data sets cannot be used; the served file is unchanged.
        WarehouseError: the tables could not be built; the served file is unchanged.
    """
    observed = observe(ctx, Request(from_scratch=True))
    session = Session(ctx)
    ingested = [session.ingest(task) for task in observed.tasks]
    check_rebuilt(ingested)
    built = build(ctx, full=ctx.paths.warehouse.exists()) if has_content(ctx) else None
    publication = publish_tables(ctx, built.kept) if built is not None else None
    return Outcome(observed.observations, (), ingested, built, publication)
