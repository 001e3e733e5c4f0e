"""Tables and publication: what *Materialize* builds and serves."""

from collections.abc import Iterator

import dagster as dg

from dataelec_assets.defs import events
from dataelec_assets.defs.asset_keys import PUBLICATION
from dataelec_assets.defs.automation import AUTOMATION, BY_PUBLICATION
from dataelec_assets.defs.freshness import OWNERS
from dataelec_assets.defs.resources import DuckDB
from dataelec_assets.defs.tables import Tables
from dataelec_assets.defs.without_dbt import DbtProject, dbt_assets
from dataelec_assets.errors import DataElecError
from dataelec_assets.pipeline import build, build_chosen, publish_tables
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.holds import describe_holds
from dataelec_assets.warehouse.project import PROJECT_DIR
from dataelec_assets.warehouse.quarantine import Built

Result = dg.MaterializeResult[None] | dg.AssetCheckResult


def dbt_tables(tables: Tables) -> dg.AssetsDefinition:
    """Return the tables of dbt, with its tests as checks.

    A dbt command costs 13 CPU-seconds as a program and one in this process, so dagster-dbt's client is not used: its
    assets are, with our runner behind them (docs/decisions/0005).
    """

    @dbt_assets(
        name="tables",
        manifest=tables.manifest,
        project=DbtProject(PROJECT_DIR, target_path=tables.manifest_path.parent),
        dagster_dbt_translator=tables.translator,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="duckdb_writer",
    )
    def built_tables(
        context: dg.AssetExecutionContext,
        ctx: dg.ResourceParam[RunContext],
        warehouse: dg.ResourceParam[DuckDB],
    ) -> Iterator[Result]:
        names = {key.path[-1] for key in context.selected_asset_keys}
        is_by_month = context.has_partition_key or context.has_partition_key_range
        # Tables that are not cut may be selected together with months of others.
        months = context.partition_keys if is_by_month and context.selected_asset_keys & tables.monthly else ()
        context.log.info("%d table(s) are built because they were asked for, and what they lack.", len(names))
        try:
            built = build_chosen(ctx, names, months)
        except DataElecError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        found = [event for done in built.rounds[-1:] for event in events.of_build(tables, done, warehouse)]
        yield from events.as_results(context, [*found, *events.of_quarantine(ctx, built)])
        _blame(ctx, built, "Built")

    return built_tables


def publication_asset(tables: Tables) -> dg.AssetsDefinition:
    """Return the served file, which comes after every table."""

    @dg.asset(
        key=PUBLICATION,
        deps=tables.served,
        description="Fichier DuckDB servi et tables Parquet : remplacés d'un coup, après les contrôles bloquants.",
        group_name="publication",
        kinds={"duckdb"},
        owners=OWNERS,
        metadata={AUTOMATION: BY_PUBLICATION},
        pool="duckdb_writer",
    )
    def publication(
        context: dg.AssetExecutionContext,
        ctx: dg.ResourceParam[RunContext],
        warehouse: dg.ResourceParam[DuckDB],
    ) -> Iterator[Result]:
        try:
            # A publication is of one lake: what is behind it is built first, whichever tables were chosen.
            built = build(ctx)
            for done in built.rounds:
                events.log_all(context, events.of_build(tables, done, warehouse))
            events.log_all(context, events.of_quarantine(ctx, built))
            published = publish_tables(ctx, built.kept)
        except DataElecError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        summary = {}
        if not published.is_new:
            context.log.info("Nothing to do: publication %s shows the lake already.", published.publication_id)
            summary = events.verified(ctx.now())
        yield from events.as_results(context, events.of_publication(published), {PUBLICATION: summary})
        _blame(ctx, built, "Published")

    return publication


def _blame(ctx: RunContext, built: Built, done: str) -> None:
    """Fail when something was held back or kept, so that somebody looks."""
    if built.held or built.kept:
        reasons = [*describe_holds(ctx, built.held), *sorted(set(built.kept.values()))]
        raise dg.Failure(description=f"{done} without what is impossible: {' '.join(reasons)}", allow_retries=False)
