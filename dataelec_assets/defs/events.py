"""What happened, as Dagster's events: materialisations by partition, observations, results of checks.

The same events are logged by a run and given by the sensor. They change nothing in the lake: a lost Dagster database
loses history, never data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, cast

import dagster as dg
from dagster import AssetCheckEvaluation, AssetMaterialization, AssetObservation, MetadataValue

from dataelec_assets.catalog import Dataset
from dataelec_assets.defs.asset_checks import AGE_CHECK, arrival_results, quarantine_result
from dataelec_assets.defs.asset_keys import PUBLICATION, lake_key, raw_key, source_key
from dataelec_assets.defs.labels import REASONS, age_text, reasons_text
from dataelec_assets.defs.previews import described, preview_of_copy
from dataelec_assets.defs.resources import DuckDB
from dataelec_assets.defs.tables import Tables
from dataelec_assets.ingest.copies import CopyReport
from dataelec_assets.ingest.freshness import age_of
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.partition_index import PartitionInfo, span_of
from dataelec_assets.lake.raw import Vintage
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.holds import in_force
from dataelec_assets.warehouse.publication import Publication
from dataelec_assets.warehouse.quarantine import Built

Event = AssetMaterialization | AssetObservation | AssetCheckEvaluation

DATA_VERSION = "dagster/data_version"


def of_observation(observation: Observation) -> Iterator[Event]:
    """Yield the data version of a source, and of each of its partitions that has moved."""
    dataset, report = observation.dataset, observation.report
    if report.version is None:
        return
    reasons = reasons_text(observation.plan) or "vérifié, inchangé"
    metadata = {"version_du_portail": report.version, "a_rafraichir": reasons}
    yield AssetObservation(source_key(dataset), metadata=metadata, tags={DATA_VERSION: report.version})
    if observation.view is None or not dataset.partitioning.is_of_known_keys:
        return
    for stale in observation.plan.to_fetch:
        content = observation.view.partitions[stale.partition]
        yield AssetObservation(
            source_key(dataset),
            partition=stale.partition,
            metadata={"raison": REASONS[stale.reason], "lignes": content.rows, "derniere_valeur": content.last or ""},
            tags={DATA_VERSION: content.digest},
        )


def of_arrival(ctx: RunContext, dataset: Dataset, report: SourceReport) -> Iterator[Event]:
    """Yield the partitions that were downloaded, and the results of the checks on arrival."""
    key, changed = raw_key(dataset), set(report.changed)
    for fetched in report.fetched:
        yield AssetMaterialization(
            key,
            partition=fetched.partition if dataset.partitioning.is_of_known_keys else None,
            metadata={
                "raison": REASONS[fetched.reason],
                "contenu_nouveau": fetched.partition in changed,
                **vintage_metadata(ctx.raw.newest(dataset.id, fetched.partition)),
            },
        )
    yield from arrival_results(key, report)


def of_copies(
    ctx: RunContext, dataset: Dataset, report: CopyReport, partitions: Iterable[str] | None = None
) -> Iterator[Event]:
    """Yield the Parquet partitions that were written, with what they hold.

    Args:
        ctx: settings and folders.
        dataset: the data set.
        report: what was done.
        partitions: yield these, as far as they are there; None: those that were written.
    """
    for partition in report.rebuilt if partitions is None else partitions:
        if partition not in report.index:  # the portal may have nothing for a month that was asked for
            continue
        yield AssetMaterialization(
            lake_key(dataset),
            partition=partition if dataset.partitioning.is_of_known_keys else None,
            metadata=copy_metadata(ctx, dataset, partition, report),
            tags={DATA_VERSION: report.index[partition].signature[:32]},
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
        "apercu": MetadataValue.md(preview_of_copy(ctx, dataset, partition)),
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


def of_age(
    ctx: RunContext, dataset: Dataset, copies: Mapping[str, PartitionInfo] | None = None
) -> AssetCheckEvaluation:
    """Return the verdict on the newest measured value of a data set.

    Args:
        ctx: its clock, and what was copied.
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
            "verdict": MetadataValue.text(age_text(dataset, age)),
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
        yield quarantine_result(key, [each for each in holds if each.dataset_id == dataset_id])


