"""`dagster dev` on a fresh instance shows everything, and materialising from it is the refresh of the command line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.sample.portal import RunningPortal, serve
from tests.conftest import REPOSITORY

pytestmark = [pytest.mark.real, pytest.mark.slow]

TABLE = "temperature_quotidienne_regionale"
KEYS = [{"path": ["raw", TABLE]}, {"path": ["lake", TABLE]}]
SELECTOR = {"repositoryName": "__repository__", "repositoryLocationName": "dataelec"}

BACKFILL = """
mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) { __typename ... on LaunchBackfillSuccess { backfillId } }
}
"""
BACKFILL_STATUS = """
query($id: String!) {
  partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status runs { status } } }
}
"""
LAUNCH = """
mutation($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) { __typename ... on LaunchRunSuccess { run { runId } } }
}
"""
RUN_STATUS = """
query($id: ID!) {
  runOrError(runId: $id) { ... on Run { status assetMaterializations { assetKey { path } } } }
}
"""


@dataclass(frozen=True)
class Ui:
    """A running `dagster dev`."""

    url: str
    portal: RunningPortal
    lake: Path

    def ask(self, query: str, **variables: Any) -> Any:
        """Return the data of a GraphQL reply."""
        reply = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=60).json()
        assert "errors" not in reply, reply
        return reply["data"]

    def served(self, query: str) -> list[tuple[Any, ...]]:
        """Query the served file."""
        with duckdb.connect(str(self.lake / "serving" / "dataelec.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def backfill(self, *partitions: str) -> list[str]:
        """Materialise partitions of the temperature set; return the statuses of the runs."""
        params = {"assetSelection": KEYS, "partitionNames": list(partitions)}
        started = self.ask(BACKFILL, params=params)["launchPartitionBackfill"]
        assert started["__typename"] == "LaunchBackfillSuccess"
        found = wait_for(
            lambda: self.ask(BACKFILL_STATUS, id=started["backfillId"])["partitionBackfillOrError"],
            lambda each: each["status"].startswith("COMPLETED") or each["status"] == "FAILED",
        )
        return [run["status"] for run in found["runs"]]

    def build(self) -> tuple[str, set[str]]:
        """Run the job of the tables; return its status and the assets that it made."""
        params = {"selector": {**SELECTOR, "pipelineName": "warehouse"}, "mode": "default"}
        started = self.ask(LAUNCH, params=params)["launchPipelineExecution"]
        assert started["__typename"] == "LaunchRunSuccess"
        found = wait_for(
            lambda: self.ask(RUN_STATUS, id=started["run"]["runId"])["runOrError"],
            lambda each: each["status"] in ("SUCCESS", "FAILURE", "CANCELED"),
        )
        return found["status"], {each["assetKey"]["path"][-1] for each in found["assetMaterializations"]}


def wait_for(ask: Callable[[], Any], is_done: Callable[[Any], bool], seconds: int = 240) -> Any:
    """Ask until the answer is final."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = ask()
        if is_done(answer):
            return answer
        time.sleep(0.5)
    return pytest.fail(f"no end after {seconds} s")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def ui(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    root = tmp_path_factory.mktemp("ui")
    (root / "data" / "odre").mkdir(parents=True)
    dataset_id = "temperature-quotidienne-regionale"
    (root / "data" / "odre" / dataset_id).symlink_to(real_data / "odre" / dataset_id)
    (root / "home").mkdir()
    port = free_port()
    with serve(root / "data") as portal, (root / "dev.log").open("w") as log:
        environment = {
            **os.environ,
            "DAGSTER_HOME": str(root / "home"),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "DATAELEC_LAKE": str(root / "lake"),
            "DATAELEC_ODRE_URL": f"{portal.url}/odre",
        }
        command = [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            running = Ui(f"http://127.0.0.1:{port}", portal, root / "lake")

            def is_up() -> bool:
                try:
                    return httpx.get(f"{running.url}/server_info").is_success
                except httpx.TransportError:
                    return False

            wait_for(is_up, bool)
            yield running
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def test_every_source_copy_table_and_check_is_shown(ui: Ui) -> None:
    nodes = ui.ask("{ assetNodes { groupName isPartitioned hasAssetChecks description } }")["assetNodes"]
    groups = [node["groupName"] for node in nodes]
    for group in ("sources", "raw", "lake", "staging"):
        assert groups.count(group) == len(load_catalog())
    assert groups.count("publication") == 1
    # Sources, vintages and copies, and the five facts that are renewed by month.
    assert sum(node["isPartitioned"] for node in nodes) == 3 * len(load_catalog()) + 5
    assert all(node["hasAssetChecks"] for node in nodes if node["groupName"] in ("raw", "marts"))
    assert all(node["description"] for node in nodes)


def test_partitions_and_tables_are_materialised_from_the_ui(ui: Ui) -> None:
    assert ui.backfill("2018-02", "2018-03") == ["SUCCESS"]
    assert ui.build()[0] == "SUCCESS"
    months = "SELECT strftime(date, '%Y-%m'), count(*) FROM fct_temperature_regionale GROUP BY 1 ORDER BY 1"
    assert ui.served(months) == [("2018-02", 28 * 13), ("2018-03", 31 * 13)]

    revision = {"dataset": "temperature-quotidienne-regionale", "set": {"tmax": 40.0}}
    ui.portal.control("rows", {**revision, "where": "date = date'2018-03-10' and code_insee_region = 11"})
    assert ui.backfill("2018-03") == ["SUCCESS"]
    status, made = ui.build()
    assert status == "SUCCESS"
    assert {"fct_temperature_regionale", "publication"} <= made
    assert "fct_stock_gaz" not in made  # nothing that it depends on has changed
    hottest = (
        "SELECT temperature_max_c FROM fct_temperature_regionale WHERE date = DATE '2018-03-10' AND code_region = '11'"
    )
    assert ui.served(hottest) == [(40.0,)]


def test_a_run_without_anything_stale_makes_nothing(ui: Ui) -> None:
    assert ui.build() == ("SUCCESS", set())
