"""The rules of fused checks: dbt runs all checks of a table as one node (`controles`), people see one check per rule.

The macro is in `dbt/macros/tests/controles.sql`. Here a node of rules becomes the nodes that its rules would have been.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dataelec_assets.errors import WarehouseError

_FUSED = "controles"


def is_fused(node: Mapping[str, Any]) -> bool:
    """Return whether a node of the manifest checks many rules."""
    return (node.get("test_metadata") or {}).get("name") == _FUSED


def rule_id(name: str) -> str:
    """Return the identity of a rule, in the form of dbt's names of nodes."""
    return f"test.dataelec.{name}"


def rules_of(table: str, kwargs: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the name, the kind and the definition of each rule of a fused check.

    Args:
        table: name of the table that is checked.
        kwargs: arguments of the check.
    """
    for rule in kwargs["regles"]:
        for kind, given in rule.items():
            yield given.get("name") or f"{kind}_{table}_{given['arguments']['column_name']}", kind, given


def with_rules(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a manifest in which each rule stands as a test of its own instead of the fused check.

    Raises:
        WarehouseError: two checks have one name.
    """
    nodes: dict[str, Any] = {}
    tests: list[Mapping[str, Any]] = []
    parents, children = dict(manifest["parent_map"]), dict(manifest["child_map"])
    for unique_id, node in manifest["nodes"].items():
        if not is_fused(node):
            nodes[unique_id] = node
            tests += [node] if node["resource_type"] == "test" else []
            continue
        above = parents.pop(unique_id)
        children.pop(unique_id, None)
        rules = list(_as_nodes(node))
        own = {each["unique_id"]: each for each in rules}
        tests += rules
        nodes |= own
        parents |= dict.fromkeys(own, above)
        children |= {each: [] for each in own}
        for parent in above:
            children[parent] = [*(each for each in children[parent] if each != unique_id), *own]
    _refuse_doubles(each["name"] for each in tests)
    return {**manifest, "nodes": nodes, "parent_map": parents, "child_map": children}


def _as_nodes(node: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    table = node["attached_node"].rsplit(".", 1)[-1]
    for name, kind, given in rules_of(table, node["test_metadata"]["kwargs"]):
        yield {
            **node,
            "unique_id": rule_id(name),
            "name": name,
            "alias": name,
            "description": given.get("description", ""),
            "config": {**node["config"], "error_if": "!= 0", "severity": "error", **given.get("config", {})},
            "column_name": given["arguments"].get("column_name"),
            "test_metadata": {"name": kind, "kwargs": given["arguments"], "namespace": None},
        }


def _refuse_doubles(names: Iterable[str]) -> None:
    doubles = sorted(name for name, count in Counter(names).items() if count > 1)
    if doubles:
        raise WarehouseError(f"Two checks are called {doubles[0]}.", advice="Rename one of them in dbt/models.")


def constats_of(response: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what a fused check has found, by rule: ``bloque`` (0 or 1), ``lignes``, and ``requete`` that lists them.

    Args:
        response: of the adapter, in which the test's materialization leaves it.
    """
    return {each["regle"]: each for each in json.loads(response.get("_message") or "[]")}
