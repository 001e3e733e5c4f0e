"""`dagster dev` on a fresh instance shows everything, and materialising from it is the refresh of the command line."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataelec_assets.catalog import load_catalog
from tests.e2e.conftest import monthly_models
from tests.e2e.dagster_dev import Ui, dagster_dev
from tests.revised_files import revise_parquet

pytestmark = [pytest.mark.real, pytest.mark.slow]

TABLE = "temperature_quotidienne_regionale"
KEYS = (f"raw/{TABLE}", f"lake/{TABLE}")


@pytest.fixture(scope="module")
def ui(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    root = tmp_path_factory.mktemp("ui")
    dataset_id = "temperature-quotidienne-regionale"
    shutil.copytree(real_data / "odre" / dataset_id, root / "data" / "odre" / dataset_id)
    with dagster_dev(root, root / "data") as running:
        yield running


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


def test_partitions_and_tables_are_materialised_from_the_ui(ui: Ui) -> None:
    assert ui.backfill(KEYS, "2018-02", "2018-03") == (["SUCCESS"], 2)
    assert ui.launch("warehouse").status == "SUCCESS"
    months = "SELECT strftime(date, '%Y-%m'), count(*) FROM fct_temperature_regionale GROUP BY 1 ORDER BY 1"
    assert ui.served(months) == [("2018-02", 28 * 13), ("2018-03", 31 * 13)]

    (newest,) = (ui.data / "odre").rglob("*.parquet")
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


def test_a_run_without_anything_stale_makes_nothing(ui: Ui) -> None:
    run = ui.launch("warehouse")
    assert (run.status, run.made) == ("SUCCESS", [])
