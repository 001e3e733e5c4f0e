"""Runs of the command line: the same job as in the UI, in this process, recorded in the same instance."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence

import dagster as dg

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import WarehouseError
from dataelec_assets.house import House
from dataelec_assets.orchestration.asset_keys import lake_key, raw_key
from dataelec_assets.orchestration.build import build_definitions
from dataelec_assets.orchestration.jobs import QUIET
from dataelec_assets.orchestration.resources import Journal


def use_dagster_home(house: House) -> None:
    """Keep Dagster's state in ``DAGSTER_HOME``, else beside the lake; make the folder."""
    home = os.environ.setdefault("DAGSTER_HOME", str(house.paths.dagster_home))
    os.makedirs(home, exist_ok=True)  # noqa: PTH103 - the variable is text
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    config = house.paths.dagster_home / "dagster.yaml"
    if str(house.paths.dagster_home) == home and not config.exists():
        config.write_text("telemetry:\n  enabled: false\n", encoding="utf-8")


def run_refresh(house: House, journal: Journal, datasets: Sequence[Dataset], *, with_raw: bool = True) -> None:
    """Fetch and copy ``datasets``, then build and publish what depends on them.

    Args:
        house: settings and lake.
        journal: filled with what was done.
        datasets: the stale sources.
        with_raw: ask the portals; False: work from the raw vintages only, without network.

    Raises:
        WarehouseError: a step failed for good; the message is the step's own.
    """
    use_dagster_home(house)
    with warnings.catch_warnings():
        # Dagster announces its beta parameters at every start; their use is pinned by the lock file.
        warnings.simplefilter("ignore", category=dg.BetaWarning)
        warnings.simplefilter("ignore", category=dg.PreviewWarning)
        definitions = build_definitions(house, journal)
        job = definitions.resolve_job_def("refresh")
        everything = set(job.asset_layer.executable_asset_keys)
        ingestion = {key for each in house.catalog.values() for key in (raw_key(each), lake_key(each))}
        wanted = {lake_key(each) for each in datasets} | ({raw_key(each) for each in datasets} if with_raw else set())
        selection = sorted((everything - ingestion) | wanted)
        with dg.DagsterInstance.get() as instance:
            result = job.execute_in_process(
                run_config=QUIET, instance=instance, asset_selection=selection, raise_on_error=False
            )
    if not result.success:
        raise WarehouseError(_first_failure(result), advice="The served file is unchanged.")


def _first_failure(result: dg.ExecuteInProcessResult) -> str:
    for event in result.all_node_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            user = event.step_failure_data.user_failure_data
            if user is not None and user.description:
                return user.description
            if error is not None:
                return f"{event.step_key}: {error.message.strip()}"
    return "The run failed; `dagster dev -w workspace.yaml` shows why."
