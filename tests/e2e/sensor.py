"""The sensor as the UI shows it, and what the UI shows of each asset."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dataelec_assets.catalog import load_catalog
from dataelec_assets.lake.locks import refreshing
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.state import load_state, save_state
from tests.e2e.dagster_dev import REPOSITORY_SELECTOR, Run, Ui, wait_for

_SELECTOR = {**REPOSITORY_SELECTOR, "sensorName": "stale_sources"}
_START = """
mutation($selector: SensorSelector!) {
  startSensor(sensorSelector: $selector) { __typename ... on Sensor { sensorState { status } } }
}
"""
_STATE = """
query($selector: SensorSelector!) { sensorOrError(sensorSelector: $selector) { ... on Sensor { sensorState { id } } } }
"""
_STOP = """
mutation($id: String!) {
  stopSensor(id: $id) { __typename ... on StopSensorMutationResult { instigationState { status } } }
}
"""
_TICKS = """
query($selector: SensorSelector!) {
  sensorOrError(sensorSelector: $selector) {
    ... on Sensor { sensorState { ticks { timestamp status skipReason runIds error { message } } } }
  }
}
"""
_ASSETS = """
{
  assetNodes {
    assetKey { path }
    isPartitioned
    dependencyKeys { path }
    freshnessStatusInfo { freshnessStatus }
    partitionStats { numMaterialized numFailed }
    assetChecksOrError {
      ... on AssetChecks {
        checks {
          name
          executionForLatestMaterialization {
            status
            evaluation { metadataEntries { label ... on TextMetadataEntry { text } } }
          }
        }
      }
    }
  }
}
"""
_STALENESS = """
query($key: AssetKeyInput!, $partition: String) {
  assetNodeOrError(assetKey: $key) { ... on AssetNode { staleCauses(partition: $partition) { reason } } }
}
"""


def switch_on(ui: Ui) -> None:
    """Switch the sensor on, as a user does."""
    started = ui.ask(_START, selector=_SELECTOR)["startSensor"]
    assert started == {"__typename": "Sensor", "sensorState": {"status": "RUNNING"}}


def switch_off(ui: Ui) -> None:
    """Switch the sensor off again."""
    state = ui.ask(_STATE, selector=_SELECTOR)["sensorOrError"]["sensorState"]
    stopped = ui.ask(_STOP, id=state["id"])["stopSensor"]
    assert stopped == {"__typename": "StopSensorMutationResult", "instigationState": {"status": "STOPPED"}}


def assets(ui: Ui) -> dict[str, Any]:
    """Return what the UI shows of each asset."""
    return {name_of(node["assetKey"]): node for node in ui.ask(_ASSETS)["assetNodes"]}


def name_of(key: dict[str, list[str]]) -> str:
    return "/".join(key["path"])


def ticks(ui: Ui) -> list[dict[str, Any]]:
    """Return the ticks of the sensor that have ended, oldest first."""
    found = ui.ask(_TICKS, selector=_SELECTOR)["sensorOrError"]["sensorState"]["ticks"]
    return [tick for tick in reversed(found) if tick["status"] != "STARTED"]


def run_after(ui: Ui, known: int) -> Run:
    """Return the next run of the sensor, when it has ended; ``known`` ones were there before."""
    runs = wait_for(lambda: ui.runs_of("refresh"), lambda found: len(found) > known)
    assert len(runs) == known + 1, ticks(ui)
    return ui.ended(runs[-1])


def descendants(nodes: dict[str, Any], root: str, *gates: str) -> set[str]:
    """Return the assets that are made from one, itself and what is reached through gates alone left out."""
    found: set[str] = set()
    queue = [root]
    while queue:
        parent = queue.pop()
        if parent in gates:
            continue
        children = {
            name for name, node in nodes.items() if parent in {name_of(key) for key in node["dependencyKeys"]}
        } - found
        found |= children
        queue.extend(children)
    return found


def unsynced(ui: Ui, name: str, partition: str | None) -> list[str]:
    """Return why the UI would show an asset as out of line with what it is made from."""
    found = ui.ask(_STALENESS, key={"path": name.split("/")}, partition=partition)["assetNodeOrError"]
    return [cause["reason"] for cause in found["staleCauses"]]


def let_time_pass(ui: Ui, dataset_id: str, by: timedelta) -> None:
    """Let a source be due, as if it had been asked some time earlier."""
    paths, dataset = LakePaths(ui.lake), load_catalog()[dataset_id]
    with refreshing(paths, wait_seconds=60):
        state = load_state(paths, dataset)
        assert state.checked_at is not None
        state.checked_at = (datetime.fromisoformat(state.checked_at) - by).isoformat()
        save_state(paths, dataset, state)
