"""Gates: models whose rows seldom change although their inputs do.

The yearly mix is an example: its inputs change with real time every quarter of an hour, its rows only when a year is
complete or corrected. What can only be reached through a gate is built when the rows of the gate have changed since its
last successful build, and left alone otherwise. A model declares itself a gate in its YAML (``meta: {gate: true}``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dataelec_assets.warehouse.lineage import reached, read_manifest

_TABLE = "etat.portes"


@dataclass(frozen=True, slots=True)
class Round:
    """What one call of dbt renews.

    Attributes:
        models: dbt's names of the models.
        tests: of the data tests that read one of them, or one of an earlier round, and nothing that may still be built.
        gates: qualified names of the gates among the models by name, ``{"int_x": '"intermediate"."int_x"'}``.
    """

    models: tuple[str, ...]
    tests: tuple[str, ...]
    gates: Mapping[str, str]


class Rounds:
    """The rounds in which a change is built: after each one, its gates say what comes next.

    A model that lies behind a gate waits for its verdict, even when the change reaches it on another way too: it could
    read a table that is about to be renewed.
    """

    def __init__(self, manifest_path: Path, sources: Collection[str]) -> None:
        """Start with what some sources reach.

        Args:
            manifest_path: dbt's manifest of the present project.
            sources: the sources that have moved, as ``odre.eco2mix_national_tr``.
        """
        manifest = read_manifest(manifest_path)
        self._nodes, self._children = manifest["nodes"], manifest["child_map"]
        self._gates = {key for key, node in self._nodes.items() if node["config"].get("meta", {}).get("gate")}
        self._reads = {
            key: {*node["depends_on"]["nodes"]} for key, node in self._nodes.items() if key.startswith("test.")
        }
        starts = {key for key in manifest["sources"] if ".".join(key.split(".")[2:]) in sources}
        self._reachable = _models(reached(self._children, starts))
        self._due = _models(reached(self._children, starts, stop=self._gates))
        self._done, self._tested = starts, set[str]()

    def whole(self) -> Round:
        """Return all that the sources reach in one round, whatever the gates say."""
        done = self._reachable | self._done
        tests = (key for key, read in self._reads.items() if read & done)
        return Round(tuple(sorted(self._reachable)), tuple(sorted(tests)), {})

    def next(self) -> Round | None:
        """Return the next round; None when all is built."""
        behind = reached(self._children, self._below(self._due & self._gates))
        now = self._due - behind
        self._done |= now
        tests = {
            key
            for key, read in self._reads.items()
            if key not in self._tested and read & self._done and not read & behind
        }
        self._tested |= tests
        self._due -= now
        if not now and not tests:
            return None
        gates = {self._nodes[key]["name"]: _relation(self._nodes[key]) for key in sorted(now & self._gates)}
        return Round(tuple(sorted(now)), tuple(sorted(tests)), gates)

    def open(self, names: Collection[str]) -> None:
        """Let what is behind some gates be built: their rows have moved."""
        moved = [key for key in self._gates if self._nodes[key]["name"] in names]
        self._due |= _models(reached(self._children, self._below(moved), stop=self._gates))

    @property
    def untouched(self) -> list[str]:
        """Names of the models that the change reaches through closed gates alone."""
        return sorted(self._nodes[key]["name"] for key in self._reachable - self._done)

    def intact(self, names: Iterable[str]) -> list[str]:
        """Return those of some models that the change does not reach."""
        return sorted({*names} - {self._nodes[key]["name"] for key in self._reachable})

    def views(self, keys: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return schema and name of the views among some models, by dbt's name."""
        nodes = {key: self._nodes[key] for key in keys}
        return {
            key: (node["schema"], node["alias"])
            for key, node in nodes.items()
            if node["config"].get("materialized") == "view"
        }

    def _below(self, keys: Iterable[str]) -> list[str]:
        return [child for key in keys for child in self._children.get(key, ())]


def _models(keys: Iterable[str]) -> set[str]:
    return {key for key in keys if key.startswith("model.")}


def _relation(node: Mapping[str, Any]) -> str:
    return f'"{node["schema"]}"."{node["alias"]}"'


def all_gates(manifest_path: Path) -> dict[str, str]:
    """Return the qualified names of all gates of a project by name."""
    nodes = read_manifest(manifest_path)["nodes"].values()
    return {node["name"]: _relation(node) for node in nodes if node["config"].get("meta", {}).get("gate")}


def digests(connection: duckdb.DuckDBPyConnection, gates: Mapping[str, str]) -> dict[str, str]:
    """Return a digest of the rows of each gate, by name: of any order, and each row as often as it is there.

    Numbers count to twelve digits: beyond, sums of the same values may differ with the order of addition.
    """
    found = {}
    for name, relation in gates.items():
        columns = connection.execute(f"DESCRIBE {relation}").fetchall()
        cells = ", ".join(
            f"format('{{:.12g}}', \"{column}\")" if kind in ("DOUBLE", "FLOAT") else f'"{column}"'
            for column, kind, *_ in columns
        )
        rows = connection.execute(f"SELECT count(*), sum(CAST(hash({cells}) AS HUGEINT)) FROM {relation}").fetchone()
        found[name] = "-".join(str(each) for each in (rows or ()))
    return found


def remembered(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return, for each gate, the digest of its rows at the last successful build behind it."""
    _ensure_table(connection)
    return dict(connection.execute(f"SELECT nom, empreinte FROM {_TABLE}").fetchall())


def remember(connection: duckdb.DuckDBPyConnection, found: Mapping[str, str]) -> None:
    """Record the digests of gates behind which everything is built; those of other gates stay."""
    forget(connection, found)
    for name, digest in found.items():
        connection.execute(f"INSERT INTO {_TABLE} VALUES (?, ?)", [name, digest])


def forget(connection: duckdb.DuckDBPyConnection, names: Collection[str] | None = None) -> None:
    """Forget the digests of gates behind which something is about to be built; None: of all."""
    _ensure_table(connection)
    if names is None:
        connection.execute(f"DELETE FROM {_TABLE}")
    else:
        connection.execute(f"DELETE FROM {_TABLE} WHERE nom IN (SELECT unnest(CAST(? AS VARCHAR[])))", [list(names)])


def _ensure_table(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE SCHEMA IF NOT EXISTS etat")
    connection.execute(f"CREATE TABLE IF NOT EXISTS {_TABLE} (nom VARCHAR, empreinte VARCHAR)")
