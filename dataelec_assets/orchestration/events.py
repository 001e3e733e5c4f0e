"""What happened, as Dagster's events: materialisations by partition, observations, results of checks.

The same events are logged by a run and given by the sensor. They change nothing in the lake: a lost Dagster database
loses history, never data.
"""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
from dagster import AssetCheckEvaluation, AssetMaterialization, AssetObservation, MetadataValue

from dataelec_assets.catalog import Dataset
from dataelec_assets.house import House
from dataelec_assets.orchestration.asset_checks import AGE_CHECK, arrival_results
from dataelec_assets.orchestration.asset_keys import PUBLICATION, lake_key, raw_key, source_key
from dataelec_assets.orchestration.tables import Tables
from dataelec_assets.refresh.copies import CopyReport
from dataelec_assets.refresh.freshness import age_of
from dataelec_assets.refresh.observation import Observation
from dataelec_assets.refresh.sources import SourceReport
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.publish import Publication

Event = AssetMaterialization | AssetObservation | AssetCheckEvaluation

_VERSION = "dagster/data_version"


def of_observation(observation: Observation) -> Iterator[Event]:
    """Yield the data version of a source, and of each of its partitions that has moved."""
    dataset, report = observation.dataset, observation.report
    if report.version is None:
        return
    words = observation.plan.reasons() or "vérifié, inchangé"
    metadata = {"version_du_portail": report.version, "a_rafraichir": words}
    yield AssetObservation(source_key(dataset), metadata=metadata, tags={_VERSION: report.version})
    if observation.view is None or dataset.partitioning.grain == "none":
        return
    for stale in observation.plan.to_fetch:
        content = observation.view.partitions[stale.partition]
        yield AssetObservation(
            source_key(dataset),
            partition=stale.partition,
            metadata={"raison": stale.reason, "lignes": content.rows, "derniere_valeur": content.last or ""},
            tags={_VERSION: content.digest},
        )


def of_arrival(dataset: Dataset, report: SourceReport) -> Iterator[Event]:
    """Yield the partitions that were downloaded, and the results of the checks on arrival."""
    key, changed = raw_key(dataset), set(report.changed)
    for fetched in report.fetched:
        yield AssetMaterialization(
            key,
            partition=None if dataset.partitioning.grain == "none" else fetched.partition,
            metadata={
                "raison": fetched.reason,
                "contenu_nouveau": fetched.partition in changed,
                "version_du_portail": report.version or "",
            },
        )
    for result in arrival_results(key, report):
        yield _evaluation(result, blocking=True)


def of_copies(house: House, dataset: Dataset, report: CopyReport) -> Iterator[Event]:
    """Yield the Parquet partitions that were written, with what they hold."""
    for partition in report.rebuilt:
        info = report.index[partition]
        vintage = house.raw.newest(dataset.id, partition)
        yield AssetMaterialization(
            lake_key(dataset),
            partition=None if dataset.partitioning.grain == "none" else partition,
            metadata={
                "dagster/row_count": info.rows,
                "premiere_valeur": info.first or "",
                "derniere_valeur_mesuree": info.last_measured or "",
                "version_brute": vintage.sha256[:16] if vintage else "",
                "telechargee_a": vintage.fetched_at if vintage else "",
            },
            tags={_VERSION: info.signature[:32]},
        )
    yield of_age(house, dataset)


def of_age(house: House, dataset: Dataset) -> AssetCheckEvaluation:
    """Return the verdict on the newest measured value of a data set."""
    head = house.parquet.head(dataset)
    age = age_of(dataset, head.last_measured if head else None, house.now())
    return AssetCheckEvaluation(
        asset_key=lake_key(dataset),
        check_name=AGE_CHECK,
        passed=age.status == "pass",
        severity=dg.AssetCheckSeverity.WARN if age.status == "warn" else dg.AssetCheckSeverity.ERROR,
        metadata={
            "verdict": MetadataValue.text(age.words),
            "derniere_valeur_mesuree": MetadataValue.text((head.last_measured if head else None) or ""),
        },
        blocking=False,
    )


def of_build(tables: Tables, report: BuildReport) -> Iterator[Event]:
    """Yield the tables that were built, monthly facts by month, and the results of dbt's tests."""
    for result in report.results:
        if result.unique_id in tables.key_of and not result.is_broken:
            yield from _of_table(tables, report, result)
        elif result.unique_id in tables.check_of and result.status != "skipped":
            check = check_result(tables, result)
            yield _evaluation(check, blocking=bool(tables.check_of[result.unique_id].blocking))


def _of_table(tables: Tables, report: BuildReport, result: NodeResult) -> Iterator[Event]:
    key = tables.key_of[result.unique_id]
    metadata = table_metadata(report, result, key)
    if key not in tables.monthly:
        yield AssetMaterialization(key, metadata=metadata)
        return
    for month in months_of(tables, report, result):
        yield AssetMaterialization(key, partition=month, metadata=metadata)


def months_of(tables: Tables, report: BuildReport, result: NodeResult) -> list[str]:
    """Return the months of a monthly fact that a build has renewed.

    Those that have moved in one of its sources; when a source moved that is not cut by month, all that it can have.
    """
    upstream = {dataset.id: dataset.partitioning.grain for dataset in tables.upstream(result.unique_id)}
    moved = {each for each, _ in report.changed if each in upstream}
    if any(upstream[each] != "month" for each in moved):
        return [month for month in report.months if tables.can_have(result.unique_id, month)]
    return sorted({partition for each, partition in report.changed if each in moved})


def table_metadata(report: BuildReport, result: NodeResult, key: dg.AssetKey) -> dict[str, dg.MetadataValue]:
    """Return what is shown of a table that was built."""
    metadata: dict[str, dg.MetadataValue] = {"secondes": MetadataValue.float(result.seconds)}
    name = key.path[-1]
    if name in report.rows:
        metadata["dagster/row_count"] = MetadataValue.int(report.rows[name])
    if name in report.previews:
        metadata["apercu"] = MetadataValue.md(report.previews[name])
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
        metadata={"lignes_en_defaut": result.failures or 0, "message": result.message or ""},
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
