"""Jobs: what can be launched under a stable name.

``refresh`` is one operation that does whatever is stale and records what it did, partition by partition: a run made of
assets can neither mix data sets that are cut differently nor choose its partitions while it runs (docs/decisions/0011).
"""

from collections.abc import Iterable
from typing import Any

import dagster as dg
from pydantic import Field

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.defs import events
from dataelec_assets.defs.asset_keys import lake_key, raw_key
from dataelec_assets.defs.report_assets import report_job
from dataelec_assets.defs.resources import Journal
from dataelec_assets.defs.tables import Tables
from dataelec_assets.defs.unchanged import heartbeats
from dataelec_assets.errors import DataElecError
from dataelec_assets.ingest.audit import Audit, audit_sources
from dataelec_assets.ingest.copies import CopyReport
from dataelec_assets.ingest.fetch import SourceReport
from dataelec_assets.ingest.observe import Observation, observe_sources
from dataelec_assets.lake.atomic_files import refreshing
from dataelec_assets.pipeline import Outcome, rebuild_from_raw, run_pipeline
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.publication import Publication
from dataelec_assets.warehouse.quarantine import Built, in_words

# Keeps Dagster's own lines out of a terminal that shows progress; the UI has them all.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

REFRESH, WAREHOUSE = "refresh", "warehouse"


class RefreshConfig(dg.Config):
    """What a run of ``refresh`` is asked for.

    Attributes:
        sources: ids of data sets; none: all of the catalogue.
        observe: ask the portals; false: only bring copies, tables and served file in line with what is in raw.
        audit: first compare all that the lake holds with the portals' sums.
    """

    sources: list[str] = Field(default_factory=list)
    observe: bool = True
    audit: bool = False


def log_all(context: dg.OpExecutionContext, found: Iterable[Any]) -> None:
    """Record events with the run. Results of checks are taken too, although the declared type leaves them out."""
    for event in found:
        context.log_event(event)


class DagsterRecorder:
    """Makes Dagster's events of what a refresh does."""

    def __init__(self, context: dg.OpExecutionContext, ctx: RunContext, tables: Tables) -> None:
        self._context = context
        self._ctx = ctx
        self._tables = tables

    def _log(self, found: Iterable[events.Event]) -> None:
        log_all(self._context, found)

    def observed(self, observation: Observation) -> None:
        """Record the data versions of a source."""
        self._log(events.of_observation(observation))

    def audited(self, audits: list[Audit]) -> None:
        """Tell what an audit has found."""
        for audit in audits:
            for line in [*audit.lines(), *([audit.error] if audit.error else [])]:
                self._context.log.error(line)
            self._context.log.info("%s: %d partition(s) hold what the portal sums up", audit.dataset_id, audit.proved)

    def fetched(self, dataset: Dataset, report: SourceReport) -> None:
        """Record the raw partitions and the checks on arrival."""
        for warning in report.warnings:
            self._context.log.warning("%s: %s", dataset.id, warning)
        if report.error is not None:
            self._context.log.error(report.error)
        self._log(events.of_arrival(self._ctx, dataset, report))

    def copied(self, dataset: Dataset, report: CopyReport) -> None:
        """Record the Parquet partitions."""
        self._log(events.of_copies(self._ctx, dataset, report))

    def built(self, report: BuildReport) -> None:
        """Record tables and checks."""
        self._log(events.of_build(self._tables, report))

    def held(self, built: Built) -> None:
        """Record what is in quarantine."""
        for line in in_words(self._ctx, built.held):
            self._context.log.error(line)
        for table, reason in built.kept.items():
            self._context.log.error("%s stays as it was last published: %s", table, reason)
        self._log(events.of_quarantine(self._ctx, built))

    def published(self, publication: Publication) -> None:
        """Record the publication."""
        self._log(events.of_publication(publication))


def _run(ctx: RunContext, journal: Journal, config: RefreshConfig, recorder: DagsterRecorder) -> Outcome:
    if journal.from_scratch:
        return rebuild_from_raw(ctx, recorder)
    if journal.observations is not None:  # the command line has asked the portals and holds the lock
        return run_pipeline(
            ctx,
            journal.observations,
            recorder,
            journal.progress,
            partitions=journal.partitions,
            accept_shrink=journal.accept_shrink,
        )
    with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        asked = [ctx.catalog[each] for each in config.sources] or list(ctx.catalog.values())
        if config.audit:
            recorder.audited(audit_sources(ctx, asked))
        observations = observe_sources(ctx, asked) if config.observe else []
        return run_pipeline(ctx, observations, recorder, journal.progress)


def refresh_job(tables: Tables, name: str, description: str, config: RefreshConfig) -> dg.JobDefinition:
    """Return a job that refreshes what is stale."""

    # No pool: a run that is killed would keep its slot, and the lock of refreshes does the same and vanishes with it.
    @dg.op(name=f"{name}_what_is_stale", description=description)
    def refresh(
        context: dg.OpExecutionContext,
        config: RefreshConfig,
        ctx: dg.ResourceParam[RunContext],
        journal: dg.ResourceParam[Journal],
    ) -> None:
        try:
            outcome = _run(ctx, journal, config, DagsterRecorder(context, ctx, tables))
        except DataElecError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        journal.outcome = outcome
        log_all(context, heartbeats(context.instance, ctx, tables))
        if outcome.failed:
            # Everything else is published; the run is red so that somebody looks.
            faults = " ".join(report.error or "" for report in outcome.failed)
            raise dg.Failure(description=f"{len(outcome.failed)} source(s) failed: {faults}", allow_retries=False)
        if outcome.held or outcome.kept:
            words = [*in_words(ctx, outcome.held), *sorted(set(outcome.kept.values()))]
            raise dg.Failure(
                description=f"Published without what is impossible: {' '.join(words)}", allow_retries=False
            )

    @dg.job(
        name=name,
        description=description,
        config=dg.RunConfig(ops={refresh.name: config}),
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        refresh()

    return job


def run_config_of(job: str, sources: list[str], *, observe: bool = True, audit: bool = False) -> dict[str, Any]:
    """Return the configuration of a run of ``refresh`` or ``warehouse`` on these data sets."""
    return {"ops": {f"{job}_what_is_stale": {"config": {"sources": sources, "observe": observe, "audit": audit}}}}


def ingestion_job(dataset: Dataset) -> str:
    """Return the name of the job that fetches and copies one data set."""
    return f"ingest__{dataset.table}"


def jobs(catalog: Catalog, tables: Tables) -> "list[dg.JobDefinition | dg.UnresolvedAssetJobDefinition]":
    """Return the jobs."""
    ingestion = [
        dg.define_asset_job(
            ingestion_job(dataset),
            selection=dg.AssetSelection.assets(raw_key(dataset), lake_key(dataset)),
            description=f"{dataset.title} : télécharger et copier des partitions choisies.",
        )
        for dataset in catalog.values()
    ]
    return [
        refresh_job(tables, REFRESH, "Rafraîchit ce qui est périmé, et rien d'autre, puis publie.", RefreshConfig()),
        refresh_job(
            tables,
            WAREHOUSE,
            "Refait les tables touchées par le lac, contrôle, publie ; sans interroger les portails.",
            RefreshConfig(observe=False),
        ),
        *ingestion,
        report_job(),
        dg.define_asset_job(
            "observe",
            selection=dg.AssetSelection.groups("sources"),
            description="Demande aux portails la version de chaque source, et ce qui a bougé.",
        ),
    ]
