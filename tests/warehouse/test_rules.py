"""A fused check stands as one check for each of its rules, with its own name, severity and thresholds."""

from __future__ import annotations

from typing import Any

import pytest

from dataelec_assets.errors import WarehouseError
from dataelec_assets.warehouse.rules import constats_of, is_fused, rules_of, with_rules

TABLE, NODE = "model.p.fct_stock_gaz", "test.p.fct_stock_gaz_controles.51145b"
RULES: list[dict[str, Any]] = [
    {"never_null": {"name": "fct_stock_gaz_jamais_nul", "arguments": {"columns": ["date"]}}},
    {
        "accepted_range": {
            "name": "fct_stock_gaz_positif",
            "description": "Une ligne - un stock négatif.",
            "arguments": {"column_name": "stock_gwh", "min_value": 0},
            "config": {"severity": "error", "warn_if": ">0", "error_if": ">42"},
        }
    },
    {"unique": {"arguments": {"column_name": "date"}, "config": {"severity": "warn"}}},
]
CONFIG = {"severity": "ERROR", "warn_if": "!= 0", "error_if": "> 0 and sum(bloque) > 0"}


def manifest(rules: list[dict[str, Any]], *others: str) -> dict[str, Any]:
    """Return a project of one table with a fused check, and checks of their own."""
    return {
        "nodes": {
            TABLE: {"name": "fct_stock_gaz", "resource_type": "model"},
            NODE: {
                "name": "fct_stock_gaz_controles",
                "resource_type": "test",
                "unique_id": NODE,
                "attached_node": TABLE,
                "config": CONFIG,
                "test_metadata": {"name": "controles", "kwargs": {"regles": rules}},
            },
            **{f"test.p.{name}": {"name": name, "resource_type": "test"} for name in others},
        },
        "parent_map": {TABLE: ["source.p.gaz"], NODE: [TABLE], **{f"test.p.{name}": [TABLE] for name in others}},
        "child_map": {TABLE: [NODE, *(f"test.p.{name}" for name in others)], NODE: []},
    }


def test_each_rule_stands_as_a_check_of_the_table() -> None:
    shown = with_rules(manifest(RULES, "seul"))
    names = ["fct_stock_gaz_jamais_nul", "fct_stock_gaz_positif", "unique_fct_stock_gaz_date"]
    assert sorted(shown["child_map"][TABLE]) == sorted(["test.p.seul", *(f"test.dataelec.{name}" for name in names)])
    for name in names:
        node = shown["nodes"][f"test.dataelec.{name}"]
        assert (node["name"], node["attached_node"]) == (name, TABLE)
        assert shown["parent_map"][f"test.dataelec.{name}"] == [TABLE]
    assert NODE not in shown["nodes"]
    assert NODE not in shown["parent_map"]
    assert shown["nodes"]["test.p.seul"] == {"name": "seul", "resource_type": "test"}


def test_a_rule_keeps_its_kind_its_severity_and_its_thresholds() -> None:
    nodes = with_rules(manifest(RULES))["nodes"]
    bounds = nodes["test.dataelec.fct_stock_gaz_positif"]
    assert bounds["test_metadata"]["name"] == "accepted_range"
    assert bounds["test_metadata"]["kwargs"] == {"column_name": "stock_gwh", "min_value": 0}
    assert bounds["description"] == "Une ligne - un stock négatif."
    assert (bounds["config"]["warn_if"], bounds["config"]["error_if"]) == (">0", ">42")
    assert nodes["test.dataelec.fct_stock_gaz_jamais_nul"]["config"]["error_if"] == "!= 0"
    assert nodes["test.dataelec.unique_fct_stock_gaz_date"]["config"]["severity"] == "warn"


def test_two_checks_of_one_name_are_refused() -> None:
    with pytest.raises(WarehouseError, match="Two checks are called fct_stock_gaz_positif"):
        with_rules(manifest(RULES, "fct_stock_gaz_positif"))
    with pytest.raises(WarehouseError, match="Two checks are called fct_stock_gaz_jamais_nul"):
        with_rules(manifest([RULES[0], *RULES]))


def test_a_rule_without_a_name_is_called_after_its_kind_table_and_column() -> None:
    assert [name for name, _, _ in rules_of("dim_date", {"regles": [RULES[2]]})] == ["unique_dim_date_date"]


def test_a_check_of_another_kind_is_not_fused() -> None:
    assert not is_fused({"name": "seul", "resource_type": "test"})
    assert not is_fused({"test_metadata": {"name": "unique"}})


def test_a_check_that_found_nothing_says_so() -> None:
    assert constats_of({"_message": "[]"}) == constats_of({}) == {}
