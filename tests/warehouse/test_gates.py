"""What real time reaches through a gate alone, in the project as it is."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse import gates
from dataelec_assets.warehouse.parse import ensure_parse

REAL_TIME = ("odre.eco2mix_national_tr", "odre.eco2mix_regional_tr", "lac.revisions")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure_parse(LakePaths(tmp_path_factory.mktemp("gates"))).manifest_json


def test_real_time_reaches_indicators_through_the_yearly_mix_alone(manifest: Path) -> None:
    waiting = gates.behind_gates(manifest, REAL_TIME)
    assert set(waiting.gates) == {"int_indicateur_mix"}
    assert {"fct_indicateur", "mart_indicateur_compare", "mart_typologie_territoires"} < set(waiting.models)
    assert not {"int_indicateur_mix", "mart_mix_bilan_periode", "fct_eco2mix_national"} & set(waiting.models)


def test_consumption_by_town_reaches_indicators_at_once(manifest: Path) -> None:
    by_town = "ore.consommation_annuelle_d_electricite_et_gaz_par_commune"
    assert gates.behind_gates(manifest, [*REAL_TIME, by_town]).models == ()


def test_no_check_that_waits_reads_a_table_that_real_time_renews(manifest: Path) -> None:
    waiting = gates.behind_gates(manifest, REAL_TIME)
    content = json.loads(manifest.read_text(encoding="utf-8"))
    read = {
        parent.split(".")[2]
        for node in content["nodes"].values()
        if node["name"] in waiting.tests
        for parent in node["depends_on"]["nodes"]
    }
    below = {"fct_eco2mix_national", "fct_eco2mix_regional", "mart_mix_bilan_periode", "mart_quotidien_national"}
    assert set(waiting.models) <= read | {name for name in waiting.models if name.startswith("int_")}
    assert not below & read
    assert "int_indicateur_mix" not in read


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ("SELECT 1 AS a, 0.1::DOUBLE + 0.2::DOUBLE AS v", "SELECT 1 AS a, 0.3::DOUBLE AS v", True),
        ("SELECT 1 AS a, 0.3::DOUBLE AS v", "SELECT 1 AS a, 0.300001::DOUBLE AS v", False),
        ("FROM VALUES (1, 2.0), (2, NULL) t(a, v)", "FROM VALUES (2, NULL), (1, 2.0) t(a, v)", True),
        ("FROM VALUES (1, 2.0), (2, NULL) t(a, v)", "FROM VALUES (1, 2.0) t(a, v)", False),
    ],
)
def test_rows_are_told_apart_by_their_values_and_not_by_their_order(before: str, after: str, *, is_same: bool) -> None:
    with duckdb.connect() as connection:
        found = []
        for sql in (before, after):
            connection.execute(f"CREATE OR REPLACE TABLE porte AS {sql}")
            found.append(gates.digests(connection, {"porte": '"main"."porte"'}))
    assert (found[0] == found[1]) is is_same
