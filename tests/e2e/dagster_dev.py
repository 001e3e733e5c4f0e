"""A running `dagster dev`, and what the UI asks it through GraphQL."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from tests.conftest import REPOSITORY

REPOSITORY_SELECTOR = {"repositoryName": "__repository__", "repositoryLocationName": "dataelec"}

# Asset and partition; None for an asset that has no partitions.
Made = tuple[str, str | None]

# A machine under load starts a run in half a minute: only a fault takes longer than this.
_DEADLINE_SECONDS = 300

_BACKFILL = """
mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) { __typename ... on LaunchBackfillSuccess { backfillId } }
}
"""
_BACKFILL_STATUS = """
query($id: String!) {
  partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status numPartitions runs { status } } }
}
"""
_LAUNCH = """
mutation($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) { __typename ... on LaunchRunSuccess { run { runId } } }
}
"""
_RUN = """
query($id: ID!) {
  runOrError(runId: $id) {
    ... on Run {
      status
      tags { key value }
      assetMaterializations { assetKey { path } partition metadataEntries { label } }
      eventConnection { events { ... on ExecutionStepFailureEvent { error { message } } } }
    }
  }
}
"""
_RUNS = """
query($job: String!) { runsOrError(filter: { pipelineName: $job }) { ... on Runs { results { runId status } } } }
"""


@dataclass(frozen=True)
class Run:
    """A run that has ended.

    Attributes:
        run_id: its id.
        status: how it ended, ``SUCCESS`` when well.
        tags: by name.
        made: what it has materialised, in order.
        faults: why it has failed.
    """

    run_id: str
    status: str
    tags: dict[str, str]
    made: list[Made]
    faults: list[str]


@dataclass(frozen=True)
class Ui:
    """A running `dagster dev`."""

    url: str
    data: Path
    lake: Path

    def ask(self, query: str, **variables: Any) -> Any:
        """Return the data of a GraphQL reply."""
        reply = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=180).json()
        assert "errors" not in reply, reply
        return reply["data"]

    def served(self, query: str) -> list[tuple[Any, ...]]:
        """Query the served file."""
        with duckdb.connect(str(self.lake / "serving" / "dataelec.duckdb"), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def backfill(self, keys: Sequence[str], *partitions: str) -> tuple[list[str], int]:
        """Materialise partitions of assets; return the statuses of the runs and how many partitions were asked for."""
        params = {"assetSelection": [{"path": key.split("/")} for key in keys], "partitionNames": list(partitions)}
        started = self.ask(_BACKFILL, params=params)["launchPartitionBackfill"]
        assert started["__typename"] == "LaunchBackfillSuccess"
        found = wait_for(
            lambda: self.ask(_BACKFILL_STATUS, id=started["backfillId"])["partitionBackfillOrError"],
            lambda each: each["status"].startswith("COMPLETED") or each["status"] == "FAILED",
        )
        return [run["status"] for run in found["runs"]], found["numPartitions"]

    def materialize(self, keys: Sequence[str], partition: str) -> Run:
        """Materialise one partition of assets, which the UI does in a run without a backfill; wait for its end."""
        return self._launch(
            {"pipelineName": "__ASSET_JOB", "assetSelection": [{"path": key.split("/")} for key in keys]},
            executionMetadata={"tags": [{"key": "dagster/partition", "value": partition}]},
        )

    def launch(self, job: str) -> Run:
        """Launch a job and wait for its end."""
        return self._launch({"pipelineName": job})

    def _launch(self, selector: dict[str, Any], **params: Any) -> Run:
        params |= {"selector": {**REPOSITORY_SELECTOR, **selector}, "mode": "default"}
        started = self.ask(_LAUNCH, params=params)["launchPipelineExecution"]
        assert started["__typename"] == "LaunchRunSuccess"
        return self.ended(started["run"]["runId"])

    def ended(self, run_id: str) -> Run:
        """Return a run, once it has ended."""
        found = wait_for(
            lambda: self.ask(_RUN, id=run_id)["runOrError"],
            lambda each: each["status"] in ("SUCCESS", "FAILURE", "CANCELED"),
        )
        # What was recorded as checked and unchanged was not made.
        made = [
            ("/".join(each["assetKey"]["path"]), each["partition"])
            for each in found["assetMaterializations"]
            if "verifie_a" not in {entry["label"] for entry in each["metadataEntries"]}
        ]
        faults = [each["error"]["message"] for each in found["eventConnection"]["events"] if each.get("error")]
        return Run(run_id, found["status"], {tag["key"]: tag["value"] for tag in found["tags"]}, made, faults)

    def runs_of(self, job: str) -> list[str]:
        """Return the runs of a job, oldest first, whatever their state."""
        return [run["runId"] for run in reversed(self.ask(_RUNS, job=job)["runsOrError"]["results"])]


def wait_for(ask: Callable[[], Any], is_done: Callable[[Any], bool], seconds: int = _DEADLINE_SECONDS) -> Any:
    """Ask until the answer is final."""
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if is_done(answer):
            return answer
        if time.monotonic() > end:
            return pytest.fail(f"no end after {seconds} s; last answer: {answer}")
        time.sleep(0.5)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def dagster_dev(root: Path, data: Path) -> Iterator[Ui]:
    """Start `dagster dev` on a fresh instance and an empty lake below ``root``, fed by ``data``; stop it in the end."""
    (root / "home").mkdir(parents=True)
    port, log_file = _free_port(), root / "dev.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATAELEC_", "DAGSTER_"))}
    environment = {
        **kept,
        "DAGSTER_HOME": str(root / "home"),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "DAGSTER_SENSOR_GRPC_TIMEOUT_SECONDS": "300",  # as `dataelec dev` has it
        "DATAELEC_LAKE": str(root / "lake"),
        "DATAELEC_FROM": str(data),
    }
    command = [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    ui = Ui(f"http://127.0.0.1:{port}", data, root / "lake")
    with log_file.open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
            # Tests that run in the background ignore Ctrl-C, and `dagster dev` ends its own processes by it.
            preexec_fn=_heed_signals,  # noqa: PLW1509 - nothing else runs in this process yet
        )
    try:
        _wait_until_up(ui, process, log_file)
        yield ui
    finally:
        _stop(process)


def _heed_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _wait_until_up(ui: Ui, process: subprocess.Popen[bytes], log_file: Path) -> None:
    def is_up() -> bool:
        if process.poll() is not None:
            pytest.fail(f"`dagster dev` has ended:\n{log_file.read_text(encoding='utf-8')[-3000:]}")
        try:
            return httpx.get(f"{ui.url}/server_info").is_success
        except httpx.TransportError:
            return False

    wait_for(is_up, bool)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and those that it has started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
