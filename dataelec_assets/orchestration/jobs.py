"""Jobs: stable names for what can be launched; no asset code here."""

from __future__ import annotations

import dagster as dg

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.orchestration.asset_keys import lake_key, raw_key

# Keeps Dagster's own lines out of a terminal that shows progress; the UI has them all.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

WAREHOUSE = "warehouse"


def ingestion_job(dataset: Dataset) -> str:
    """Return the name of the job that fetches and copies one data set."""
    return f"ingest__{dataset.table}"


def jobs(catalog: Catalog) -> list[dg.UnresolvedAssetJobDefinition]:
    """Return the jobs: one per data set, since Dagster runs together only what is cut alike; one for all tables."""
    ingestion = [
        dg.define_asset_job(
            ingestion_job(dataset),
            selection=dg.AssetSelection.assets(raw_key(dataset), lake_key(dataset)),
            description=f"{dataset.title} : télécharger et copier des partitions.",
        )
        for dataset in catalog.values()
    ]
    tables = dg.AssetSelection.all() - dg.AssetSelection.groups("sources", "raw", "lake")
    return [
        *ingestion,
        dg.define_asset_job(
            WAREHOUSE, selection=tables, description="Refait les tables touchées par le lac, contrôle, publie."
        ),
        dg.define_asset_job(
            "observe",
            selection=dg.AssetSelection.groups("sources"),
            description="Demande aux portails la version de chaque source.",
        ),
    ]
