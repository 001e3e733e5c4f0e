"""The sensor that keeps everything fresh: it asks each portal by its cadence and requests one run for what is stale.

Staleness is a level, so what failed is requested again; the states of the lake say since when and how often it has
failed, and the wait grows with it (:mod:`dataelec_assets.ingest.cadence`).
"""

import json
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.defs import events
from dataelec_assets.defs.jobs import REFRESH, run_config_of
from dataelec_assets.defs.labels import reasons_text
from dataelec_assets.defs.tables import Tables
from dataelec_assets.defs.unchanged import heartbeats
from dataelec_assets.errors import BusyError
from dataelec_assets.ingest.cadence import back_off, is_due
from dataelec_assets.ingest.freshness import age_of
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.lake.locks import freshen, refreshing
from dataelec_assets.lake.state import SourceState, load_state
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.failed_builds import last_failure
from dataelec_assets.warehouse.up_to_date import has_content, is_up_to_date

# How often the sensor looks whether some source is due; a look without one costs no call.
_TICK_SECONDS = 60

# A run that neither ended nor holds the lock of the lake for so long is dead: its process was killed. Starting one
# takes a few seconds, half a minute on a machine under load.
_DEAD_AFTER = timedelta(minutes=5)

_UNFINISHED = [
    DagsterRunStatus.QUEUED,
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
]


def stale_sources(catalog: Catalog, tables: Tables) -> dg.SensorDefinition:
    """Return the sensor; off until it is switched on in the UI."""

    @dg.sensor(
        name="stale_sources",
        job_name=REFRESH,
        minimum_interval_seconds=_TICK_SECONDS,
        description=(
            "Interroge chaque source à sa cadence et demande une exécution pour ce qui est périmé et ce qui en dépend. "
            "Une source en échec est redemandée, de moins en moins souvent."
        ),
    )
    def sensor(context: dg.SensorEvaluationContext, ctx: dg.ResourceParam[RunContext]) -> dg.SensorResult:
        try:
            with refreshing(ctx.paths):
                busy = _unfinished(context.instance, ctx.now())
                if busy:
                    return dg.SensorResult(skip_reason=busy)
                return _tick(context, ctx, catalog, tables)
        except BusyError:
            return dg.SensorResult(skip_reason="A refresh is running.")

    return sensor


def _unfinished(instance: dg.DagsterInstance, now: datetime) -> str | None:
    """Return why no run is to be requested now; runs whose process is gone are ended.

    The caller holds the lock of refreshes, so that no run is at work.
    """
    for record in instance.get_run_records(RunsFilter(job_name=REFRESH, statuses=_UNFINISHED)):
        run = record.dagster_run
        since = record.start_time or record.create_timestamp.replace(tzinfo=UTC).timestamp()
        if run.status == DagsterRunStatus.QUEUED or now - datetime.fromtimestamp(since, UTC) < _DEAD_AFTER:
            return f"Run {run.run_id[:8]} is about to start."
        instance.report_run_failed(run, "The process of this run is gone: it holds no lock of the lake.")
    return None


def _tick(context: dg.SensorEvaluationContext, ctx: RunContext, catalog: Catalog, tables: Tables) -> dg.SensorResult:
    freshen(ctx.paths)  # on a bucket, others write and this machine need not
    now = ctx.now()
    due = [
        dataset
        for dataset in catalog.values()
        if not ctx.is_off(dataset) and is_due(dataset, _state(ctx, dataset), now)
    ]
    observations = observe_sources(ctx, due) if due else []
    found: list[events.Event] = [event for each in observations for event in events.of_observation(each)]
    found.extend(heartbeats(context.instance, ctx, tables))
    ages, changed = _ages(ctx, catalog, context.cursor)
    found.extend(events.of_age(ctx, dataset) for dataset in changed)
    cursor = json.dumps(ages, sort_keys=True)
    stale = [each for each in observations if each.plan.stale]
    reasons = "; ".join(f"{each.dataset.id} : {reasons_text(each.plan)}" for each in stale)
    if not stale and _is_build_due(ctx, now):
        reasons = "tables en retard sur le lac"
    if not reasons:
        return dg.SensorResult(
            skip_reason=f"{len(due)} source(s) asked; nothing is stale.", asset_events=found, cursor=cursor
        )
    request = dg.RunRequest(
        run_config=run_config_of([each.dataset.id for each in stale]) if stale else run_config_of([], observe=False),
        tags={"dataelec/cause": "sensor stale_sources", "dataelec/perime": reasons[:250]},
    )
    context.log.info("Stale: %s", reasons)
    return dg.SensorResult(run_requests=[request], asset_events=found, cursor=cursor)


def _state(ctx: RunContext, dataset: Dataset) -> SourceState:
    """Return the state of a source; a copy that a killed run has left unmade makes it stale, whatever it says."""
    state = load_state(ctx.paths, dataset)
    if ctx.raw.pending(dataset.id).exists():
        state.stale = max(state.stale, 1)
    return state


def _is_build_due(ctx: RunContext, now: datetime) -> bool:
    """Return whether the tables are behind the lake, and the last failure to build them is long enough ago."""
    if not has_content(ctx) or is_up_to_date(ctx):
        return False
    failure = last_failure(ctx)
    return failure is None or failure.when + back_off(failure.failures) <= now


def _ages(ctx: RunContext, catalog: Catalog, cursor: str | None) -> tuple[dict[str, str], list[Dataset]]:
    """Return the verdict on the age of each data set, and those whose verdict has changed since the last tick."""
    known: dict[str, str] = json.loads(cursor) if cursor else {}
    ages: dict[str, str] = {}
    for dataset in catalog.values():
        head = ctx.parquet.head(dataset)
        if head is not None and not ctx.is_off(dataset):
            ages[dataset.id] = age_of(dataset, head.last_measured, ctx.now()).status
    return ages, [catalog[each] for each in ages if ages[each] != known.get(each)]
