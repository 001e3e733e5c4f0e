"""`dagster dev` on a fresh instance shows everything, and does by its sensor and by hand what the command line does.

The sensor, switched on in the UI, loads a fresh lake and then does exactly what the publisher's changes ask for. Once
it is off, a source that has come since is materialised by hand.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dataelec_assets.catalog import load_catalog
from tests.e2e.conftest import monthly_models
from tests.e2e.dagster_dev import Made, Run, Ui, dagster_dev, wait_for
from tests.e2e.sensor import assets, descendants, let_time_pass, run_after, switch_off, switch_on, ticks, unsynced
from tests.faults.france import REAL_TIME, TEMPERATURE
from tests.revised_files import revise_parquet

pytestmark = pytest.mark.slow

# What the small France holds, but for the temperatures.
PARTITIONS = {
    "consommation_quotidienne_brute": ["2023-02"],
    "eco2mix_national_tr": ["2023-11", "2023-12"],
    "stock_quotidien_stockages_gaz": ["2023-01", "2023-02"],
}
# The balance of the month still holds.
REVISED, REVISION = "date_heure > TIMESTAMPTZ '2023-12-01T10:00:00+01:00'", {"solaire": 1}
MONTH = "2023-12"
# Gates whose rows this revision leaves as they are: the year is not complete, and no reading comes or goes.
STILL = ("int_indicateur_mix", "int_eco2mix_annees", "int_eco2mix_demi_heures_lues")

# What is materialised by hand.
KEYS = tuple(f"{layer}/temperature_quotidienne_regionale" for layer in ("raw", "lake"))


@pytest.fixture(scope="module")
def ui(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    root = tmp_path_factory.mktemp("ui")
    shutil.copytree(data, root / "data", ignore=shutil.ignore_patterns(TEMPERATURE))
    with dagster_dev(root, root / "data") as running:
        yield running


@pytest.fixture(scope="module")
def first(ui: Ui) -> Run:
    """Switch the sensor on; return its first run."""
    switch_on(ui)
    return run_after(ui, 0)


@pytest.fixture(scope="module")
def by_hand(ui: Ui, first: Run, real_data: Path) -> Ui:
    """Switch the sensor off; return the UI, with the published temperatures in the folder."""
    assert first.status == "SUCCESS"
    switch_off(ui)
    shutil.copytree(real_data / "odre" / TEMPERATURE, ui.data / "odre" / TEMPERATURE)
    return ui


def test_every_source_copy_table_and_check_is_shown(ui: Ui) -> None:
    asked = "{ assetNodes { assetKey { path } groupName isPartitioned hasAssetChecks description } }"
    nodes = ui.ask(asked)["assetNodes"]
    layers = Counter(node["assetKey"]["path"][0] for node in nodes)
    assert layers["source"] == layers["raw"] == len(load_catalog())
    # Beside the copies: two calendars of Python packages, and what is in quarantine.
    assert layers["lake"] == len(load_catalog()) + 3
    groups = Counter(node["groupName"] for node in nodes)
    assert groups["publication"] == 2  # the served file, and the report of it
    assert {"eco2mix", "gaz", "meteo", "territoires", "qualite"} <= groups.keys()
    # Sources, vintages and copies, and what is emptied by month and filled again.
    # The imports of users have no names that are known beforehand.
    cut = [each for each in load_catalog().values() if each.partitioning.grain not in ("none", "import")]
    monthly = monthly_models()
    assert {"fct_consommation_regionale", "fct_revisions", "mart_conso_quotidienne_region"} <= monthly
    assert sum(node["isPartitioned"] for node in nodes) == 3 * len(cut) + len(monthly)
    checked = [node for node in nodes if node["assetKey"]["path"][0].startswith(("raw", "fct_", "mart_"))]
    assert all(node["hasAssetChecks"] for node in checked)
    assert all(node["description"] for node in nodes)


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
    # Data sets without this month do not make it out of sync.
    assert unsynced(ui, "fct_revisions", MONTH) == []
    # The year is not complete, so no yearly indicator has moved: they are not built, and not called out of line.
    assert {"fct_indicateur", "mart_indicateur_compare"} & (touched | {name for name, _ in run.made}) == set()
    behind = {name for gate in STILL for name in descendants(nodes, gate, "publication")} - touched
    assert {"int_indicateur_calcules", "fct_indicateur", "mart_typologie_territoires"} <= behind
    assert {name: unsynced(ui, name, None) for name in behind} == {name: [] for name in behind}
    revised = "SELECT DISTINCT solaire_mw FROM fct_eco2mix_national WHERE instant_utc > TIMESTAMPTZ '2023-12-01 09:00Z'"
    assert (1.0,) in ui.served(revised)


def test_nothing_runs_when_the_sensor_ticks_once_more(ui: Ui, first: Run) -> None:
    assert first.status == "SUCCESS"
    ended = [tick["timestamp"] for tick in ticks(ui)]
    later = wait_for(lambda: ticks(ui), lambda found: len(found) > len(ended))
    assert "nothing is stale" in later[-1]["skipReason"]
    assert [tick["status"] for tick in later if tick["status"] != "SKIPPED"] == ["SUCCESS", "SUCCESS"], later
    assert len(ui.runs_of("refresh")) == 2


@pytest.mark.real
def test_partitions_and_tables_are_materialised_from_the_ui(by_hand: Ui) -> None:
    ui = by_hand
    assert ui.backfill(KEYS, "2018-02", "2018-03") == (["SUCCESS"], 2)
    nodes = assets(ui)
    assert [nodes[key]["partitionStats"] for key in KEYS] == [{"numMaterialized": 2, "numFailed": 0}] * 2
    assert ui.launch("warehouse").status == "SUCCESS"
    months = "SELECT strftime(date, '%Y-%m'), count(*) FROM fct_temperature_regionale GROUP BY 1 ORDER BY 1"
    assert ui.served(months) == [("2018-02", 28 * 13), ("2018-03", 31 * 13)]

    (newest,) = (ui.data / "odre" / TEMPERATURE).rglob("*.parquet")
    revise_parquet(newest, "date = DATE '2018-03-10' AND code_insee_region = 11", {"tmax": 40.0})
    again = ui.materialize(KEYS, "2018-03")
    assert (again.status, again.made) == ("SUCCESS", [(key, "2018-03") for key in KEYS])
    run = ui.launch("warehouse")
    assert run.status == "SUCCESS"
    made = {name for name, _ in run.made}
    assert {"fct_temperature_regionale", "publication"} <= made
    assert "fct_stock_gaz" not in made  # nothing that it depends on has changed
    hottest = (
        "SELECT temperature_max_c FROM fct_temperature_regionale WHERE date = DATE '2018-03-10' AND code_region = '11'"
    )
    assert ui.served(hottest) == [(40.0,)]


@pytest.mark.real
def test_a_run_without_anything_stale_makes_nothing(by_hand: Ui) -> None:
    run = by_hand.launch("warehouse")
    assert (run.status, run.made) == ("SUCCESS", [])
