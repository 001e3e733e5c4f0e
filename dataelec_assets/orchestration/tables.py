"""The tables of dbt as Dagster sees them: names, groups, checks, partitions, and the sources that they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, build_dbt_asset_specs

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.orchestration.asset_keys import lake_key
from dataelec_assets.orchestration.freshness import OWNERS, policy_of
from dataelec_assets.orchestration.partitions import months_from

_UNIQUE_ID = "dagster_dbt/unique_id"

_SERVED = ("marts", "seeds")


class Translator(DagsterDbtTranslator):
    """Names dbt nodes as assets: sources are our lake copies, models go by their own name."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__()
        self._lake = {dataset.table: lake_key(dataset) for dataset in catalog.values()}

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return the key of a node."""
        if dbt_resource_props["resource_type"] == "source":
            return self._lake.get(dbt_resource_props["name"], dg.AssetKey(["lake", dbt_resource_props["name"]]))
        return dg.AssetKey(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the layer: staging, intermediate, marts or seeds."""
        return "seeds" if dbt_resource_props["resource_type"] == "seed" else str(dbt_resource_props["fqn"][1])


class Tables:
    """What the definitions and the recorder need to know of dbt's manifest.

    Args:
        catalog: the data sets, to link sources to lake copies.
        manifest_path: dbt's manifest of the present project.
    """

    def __init__(self, catalog: Catalog, manifest_path: Path) -> None:
        self._catalog = catalog
        self._path = manifest_path
        self._translator = Translator(catalog)

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """Content of the manifest."""
        content: Mapping[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        return content

    @cached_property
    def specs(self) -> list[dg.AssetSpec]:
        """One spec per model and seed; monthly facts have partitions, served tables a freshness policy."""
        plain = build_dbt_asset_specs(manifest=self._path, dagster_dbt_translator=self._translator)
        return [self._completed(spec) for spec in plain]

    def _completed(self, spec: dg.AssetSpec) -> dg.AssetSpec:
        unique_id = spec.metadata[_UNIQUE_ID]
        node, upstream = self.manifest["nodes"][unique_id], self.upstream(unique_id)
        is_table = spec.group_name == "marts"
        return spec.replace_attributes(
            skippable=True,
            owners=OWNERS,
            partitions_def=self._months(upstream) if self.is_monthly(node) else None,
            freshness_policy=policy_of(upstream) if is_table and upstream else None,
        )

    @staticmethod
    def is_monthly(node: Mapping[str, Any]) -> bool:
        """Return whether a model is renewed month by month."""
        return bool(node["config"].get("materialized") == "incremental")

    @staticmethod
    def _months(upstream: list[Dataset]) -> dg.TimeWindowPartitionsDefinition:
        starts = (each.history_start for each in upstream if each.partitioning.grain == "month")
        return months_from(min(starts, default=date(2012, 1, 1)))

    def upstream(self, unique_id: str) -> list[Dataset]:
        """Return the data sets that a node is made from."""
        by_table = {dataset.table: dataset for dataset in self._catalog.values()}
        found, seen, queue = {}, set(), [unique_id]
        while queue:
            current = queue.pop()
            if current in seen:
                continue
            seen.add(current)
            parents = self.manifest["parent_map"].get(current, ())
            queue.extend(parents)
            name = current.rsplit(".", 1)[-1]
            if current.startswith("source.") and name in by_table:
                found[name] = by_table[name]
        return [found[name] for name in sorted(found)]

    @cached_property
    def key_of(self) -> dict[str, dg.AssetKey]:
        """Asset key of each model and seed, by dbt's name."""
        return {spec.metadata[_UNIQUE_ID]: spec.key for spec in self.specs}

    @cached_property
    def monthly(self) -> frozenset[dg.AssetKey]:
        """The facts that have partitions."""
        return frozenset(spec.key for spec in self.specs if spec.partitions_def is not None)

    @cached_property
    def _months_of(self) -> dict[str, dg.PartitionsDefinition[str]]:
        return {
            spec.metadata[_UNIQUE_ID]: spec.partitions_def for spec in self.specs if spec.partitions_def is not None
        }

    def can_have(self, unique_id: str, month: str) -> bool:
        """Return whether a month is a partition of a monthly fact."""
        return self._months_of[unique_id].has_partition_key(month)

    @cached_property
    def policies(self) -> frozenset[dg.AssetKey]:
        """The tables that have a freshness policy."""
        return frozenset(spec.key for spec in self.specs if spec.freshness_policy is not None)

    @cached_property
    def served(self) -> list[dg.AssetKey]:
        """The tables that are published."""
        return [spec.key for spec in self.specs if spec.group_name in _SERVED]

    @cached_property
    def checks(self) -> list[dg.AssetCheckSpec]:
        """One check per dbt test of a model or seed."""
        by_node = {spec.metadata[_UNIQUE_ID]: spec for spec in self.specs}
        found = []
        for unique_id, node in self.manifest["nodes"].items():
            if node["resource_type"] != "test":
                continue
            for parent in self.manifest["parent_map"].get(unique_id, ()):
                spec = by_node.get(parent)
                check = self._translator.get_asset_check_spec(spec, self.manifest, unique_id, None) if spec else None
                if check is not None:
                    found.append(check)
        return found

    @cached_property
    def check_of(self) -> dict[str, dg.AssetCheckSpec]:
        """Check of each dbt test, by dbt's name."""
        return {spec.metadata[_UNIQUE_ID]: spec for spec in self.checks if spec.metadata}
