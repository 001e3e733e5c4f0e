"""The Spark session of the project: everything that makes Spark answer as DuckDB does is set here, and only here."""

from __future__ import annotations

import os
import shutil
import socket
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

# Seconds in which a machine answers that is there. Spark itself asks for one minute, Spark Connect for ten.
_PATIENCE = 10.0

# What Spark may write of its own accord.
_LOG = Path(__file__).with_name("spark_log.properties")

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
    "spark.driver.defaultJavaOptions": f"-Dlog4j2.configurationFile={_LOG.as_uri()}",
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
        SettingsError: what Spark needs on this machine is not installed.
        WarehouseError: nobody answers at the address, or Spark cannot be started.
    """
    address = address or LOCAL
    require(address)
    _ask(address)
    # It says so of itself at the first use of Arrow; nothing here goes by way of pandas.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.logger import PySparkLogger
    from pyspark.sql import SparkSession

    # It writes the stack of every statement that fails; dbt's result says what has.
    PySparkLogger.getLogger("SQLQueryContextLogger").disabled = True
    builder = SparkSession.builder.appName("dataelec")
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
        return builder.getOrCreate()
    except (PySparkException, Py4JError, OSError) as error:
        raise WarehouseError(
            f"Spark ({address}) cannot be started: {_reason(error)}",
            advice="What is served is unchanged. It needs Java 17 or later, and a cluster of the same version.",
        ) from error


def _reason(error: Exception) -> str:
    """Return what an error says of itself, in one line; of one in Java, what Java says."""
    return str(getattr(error, "java_exception", None) or error).strip().splitlines()[0]


def _ask(address: str) -> None:
    """Make sure that a cluster listens, one of its masters at least.

    Raises:
        WarehouseError: nobody does.
    """
    if address.startswith("local"):
        return
    fault = ""
    for each in address.partition("://")[2].split(","):
        host, _, port = each.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
        except (OSError, OverflowError, ValueError) as error:  # also of a port that is missing, or above 65535
            fault = str(error)
        else:
            return
    raise WarehouseError(
        f"Nobody answers at {address}: {fault}.",
        advice="What is served is unchanged. Start Spark there, or unset DATAELEC_SPARK to build in this process.",
    )


def require(address: str | None = None) -> None:
    """Make sure that what Spark needs on this machine is installed.

    Args:
        address: as for :func:`open_session`.

    Raises:
        SettingsError: pyspark, dbt-spark, what Spark Connect needs besides, or Java is not installed.
    """
    by_connect = (address or LOCAL).startswith(_CONNECT)
    needed = {"pyspark": "pyspark", "dbt.adapters.spark": "dbt-spark"}
    if by_connect:
        needed["grpc_status"] = "grpcio-status"
    lacking = [package for name, package in needed.items() if find_spec(name) is None]
    if lacking:
        raise SettingsError(
            f"Not installed, and needed for --engine spark: {', '.join(lacking)}.",
            advice="Install it with `pip install 'dataelec-assets[spark]'`, or run `make spark` in a checkout.",
        )
    if not by_connect and shutil.which("java", path=_java_folders()) is None:
        raise SettingsError(
            "--engine spark needs Java 17: found no `java` on the PATH or in JAVA_HOME.",
            advice="Install it (Debian: apt-get install openjdk-17-jre-headless).",
        )


def _java_folders() -> str:
    home = os.environ.get("JAVA_HOME")
    return os.pathsep.join([*([f"{home}/bin"] if home else ()), os.environ.get("PATH", os.defpath)])
