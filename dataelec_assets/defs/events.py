"""What happened, as Dagster's events: materialisations by partition, observations, results of checks.

The same events are logged by a run and given by the sensor. They change nothing in the lake: a lost Dagster database
loses history, never data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import dagster as dg
from dagster import AssetCheckEvaluation, AssetMaterialization, AssetObservation, MetadataValue

from dataelec_assets.catalog import Dataset
from dataelec_assets.defs.asset_checks import AGE_CHECK, arrival_results, quarantine_result
from dataelec_assets.defs.asset_keys import PUBLICATION, lake_key, raw_key, source_key
from dataelec_assets.defs.labels import REASONS, age_in_words, reasons_in_words
from dataelec_assets.defs.tables import Tables
from dataelec_assets.ingest.copies import CopyReport
from dataelec_assets.ingest.fetch import SourceReport
from dataelec_assets.ingest.freshness import age_of
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.lake.partition_index import PartitionInfo, span_of
from dataelec_assets.lake.raw import Vintage
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.publication import Publication
from dataelec_assets.warehouse.quarantine import Built, in_force

Event = AssetMaterialization | AssetObservation | AssetCheckEvaluation

_VERSION = "dagster/data_version"

# What fits in the window that shows it, and is enough to see what a row is.
_PREVIEW_ROWS, _PREVIEW_COLUMNS = 5, 6


def of_observation(observation: Observation) -> Iterator[Event]:
    """Yield the data version of a source, and of each of its partitions that has moved."""
    dataset, report = observation.dataset, observation.report
    if report.version is None:
        return
    words = reasons_in_words(observation.plan) or "vérifié, inchangé"
    metadata = {"version_du_portail": report.version, "a_rafraichir": words}
    yield AssetObservation(source_key(dataset), metadata=metadata, tags={_VERSION: report.version})
    if observation.view is None or dataset.partitioning.grain == "none":
        return
    for stale in observation.plan.to_fetch:
        content = observation.view.partitions[stale.partition]
        yield AssetObservation(
            source_key(dataset),
            partition=stale.partition,
            metadata={"raison": REASONS[stale.reason], "lignes": content.rows, "derniere_valeur": content.last or ""},
            tags={_VERSION: content.digest},
        )


def of_arrival(ctx: RunContext, dataset: Dataset, report: SourceReport) -> Iterator[Event]:
    """Yield the partitions that were downloaded, and the results of the checks on arrival."""
    key, changed = raw_key(dataset), set(report.changed)
    for fetched in report.fetched:
        yield AssetMaterialization(
            key,
            partition=None if dataset.partitioning.grain == "none" else fetched.partition,
            metadata={
                "raison": REASONS[fetched.reason],
                "contenu_nouveau": fetched.partition in changed,
                **vintage_metadata(ctx.raw.newest(dataset.id, fetched.partition)),
            },
        )
    for result in arrival_results(key, report):
        yield _evaluation(result, blocking=True)


def of_copies(ctx: RunContext, dataset: Dataset, report: CopyReport) -> Iterator[Event]:
    """Yield the Parquet partitions that were written, with what they hold."""
    for partition in report.rebuilt:
        yield AssetMaterialization(
            lake_key(dataset),
            partition=None if dataset.partitioning.grain == "none" else partition,
            metadata=copy_metadata(ctx, dataset, partition, report),
            tags={_VERSION: report.index[partition].signature[:32]},
        )
    yield of_age(ctx, dataset, report.index)


def copy_metadata(ctx: RunContext, dataset: Dataset, partition: str, report: CopyReport) -> dict[str, dg.MetadataValue]:
    """Return what is shown of a Parquet partition: rows, span, the vintage it was made from, a few rows."""
    info = report.index[partition]
    return {
        "dagster/row_count": MetadataValue.int(report.rows),
        "dagster/partition_row_count": MetadataValue.int(info.rows),
        "premiere_valeur": MetadataValue.text(info.first or ""),
        "derniere_valeur_mesuree": MetadataValue.text(info.last_measured or ""),
        **vintage_metadata(ctx.raw.newest(dataset.id, partition)),
        "apercu": MetadataValue.md(_preview(ctx, dataset, partition)),
    }


def vintage_metadata(vintage: Vintage | None) -> dict[str, dg.MetadataValue]:
    """Return what is shown of the bytes that arrived last."""
    if vintage is None:
        return {}
    return {
        "version_brute": MetadataValue.text(vintage.sha256[:16]),
        "version_du_portail": MetadataValue.text(vintage.portal_version),
        "telechargee_a": MetadataValue.timestamp(datetime.fromisoformat(vintage.fetched_at)),
        "lignes_publiees": MetadataValue.int(vintage.rows),
        "octets": MetadataValue.int(vintage.bytes),
    }


def _preview(ctx: RunContext, dataset: Dataset, partition: str) -> str:
    """Return the first rows of a Parquet partition as a Markdown table. It takes a millisecond or two."""
    import pyarrow.parquet as pq

    names = list(dataset.column_names[:_PREVIEW_COLUMNS])
    with pq.ParquetFile(ctx.parquet.file(dataset, partition)) as file:
        batch = next(file.iter_batches(_PREVIEW_ROWS, columns=names), None)
    rows = [list(row.values()) for row in batch.to_pylist()] if batch is not None else []
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join('' if cell is None else str(cell) for cell in line)} |" for line in lines)


def of_age(
    ctx: RunContext, dataset: Dataset, copies: Mapping[str, PartitionInfo] | None = None
) -> AssetCheckEvaluation:
    """Return the verdict on the newest measured value of a data set.

    Args:
        ctx: tells the time, and what was copied.
        dataset: the data set.
        copies: the partitions in place by key, while they are not summed up yet; None: as they were summed up last.
    """
    head = ctx.parquet.head(dataset)
    newest = head.last_measured if head else None
    if copies is not None:
        _, newest = span_of(dataset, copies)
    age = age_of(dataset, newest, ctx.now())
    return AssetCheckEvaluation(
        asset_key=lake_key(dataset),
        check_name=AGE_CHECK,
        passed=age.status == "pass",
        severity=dg.AssetCheckSeverity.WARN if age.status == "warn" else dg.AssetCheckSeverity.ERROR,
        metadata={
            "verdict": MetadataValue.text(age_in_words(dataset, age)),
            "derniere_valeur_mesuree": MetadataValue.text(newest or ""),
        },
        blocking=False,
    )


def of_quarantine(ctx: RunContext, built: Built) -> Iterator[Event]:
    """Yield, for each data set of which something is, was or comes into quarantine, whether something is now."""
    holds = in_force(ctx)
    concerned = {each.dataset_id for each in [*holds, *built.held]} | {dataset_id for dataset_id, _ in built.lifted}
    for dataset_id in sorted(concerned & set(ctx.catalog)):
        key = lake_key(ctx.catalog[dataset_id])
        result = quarantine_result(key, [each for each in holds if each.dataset_id == dataset_id])
        yield _evaluation(result, blocking=False)


def of_build(tables: Tables, report: BuildReport) -> Iterator[Event]:
    """Yield the tables that were built, monthly facts by month, and the results of dbt's tests."""
    for result in report.results:
        if result.unique_id in tables.key_of and not result.is_broken:
            yield from _of_table(tables, report, result)
        elif result.unique_id in tables.check_of and result.status != "skipped":
            check = check_result(tables, result)
            yield _evaluation(check, blocking=bool(tables.check_of[result.unique_id].blocking))
    for unique_id in tables.in_order(report.unmoved):
        # Dagster goes by the time: what is behind a gate would look older than what it is made from.
        yield AssetMaterialization(tables.key_of[unique_id], metadata=verified(datetime.now(UTC)))


