"""The sensor, switched on in the UI, loads a fresh lake and then does exactly what the publisher's changes ask for."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.lake.locks import refreshing
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.state import load_state, save_state
from tests.e2e.dagster_dev import REPOSITORY_SELECTOR, Made, Run, Ui, dagster_dev, wait_for
from tests.faults.france import REAL_TIME
from tests.revised_files import revise_parquet

pytestmark = pytest.mark.slow

# What the small France holds.
PARTITIONS = {
    "consommation_quotidienne_brute": ["2023-02"],
    "eco2mix_national_tr": ["2023-11", "2023-12"],
    "stock_quotidien_stockages_gaz": ["2023-01", "2023-02"],
    "temperature_quotidienne_regionale": ["2023-01", "2023-02"],
}
# The balance of the month still holds.
REVISED, REVISION = "date_heure > TIMESTAMPTZ '2023-12-01T10:00:00+01:00'", {"solaire": 1}
MONTH = "2023-12"
# Gates whose rows this revision leaves as they are: the year is not complete, and no reading comes or goes.
STILL = ("int_indicateur_mix", "int_eco2mix_annees", "int_eco2mix_demi_heures_lues")

SELECTOR = {**REPOSITORY_SELECTOR, "sensorName": "stale_sources"}
START = """
mutation($selector: SensorSelector!) {
  startSensor(sensorSelector: $selector) { __typename ... on Sensor { sensorState { status } } }
}
"""
TICKS = """
query($selector: SensorSelector!) {
  sensorOrError(sensorSelector: $selector) {
    ... on Sensor { sensorState { ticks { timestamp status skipReason runIds error { message } } } }
  }
}
"""
ASSETS = """
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
STALENESS = """
query($key: AssetKeyInput!, $partition: String) {
  assetNodeOrError(assetKey: $key) { ... on AssetNode { staleCauses(partition: $partition) { reason } } }
}
"""


def assets(ui: Ui) -> dict[str, Any]:
    """Return what the UI shows of each asset."""
    return {name_of(node["assetKey"]): node for node in ui.ask(ASSETS)["assetNodes"]}


def name_of(key: dict[str, list[str]]) -> str:
    return "/".join(key["path"])


def ticks(ui: Ui) -> list[dict[str, Any]]:
    """Return the ticks of the sensor that have ended, oldest first."""
    found = ui.ask(TICKS, selector=SELECTOR)["sensorOrError"]["sensorState"]["ticks"]
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
    found = ui.ask(STALENESS, key={"path": name.split("/")}, partition=partition)["assetNodeOrError"]
    return [cause["reason"] for cause in found["staleCauses"]]


def let_time_pass(ui: Ui, dataset_id: str, by: timedelta) -> None:
    """Let a source be due, as if it had been asked some time earlier."""
    paths, dataset = LakePaths(ui.lake), load_catalog()[dataset_id]
    with refreshing(paths, wait_seconds=60):
        state = load_state(paths, dataset)
        assert state.checked_at is not None
        state.checked_at = (datetime.fromisoformat(state.checked_at) - by).isoformat()
        save_state(paths, dataset, state)


