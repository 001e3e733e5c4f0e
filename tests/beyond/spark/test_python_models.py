"""A model in Python that renews some keys leaves the other rows, and may give none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyspark", reason="Spark is in the environment of `make beyond`")

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [pytest.mark.beyond, pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning")]

# A model, with what dbt writes behind it.
CODE = """
import pyarrow as pa

SCHEMA = pa.schema([("cle", pa.string()), ("valeurs", pa.list_(pa.float64()))])

class dbtObj:
    def __init__(self, load):
        self.is_incremental = True

def model(dbt, session):
    return pa.Table.from_pylist({rows}, schema=SCHEMA)
"""

MODEL = {"schema": "essai", "alias": "modele", "original_file_path": "modele.py", "config": {"unique_key": "cle"}}


@pytest.fixture
def folder(spark: SparkSession, tmp_path: Path) -> Path:
    """Return the folder of a table that is not there yet."""
    spark.sql("create schema if not exists essai")
    spark.sql("drop table if exists essai.modele")
    return tmp_path


def rows_after(spark: SparkSession, folder: Path, *given: tuple[str, Sequence[float]]) -> list[tuple[str, list[float]]]:
    """Return the rows of the table once the model has given these."""
    from dataelec_assets.warehouse.spark_models import run_model

    rows = [{"cle": key, "valeurs": list(values)} for key, values in given]
    run_model(spark, str(folder), MODEL, CODE.replace("{rows}", repr(rows)))
    return sorted((each.cle, each.valeurs) for each in spark.table("essai.modele").collect())


def test_keys_that_it_gives_are_replaced_and_others_stay(spark: SparkSession, folder: Path) -> None:
    assert rows_after(spark, folder, ("a", [1.0]), ("b", [2.0])) == [("a", [1.0]), ("b", [2.0])]
    assert rows_after(spark, folder, ("b", [3.0, 4.0]), ("c", [])) == [("a", [1.0]), ("b", [3.0, 4.0]), ("c", [])]
    assert rows_after(spark, folder) == [("a", [1.0]), ("b", [3.0, 4.0]), ("c", [])]


def test_it_may_give_no_row_twice(spark: SparkSession, folder: Path) -> None:
    assert rows_after(spark, folder) == []
    assert rows_after(spark, folder) == []
    assert spark.table("essai.modele").columns == ["cle", "valeurs"]