def verified(at: datetime) -> dict[str, str]:
    """Return the metadata of what was found to be right as it is, and not made again."""
    return {"issue": "vérifié, inchangé", "verifie_a": at.isoformat()}


def _of_table(tables: Tables, report: BuildReport, result: NodeResult) -> Iterator[Event]:
    key = tables.key_of[result.unique_id]
    metadata = table_metadata(report, result, key)
    if key not in tables.monthly:
        # Who materialises in the UI is told by it that what is made from a gate is up to date.
        digest = report.gates.get(key.path[-1])
        yield AssetMaterialization(key, metadata=metadata, tags={_VERSION: digest} if digest else None)
        return
    for month in months_of(tables, report, result):
        yield AssetMaterialization(key, partition=month, metadata=metadata)


def months_of(tables: Tables, report: BuildReport, result: NodeResult) -> list[str]:
    """Return the months of a monthly fact that a build has renewed.

    Those that have moved in one of its sources; when a source moved that is not cut by month, all that it can have.
    """
    upstream = {each.id: each.partitioning.is_within_months for each in tables.upstream(result.unique_id)}
    moved = {each for each, _ in report.changed if each in upstream}
    if not all(upstream[each] for each in moved):
        return [month for month in report.months if tables.can_have(result.unique_id, month)]
    is_of_all = tables.reads_revisions(result.unique_id)
    months = {partition[:7] for each, partition in report.changed if is_of_all or each in moved}
    return sorted(month for month in months if tables.can_have(result.unique_id, month))


def table_metadata(report: BuildReport, result: NodeResult, key: dg.AssetKey) -> dict[str, dg.MetadataValue]:
    """Return what is shown of a table that was built."""
    metadata: dict[str, dg.MetadataValue] = {"secondes": MetadataValue.float(round(result.seconds, 2))}
    name = key.path[-1]
    if name in report.rows:
        metadata["dagster/row_count"] = MetadataValue.int(report.rows[name])
    if name in report.previews:
        metadata["apercu_de_la_table"] = MetadataValue.md(report.previews[name])
    return metadata


def check_result(tables: Tables, result: NodeResult) -> dg.AssetCheckResult:
    """Return the result of a dbt test."""
    spec = tables.check_of[result.unique_id]
    is_warning = result.status == "warn"
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=result.status == "pass",
        severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
        metadata={"lignes_en_defaut": result.failures or 0, **({"message": result.message} if result.message else {})},
    )


def _evaluation(result: dg.AssetCheckResult, *, blocking: bool) -> AssetCheckEvaluation:
    """Return a result as an event of its own, outside of the run's selection."""
    return AssetCheckEvaluation(
        asset_key=result.asset_key or PUBLICATION,
        check_name=result.check_name or "",
        passed=bool(result.passed),
        severity=result.severity,
        metadata=result.metadata,
        blocking=blocking,
    )


def of_publication(publication: Publication) -> Iterator[Event]:
    """Yield the file that was put in place; nothing when it was there already."""
    if publication.is_new:
        yield AssetMaterialization(
            PUBLICATION, metadata=publication_metadata(publication), tags={_VERSION: publication.publication_id}
        )


def publication_metadata(publication: Publication) -> dict[str, dg.MetadataValue]:
    """Return what is shown of a publication."""
    return {
        "publication_id": MetadataValue.text(publication.publication_id),
        "fichier": MetadataValue.path(str(publication.path)),
        "tables": MetadataValue.int(len(publication.tables)),
        "lignes": MetadataValue.int(sum(publication.tables.values())),
        "est_synthetique": MetadataValue.bool(publication.synthetic),
    }
