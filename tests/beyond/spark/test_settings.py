"""Each setting of the session changes an answer: with Spark's own default the answer is another one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark", reason="Spark is in the environment of `make beyond`")

from pyspark.errors import NumberFormatException, PySparkException

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.beyond, pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning")]


def otherwise(spark: SparkSession, name: str, value: str) -> SparkSession:
    """Return a session of the same machine with another value of one setting."""
    from dataelec_assets.warehouse.spark_session import MEANING

    other = spark.newSession()
    for each, own in (MEANING | {name: value}).items():
        other.conf.set(each, own)
    return other


def test_instants_are_cut_in_utc(spark: SparkSession) -> None:
    query = "select cast(timestamp_seconds(1774744200) as date)"  # 2026-03-29T00:30Z
    assert spark.sql(query).collect() == [(date(2026, 3, 29),)]
    assert otherwise(spark, "spark.sql.session.timeZone", "America/New_York").sql(query).collect() == [
        (date(2026, 3, 28),)
    ]


def test_a_partition_is_a_text(spark: SparkSession, tmp_path: Path) -> None:
    for year in ("0201", "0202"):
        (tmp_path / f"annee={year}").mkdir()
        pq.write_table(pa.table({"x": [1]}), tmp_path / f"annee={year}" / "part.parquet")
    query = f"select annee from parquet.`{tmp_path}` order by 1"
    assert spark.sql(query).collect() == [("0201",), ("0202",)]
    other = otherwise(spark, "spark.sql.sources.partitionColumnTypeInference.enabled", "true")
    assert other.sql(query).collect() == [(201,), (202,)]


def test_a_cast_that_fails_is_an_error(spark: SparkSession) -> None:
    query = "select cast('x' as int)"
    with pytest.raises(NumberFormatException):
        spark.sql(query).collect()
    assert otherwise(spark, "spark.sql.ansi.enabled", "false").sql(query).collect() == [(None,)]


def test_double_quotes_name_a_column(spark: SparkSession) -> None:
    query = 'select "x" from (select 1 as x)'
    assert spark.sql(query).collect() == [(1,)]
    assert otherwise(spark, "spark.sql.ansi.doubleQuotedIdentifiers", "false").sql(query).collect() == [("x",)]


def test_timestamps_are_written_in_microseconds(spark: SparkSession, tmp_path: Path) -> None:
    def physical(session: SparkSession, folder: Path) -> str:
        session.sql("select timestamp_seconds(0) as instant").write.parquet(str(folder))
        return str(pq.ParquetFile(next(folder.glob("*.parquet"))).schema.column(0).physical_type)

    assert physical(spark, tmp_path / "ours") == "INT64"
    other = otherwise(spark, "spark.sql.parquet.outputTimestampType", "INT96")
    assert physical(other, tmp_path / "other") == "INT96"


def test_a_table_is_made_again_in_its_folder(spark: SparkSession, tmp_path: Path) -> None:
    def made(session: SparkSession, rows: str) -> None:
        session.sql("drop table if exists refaite")
        session.sql(f"create table refaite using parquet location '{tmp_path}/refaite' as {rows}")

    made(spark, "select 1 as x union all select 2")
    made(spark, "select 3 as x")
    assert spark.table("refaite").collect() == [(3,)]
    with pytest.raises(PySparkException, match="non-empty"):
        made(otherwise(spark, "spark.sql.legacy.allowNonEmptyLocationInCTAS", "false"), "select 4 as x")
    spark.sql("drop table if exists refaite")


def test_nulls_come_first_unless_a_query_says_otherwise(spark: SparkSession) -> None:
    """No setting: models say ``nulls last`` where it matters."""
    rows = "from values (1), (cast(null as int)) as lus (x)"
    assert spark.sql(f"select x {rows} order by x").collect() == [(None,), (1,)]
    assert spark.sql(f"select x {rows} order by x nulls last").collect() == [(1,), (None,)]


def test_where_may_be_the_name_of_a_table(spark: SparkSession) -> None:
    """Why ``lignes_a_lire`` begins with ``where true``: reserving its name would forbid ``group by all`` too."""
    jours = "(select false as est_ferie)"
    assert spark.sql(f"select count(*) from {jours} where (est_ferie)").collect() == [(1,)]
    assert spark.sql(f"select count(*) from {jours} where true and (est_ferie)").collect() == [(0,)]


def test_dbt_spark_does_not_escape_the_apostrophes_of_seeds() -> None:
    """Why ``spark__load_csv_rows`` is ours."""
    from dbt.adapters.spark.session import SessionConnectionWrapper

    assert SessionConnectionWrapper._fix_binding("Côtes-d'Armor") == "'Côtes-d'Armor'"
