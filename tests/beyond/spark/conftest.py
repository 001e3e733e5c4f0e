"""One session of Spark for all tests of a process: it takes seconds to start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.beyond.spark.engines import QUICK, Engines
from tests.dbt.lakes import TinyLake

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Return a session of this process."""
    from dataelec_assets.warehouse.spark_session import open_session

    session = open_session(None, tmp_path_factory.mktemp("tables"), memory="1g", options=QUICK)
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def engines(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Engines:
    """Return a lake without rows, to be built on both engines."""
    return Engines(TinyLake.empty(tmp_path_factory.mktemp("engines") / "lake"), spark)
