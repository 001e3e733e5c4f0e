"""Published files as Arrow tables."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import literal
from dataelec_assets.lake.file_formats import RawFile
from dataelec_assets.lake.reading import load
from dataelec_assets.run_context import RunContext


def read_table(connection: duckdb.DuckDBPyConnection, dataset: Dataset, raw: RawFile) -> pa.Table:
    """Return a published file as an Arrow table, typed by the contract, sorted by key, instants in UTC.

    Raises:
        ContractViolation: see :func:`~dataelec_assets.lake.reading.load`.
    """
    cursor = connection.cursor()
    load(cursor, dataset, raw, "arrival")
    return arrow_of(cursor, "arrival")


def arrow_of(cursor: duckdb.DuckDBPyConnection, table: str) -> pa.Table:
    """Return a temporary table as Arrow, in the order of its rows."""
    return cursor.sql(f"FROM {table}").to_arrow_table()


def copies(ctx: RunContext, dataset: Dataset) -> str:
    """Return an SQL source of the present Parquet copies of a data set, with the column of their partitions."""
    files = ", ".join(literal(str(file)) for file in ctx.parquet.files(dataset))
    return f"read_parquet([{files}], hive_partitioning = true, hive_types_autocast = false)"
