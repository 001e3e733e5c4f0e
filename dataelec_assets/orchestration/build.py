"""Builds the definitions from a house: tests give their own, the UI the one of the environment."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from dataelec_assets.house import House
from dataelec_assets.orchestration.alerts import alerts
from dataelec_assets.orchestration.ingestion_assets import lake_asset, raw_asset
from dataelec_assets.orchestration.jobs import jobs
from dataelec_assets.orchestration.report_assets import report_asset, report_behind
from dataelec_assets.orchestration.resources import Journal, resources
from dataelec_assets.orchestration.schedules import schedules
from dataelec_assets.orchestration.sensors import stale_sources
from dataelec_assets.orchestration.sources import observable_sources, own_specs
from dataelec_assets.orchestration.tables import Tables
from dataelec_assets.orchestration.warehouse_assets import warehouse_assets
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.parse import ensure_parse


@contextmanager
def without_beta_warnings() -> Iterator[None]:
    """Keep Dagster from announcing its beta parameters at every start; the lock file pins what they mean."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=dg.BetaWarning)
        warnings.simplefilter("ignore", category=dg.PreviewWarning)
        yield


@without_beta_warnings()
def build_definitions(house: House | None = None, journal: Journal | None = None) -> dg.Definitions:
    """Return fresh definitions.

    Args:
        house: settings, catalogue and lake; None: those of the environment.
        journal: where a run tells what it did; None: a new one that nobody reads.

    Raises:
        SettingsError: an environment variable cannot be used.
        WarehouseError: the dbt project does not parse.
    """
    house = house or House(load_settings())
    journal = journal or Journal()
    datasets = house.catalog.values()
    tables = Tables(house.catalog, ensure_parse(house.paths).manifest_json)
    return dg.Definitions(
        assets=[
            observable_sources(house.catalog),
            *own_specs(),
            *(raw_asset(dataset) for dataset in datasets),
            *(lake_asset(dataset) for dataset in datasets),
            warehouse_assets(tables),
            report_asset,
        ],
        jobs=jobs(house.catalog, tables),
        sensors=[stale_sources(house.catalog, tables), report_behind(), *alerts(house.settings)],
        schedules=schedules(house.catalog),
        resources=resources(house, journal),
        executor=dg.in_process_executor,
    )
