"""A fused check runs each kind of rule as its own test would, names what failed and lists its rows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dataelec_assets.warehouse.dbt import NodeResult, run_dbt
from dataelec_assets.warehouse.parse import ensure_parse
from dataelec_assets.warehouse.rules import is_fused, rules_of
from tests.dbt.lakes import TinyLake

BOUNDS, KEY, NULL = "fct_stock_gaz_positif", "fct_stock_gaz_cle_unique", "fct_stock_gaz_jamais_nul"

# dbt's tests of several tables stay apart: a change of one of them would run all rules of the other.
APART = {"relationships"}

# Two hundred when the project had 212 models and seeds.
MOST_PER_TABLE = 200 / 212


def nodes(lake: TinyLake, *kinds: str) -> list[dict[str, Any]]:
    """Return dbt's own nodes: the tests, or those of other kinds."""
    content = json.loads(ensure_parse(lake.paths).manifest_json.read_text(encoding="utf-8"))
    return [each for each in content["nodes"].values() if each["resource_type"] in (kinds or ("test",))]


@pytest.fixture(scope="module")
def clean(module_lake: TinyLake) -> TinyLake:
    """Return a lake whose table of gas has one row."""
    module_lake.make("+fct_stock_gaz")
    insert(module_lake, "DATE '2023-02-03', 'Est', 1")
    return module_lake


def insert(lake: TinyLake, *rows: str) -> None:
    """Add rows to the table of gas: ``date, pits, stock``."""
    for row in rows:
        lake.execute(f"INSERT INTO fct_stock_gaz BY NAME SELECT * FROM (VALUES ({row})) AS r (date, pits, stock_gwh)")


def results(lake: TinyLake, *tolerated: str) -> dict[str, NodeResult]:
    """Return the results of the rules of the table of gas."""
    done = run_dbt(lake.paths, ["test", "--select", "fct_stock_gaz_controles"], tolerated=tolerated)
    return {each.unique_id.split(".")[2]: each for each in done}


def test_a_table_has_one_node_of_checks(tiny_lake: TinyLake) -> None:
    by_table: dict[str, list[str]] = {}
    for node in nodes(tiny_lake):
        kind = (node.get("test_metadata") or {}).get("name")
        if kind is not None and kind not in APART:
            by_table.setdefault(node["attached_node"], []).append(node["name"])
    assert {table: names for table, names in by_table.items() if len(names) > 1} == {}
    assert len(nodes(tiny_lake)) <= MOST_PER_TABLE * len(nodes(tiny_lake, "model", "seed"))


def test_rules_are_written_with_the_words_of_dbt(tiny_lake: TinyLake) -> None:
    # What is misspelt (`argument`, `serverity`) would be passed over in silence.
    seen = set()
    for node in nodes(tiny_lake):
        if is_fused(node):
            for _, _, given in rules_of(node["attached_node"], node["test_metadata"]["kwargs"]):
                seen |= {*given, *(f"config.{key}" for key in given.get("config", {}))}
    allowed = {"severity", "warn_if", "error_if", "where"}
    assert seen <= {"name", "description", "arguments", "config", *(f"config.{key}" for key in allowed)}


def test_only_what_failed_is_told_by_its_rule(built_lake: TinyLake) -> None:
    insert(built_lake, "DATE '2023-02-03', 'Est', 2", "DATE '2023-02-04', 'Est', NULL")
    found = results(built_lake)
    assert {name: each.status for name, each in found.items() if each.status != "pass"} == {KEY: "fail"}
    assert (found[KEY].failures, found[KEY].message) == (1, "1 ligne(s) en défaut")
    assert found[KEY].sql is not None
    assert built_lake.query(f"SELECT pits, nombre_lignes, message FROM ({found[KEY].sql})") == [
        ("Est", 2, "PITS présent plusieurs fois le même jour")
    ]


def test_a_threshold_of_a_rule_is_its_own(built_lake: TinyLake) -> None:
    insert(built_lake, *(f"DATE '2023-03-01' + {day}, 'Est', -1" for day in range(42)))
    found = results(built_lake)
    assert (found[BOUNDS].status, found[BOUNDS].failures) == ("warn", 42)
    insert(built_lake, "NULL, 'Est', -1")
    found = results(built_lake)
    assert (found[BOUNDS].status, found[BOUNDS].failures) == ("fail", 43)
    assert (found[NULL].status, found[NULL].failures) == ("fail", 1)
    assert found[KEY].status == "pass"


def test_a_rule_that_is_accepted_only_warns_and_the_others_still_block(built_lake: TinyLake) -> None:
    insert(built_lake, "DATE '2023-02-03', 'Est', 2", "NULL, 'Est', 3")
    found = results(built_lake, KEY)
    assert {name: each.status for name, each in found.items() if each.status != "pass"} == {KEY: "warn", NULL: "fail"}


def test_rules_of_a_check_that_could_not_run_are_all_broken(built_lake: TinyLake) -> None:
    built_lake.execute("DROP TABLE fct_stock_gaz")
    found = results(built_lake)
    assert {each.status for each in found.values()} == {"error"}
    assert {BOUNDS, KEY, NULL} <= found.keys()
