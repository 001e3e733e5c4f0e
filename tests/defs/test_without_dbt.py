"""Dagster's definitions load without dbt, and are what they would be with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SHOW = """
import json, sys
if sys.argv[1] == "with":
    import dbt.version
from dataelec_assets.defs.build import build_definitions
graph = build_definitions().resolve_asset_graph()
nodes = {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}
print(json.dumps({
    "assets": {name: [sorted(map(str, node.parent_keys)), node.description, node.group_name, sorted(node.tags.items()),
                      str(node.partitions_def), sorted(node.metadata)] for name, node in nodes.items()},
    "checks": sorted(str(key) for key in graph.asset_check_keys),
    "imported": [name for name in ("dbt.cli", "dbt.contracts", "dbt.graph", "pandas") if name in sys.modules],
}))
"""


def shown(how: str, lake: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", SHOW, how],
        env={**os.environ, "DATAELEC_LAKE": str(lake)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_assets_and_checks_are_the_same_and_nothing_of_dbt_is_imported(tmp_path: Path) -> None:
    without, with_dbt = shown("without", tmp_path), shown("with", tmp_path)
    assert without["imported"] == []
    assert "dbt.contracts" in with_dbt["imported"]
    assert (without["assets"], without["checks"]) == (with_dbt["assets"], with_dbt["checks"])
    assert len(without["assets"]) > 200
    assert len(without["checks"]) > 300
