"""Raw vintages and Parquet copies: two partitioned assets per data set.

Run for given partitions (UI, backfill), they do exactly those; run without (job, sensor, command line), they do what
is stale and record each partition that they touched.
"""

from collections.abc import Callable, Iterable, Iterator

import dagster as dg

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import DataElecError
from dataelec_assets.house import House
from dataelec_assets.lake.parquet import PartitionInfo
from dataelec_assets.orchestration.asset_checks import arrival_check_specs, arrival_results
from dataelec_assets.orchestration.asset_keys import lake_key, raw_key, source_key
from dataelec_assets.orchestration.partitions import partitions_of
from dataelec_assets.orchestration.resources import Journal
from dataelec_assets.refresh.copies import refresh_copies
from dataelec_assets.refresh.sources import refresh_source

Metadata = dict[str, str | int | float | dg.MetadataValue]


def _asked_for(context: dg.AssetExecutionContext) -> list[str] | None:
    """Return the partitions of the run, or None for whatever is stale."""
    return list(context.partition_keys) if context.has_partition_key or context.has_partition_key_range else None


def _record(
    context: dg.AssetExecutionContext,
    key: dg.AssetKey,
    partitions: Iterable[str],
    describe: Callable[[str], Metadata],
) -> None:
    """Record a materialisation per partition, in a run that was not started for given ones."""
    for partition in partitions:
        context.log_event(dg.AssetMaterialization(key, partition=partition, metadata=describe(partition)))


def raw_asset(dataset: Dataset) -> dg.AssetsDefinition:
    """Return the asset of the vintages as published."""
    key = raw_key(dataset)

    @dg.multi_asset(
        name=f"raw__{dataset.table}",
        specs=[
            dg.AssetSpec(
                key,
                deps=[source_key(dataset)],
                description=f"{dataset.title} : octets tels que publiés, toutes les versions gardées.",
                group_name="raw",
                kinds={"csv"},
                partitions_def=partitions_of(dataset),
                metadata={"jeu_de_donnees": dataset.id, "licence": dataset.licence},
            )
        ],
        check_specs=arrival_check_specs(key),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="duckdb_writer",
    )
    def raw(
        context: dg.AssetExecutionContext,
        house: dg.ResourceParam[House],
        journal: dg.ResourceParam[Journal],
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        asked = _asked_for(context)
        report = refresh_source(house, dataset, journal.progress, partitions=asked, accept_shrink=journal.accept_shrink)
        journal.sources[dataset.id] = report
        for warning in report.warnings:
            context.log.warning("%s: %s", dataset.id, warning)
        if report.error:
            context.log.error(report.error)
        if asked is None:
            reasons = {each.partition: each.reason for each in report.fetched}
            _record(context, key, reasons, lambda partition: {"raison": reasons[partition]})
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                "issue": report.outcome,
                "partitions_telechargees": len(report.fetched),
                "partitions_changees": len(report.changed),
                "lignes_telechargees": report.rows,
            },
        )
        yield from arrival_results(key, report)

    return raw


def lake_asset(dataset: Dataset) -> dg.AssetsDefinition:
    """Return the asset of the Parquet copy."""
    key = lake_key(dataset)
    columns = dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                type=column.type,
                description=column.description + (f" ({column.unit})" if column.unit else ""),
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for column in dataset.columns
        ]
    )

    @dg.multi_asset(
        name=f"lake__{dataset.table}",
        specs=[
            dg.AssetSpec(
                key,
                deps=[raw_key(dataset)],
                description=f"{dataset.title} : copie Parquet typée par contrat, triée par clé.",
                group_name="lake",
                kinds={"parquet"},
                partitions_def=partitions_of(dataset),
                metadata={"dagster/column_schema": columns, "jeu_de_donnees": dataset.id},
            )
        ],
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="duckdb_writer",
    )
    def lake(
        context: dg.AssetExecutionContext,
        house: dg.ResourceParam[House],
        journal: dg.ResourceParam[Journal],
    ) -> dg.MaterializeResult[None]:
        asked = _asked_for(context)
        try:
            report = refresh_copies(house, dataset, partitions=asked, from_scratch=journal.from_scratch)
        except DataElecError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        journal.copies[dataset.id] = report

        def describe(partition: str) -> Metadata:
            info: PartitionInfo = report.index[partition]
            return {"dagster/partition_row_count": info.rows, "signature": info.signature}

        if asked is None:
            _record(context, key, report.rebuilt, describe)
        return dg.MaterializeResult(
            asset_key=key,
            metadata={"dagster/row_count": report.rows, "partitions_refaites": len(report.rebuilt)},
        )

    return lake
