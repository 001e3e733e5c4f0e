"""Runs of the command line: the same job as in the UI, in this process, recorded in the same instance."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

import dagster as dg
from filelock import FileLock

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import WarehouseError
from dataelec_assets.house import House
from dataelec_assets.orchestration.asset_keys import lake_key, raw_key
from dataelec_assets.orchestration.build import build_definitions, without_beta_warnings
from dataelec_assets.orchestration.jobs import QUIET, WAREHOUSE, ingestion_job
from dataelec_assets.orchestration.partitions import blocks_of
from dataelec_assets.orchestration.resources import Journal
from dataelec_assets.refresh.sources import SourceReport
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.project import PROJECT_DIR


def use_dagster_home(house: House) -> None:
    """Keep Dagster's state in ``DAGSTER_HOME``, else beside the lake; make it when it is not there."""
    home = os.environ.setdefault("DAGSTER_HOME", str(house.paths.dagster_home))
    os.makedirs(home, exist_ok=True)  # noqa: PTH103 - the variable is text
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    config = house.paths.dagster_home / "dagster.yaml"
    if str(house.paths.dagster_home) == home and not config.exists():
        config.write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    # Two processes that make the same SQLite files at once leave them unusable for ever ("more than one head present").
    with FileLock(Path(home) / ".lock"), dg.DagsterInstance.get():
        pass


def start_ui(port: int) -> None:
    """Replace this process by `dagster dev` on the lake of the environment.

    Raises:
        SettingsError: an environment variable cannot be used.
    """
    use_dagster_home(House(load_settings()))
    workspace = PROJECT_DIR.parent / "workspace.yaml"
    # Started in the background, a shell makes Dagster ignore INT and TERM: give it the default ones back.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    arguments = ["-m", "dagster", "dev", "-w", str(workspace), "-h", "127.0.0.1", "-p", str(port)]
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - our own interpreter, fixed arguments


class Runs:
    """Launches the jobs of one refresh, one after the other, in this process."""

    def __init__(self, house: House, journal: Journal) -> None:
        use_dagster_home(house)
        self.house = house
        self.journal = journal
        self._definitions = build_definitions(house, journal)

    def ingest(self, dataset: Dataset, partitions: Iterable[str], *, with_raw: bool = True) -> list[str]:
        """Fetch and copy partitions of one data set, a run for each contiguous block. A failure goes to the journal.

        Args:
            dataset: the data set.
            partitions: their keys; ignored for a data set that is not cut.
            with_raw: ask the portal; False: copy what is in raw already, without network.

        Returns:
            The partitions that were left out because they lie outside the history that the catalogue declares.
        """
        selection = [raw_key(dataset), lake_key(dataset)] if with_raw else [lake_key(dataset)]
        if dataset.partitioning.grain == "none":
            self._ingest(dataset, selection, {})
            return []
        blocks, outside = blocks_of(dataset, partitions)
        for first, last in blocks:
            tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
            self._ingest(dataset, selection, tags)
        return outside

    def _ingest(self, dataset: Dataset, selection: list[dg.AssetKey], tags: dict[str, str]) -> None:
        result = self._execute(ingestion_job(dataset), selection, tags)
        known = self.journal.sources.get(dataset.id)
        if not result.success and (known is None or known.error is None):
            # Not a fault of the source, which reports its own: a damaged vintage, a full disk, an error of ours.
            self.journal.add(SourceReport(dataset.id, "failed", error=_first_failure(result), fault="LakeError"))

    def build(self) -> None:
        """Build the tables, check them, publish.

        Raises:
            WarehouseError: a model or a blocking check failed; nothing was published.
        """
        result = self._execute(WAREHOUSE, None, {})
        if not result.success:
            raise WarehouseError(_first_failure(result), advice="The served file is unchanged.")

    def _execute(
        self, job_name: str, selection: list[dg.AssetKey] | None, tags: dict[str, str]
    ) -> dg.ExecuteInProcessResult:
        with without_beta_warnings(), dg.DagsterInstance.get() as instance:
            return self._definitions.resolve_job_def(job_name).execute_in_process(
                run_config=QUIET, instance=instance, asset_selection=selection, tags=tags, raise_on_error=False
            )


def _first_failure(result: dg.ExecuteInProcessResult) -> str:
    for event in result.all_node_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            user = event.step_failure_data.user_failure_data
            if user is not None and user.description:
                return user.description
            if error is not None:
                cause = error.cause or error
                return f"{event.step_key}: {cause.message.strip()}"
    return "The run failed; `dagster dev -w workspace.yaml` shows why."
