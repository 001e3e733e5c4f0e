"""Gates: models whose rows seldom change although their inputs do.

The yearly mix is an example: its inputs change with real time every quarter of an hour, its rows only when a year is
complete or corrected. What can only be reached through a gate is built when the rows of the gate have changed since its
last successful build, and left alone otherwise. A model declares itself a gate in its YAML (``meta: {gate: true}``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dataelec_assets.warehouse.lineage import reached

_TABLE = "etat.portes"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a change reaches through gates alone.

    Attributes:
        gates: qualified names of all gates by name, ``{"int_x": '"intermediate"."int_x"'}``.
        models: names of the models behind them, which wait for their rows.
        tests: names of the data tests that read one of them.
    """

    gates: Mapping[str, str]
    models: tuple[str, ...]
    tests: tuple[str, ...]


def behind_gates(manifest_path: Path, sources: Collection[str]) -> Waiting:
    """Return what waits behind gates when some sources have moved.

    Args:
        manifest_path: dbt's manifest of the present project.
        sources: the sources that have moved, as ``odre.eco2mix_national_tr``.
    """
    manifest: dict[str, Any] = json.loads(manifest_path.read_text(encoding="utf-8"))
    nodes, children = manifest["nodes"], manifest["child_map"]
    starts = [key for key in manifest["sources"] if ".".join(key.split(".")[2:]) in sources]
    all_gates = {key for key, node in nodes.items() if node["config"].get("meta", {}).get("gate")}
    at_once = reached(children, starts, stop=all_gates)
    waiting = reached(children, starts) - at_once
    models = {key for key in waiting if key.startswith("model.")}
    tests = {key for key, node in nodes.items() if key.startswith("test.") and models & {*node["depends_on"]["nodes"]}}
    return Waiting(
        {nodes[key]["name"]: _relation(nodes[key]) for key in sorted(all_gates)},
        tuple(sorted(nodes[key]["name"] for key in models)),
        tuple(sorted(nodes[key]["name"] for key in tests)),
    )


def _relation(node: Mapping[str, Any]) -> str:
    return f'"{node["schema"]}"."{node["alias"]}"'


def digests(connection: duckdb.DuckDBPyConnection, gates: Mapping[str, str]) -> dict[str, str]:
    """Return a digest of the rows of each gate, by name.

    Numbers count to twelve digits: beyond, sums of the same values may differ with the order of addition.
    """
    found = {}
    for name, relation in gates.items():
        digest = hashlib.sha256()
        for row in connection.execute(f"FROM {relation} ORDER BY ALL").fetchall():
            digest.update(repr([f"{cell:.12g}" if isinstance(cell, float) else cell for cell in row]).encode())
        found[name] = digest.hexdigest()
    return found


def remembered(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return, for each gate, the digest of its rows at the last successful build behind it."""
    _ensure_table(connection)
    return dict(connection.execute(f"SELECT nom, empreinte FROM {_TABLE}").fetchall())


def remember(connection: duckdb.DuckDBPyConnection, found: Mapping[str, str]) -> None:
    """Record the digests of gates behind which everything is built, and forget the others."""
    _ensure_table(connection)
    connection.execute(f"DELETE FROM {_TABLE}")
    for name, digest in found.items():
        connection.execute(f"INSERT INTO {_TABLE} VALUES (?, ?)", [name, digest])


def _ensure_table(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE SCHEMA IF NOT EXISTS etat")
    connection.execute(f"CREATE TABLE IF NOT EXISTS {_TABLE} (nom VARCHAR, empreinte VARCHAR)")
