"""Tables and publication: one operation.

Only the tables that changed are recorded, and Dagster skips whatever depends on an output that was not given; the
publication must follow all the same, so it belongs to the operation that builds (docs/decisions/0006).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, build_dbt_asset_specs

from dataelec_assets.catalog import Catalog
from dataelec_assets.errors import DataElecError
from dataelec_assets.house import House
from dataelec_assets.orchestration.asset_keys import PUBLICATION, lake_key
from dataelec_assets.orchestration.resources import Journal
from dataelec_assets.warehouse.build import BuildReport, build_warehouse, describe
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.publish import Publication, publish

_UNIQUE_ID = "dagster_dbt/unique_id"

Event = dg.MaterializeResult[None] | dg.AssetCheckResult


class Translator(DagsterDbtTranslator):
    """Names dbt nodes as assets: sources are our lake copies, models go by their own name."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__()
        self._lake = {dataset.table: lake_key(dataset) for dataset in catalog.values()}

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Return the key of a node."""
        if dbt_resource_props["resource_type"] == "source":
            return self._lake[dbt_resource_props["name"]]
        return dg.AssetKey(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Return the layer: staging, intermediate, marts or seeds."""
        return "seeds" if dbt_resource_props["resource_type"] == "seed" else str(dbt_resource_props["fqn"][1])


def _check_specs(
    manifest: Mapping[str, Any], specs: list[dg.AssetSpec], translator: Translator
) -> list[dg.AssetCheckSpec]:
    by_node = {spec.metadata[_UNIQUE_ID]: spec for spec in specs}
    found = []
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] != "test":
            continue
        for parent in manifest["parent_map"].get(unique_id, ()):
            spec = by_node.get(parent)
            check = translator.get_asset_check_spec(spec, manifest, unique_id, None) if spec else None
            if check is not None:
                found.append(check)
    return found


def warehouse_assets(catalog: Catalog, manifest_path: Path) -> dg.AssetsDefinition:
    """Return the tables of dbt, with its tests as checks, and the publication that comes after them.

    Args:
        catalog: the data sets, to link sources to lake copies.
        manifest_path: dbt's manifest of the present project.
    """
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    translator = Translator(catalog)
    models = [
        spec.replace_attributes(skippable=True)
        for spec in build_dbt_asset_specs(manifest=manifest_path, dagster_dbt_translator=translator)
    ]
    checks = _check_specs(manifest, models, translator)
    served = [spec.key for spec in models if spec.group_name in ("marts", "seeds")]
    publication = dg.AssetSpec(
        PUBLICATION,
        deps=served,
        skippable=True,
        description="Fichier DuckDB servi et tables Parquet : remplacés d'un coup, après les contrôles bloquants.",
        group_name="publication",
        kinds={"duckdb"},
    )
    key_of = {spec.metadata[_UNIQUE_ID]: spec.key for spec in models}
    check_of = {spec.metadata[_UNIQUE_ID]: spec for spec in checks if spec.metadata}

    @dg.multi_asset(
        name="build_and_publish",
        specs=[*models, publication],
        check_specs=checks,
        can_subset=True,
        pool="duckdb_writer",
    )
    def warehouse(
        context: dg.AssetExecutionContext,
        house: dg.ResourceParam[House],
        journal: dg.ResourceParam[Journal],
    ) -> Iterator[Event]:
        selected, selected_checks = context.selected_asset_keys, context.selected_asset_check_keys
        wants_tables = bool(selected - {PUBLICATION})
        try:
            report = build_warehouse(house, full=journal.from_scratch) if wants_tables else BuildReport("nothing")
            journal.build = report
            for result in report.results:
                event = _event(result, key_of, check_of, report.rows)
                if isinstance(event, dg.AssetCheckResult):
                    if dg.AssetCheckKey(event.asset_key or PUBLICATION, event.check_name or "") in selected_checks:
                        yield event
                elif event is not None and event.asset_key in selected:
                    yield event
            if report.broken:
                raise dg.Failure(description=f"Nothing was published: {describe(report.broken)}.", allow_retries=False)
            if PUBLICATION in selected:
                journal.publication = publish(house)
                if journal.publication.is_new:
                    yield _published(journal.publication)
        except DataElecError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error

    return warehouse


def _event(
    result: NodeResult,
    key_of: Mapping[str, dg.AssetKey],
    check_of: Mapping[str, dg.AssetCheckSpec],
    rows: Mapping[str, int],
) -> Event | None:
    if result.unique_id in key_of and not result.is_broken:
        key = key_of[result.unique_id]
        counted = {"dagster/row_count": rows[key.path[-1]]} if key.path[-1] in rows else {}
        return dg.MaterializeResult(asset_key=key, metadata={"secondes": result.seconds, **counted})
    if result.unique_id in check_of and result.status != "skipped":
        spec = check_of[result.unique_id]
        is_warning = result.status == "warn"
        return dg.AssetCheckResult(
            asset_key=spec.asset_key,
            check_name=spec.name,
            passed=result.status == "pass",
            severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
            metadata={"lignes_en_defaut": result.failures or 0, "message": result.message or ""},
        )
    return None


def _published(publication: Publication) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        asset_key=PUBLICATION,
        data_version=dg.DataVersion(publication.publication_id),
        metadata={
            "publication_id": publication.publication_id,
            "fichier": dg.MetadataValue.path(str(publication.path)),
            "tables": len(publication.tables),
            "lignes": sum(publication.tables.values()),
            "est_synthetique": publication.synthetic,
        },
    )
