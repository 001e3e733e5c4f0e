"""What jobs, assets and sensors need to know of the tables of dbt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.defs.subjects import Subjects
from dataelec_assets.defs.translator import REVISIONS, Translator, is_monthly
from dataelec_assets.warehouse.lineage import Lineage

# Published: models of these folders, and seeds.
_SERVED = ("marts", "seeds")


class Tables:
    """The models, seeds and tests of dbt's manifest, as assets and checks.

    Args:
        catalog: the data sets, to link sources to lake copies.
        manifest_path: dbt's manifest of the present project.
    """

    def __init__(self, catalog: Catalog, manifest_path: Path) -> None:
        self.manifest_path = manifest_path
        self._lineage = Lineage(catalog, manifest_path)
        self.subjects = Subjects(self._lineage)
        self.translator = Translator(catalog, self._lineage, self.subjects)

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Content of the manifest."""
        return self._lineage.manifest

    @cached_property
    def _specs(self) -> dict[str, dg.AssetSpec]:
        """Spec of each model and seed, by dbt's name."""
        return {unique_id: self._spec(unique_id) for unique_id in self.key_of}

    def _spec(self, unique_id: str) -> dg.AssetSpec:
        return self.translator.get_asset_spec(self.manifest, unique_id, None)

    def upstream(self, unique_id: str) -> list[Dataset]:
        """Return the data sets whose rows a node is made from; revisions, which all of them may have, do not count."""
        return self._lineage.upstream(unique_id)

    def reads_revisions(self, unique_id: str) -> bool:
        """Return whether a change of any data set may change a node."""
        return REVISIONS in self._lineage.sources([unique_id])

    def in_order(self, names: Collection[str]) -> list[str]:
        """Return dbt's names of some models, inputs first."""
        chosen = {key for key, node in self.manifest["nodes"].items() if key in self.key_of and node["name"] in names}
        parents = {key: chosen & {*self.manifest["parent_map"][key]} for key in sorted(chosen)}
        return list(TopologicalSorter(parents).static_order())

    @cached_property
    def key_of(self) -> dict[str, dg.AssetKey]:
        """Asset key of each model and seed, by dbt's name."""
        # Without their specs, of which a refresh needs few: those of all take ten times as long.
        return {
            unique_id: self.translator.get_asset_key(node)
            for unique_id, node in self.manifest["nodes"].items()
            if node["resource_type"] in ("model", "seed") and node["config"]["materialized"] != "ephemeral"
        }

    @cached_property
    def monthly(self) -> frozenset[dg.AssetKey]:
        """The facts that have partitions."""
        return frozenset(key for unique_id, key in self.key_of.items() if is_monthly(self._lineage.node(unique_id)))

    def can_have(self, unique_id: str, month: str) -> bool:
        """Return whether a month is a partition of a monthly fact."""
        months = self._spec(unique_id).partitions_def
        return months is not None and months.has_partition_key(month)

    @cached_property
    def policies(self) -> frozenset[dg.AssetKey]:
        """The tables that have a freshness policy."""
        return frozenset(key for unique_id, key in self.key_of.items() if self.translator.has_policy(unique_id))

    @cached_property
    def served(self) -> list[dg.AssetKey]:
        """The tables that are published."""
        return [spec.key for spec in self._specs.values() if spec.tags["couche"] in _SERVED]

    def check_of(self, unique_id: str) -> dg.AssetCheckSpec | None:
        """Return the check that a dbt test is; None for one of nothing that is built, and for other nodes."""
        found = None
        if self.manifest["nodes"].get(unique_id, {}).get("resource_type") == "test":
            for parent in self.manifest["parent_map"].get(unique_id, ()):
                if parent in self.key_of:
                    check = self.translator.get_asset_check_spec(self._spec(parent), self.manifest, unique_id, None)
                    found = check or found
        return found
