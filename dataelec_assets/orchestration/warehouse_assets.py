"""Tables and publication: one operation.

Only the tables that changed are recorded, and Dagster skips whatever depends on an output that was not given; the
publication must follow all the same, so it belongs to the operation that builds (docs/decisions/0006).
"""

from collections.abc import Iterator

import dagster as dg

from dataelec_assets.errors import DataElecError
from dataelec_assets.house import House
from dataelec_assets.orchestration.asset_keys import PUBLICATION
from dataelec_assets.orchestration.events import check_result, of_quarantine, publication_metadata, table_metadata
from dataelec_assets.orchestration.freshness import OWNERS
from dataelec_assets.orchestration.tables import Tables
from dataelec_assets.refresh.quarantine import Built, build_around, in_words
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.publish import Publication, publish

Event = dg.MaterializeResult[None] | dg.AssetCheckResult


def warehouse_assets(tables: Tables) -> dg.AssetsDefinition:
    """Return the tables of dbt, with its tests as checks, and the publication that comes after them."""
    publication = dg.AssetSpec(
        PUBLICATION,
        deps=tables.served,
        skippable=True,
        description="Fichier DuckDB servi et tables Parquet : remplacés d'un coup, après les contrôles bloquants.",
        group_name="publication",
        kinds={"duckdb"},
        owners=OWNERS,
    )

    @dg.multi_asset(
        name="build_and_publish",
        specs=[*tables.specs, publication],
        check_specs=tables.checks,
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="duckdb_writer",
    )
    def warehouse(context: dg.AssetExecutionContext, house: dg.ResourceParam[House]) -> Iterator[Event]:
        selected = context.selected_asset_keys
        try:
            # Who asks for months gets them, stale or not.
            months = context.partition_keys if context.has_partition_key or context.has_partition_key_range else ()
            built = build_around(house, again=months) if selected - {PUBLICATION} else Built(BuildReport("nothing"))
            yield from _recorded(tables, built.report, context)
            for event in of_quarantine(house, built):
                context.log_event(event)
            if PUBLICATION in selected:
                published = publish(house, built.kept)
                if published.is_new:
                    yield _published(published)
            if built.held or built.kept:
                words = [*in_words(house, built.held), *sorted(set(built.kept.values()))]
                raise dg.Failure(
                    description=f"Built without what is impossible: {' '.join(words)}", allow_retries=False
                )
        except DataElecError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error

    return warehouse


def _recorded(tables: Tables, report: BuildReport, context: dg.AssetExecutionContext) -> Iterator[Event]:
    """Yield what belongs to the selection of the run."""
    selected, selected_checks = context.selected_asset_keys, context.selected_asset_check_keys
    for result in report.results:
        key = tables.key_of.get(result.unique_id)
        if key in selected and key is not None and not result.is_broken:
            digest = report.gates.get(key.path[-1])
            version = dg.DataVersion(digest) if digest else None
            yield dg.MaterializeResult(
                asset_key=key, metadata=table_metadata(report, result, key), data_version=version
            )
        elif result.unique_id in tables.check_of and result.status != "skipped":
            check = check_result(tables, result)
            if dg.AssetCheckKey(check.asset_key or PUBLICATION, check.check_name or "") in selected_checks:
                yield check


def _published(publication: Publication) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        asset_key=PUBLICATION,
        data_version=dg.DataVersion(publication.publication_id),
        metadata=publication_metadata(publication),
    )
