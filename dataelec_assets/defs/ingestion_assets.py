"""Raw vintages and Parquet copies: two partitioned assets per data set, each doing the partitions of its run."""

from collections.abc import Iterator

import dagster as dg

from dataelec_assets.catalog import Dataset
from dataelec_assets.defs import events
from dataelec_assets.defs.asset_checks import (
    age_check_spec,
    arrival_check_specs,
    quarantine_check_spec,
    quarantine_result,
)
from dataelec_assets.defs.asset_keys import lake_key, page_of, raw_key, source_key
from dataelec_assets.defs.automation import AUTOMATION, by_cadence
from dataelec_assets.defs.freshness import OWNERS, policy_of
from dataelec_assets.defs.labels import OUTCOMES
from dataelec_assets.defs.partitions import partitions_of
from dataelec_assets.errors import DataElecError
from dataelec_assets.ingest.copies import refresh_copies, settle
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.holds import in_force

Event = dg.MaterializeResult[None] | dg.AssetCheckResult


def _asked_for(context: dg.AssetExecutionContext) -> list[str] | None:
    """Return the partitions of the run; None for a data set that is not cut."""
    has_partitions = context.has_partition_key or context.has_partition_key_range
    return list(context.partition_keys) if has_partitions else None


def raw_asset(dataset: Dataset, subject: str) -> dg.AssetsDefinition:
    """Return the asset of the vintages as published, with the checks on arrival.

    The checks block: an arrival that fails one is not kept, and the copy does not run. Other data sets have runs of
    their own and go on.
    """
    key = raw_key(dataset)

    @dg.multi_asset(
        name=f"raw__{dataset.table}",
        specs=[
            dg.AssetSpec(
                key,
                deps=[source_key(dataset)],
                description=f"{dataset.title} : octets tels que publiés, toutes les versions gardées.",
                group_name=subject,
                kinds={"csv"},
                owners=OWNERS,
                partitions_def=partitions_of(dataset),
                metadata={
                    "jeu_de_donnees": dataset.id,
                    "licence": dataset.licence,
                    "page": page_of(dataset),
                    AUTOMATION: by_cadence(dataset),
                },
            )
        ],
        check_specs=arrival_check_specs(key),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="duckdb_writer",
    )
    def raw(
        context: dg.AssetExecutionContext,
        ctx: dg.ResourceParam[RunContext],
    ) -> Iterator[Event]:
        asking = ctx.asking([dataset.id])
        report = refresh_source(asking, dataset, SilentProgress(), partitions=_asked_for(context))
        for warning in report.warnings:
            context.log.warning(warning)
        found = list(events.of_arrival(ctx, dataset, report))
        if report.error is not None:
            # What did arrive is kept and recorded; the run is shown as failed with the publisher's fault.
            arrived = [each for each in found if isinstance(each, dg.AssetMaterialization)]
            events.log_all(context, arrived)
            yield from events.as_results(context, (each for each in found if each not in arrived))
            raise dg.Failure(description=report.error, allow_retries=False)
        if not report.fetched:
            context.log.info("Nothing to do: what the portal shows is in the lake (%s).", OUTCOMES[report.outcome])
        summary = {
            "issue": OUTCOMES[report.outcome],
            "partitions_changees": len(report.changed),
            "lignes_telechargees": report.rows,
        }
        yield from events.as_results(context, found, {key: summary})

    return raw


def lake_asset(dataset: Dataset, subject: str) -> dg.AssetsDefinition:
    """Return the asset of the Parquet copy."""
    key = lake_key(dataset)
    columns = [
        dg.TableColumn(
            column.name,
            type=column.type,
            description=column.description + (f" ({column.unit})" if column.unit else ""),
            constraints=dg.TableColumnConstraints(nullable=column.nullable),
        )
        for column in dataset.columns
    ]

    @dg.multi_asset(
        name=f"lake__{dataset.table}",
        specs=[
            dg.AssetSpec(
                key,
                deps=[raw_key(dataset)],
                description=f"{dataset.title} : copie Parquet typée par contrat, triée par clé."
                + (f" {dataset.warning}" if dataset.warning else ""),
                group_name=subject,
                kinds={"parquet"},
                owners=OWNERS,
                partitions_def=partitions_of(dataset),
                freshness_policy=policy_of([dataset]),
                metadata={
                    "dagster/column_schema": dg.TableSchema(columns=columns),
                    "jeu_de_donnees": dataset.id,
                    "cle": ", ".join(dataset.key),
                    AUTOMATION: by_cadence(dataset),
                    "page": page_of(dataset),
                },
            )
        ],
        check_specs=[age_check_spec(key, dataset), quarantine_check_spec(key)],
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="duckdb_writer",
    )
    def lake(
        context: dg.AssetExecutionContext,
        ctx: dg.ResourceParam[RunContext],
    ) -> Iterator[Event]:
        try:
            report = refresh_copies(ctx, dataset, partitions=_asked_for(context))
            settle(ctx, dataset)
        except DataElecError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        if not report.rebuilt:
            context.log.info("Nothing to do: every copy that was asked for was made from its present vintages.")
        found = [
            *events.of_copies(ctx, dataset, report, _asked_for(context) or report.index),
            quarantine_result(key, [each for each in in_force(ctx) if each.dataset_id == dataset.id]),
        ]
        yield from events.as_results(context, found, {key: {"partitions_refaites": len(report.rebuilt)}})

    return lake
