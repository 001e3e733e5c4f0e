"""The tables of dbt as Dagster sees them: names, groups, checks, partitions, and the sources that they come from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, build_dbt_asset_specs

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.defs.asset_keys import lake_key
from dataelec_assets.defs.freshness import OWNERS, policy_of
from dataelec_assets.defs.labels import check_in_words
from dataelec_assets.defs.partitions import months_from
from dataelec_assets.warehouse.lineage import Lineage

_UNIQUE_ID = "dagster_dbt/unique_id"

_SERVED = ("marts", "seeds")

# Made from the raw vintages of every data set.
_REVISIONS = "source.dataelec.lac.revisions"


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

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the description, with the SQL of what has some."""
        if dbt_resource_props["resource_type"] == "seed":
            return str(dbt_resource_props["description"])
        return super().get_description(dbt_resource_props)


class Tables:
    """What the definitions and the recorder need to know of dbt's manifest.

    Args:
        catalog: the data sets, to link sources to lake copies.
        manifest_path: dbt's manifest of the present project.
    """

    def __init__(self, catalog: Catalog, manifest_path: Path) -> None:
        self._catalog = catalog
        self._path = manifest_path
        self._lineage = Lineage(catalog, manifest_path)
        self._translator = Translator(catalog)

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Content of the manifest."""
        return self._lineage.manifest

    @cached_property
    def specs(self) -> list[dg.AssetSpec]:
        """One spec per model and seed; monthly facts have partitions, served tables a freshness policy."""
        plain = build_dbt_asset_specs(manifest=self._path, dagster_dbt_translator=self._translator)
        return [self._completed(spec) for spec in plain]

    def _completed(self, spec: dg.AssetSpec) -> dg.AssetSpec:
        unique_id = spec.metadata[_UNIQUE_ID]
        node, upstream = self.manifest["nodes"][unique_id], self.upstream(unique_id)
        is_table = spec.group_name == "marts"
        of_all = _REVISIONS in self.manifest["parent_map"][unique_id]
        return spec.replace_attributes(
            deps=self._staging if of_all else spec.deps,
            skippable=True,
            owners=OWNERS,
            partitions_def=self._months(upstream) if self.is_monthly(node) else None,
            freshness_policy=policy_of(upstream) if is_table and upstream else None,
        )

    @property
    def _staging(self) -> list[dg.AssetKey]:
        """The staging models of data sets: what is renewed with any of them.

        Revisions are found when a copy is made. Were the copies their parents, Dagster would take each month that some
        data set does not have for an input that is still to be read.
        """
        names = {f"stg_{dataset.portal}__{dataset.table}" for dataset in self._catalog.values()}
        return [dg.AssetKey(node["name"]) for node in self.manifest["nodes"].values() if node["name"] in names]

    @staticmethod
    def is_monthly(node: Mapping[str, Any]) -> bool:
        """Return whether a model is renewed month by month: it empties the months and appends them again.

        The back-test of the forecast is incremental too, but decides by itself what it computes again.
        """
        config = node["config"]
        return bool(config.get("materialized") == "incremental" and config.get("incremental_strategy") == "append")

    @staticmethod
    def _months(upstream: list[Dataset]) -> dg.TimeWindowPartitionsDefinition:
        starts = (each.history_start for each in upstream if each.partitioning.is_within_months)
        return months_from(min(starts, default=date(2012, 1, 1)))

    def upstream(self, unique_id: str) -> list[Dataset]:
        """Return the data sets whose rows a node is made from; revisions, which all of them may have, do not count."""
        return sorted(self._lineage.datasets(unique_id), key=lambda each: each.table)

    def reads_revisions(self, unique_id: str) -> bool:
        """Return whether a change of any data set may change a node."""
        return _REVISIONS in self._lineage.sources([unique_id])

    def in_order(self, names: Collection[str]) -> list[str]:
        """Return dbt's names of some models, what each is made from before it."""
        chosen = {key for key, node in self.manifest["nodes"].items() if key in self.key_of and node["name"] in names}
        parents = {key: chosen & {*self.manifest["parent_map"][key]} for key in sorted(chosen)}
        return list(TopologicalSorter(parents).static_order())

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
                    found.append(_described(check, node))
        return found

    @cached_property
    def check_of(self) -> dict[str, dg.AssetCheckSpec]:
        """Check of each dbt test, by dbt's name."""
        return {spec.metadata[_UNIQUE_ID]: spec for spec in self.checks if spec.metadata}


def _described(check: dg.AssetCheckSpec, node: Mapping[str, Any]) -> dg.AssetCheckSpec:
    """Return a check with the words of the dbt test, which dagster-dbt leaves out."""
    return dg.AssetCheckSpec(
        check.name,
        asset=check.asset_key,
        description=check_in_words(node),
        additional_deps=check.additional_deps,
        blocking=check.blocking,
        metadata=check.metadata,
    )
