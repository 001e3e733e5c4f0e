"""Jobs: what can be launched under a stable name.

``refresh`` is a graph: ``observe`` asks the portals, one ``ingest`` step for each source that needs something fetches
and copies it, then ``build``, ``publish`` and ``report`` follow, and ``verdict`` fails when something needs a look. A
run made of assets can neither mix data sets that are cut differently nor choose its partitions while it runs, so the
steps record the assets that they make (docs/decisions/0031).
"""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.defs.asset_keys import lake_key, raw_key
from dataelec_assets.defs.report_assets import report_job
from dataelec_assets.defs.steps import (
    RefreshConfig,
    build_step_of,
    ingest_step,
    observe_step,
    publish_step_of,
    report_step,
    verdict_step,
)
from dataelec_assets.defs.tables import Tables
from dataelec_assets.pipeline import Outcome

# Keeps Dagster's own lines out of a terminal that shows progress; the UI has them all.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

REFRESH, WAREHOUSE = "refresh", "warehouse"

# A run queue lets one such run through at a time (deploy/dagster.yaml): the next one would wait for the lake's lock.
WRITES = {"dataelec/ecrit": "lac"}


def run_config_of(sources: Sequence[str], **wanted: Any) -> dict[str, Any]:
    """Return the configuration of a run of ``refresh`` or ``warehouse``.

    Args:
        sources: ids of data sets; empty: all.
        wanted: other fields of :class:`RefreshConfig`.
    """
    return {"ops": {"observe": {"config": {"sources": list(sources), **wanted}}}}


def refresh_jobs(tables: Tables, executor: dg.ExecutorDefinition = dg.in_process_executor) -> list[dg.JobDefinition]:
    """Return the jobs that refresh what is stale.

    Args:
        tables: what is built.
        executor: what runs their steps.
    """
    build_step, publish_step = build_step_of(tables), publish_step_of(tables)

    # Steps have short names of their own: an operation may not be named as a job is, such as `report`.
    @dg.graph(name="refresh_graph")
    def graph() -> None:
        stale, observed = observe_step.alias("observe")()
        ingested = stale.map(ingest_step.alias("ingest")).collect()
        built = build_step.alias("build")(observed, ingested)
        outcome = publish_step.alias("publish")(observed, ingested, built)
        fault = report_step.alias("report")(observed, outcome)
        verdict_step.alias("verdict")(outcome, fault)

    def job(name: str, description: str, config: RefreshConfig) -> dg.JobDefinition:
        return graph.to_job(
            name=name,
            description=description,
            config=dg.RunConfig(ops={"observe": config}),
            executor_def=executor,
            tags=WRITES,
        )

    return [
        job(REFRESH, "Rafraîchit ce qui est périmé, et rien d'autre, puis publie.", RefreshConfig()),
        job(
            WAREHOUSE,
            "Refait copies et tables touchées par le lac, contrôle, publie ; sans interroger les portails.",
            RefreshConfig(observe=False),
        ),
    ]


def outcome_of(result: dg.ExecuteInProcessResult) -> Outcome | None:
    """Return what a run of ``refresh`` did; None when it came to no publication."""
    is_published = any(event.is_step_success and event.step_key == "publish" for event in result.all_node_events)
    return result.output_for_node("publish") if is_published else None


def ingestion_job(dataset: Dataset) -> str:
    """Return the name of the job that fetches and copies one data set."""
    return f"ingest__{dataset.table}"


def jobs(
    catalog: Catalog, tables: Tables, executor: dg.ExecutorDefinition
) -> "list[dg.JobDefinition | dg.UnresolvedAssetJobDefinition]":
    """Return the jobs; ``executor`` runs the steps of those that refresh."""
    ingestion = [
        dg.define_asset_job(
            ingestion_job(dataset),
            selection=dg.AssetSelection.assets(raw_key(dataset), lake_key(dataset)),
            description=f"{dataset.title} : télécharger et copier des partitions choisies.",
        )
        for dataset in catalog.values()
    ]
    return [
        *refresh_jobs(tables, executor),
        *ingestion,
        report_job(),
        dg.define_asset_job(
            "observe",
            selection=dg.AssetSelection.key_prefixes("source"),
            description="Demande aux portails la version de chaque source, et ce qui a bougé.",
        ),
    ]
