"""How dbt's nodes become assets: names, groups, owners, partitions, freshness, descriptions of checks.

The one translator of the project: `@dbt_assets`, the jobs and the sensor take the same assets from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import dagster as dg

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.defs.asset_keys import lake_key
from dataelec_assets.defs.automation import AUTOMATION, BY_REFRESH
from dataelec_assets.defs.column_lineage import lineage_of_columns
from dataelec_assets.defs.freshness import OWNERS, policy_of
from dataelec_assets.defs.labels import check_text
from dataelec_assets.defs.partitions import months_from
from dataelec_assets.defs.subjects import Subjects
from dataelec_assets.defs.without_dbt import DagsterDbtTranslator, DbtProject
from dataelec_assets.warehouse.lineage import Lineage

# Made from the raw vintages of every data set.
REVISIONS = "source.dataelec.lac.revisions"


class Translator(DagsterDbtTranslator):
    """Names dbt nodes as assets: sources are our lake copies, models go by their own name.

    Args:
        catalog: the data sets, to link sources to lake copies.
        lineage: what each node is made from.
        subjects: of models and data sets.
    """

    def __init__(self, catalog: Catalog, lineage: Lineage, subjects: Subjects) -> None:
        super().__init__()
        self._catalog = catalog
        self._lineage = lineage
        self._subjects = subjects
        self._lake = {dataset.table: lake_key(dataset) for dataset in catalog.values()}
        self._completed: dict[str, dg.AssetSpec] = {}

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return the key of a node."""
        if dbt_resource_props["resource_type"] == "source":
            return self._lake.get(dbt_resource_props["name"], dg.AssetKey(["lake", dbt_resource_props["name"]]))
        return dg.AssetKey(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the subject."""
        return self._subjects.of_node(dbt_resource_props)

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the description, with the SQL of what has some."""
        if dbt_resource_props["resource_type"] == "seed":
            return str(dbt_resource_props["description"])
        return super().get_description(dbt_resource_props)

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """Return a model, seed or source as an asset; monthly facts have partitions, marts a freshness policy."""
        if unique_id not in self._completed:
            spec = super().get_asset_spec(manifest, unique_id, project)
            if not unique_id.startswith("source."):
                spec = self._complete(spec, unique_id)
            self._completed[unique_id] = spec
        return self._completed[unique_id]

    def _complete(self, spec: dg.AssetSpec, unique_id: str) -> dg.AssetSpec:
        node, upstream = self._lineage.node(unique_id), self._lineage.upstream(unique_id)
        of_all = REVISIONS in self._lineage.manifest["parent_map"][unique_id]
        return spec.replace_attributes(
            deps=self._staging if of_all else spec.deps,
            owners=OWNERS,
            tags={**spec.tags, "couche": "seeds" if node["resource_type"] == "seed" else node["fqn"][1]},
            partitions_def=self._months(upstream) if is_monthly(node) else None,
            freshness_policy=policy_of(upstream) if self.has_policy(unique_id) else None,
        ).merge_attributes(metadata={AUTOMATION: BY_REFRESH, **self._column_lineage(node, upstream)})

    def has_policy(self, unique_id: str) -> bool:
        """Return whether a model is to stay fresh: a mart that is made from some data set."""
        return self._lineage.node(unique_id)["fqn"][1] == "marts" and bool(self._lineage.upstream(unique_id))

    def _column_lineage(self, node: Mapping[str, Any], upstream: list[Dataset]) -> dict[str, dg.TableColumnLineage]:
        if node["fqn"][1] != "staging" or len(upstream) != 1:
            return {}
        found = lineage_of_columns(node, lake_key(upstream[0]), upstream[0].column_names)
        return {"dagster/column_lineage": found} if found is not None else {}

    @property
    def _staging(self) -> list[dg.AssetKey]:
        """The staging models of data sets: what is renewed with any of them.

        Revisions are found when a copy is made. Were the copies their parents, Dagster would take each month that some
        data set does not have for an input that is still to be read.
        """
        names = {f"stg_{dataset.portal}__{dataset.table}" for dataset in self._catalog.values()}
        return [dg.AssetKey(node["name"]) for node in self._lineage.manifest["nodes"].values() if node["name"] in names]

    @staticmethod
    def _months(upstream: list[Dataset]) -> dg.TimeWindowPartitionsDefinition:
        starts = (each.history_start for each in upstream if each.partitioning.is_within_months)
        return months_from(min(starts, default=date(2012, 1, 1)))

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """Return a dbt test as a check, with its description, which dagster-dbt leaves out."""
        check = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        if check is None:
            return None
        return dg.AssetCheckSpec(
            check.name,
            asset=check.asset_key,
            description=check_text(manifest["nodes"][unique_id]),
            additional_deps=check.additional_deps,
            blocking=check.blocking,
            metadata=check.metadata,
        )


def is_monthly(node: Mapping[str, Any]) -> bool:
    """Return whether a model is renewed month by month: it empties the months and appends them again.

    The back-test of the forecast is incremental too, but decides by itself what it computes again.
    """
    config = node["config"]
    return bool(config.get("materialized") == "incremental" and config.get("incremental_strategy") == "append")
