"""Published files as Arrow tables."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.file_formats import RawFile
from dataelec_assets.lake.reading import load


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
