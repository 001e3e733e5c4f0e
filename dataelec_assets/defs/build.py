"""Builds the definitions from a run context: tests give their own, the UI the one of the environment."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dagster as dg

from dataelec_assets.defs.alerts import alerts
from dataelec_assets.defs.handover import HandOver
from dataelec_assets.defs.ingestion_assets import lake_asset, raw_asset
from dataelec_assets.defs.jobs import REFRESH, jobs, refresh_jobs
from dataelec_assets.defs.report_assets import report_asset, report_behind
from dataelec_assets.defs.resources import resources
from dataelec_assets.defs.schedules import schedules
from dataelec_assets.defs.sensors import stale_sources
from dataelec_assets.defs.sources import observable_sources, own_specs
from dataelec_assets.defs.tables import Tables
from dataelec_assets.defs.warehouse_assets import dbt_tables, publication_asset
from dataelec_assets.errors import SettingsError
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.portals.progress import Progress
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.parse import ensure_parse


@contextmanager
def without_beta_warnings() -> Iterator[None]:
    """Keep Dagster from announcing its beta parameters at every start; the lock file pins what they mean."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=dg.BetaWarning)
        warnings.simplefilter("ignore", category=dg.PreviewWarning)
        yield


def _executor(ctx: RunContext) -> dg.ExecutorDefinition:
    """Return what runs the steps of a refresh: the process of the run, unless the settings name a broker.

    Raises:
        SettingsError: they do, and what reaches it is not installed.
    """
    if ctx.settings.broker is None:
        return dg.in_process_executor
    try:
        from dataelec_assets.defs.workers import on_workers
    except ImportError as error:
        raise SettingsError(
            f"DATAELEC_BROKER is set, and {error.name} is not installed.",
            advice="Install dataelec-assets[cluster], or unset it: then one process does all.",
        ) from error

    return on_workers(ctx, ctx.settings.broker)


@without_beta_warnings()
def build_definitions(
    ctx: RunContext | None = None,
    *,
    progress: Progress | None = None,
    known: Mapping[str, Observation] | None = None,
    is_locked: bool = False,
) -> dg.Definitions:
    """Return fresh definitions.

    Args:
        ctx: settings, catalogue and lake; None: those of the environment.
        progress: where downloads show their advance.
        known: what portals said a moment ago, by data set.
        is_locked: whether the process holds the lock of refreshes already, as a command does.

    Raises:
        SettingsError: an environment variable cannot be used.
        WarehouseError: the dbt project does not parse.
    """
    ctx = ctx or RunContext(load_settings())
    datasets = ctx.catalog.values()
    tables = Tables(ctx.catalog, ensure_parse(ctx.paths).manifest_json)
    subjects = tables.subjects
    executor = _executor(ctx)
    on_workers = executor is not dg.in_process_executor
    given = resources(ctx, progress=progress, known=known, is_locked=is_locked, on_workers=on_workers)
    return dg.Definitions(
        assets=[
            observable_sources(ctx.catalog, subjects),
            *own_specs(),
            *(raw_asset(dataset, subjects.of_dataset(dataset)) for dataset in datasets),
            *(lake_asset(dataset, subjects.of_dataset(dataset)) for dataset in datasets),
            dbt_tables(tables),
            publication_asset(tables),
            report_asset,
        ],
        jobs=jobs(ctx.catalog, tables, executor),
        sensors=[stale_sources(ctx.catalog, tables), report_behind(), *alerts(ctx.settings)],
        schedules=schedules(ctx.catalog),
        resources=given | ({"io_manager": HandOver(ctx.paths)} if on_workers else {}),
        executor=dg.in_process_executor,
    )


@without_beta_warnings()
def build_refresh(
    ctx: RunContext, *, progress: Progress | None = None, known: Mapping[str, Observation] | None = None
) -> dg.JobDefinition:
    """Return the job ``refresh`` of :func:`build_definitions` alone, for a command that runs nothing else.

    Its steps record what they make of all assets, whose definitions are 0.4 CPU-seconds that no step looks at.

    Args:
        ctx: settings, catalogue and lake.
        progress: where downloads show their advance.
        known: what portals said a moment ago, by data set.

    Raises:
        WarehouseError: the dbt project does not parse.
    """
    tables = Tables(ctx.catalog, ensure_parse(ctx.paths).manifest_json)
    given = resources(ctx, progress=progress, known=known, is_locked=True)
    return dg.Definitions(jobs=refresh_jobs(tables), resources=given).resolve_job_def(REFRESH)