@pytest.fixture(scope="module")
def ui(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    root = tmp_path_factory.mktemp("sensor")
    shutil.copytree(data, root / "data")
    with dagster_dev(root, root / "data") as running:
        yield running


@pytest.fixture(scope="module")
def first(ui: Ui) -> Run:
    """Switch the sensor on; return its first run."""
    started = ui.ask(START, selector=SELECTOR)["startSensor"]
    assert started == {"__typename": "Sensor", "sensorState": {"status": "RUNNING"}}
    return run_after(ui, 0)


def test_the_first_run_loads_everything_that_the_folder_has(first: Run) -> None:
    assert (first.status, first.faults) == ("SUCCESS", [])
    assert first.tags["dataelec/cause"] == "sensor stale_sources"
    for layer in ("raw", "lake"):
        loaded = sorted(each for each in first.made if each[0].startswith(f"{layer}/"))
        assert loaded == [(f"{layer}/{table}", month) for table, months in PARTITIONS.items() for month in months]
    assert {("fct_eco2mix_national", month) for month in ("2023-11", MONTH)} <= set(first.made)
    assert ("publication", None) in first.made


def test_what_was_loaded_is_fresh_and_the_age_of_its_measures_is_judged(ui: Ui, first: Run) -> None:
    assert first.status == "SUCCESS"
    loaded = {f"lake/{table}" for table in PARTITIONS}
    fresh = wait_for(
        lambda: {name: (node["freshnessStatusInfo"] or {}).get("freshnessStatus") for name, node in assets(ui).items()},
        lambda found: all(found[name] == "HEALTHY" for name in loaded),
    )
    assert "DEGRADED" not in fresh.values()
    nodes = assets(ui)
    for name in loaded:
        checks = {each["name"]: each for each in nodes[name]["assetChecksOrError"]["checks"]}
        assert set(checks) == {"age_des_mesures", "aucune_partition_en_quarantaine"}
        check = checks["age_des_mesures"]
        verdict = check["executionForLatestMaterialization"]
        entries = {entry["label"]: entry["text"] for entry in verdict["evaluation"]["metadataEntries"]}
        # Loaded a moment ago, measured in 2023.
        assert (check["name"], verdict["status"]) == ("age_des_mesures", "FAILED")
        assert entries["derniere_valeur_mesuree"].startswith("2023-")


def test_one_revised_month_makes_one_run_of_that_month_and_its_descendants(ui: Ui, first: Run) -> None:
    assert first.status == "SUCCESS"
    (published,) = (ui.data / "odre" / REAL_TIME).iterdir()
    revise_parquet(published, REVISED, REVISION)
    let_time_pass(ui, REAL_TIME, timedelta(minutes=20))
    run = run_after(ui, 1)
    assert (run.status, run.faults) == ("SUCCESS", [])

    nodes = assets(ui)
    # From the file at the portal to the report, in one run.
    touched = descendants(nodes, "source/eco2mix_national_tr", *STILL)
    expected: set[Made] = {(name, MONTH if nodes[name]["isPartitioned"] else None) for name in touched}
    assert Counter(run.made) == Counter(expected)
    facts = {"fct_eco2mix_national", "fct_production_filiere", "fct_revisions"}
    facts |= {"meta_ecarts_sources", "meta_fautes_du_publieur"}
    copies = {"raw/eco2mix_national_tr", "lake/eco2mix_national_tr"}
    assert {name for name, month in run.made if month} == facts | copies
    assert {"stg_odre__eco2mix_national_tr", "mart_fiabilite_temps_reel", "publication"} <= touched
    # Data sets that have no such month are no reason to call it out of line.
    assert unsynced(ui, "fct_revisions", MONTH) == []
    # The year is not complete, so no yearly indicator has moved: they are not built, and not called out of line.
    assert {"fct_indicateur", "mart_indicateur_compare"} & (touched | {name for name, _ in run.made}) == set()
    behind = {name for gate in STILL for name in descendants(nodes, gate, "publication")} - touched
    assert {"int_indicateur_calcules", "fct_indicateur", "mart_typologie_territoires"} <= behind
    assert {name: unsynced(ui, name, None) for name in behind} == {name: [] for name in behind}
    revised = "SELECT DISTINCT solaire_mw FROM fct_eco2mix_national WHERE instant_utc > TIMESTAMPTZ '2023-12-01 09:00Z'"
    assert (1.0,) in ui.served(revised)


def test_a_backfill_from_the_ui_does_the_partitions_that_were_chosen(ui: Ui, first: Run) -> None:
    assert first.status == "SUCCESS"
    keys = [f"{layer}/temperature_quotidienne_regionale" for layer in ("raw", "lake")]
    assert ui.backfill(keys, "2023-01", "2023-02") == (["SUCCESS"], 2)
    nodes = assets(ui)
    assert [nodes[key]["partitionStats"] for key in keys] == [{"numMaterialized": 2, "numFailed": 0}] * 2


def test_nothing_runs_when_the_sensor_ticks_once_more(ui: Ui, first: Run) -> None:
    assert first.status == "SUCCESS"
    ended = [tick["timestamp"] for tick in ticks(ui)]
    later = wait_for(lambda: ticks(ui), lambda found: len(found) > len(ended))
    assert "nothing is stale" in later[-1]["skipReason"]
    assert [tick["status"] for tick in later if tick["status"] != "SKIPPED"] == ["SUCCESS", "SUCCESS"], later
    assert len(ui.runs_of("refresh")) == 2
