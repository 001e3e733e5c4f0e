"""Data sets that are cut by year, by edition or not at all, as Dagster sees them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from dataelec_assets.catalog import Catalog, Dataset, Partitioning, load_catalog
from dataelec_assets.defs import events
from dataelec_assets.defs.asset_keys import raw_key
from dataelec_assets.defs.ingestion_assets import lake_asset, raw_asset
from dataelec_assets.defs.partitions import months_from, partitions_of
from dataelec_assets.defs.sources import source_spec
from dataelec_assets.defs.tables import Tables
from dataelec_assets.defs.translator import Translator
from dataelec_assets.ingest.copies import CopyReport
from dataelec_assets.ingest.observe import Observation, PortalView
from dataelec_assets.ingest.plan import Plan, Stale
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.partition_index import PartitionInfo
from dataelec_assets.portals.client import DatasetMetadata
from dataelec_assets.portals.fingerprints import Fingerprint
from dataelec_assets.portals.partition_filters import ALL
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.dbt import NodeResult
from tests.ingest.other_portals import CONSUMPTION, POPULATION

UNCUT = replace(CONSUMPTION, id="consommation-essai-entiere", partitioning=Partitioning("none"), dated_by="annee")
MONTHLY = load_catalog()["temperature-quotidienne-regionale"]
VERSION = datetime(2026, 1, 15, tzinfo=UTC)

CASES = [(CONSUMPTION, "2022", "2022"), (POPULATION, "2020", "2020"), (UNCUT, ALL, None)]


def test_years_begin_with_the_history_and_editions_are_those_of_the_catalogue() -> None:
    years, editions = partitions_of(CONSUMPTION), partitions_of(POPULATION)
    assert years is not None
    assert years.get_partition_keys()[:3] == ["2021", "2022", "2023"]
    assert editions is not None
    assert editions.get_partition_keys() == ["2019", "2020", "2022"]
    assert partitions_of(UNCUT) is None


@pytest.mark.parametrize("dataset", [CONSUMPTION, POPULATION, UNCUT])
def test_assets_of_every_grain_can_be_defined(dataset: Dataset) -> None:
    assets = [raw_asset(dataset, "essai"), lake_asset(dataset, "essai")]
    assert all(asset.partitions_def == partitions_of(dataset) for asset in assets)
    assert source_spec(dataset, "essai").kinds == {dataset.info.api}


@pytest.mark.parametrize(("dataset", "partition", "recorded"), CASES)
def test_events_name_the_partition_where_there_is_one(
    dataset: Dataset, partition: str, recorded: str | None, tmp_path: Path
) -> None:
    metadata = DatasetMetadata(dataset.id, "x", VERSION, 8, (), synthetic=False)
    report = SourceReport(dataset.id, "refreshed", [Stale(partition, "revised")], [partition], 8, version="v")
    plan = Plan((Stale(partition, "revised"),))
    seen = Observation(dataset, plan, report, PortalView(metadata, {partition: Fingerprint(8)}))
    observed = [each.partition for each in events.of_observation(seen) if isinstance(each, dg.AssetObservation)]
    assert observed[1:] == ([] if recorded is None else [recorded])
    assert observed[0] is None

    ctx = RunContext(Settings(lake=tmp_path), Catalog([dataset]))
    arrived = [each for each in events.of_arrival(ctx, dataset, report) if isinstance(each, dg.AssetMaterialization)]
    assert [(each.asset_key, each.partition) for each in arrived] == [(raw_key(dataset), recorded)]

    ctx.parquet.ensure_readable(dataset)
    index = {partition: PartitionInfo("s" * 64, 8, None, None, None)}
    ctx.parquet.write_index(dataset, index)
    file = ctx.parquet.file(dataset, partition)
    file.parent.mkdir(parents=True)
    shutil.copyfile(ctx.parquet.empty_part(dataset), file)
    copies = CopyReport(dataset.id, [partition], index)
    copied = [e for e in events.of_copies(ctx, dataset, copies) if isinstance(e, dg.AssetMaterialization)]
    assert [each.partition for each in copied] == [recorded]


def monthly_fact(*upstream: Dataset) -> Tables:
    """Return what is known of one monthly fact made from some data sets."""

    class OneFact(Tables):
        def upstream(self, unique_id: str) -> list[Dataset]:
            assert unique_id == "model.x.fait"
            return list(upstream)

        def reads_revisions(self, unique_id: str) -> bool:
            return unique_id != "model.x.fait"

        def can_have(self, unique_id: str, month: str) -> bool:
            assert unique_id == "model.x.fait"
            return months_from(date(2023, 2, 1)).has_partition_key(month)

    return OneFact(Catalog(list(upstream)), Path("unread"))


def test_a_monthly_fact_records_the_months_that_moved_and_all_of_them_when_a_year_did() -> None:
    tables, fact = monthly_fact(MONTHLY, POPULATION), NodeResult("model.x.fait", "success", None, None, 0.1)
    moved = BuildReport("months", ["2023-03"], changed=[(MONTHLY.id, "2023-03"), (CONSUMPTION.id, "2022")])
    assert events.months_of(tables, moved, fact) == ["2023-03"]
    changed = [(MONTHLY.id, "2023-03"), (POPULATION.id, "2022")]
    # January is of another fact.
    whole = BuildReport("months", ["2023-01", "2023-02", "2023-03"], changed=changed)
    assert events.months_of(tables, whole, fact) == ["2023-02", "2023-03"]


def test_the_months_of_a_fact_begin_with_its_monthly_sources() -> None:
    older = replace(POPULATION, history_start=date(1999, 1, 1))
    months = Translator._months([MONTHLY, older, CONSUMPTION]).get_partition_keys()
    assert months[0] == f"{MONTHLY.history_start:%Y-%m}"
