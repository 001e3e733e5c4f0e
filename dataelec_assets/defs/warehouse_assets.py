"""Tables and publication: one operation.

Only the tables that changed are recorded, and Dagster skips whatever depends on an output that was not given; the
publication must follow all the same, so it belongs to the operation that builds (docs/decisions/0006).
"""

from collections.abc import Iterator
from functools import partial

import dagster as dg

from dataelec_assets.defs.asset_keys import PUBLICATION
from dataelec_assets.defs.events import check_result, of_quarantine, publication_metadata, table_metadata
from dataelec_assets.defs.freshness import OWNERS
from dataelec_assets.defs.tables import Tables
from dataelec_assets.errors import DataElecError
from dataelec_assets.ingest.copies import copy_again
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.publication import Publication
from dataelec_assets.warehouse.publish import publish
from dataelec_assets.warehouse.quarantine import Built, build_with_quarantine, in_words

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
    def warehouse(context: dg.AssetExecutionContext, ctx: dg.ResourceParam[RunContext]) -> Iterator[Event]:
        selected = context.selected_asset_keys
        try:
            # Who asks for months gets them, stale or not.
            months = context.partition_keys if context.has_partition_key or context.has_partition_key_range else ()
            built = (
                build_with_quarantine(ctx, partial(copy_again, ctx), again=months)
                if selected - {PUBLICATION}
                else Built(BuildReport("nothing"))
            )
            yield from _recorded(tables, built.report, context)
            for event in of_quarantine(ctx, built):
                context.log_event(event)
            if PUBLICATION in selected:
                published = publish(ctx, built.kept)
                if published.is_new:
                    yield _published(published)
            if built.held or built.kept:
                words = [*in_words(ctx, built.held), *sorted(set(built.kept.values()))]
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
