"""The same lake, the same models and the same macros on both engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.warehouse import project
from dataelec_assets.warehouse.parse import LOCAL, ensure_parse
from dataelec_assets.warehouse.runner import invoke
from dataelec_assets.warehouse.spark_build import TARGET, run_dbt_on_spark
from dataelec_assets.warehouse.spark_models import steps_on_arrow
from dataelec_assets.warehouse.spark_sources import show_sources_on_spark
from tests.dbt.lakes import TinyLake, found_by, name_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Java that runs for minutes: compiling once, in more room than it takes for that by default, and collecting simply.
SHORT = {"spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC"}

# Few rows: no query is worth compiling.
QUICK = SHORT | {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "2",
}

Rows = list[tuple[Any, ...]]


class Engines:
    """A lake with its tables on DuckDB and on Spark."""

    def __init__(self, lake: TinyLake, spark: SparkSession) -> None:
        self.lake = lake
        self.spark = spark

    def make(self, *select: str, months: Sequence[str] = ()) -> None:
        """Build some models on both; their checks find the same, and nothing that blocks."""
        on_duckdb = found_by(self.lake.dbt(*self._build(select), months=months))
        on_spark = found_by(self.on_spark(*self._build(select), months=months))
        assert on_duckdb == on_spark, f"DuckDB finds {on_duckdb}, Spark {on_spark}"
        assert "fail" not in on_spark.values(), on_spark

    def on_spark(self, *arguments: str, months: Sequence[str] = ()) -> dict[str, Any]:
        """Run dbt on Spark and return its results by name."""
        show_sources_on_spark(self.spark, self.lake.paths, load_catalog().values())
        results = run_dbt_on_spark(self.lake.paths, self.spark, arguments, months=months)
        return {name_of(each): each for each in results}

    def rows(self, table: str, columns: str) -> tuple[Rows, Rows]:
        """Return the rows of a table on DuckDB and on Spark, sorted."""
        query = f"SELECT {columns} FROM {table}"
        with connect(self.lake.paths.warehouse, read_only=True) as connection:
            there = connection.sql(query).fetchall()
        return sorted(there, key=str), sorted((tuple(each) for each in self.spark.sql(query).collect()), key=str)

    def answers(self, sql: str) -> tuple[Rows, Rows]:
        """Return what a query with macros answers on DuckDB and on Spark."""
        texts = {target: self._compiled(sql, target) for target in (LOCAL, TARGET)}
        with connect() as connection:
            there = connection.sql(texts[LOCAL]).fetchall()
        return there, [tuple(each) for each in self.spark.sql(texts[TARGET]).collect()]

    def _compiled(self, sql: str, target: str) -> str:
        paths = self.lake.paths
        paths.warehouse.parent.mkdir(exist_ok=True)
        values = {
            **dict.fromkeys(("DATAELEC_MOIS", "DATAELEC_INTACTS", "DATAELEC_TABLES_VIDES"), ""),
            "DATAELEC_WAREHOUSE": str(paths.warehouse),
            "DATAELEC_LAKE_PARQUET": str(paths.parquet),
        }
        with steps_on_arrow(self.spark, str(paths.root)):
            result = invoke(
                ["compile", "--inline", sql, "--target", target],
                project=project.PROJECT_DIR,
                work=paths.root / "dbt",
                values=values,
                manifest=ensure_parse(paths, target).manifest(),
            )
        return str(result.results[0].node.compiled_code)

    @staticmethod
    def _build(select: Sequence[str]) -> list[str]:
        return [
            "build",
            "--exclude-resource-type",
            "unit_test",
            "--indirect-selection",
            "buildable",
            "--select",
            *select,
        ]
