"""A data set is added with one entry and one fixture: fetched, copied and shown without another line of code."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from dataelec_assets.catalog import Catalog, Column, Dataset, Partitioning, load_catalog
from dataelec_assets.database import connect
from dataelec_assets.defs.ingestion_assets import lake_asset, raw_asset
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.sources import sources_yaml
from tests.published import serving
from tests.reading import copies

ECOWATT = Dataset(
    portal="odre",
    id="nouveau-signal-ecowatt",
    title="Signal EcoWatt",
    publisher="RTE",
    cadence="daily",
    expected_lag=timedelta(days=1),
    history_start=date(2022, 9, 1),
    partitioning=Partitioning("year", on="date"),
    key=("date",),
    fingerprint=("h0",),
    columns=(
        Column("date", "date", labels=("Date",), nullable=False, description="Jour"),
        Column("couleur_du_jour", "text", labels=("Couleur du jour",), description="Couleur"),
        Column("h0", "int", labels=("h0",), description="Signal de minuit"),
    ),
)

FIXTURE = "Date;Couleur du jour;h0\n2022-12-31;vert;1\n2023-01-02;rouge;3\n2023-01-01;orange;2\n"


@pytest.fixture
def ctx(tmp_path: Path) -> RunContext:
    folder = tmp_path / "data" / "odre" / ECOWATT.id
    folder.mkdir(parents=True)
    (folder / f"{ECOWATT.id}.csv").write_text(FIXTURE, encoding="utf-8")
    return RunContext(Settings(lake=tmp_path / "lake"), Catalog([*load_catalog().values(), ECOWATT]))


def test_it_is_fetched_by_year_and_copied_with_its_types(ctx: RunContext, tmp_path: Path) -> None:
    with serving(tmp_path / "data", ctx.catalog) as portal:
        served = RunContext(Settings(lake=tmp_path / "lake", odre_url=f"{portal.url}/odre"), ctx.catalog)
        report = refresh_source(served, ECOWATT, SilentProgress())
    assert report.error is None
    assert report.changed == ["2022", "2023"]
    refresh_copies(served, ECOWATT)
    query = f"SELECT annee, date, couleur_du_jour, h0 FROM {copies(served, ECOWATT)} ORDER BY date"
    assert connect().execute(query).fetchall() == [
        ("2022", date(2022, 12, 31), "vert", 1),
        ("2023", date(2023, 1, 1), "orange", 2),
        ("2023", date(2023, 1, 2), "rouge", 3),
    ]


def test_its_assets_and_its_dbt_source_come_from_the_entry(ctx: RunContext) -> None:
    raw, lake = raw_asset(ECOWATT, "consommation"), lake_asset(ECOWATT, "consommation")
    assert lake.partitions_def is not None
    assert lake.partitions_def.get_partition_keys()[0] == "2022"
    assert [key.path for key in (*raw.keys, *lake.keys)] == [
        ["raw", "nouveau_signal_ecowatt"],
        ["lake", "nouveau_signal_ecowatt"],
    ]
    tables = yaml.safe_load(sources_yaml(ctx.catalog.values(), "odre"))["sources"][0]["tables"]
    columns = next(each["columns"] for each in tables if each["name"] == ECOWATT.table)
    assert [(column["name"], column["data_type"]) for column in columns] == [
        ("date", "date"),
        ("couleur_du_jour", "varchar"),
        ("h0", "integer"),
    ]
