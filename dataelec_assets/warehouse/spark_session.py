"""The Spark session of the project: everything that makes Spark answer as DuckDB does is set here, and only here."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from dataelec_assets.errors import SettingsError, WarehouseError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Where no address is given: this process, on two cores.
LOCAL = "local[2]"

# A cluster that is asked by Spark Connect is there already, with its own catalogue of tables.
_CONNECT = "sc://"

# What a query means. Each is a difference that would otherwise pass unseen (tests/beyond/spark/test_settings.py).
MEANING = {
    # Instants are shown and cut in UTC, whatever the machine's zone.
    "spark.sql.session.timeZone": "UTC",
    # `mois=2025-01` and `annee=2024` are texts, as in the contracts.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    # A cast that fails, or a division by zero, is an error. dbt-spark sets the contrary on each statement.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    # INT96, the default, is deprecated, and DuckDB reads it as nanoseconds.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}

# What keeps Spark 4.3.0 from failing, or small tables from costing much.
_CARE = {
    # "unresolved operator Filter dynamicpruning": SPARK 4.3.0 fails on three of our models with it.
    "spark.sql.optimizer.dynamicPartitionPruning.enabled": "false",
    # A table is made again in the folder that it has.
    "spark.sql.legacy.allowNonEmptyLocationInCTAS": "true",
    "spark.sql.parquet.compression.codec": "zstd",
}

# For a session of this process only: a server has its own.
_OWN = {
    "spark.sql.catalogImplementation": "in-memory",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # What fails is said by dbt's result.
    "spark.log.level": "ERROR",
}

# For one machine: nobody else connects.
_ALONE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # Tables of France are small: two hundred tasks, the default, for each step would be empty ones. Larger ones are
    # cut by `spark.sql.files.maxPartitionBytes` when they are read.
    "spark.sql.shuffle.partitions": "4",
}


def open_session(
    address: str | None, warehouse: Path, *, memory: str = "2g", options: Mapping[str, str] | None = None
) -> SparkSession:
    """Return a session that answers as DuckDB does.

    Args:
        address: ``local[2]``, ``spark://host:7077`` (a standalone cluster), ``sc://host:15002`` (Spark Connect); None:
            this process.
        warehouse: folder of the tables; every machine of the cluster sees it under this path.
        memory: of this process, as Spark writes it.
        options: of Spark besides, for a session of this process.

    Raises:
        SettingsError: pyspark or Java is not installed.
        WarehouseError: nobody answers at the address.
    """
    require()
    # It says so of itself at the first use of Arrow; nothing here goes by way of pandas.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("dataelec")
    address = address or LOCAL
    if address.startswith(_CONNECT):
        builder = builder.remote(address)
    else:
        builder = builder.master(address)
        own = {**_OWN, "spark.sql.warehouse.dir": warehouse.resolve().as_uri(), "spark.driver.memory": memory}
        if address.startswith("local"):
            own |= _ALONE
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        for name, value in (own | dict(options or {})).items():
            builder = builder.config(name, value)
    for name, value in (MEANING | _CARE).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, Py4JError, OSError) as error:
        raise WarehouseError(
            f"Spark at {address} does not answer: {str(error).splitlines()[0]}",
            advice="Start it, or unset DATAELEC_SPARK to use this process.",
        ) from error
    return session


def require() -> None:
    """Make sure that Spark can be started.

    Raises:
        SettingsError: pyspark, dbt-spark or Java is not installed.
    """
    lacking = [name for name in ("pyspark", "dbt.adapters.spark") if find_spec(name) is None]
    if lacking:
        raise SettingsError(
            f"--engine spark needs {' and '.join(lacking)}, which is not installed.",
            advice="Install it with `pip install 'dataelec-assets[spark]'`, or run `make spark` in a checkout.",
        )
    if shutil.which("java") is None:
        raise SettingsError(
            "--engine spark needs Java 17, and no `java` is on the PATH.",
            advice="Install it (Debian: apt-get install openjdk-17-jre-headless).",
        )
