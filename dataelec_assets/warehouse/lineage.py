"""The lineage of the dbt project, from its manifest: what each node reads, and what reads it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.warehouse.rules import with_rules


def reached(edges: Mapping[str, Iterable[str]], starts: Iterable[str], stop: Collection[str] = ()) -> set[str]:
    """Return the nodes that can be reached from some others, these included, without passing through ``stop``."""
    seen: set[str] = set()
    queue = list(starts)
    while queue:
        current = queue.pop()
        if current not in seen:
            seen.add(current)
            queue.extend(() if current in stop else edges.get(current, ()))
    return seen


# The name of a parse says what is in it. All that asks in a process asks for the same one.
@lru_cache(maxsize=1)
def read_manifest(path: Path) -> Mapping[str, Any]:
    """Return the content of dbt's manifest, which nobody changes."""
    content: Mapping[str, Any] = json.loads(path.read_bytes())
    return content


@lru_cache(maxsize=1)
def _manifest_with_rules(path: Path) -> Mapping[str, Any]:
    return with_rules(read_manifest(path))


class Lineage:
    """What each node of the dbt project reads."""

    def __init__(self, catalog: Catalog, manifest_path: Path) -> None:
        self._catalog = catalog
        self._path = manifest_path

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """Content of the manifest, with a test for each rule of a fused check."""
        return _manifest_with_rules(self._path)

    def node(self, unique_id: str) -> Mapping[str, Any]:
        """Return a node of the manifest."""
        node: Mapping[str, Any] = self.manifest["nodes"][unique_id]
        return node

    def datasets(self, unique_id: str) -> list[Dataset]:
        """Return the data sets that a node reads, directly or not; for a check on one model, those of this model."""
        node = self.node(unique_id)
        start = [node["attached_node"]] if node.get("attached_node") else node["depends_on"].get("nodes", ())
        sources = self.manifest["sources"]
        ids = {sources[each]["config"]["meta"].get("dataset_id") for each in self.sources(start)}
        return [dataset for dataset in self._catalog.values() if dataset.id in ids]

    def upstream(self, unique_id: str) -> list[Dataset]:
        """Return the data sets that a node is made from, by table."""
        return sorted(self.datasets(unique_id), key=lambda each: each.table)

    def sources(self, unique_ids: Iterable[str]) -> set[str]:
        """Return dbt's names of all sources above some nodes."""
        above = reached(self.manifest["parent_map"], unique_ids)
        return {each for each in above if each.startswith("source.")}

    def tables_below(self, unique_ids: Iterable[str]) -> set[str]:
        """Return the names of the models among some nodes, and of all models below them."""
        starts: list[str] = []
        for each in unique_ids:
            node = self.node(each)
            attached = node.get("attached_node")
            is_test = node["resource_type"] == "test"
            starts.extend(([attached] if attached else node["depends_on"]["nodes"]) if is_test else [each])
        below = reached(self.manifest["child_map"], starts)
        return {self.node(each)["name"] for each in below if each.startswith(("model.", "seed."))}