def of_build(tables: Tables, report: BuildReport, warehouse: DuckDB) -> Iterator[Event]:
    """Yield the tables that were built, monthly facts by month, and the results of dbt's tests."""
    made = [each for each in report.results if each.unique_id in tables.key_of and not each.is_broken]
    shown = described(warehouse, [tables.key_of[each.unique_id].path[-1] for each in made])
    for result in report.results:
        if result.unique_id in tables.key_of and not result.is_broken:
            name = tables.key_of[result.unique_id].path[-1]
            yield from _of_table(tables, report, result, shown.get(name, {}))
        elif result.status != "skipped" and (check := tables.check_of(result.unique_id)) is not None:
            yield _of_test(check, result)
    for unique_id in tables.in_order(report.unmoved):
        # Dagster goes by the time: what is behind a gate would look older than its inputs.
        yield AssetMaterialization(tables.key_of[unique_id], metadata=verified(datetime.now(UTC)))


def verified(at: datetime) -> dict[str, str]:
    """Return the metadata of what was found up to date and left as it is."""
    return {"issue": "vérifié, inchangé", "verifie_a": at.isoformat()}


def _of_table(
    tables: Tables, report: BuildReport, result: NodeResult, shown: Mapping[str, dg.MetadataValue]
) -> Iterator[Event]:
    key = tables.key_of[result.unique_id]
    metadata = {"secondes": MetadataValue.float(round(result.seconds, 2)), **shown}
    if key not in tables.monthly:
        # The UI then shows that what is made from a gate is up to date.
        digest = report.gates.get(key.path[-1])
        yield AssetMaterialization(key, metadata=metadata, tags={DATA_VERSION: digest} if digest else None)
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


def _of_test(spec: dg.AssetCheckSpec, result: NodeResult) -> AssetCheckEvaluation:
    return AssetCheckEvaluation(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=result.status == "pass",
        severity=dg.AssetCheckSeverity.WARN if result.status == "warn" else dg.AssetCheckSeverity.ERROR,
        metadata={"lignes_en_defaut": result.failures or 0, **({"message": result.message} if result.message else {})},
        blocking=spec.blocking,
    )


def of_publication(publication: Publication) -> Iterator[Event]:
    """Yield the file that was put in place; nothing when it was there already."""
    if not publication.is_new:
        return
    metadata = {
        "publication_id": MetadataValue.text(publication.publication_id),
        "fichier": MetadataValue.path(str(publication.path)),
        "tables": MetadataValue.int(len(publication.tables)),
        "lignes": MetadataValue.int(sum(publication.tables.values())),
        "est_synthetique": MetadataValue.bool(publication.synthetic),
    }
    yield AssetMaterialization(PUBLICATION, metadata=metadata, tags={DATA_VERSION: publication.publication_id})


def nothing_to_do(reason: str) -> AssetObservation:
    """Return what a run leaves behind that found everything up to date."""
    return AssetObservation(PUBLICATION, metadata={"issue": f"rien à faire : {reason}"})


def log_all(context: dg.OpExecutionContext | dg.AssetExecutionContext, found: Iterable[Event]) -> None:
    """Record events with the run. Results of checks are taken too, although the declared type leaves them out."""
    # Our storage takes many at a time (docs/decisions/0040); any other stores each as it comes.
    together = getattr(context.instance.event_log_storage, "together", nullcontext)
    with together():
        for event in found:
            context.log_event(cast("dg.UserEvent", event))


def as_results(
    context: dg.AssetExecutionContext,
    found: Iterable[Event],
    summaries: Mapping[dg.AssetKey, Mapping[str, Any]] | None = None,
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Yield events as results of the assets that a run has selected; events of others are recorded beside them.

    A partitioned asset has one result, whose partitions carry the metadata of their events.

    Args:
        context: of the step.
        found: what was done.
        summaries: metadata of the results of assets that have one whatever was done.
    """
    selected, checks = context.selected_asset_keys, context.selected_asset_check_keys
    made: dict[dg.AssetKey, AssetMaterialization] = {}
    results: list[dg.AssetCheckResult] = []
    for event in found:
        if isinstance(event, AssetMaterialization) and event.asset_key in selected:
            made[event.asset_key] = event
            if event.partition is not None:
                context.add_asset_metadata(event.metadata, event.asset_key, event.partition)
        elif isinstance(event, AssetCheckEvaluation) and event.asset_check_key in checks:
            results.append(
                dg.AssetCheckResult(
                    asset_key=event.asset_key,
                    check_name=event.check_name,
                    passed=event.passed,
                    severity=event.severity,
                    metadata=event.metadata,
                )
            )
        else:
            log_all(context, [event])
    summaries = summaries or {}
    for key in [*made, *(each for each in summaries if each not in made)]:
        uncut = made[key] if key in made and made[key].partition is None else None
        version = (uncut.tags or {}).get(DATA_VERSION) if uncut is not None else None
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={**(uncut.metadata if uncut is not None else {}), **summaries.get(key, {})},
            data_version=dg.DataVersion(version) if version else None,
        )
    yield from results
