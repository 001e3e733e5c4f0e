"""Subjects: the groups in which the UI shows assets, from source file to mart."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.warehouse.lineage import Lineage

PUBLICATION = "publication"
_OTHER = "lac"


class Subjects:
    """The subject of each model and data set.

    A model's is the folder of its domain (``marts/gaz``). A data set and its staging model have that of the first
    model made from them. Seeds have that of the folder they lie in, or of the first model that reads them.

    Args:
        lineage: what each node is made from.
    """

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage

    def of_node(self, node: Mapping[str, Any]) -> str:
        """Return the subject of a node of the manifest."""
        if node["resource_type"] == "model" and node["fqn"][1] != "staging":
            return str(node["fqn"][2])
        return self._of_readers(node["unique_id"])

    def of_dataset(self, dataset: Dataset) -> str:
        """Return the subject of a data set, of its vintages and of its copy."""
        source = self._sources.get(dataset.table)
        return self._of_readers(source) if source is not None else _OTHER

    @cached_property
    def _sources(self) -> dict[str, str]:
        return {node["name"]: key for key, node in self._lineage.manifest["sources"].items()}

    def _of_readers(self, unique_id: str) -> str:
        """Return the subject that most of the nearest models with a domain have, by name when several are equal."""
        children, nodes = self._lineage.manifest["child_map"], self._lineage.manifest["nodes"]
        layer, seen = [unique_id], {unique_id}
        while layer:
            below = [each for key in layer for each in children.get(key, ()) if each.startswith("model.")]
            found = sorted(nodes[each]["fqn"][2] for each in below if nodes[each]["fqn"][1] != "staging")
            if found:
                return str(max(found, key=lambda each: (found.count(each), [-ord(letter) for letter in each])))
            layer = [each for each in dict.fromkeys(below) if each not in seen]
            seen.update(layer)
        return _OTHER
