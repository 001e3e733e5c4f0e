"""Every model and every check on Spark, on the small France and on published files: `dataelec diff` finds nothing.

So it is where a lake has moved by one month that changed, one that vanished and one that came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.commands.build import build_tables
from dataelec_assets.commands.refresh import run_refresh
from dataelec_assets.pipeline import build, publish_tables
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample import generate
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.diff import Difference, compare_publications
from dataelec_assets.warehouse.spark_build import build_on_spark, tables_folder
from dataelec_assets.warehouse.spark_publish import publish_from_spark, served_folder
from dataelec_assets.warehouse.spark_session import open_session
from tests.beyond.spark.engines import SHORT
from tests.dbt.lakes import TinyLake

pytest.importorskip("pyspark", reason="Spark is in the environment of `make beyond`")

pytestmark = [
    pytest.mark.beyond,
    pytest.mark.whole,
    # Both engines, one after the other, on two busy cores.
    pytest.mark.timeout(5400),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning"),
]

# Of the national eco2mix, which feeds facts by month, sums by year and models in Python.
NATIONAL = "eco2mix-national-cons-def"
GONE, CHANGED, NEW = "2023-02", "2023-04", "2023-09"


@dataclass(frozen=True)
class Both:
    """A lake that both engines build from."""

    ctx: RunContext

    @classmethod
    def of(cls, lake: Path, folder: Path) -> Both:
        """Return a lake with what is in a folder of published files."""
        ctx = RunContext(Settings(lake=lake, folder=folder))
        run_refresh(ctx=ctx, quiet=True)
        return cls(ctx)

    def build(self) -> tuple[BuildReport, BuildReport]:
        """Build everything on DuckDB and what is behind on Spark, and publish both."""
        on_duckdb = build(self.ctx, full=True)
        publish_tables(self.ctx, on_duckdb.kept)
        session = open_session(None, tables_folder(self.ctx.paths), options=SHORT)
        try:
            on_spark = build_on_spark(self.ctx, session)
        finally:
            session.stop()
        assert on_spark.broken == []
        publish_from_spark(self.ctx)
        return on_duckdb.report, on_spark

    def moved(self, dataset_id: str) -> None:
        """Write the digest of copies that a test has written by hand: it tells publications apart."""
        dataset = self.ctx.catalog[dataset_id]
        self.ctx.parquet.write_head(dataset, self.ctx.partition_signatures(dataset))

    def differences(self) -> list[Difference]:
        """Return what differs between the two publications."""
        return compare_publications(self.ctx.paths.served_file, served_folder(self.ctx.paths))

    def files(self) -> dict[str, dict[str, set[str]]]:
        """Return the names of Spark's files, by table and by month, empty where a table is not cut by month."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for file in tables_folder(self.ctx.paths).rglob("*.parquet"):
            schema, table, *month, name = file.relative_to(tables_folder(self.ctx.paths)).parts
            if not table.endswith("__dbt_tmp"):  # what was left of a table, while it was written again
                found[f"{schema}/{table}"]["".join(month).removeprefix("mois=")].add(name)
        return found


def compared(both: Both) -> None:
    """Build a lake on both engines, and compare what both find and serve."""
    on_duckdb, on_spark = both.build()
    assert on_spark.kind == "full"
    assert found_by(on_spark) == found_by(on_duckdb)
    assert both.differences() == []
    again, _ = build_tables("spark", ctx=both.ctx)
    assert again["kind"] == "nothing"


def found_by(report: BuildReport) -> dict[str, tuple[str, int | None]]:
    """Return what became of each check, and in how many rows."""
    return {
        each.unique_id: (each.status, each.failures) for each in report.results if each.unique_id.startswith("test.")
    }


def months_of(
    before: Mapping[str, Mapping[str, set[str]]], after: Mapping[str, Mapping[str, set[str]]]
) -> dict[str, set[str]]:
    """Return the months of each table whose files are others, with the empty one where it is not cut by month."""
    moved = {
        table: {month for month in old.keys() | after[table].keys() if old.get(month) != after[table].get(month)}
        for table, old in before.items()
    }
    return {table: months for table, months in moved.items() if months}


def test_the_small_france_is_the_same_on_both_engines_and_so_are_months_that_move(tmp_path: Path) -> None:
    both = Both.of(tmp_path / "lake", generate(tmp_path / "sample", years=1).destination)
    lake, dataset, parquet = TinyLake(tmp_path / "lake"), both.ctx.catalog[NATIONAL], both.ctx.parquet
    later = pq.read_table(parquet.file(dataset, NEW))
    lake.drop(NATIONAL, NEW)
    both.moved(NATIONAL)
    compared(both)

    before, rows = both.files(), pq.read_table(parquet.file(dataset, CHANGED))
    place, consumption = rows.schema.get_field_index("consommation"), rows["consommation"].to_pylist()
    consumption[100] += 500
    lake.store(
        NATIONAL,
        CHANGED,
        rows.set_column(place, rows.schema.field(place), pa.array(consumption, rows.schema.field(place).type)),
    )
    lake.drop(NATIONAL, GONE)
    lake.store(NATIONAL, NEW, later)
    both.moved(NATIONAL)
    _, report = both.build()
    assert (report.kind, report.months) == ("months", [GONE, CHANGED, NEW])
    assert both.differences() == []
    assert found_by(report)["test.dataelec.fct_eco2mix_national_bilan"] == ("warn", 1)
    moved = months_of(before, both.files())
    assert moved["main/fct_eco2mix_national"] == {GONE, CHANGED, NEW}
    cut = {table for table in moved if "" not in before[table]}
    assert {table: moved[table] - {GONE, CHANGED, NEW} for table in cut} == {table: set() for table in cut}
    built = {each.unique_id.rsplit(".", 1)[-1] for each in report.results}
    assert {table.partition("/")[2] for table in moved} <= built
    assert not {"main/fct_eco2mix_regional", "main/fct_stock_gaz", "main/dim_commune"} & moved.keys()


@pytest.mark.real
def test_published_files_are_the_same_on_both_engines(tmp_path: Path, real_data: Path) -> None:
    compared(Both.of(tmp_path / "lake", real_data))
