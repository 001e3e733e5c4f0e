"""The steps of a refresh: each calls the pipeline and records what it did as events of the assets."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from dataelec_assets.defs import events
from dataelec_assets.defs.history import prune
from dataelec_assets.defs.labels import OUTCOMES, reasons_text
from dataelec_assets.defs.queues import INGEST, QUEUE
from dataelec_assets.defs.report_assets import of_report
from dataelec_assets.defs.resources import DuckDB
from dataelec_assets.defs.tables import Tables
from dataelec_assets.defs.unchanged import heartbeats
from dataelec_assets.errors import DataElecError
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.ingest.session import Ingested, Session, Task
from dataelec_assets.pipeline import (
    Observed,
    Outcome,
    Request,
    build,
    check_rebuilt,
    observe,
    publish_tables,
)
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.holds import describe_holds
from dataelec_assets.warehouse.quarantine import Built
from dataelec_assets.warehouse.up_to_date import is_behind

# What raises in a step is not the fault of a source (its report holds that) but of the machine or the program: worth
# one more try. Sources that failed are asked again by their client, then by the sensor, later and later.
_ONCE_MORE = dg.RetryPolicy(max_retries=1, delay=2)


class RefreshConfig(dg.Config):
    """What a run is to do; each command of the command line is such a configuration.

    Attributes:
        sources: ids of data sets; none: all of the catalogue.
        observe: ask the portals; false: only make copies, tables and served file from what is in raw.
        audit: first compare all that the lake holds with the portals' sums.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.
        partitions: per data set, fetch exactly these (a backfill); none: what is stale.
        from_scratch: make every copy and every table again from raw, without network.
        report: make the report when it does not show what is served.
    """

    sources: list[str] = Field(default_factory=list)
    observe: bool = True
    audit: bool = False
    accept_shrink: bool = False
    partitions: dict[str, list[str]] | None = None
    from_scratch: bool = False
    report: bool = True

    def request(self) -> Request:
        """Return the same as the pipeline takes it."""
        return Request(
            sources=tuple(self.sources),
            observe=self.observe,
            audit=self.audit,
            accept_shrink=self.accept_shrink,
            partitions=self.partitions,
            from_scratch=self.from_scratch,
            report=self.report,
        )


def _failure(error: DataElecError) -> dg.Failure:
    return dg.Failure(description=str(error), allow_retries=False)


@dg.op(
    description="Demande aux portails ce qui a changé ; commence les téléchargements, tous à la fois.",
    out={
        "stale": dg.DynamicOut(Task, description="Une source à traiter."),
        "observed": dg.Out(Observed, description="Ce que les portails ont répondu."),
    },
)
def observe_step(
    context: dg.OpExecutionContext,
    config: RefreshConfig,
    ctx: dg.ResourceParam[RunContext],
    known: dg.ResourceParam[dict[str, Observation]],
    session: dg.ResourceParam[Session],
) -> Iterator[Any]:
    """Find what is stale; one dynamic output for each source that needs something."""
    try:
        session.begin()
        with session.writing():
            observed = observe(ctx, config.request(), known)
        if not observed.tasks and not config.from_scratch and not is_behind(ctx):
            asked = len(observed.observations)
            context.log.info("Nothing to do: %d source(s) asked, none is stale, what is served shows the lake.", asked)
            events.log_all(context, [events.nothing_to_do(f"{asked} source(s), aucune périmée")])
        _log_audits(context, observed)
        if config.observe and not config.from_scratch:
            for each in observed.observations:
                events.log_all(context, events.of_observation(each))
        session.download(observed.tasks)
    except DataElecError as error:
        raise _failure(error) from error
    for task in observed.tasks:
        context.log.info("%s: %s", task.dataset.id, reasons_text(task.observation.plan) or "à traiter")
        yield dg.DynamicOutput(task, mapping_key=task.dataset.table, output_name="stale")
    yield dg.Output(observed, "observed")


def _log_audits(context: dg.OpExecutionContext, observed: Observed) -> None:
    for audit in observed.audits:
        for line in [*audit.lines(), *([audit.error] if audit.error else [])]:
            context.log.error(line)
        context.log.info("%s: %d partition(s) hold what the portal sums up", audit.dataset_id, audit.proved)


@dg.op(
    description="Télécharge ce qui est périmé d'une source, le vérifie, le garde et en fait les copies Parquet.",
    retry_policy=_ONCE_MORE,
    tags={QUEUE: INGEST},
)
def ingest_step(
    context: dg.OpExecutionContext,
    task: Task,
    ctx: dg.ResourceParam[RunContext],
    session: dg.ResourceParam[Session],
) -> Ingested:
    """Return a report, also of a source that failed: a failed step would skip the build."""
    try:
        done = session.ingest(task)
    except DataElecError as error:
        raise _failure(error) from error
    report = done.report
    for warning in report.warnings:
        context.log.warning(warning)
    if report.error is not None:
        context.log.error(report.error)
    if done.was_fetched or report.error is not None:
        events.log_all(context, events.of_arrival(ctx, task.dataset, report))
    if done.copies is not None:
        events.log_all(context, events.of_copies(ctx, task.dataset, done.copies))
    context.log.info(
        "%s: %d partition(s) fetched, %d changed, %d rows; %d copied",
        OUTCOMES[report.outcome],
        len(report.fetched),
        len(report.changed),
        report.rows,
        len(done.copies.rebuilt) if done.copies is not None else 0,
    )
    return done


def build_step_of(tables: Tables) -> dg.OpDefinition:
    """Return the step that builds the tables which are behind the lake."""

    # No pool: a run that is killed would keep its slot, and the lock of refreshes does the same and vanishes with it.
    @dg.op(
        description="Construit les tables touchées par le lac et les contrôle ; met en quarantaine l'impossible.",
    )
    def build_step(
        context: dg.OpExecutionContext,
        observed: Observed,
        ingested: list[Ingested],
        *,
        ctx: dg.ResourceParam[RunContext],
        warehouse: dg.ResourceParam[DuckDB],
        session: dg.ResourceParam[Session],
    ) -> Built:
        try:
            with session.writing():
                if observed.request.from_scratch:
                    check_rebuilt(ingested)
                elif not is_behind(ctx):
                    context.log.info("The tables show the lake: nothing to build.")
                    return Built()
                built = build(ctx, full=observed.request.from_scratch)
        except DataElecError as error:
            raise _failure(error) from error
        for line in describe_holds(ctx, built.held):
            context.log.error(line)
        for table, reason in built.kept.items():
            context.log.error("%s stays as it was last published: %s", table, reason)
        for done in built.rounds:
            events.log_all(context, events.of_build(tables, done, warehouse))
        events.log_all(context, events.of_quarantine(ctx, built))
        return built

    return build_step


def publish_step_of(tables: Tables) -> dg.OpDefinition:
    """Return the step that serves what was built, and records what was found up to date."""

    @dg.op(description="Remplace d'un coup le fichier servi et les tables Parquet.")
    def publish_step(
        context: dg.OpExecutionContext,
        observed: Observed,
        ingested: list[Ingested],
        built: Built,
        *,
        ctx: dg.ResourceParam[RunContext],
        session: dg.ResourceParam[Session],
    ) -> Outcome:
        publication = None
        try:
            if built.rounds:
                with session.writing():
                    publication = publish_tables(ctx, built.kept)
                events.log_all(context, events.of_publication(publication))
            else:
                context.log.info("Nothing was built: nothing to publish.")
        except DataElecError as error:
            raise _failure(error) from error
        events.log_all(context, heartbeats(context.instance, ctx, tables))
        return Outcome(observed.observations, observed.audits, ingested, built if built.rounds else None, publication)

    return publish_step


@dg.op(description="Refait le rapport, s'il ne montre pas ce qui est servi.")
def report_step(
    context: dg.OpExecutionContext,
    observed: Observed,
    outcome: Outcome,
    ctx: dg.ResourceParam[RunContext],
    session: dg.ResourceParam[Session],
) -> str:
    """Return the fault that kept the pages from being made; empty when all is well. They never stop a publication."""
    from dataelec_assets.serving.report import is_current, make_report

    if not observed.request.report:
        context.log.info("No report was asked for.")
    elif not ctx.paths.served_file.exists():
        context.log.info("Nothing is served after %d source(s): no report.", len(outcome.reports))
    else:
        try:
            with session.writing():
                if is_current(ctx):
                    context.log.info("The report shows what is served.")
                else:
                    events.log_all(context, of_report(ctx, make_report(ctx)))
        except DataElecError as error:
            context.log.error(f"The report could not be made: {error}")  # noqa: G004, TRY400 - one line, no stack trace
            return str(error)
    return ""


@dg.op(
    description="Échoue quand une source a échoué ou que quelque chose n'est pas servi tel que reçu.",
)
def verdict_step(
    context: dg.OpExecutionContext, outcome: Outcome, fault: str, ctx: dg.ResourceParam[RunContext]
) -> None:
    """Everything else is published by now; the run is red so that somebody looks."""
    prune(context.instance, ctx.now(), context.log)
    if outcome.failed:
        faults = " ".join(report.error or "" for report in outcome.failed)
        raise dg.Failure(description=f"{len(outcome.failed)} source(s) failed: {faults}", allow_retries=False)
    built = outcome.built
    if built is not None and (built.held or built.kept):
        reasons = [*describe_holds(ctx, built.held), *sorted(set(built.kept.values()))]
        raise dg.Failure(description=f"Published without what is impossible: {' '.join(reasons)}", allow_retries=False)
    if fault:
        raise dg.Failure(description=f"Published without a new report: {fault}", allow_retries=False)
