"""The lake's Parquet files as Spark sees them: one view per source of dbt, over the files that the lake lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataelec_assets.errors import LakeError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# The partition that gives a table its columns before it has any row.
_EMPTY = re.compile(r"(^|[=/])_?vide/")

# How a source names its files (warehouse/sources.py).
_LOCATION = re.compile(r"read_parquet\('(?P<files>[^']+)'")


def show_sources(session: SparkSession, sources: Iterable[Mapping[str, Any]], parquet: Path) -> None:
    """Create or replace the views by which models read the lake.

    Args:
        session: where.
        sources: dbt's sources, as in its manifest.
        parquet: folder of the lake's Parquet files.

    Raises:
        LakeError: a source has no file.
    """
    for source in sources:
        session.sql(f"create schema if not exists {source['schema']}")
        session.sql(
            f"create or replace view {source['schema']}.{source['identifier']} as select * from "
            + _relation(source, parquet)
        )


def _relation(source: Mapping[str, Any], parquet: Path) -> str:
    """Return the files of a source as a relation of Spark: listed one by one, with their partition as a column."""
    found = _LOCATION.search(source["config"]["meta"]["external_location"])
    pattern = found["files"] if found else source["identifier"]
    table = pattern.split("/", 1)[0]
    files = sorted(path.relative_to(parquet / table).as_posix() for path in parquet.glob(pattern))
    if not files:
        raise LakeError(f"{parquet / table} holds no Parquet file.", advice="Run `dataelec refresh` first.")
    base = (parquet / table).resolve().as_posix()
    # Spark reads the name of a partition as a value even where it holds no row, and `vide` is neither month nor year.
    filled = [file for file in files if not _EMPTY.search(file)]
    listed = ",".join(filled or files)
    relation = f"parquet.`{base}/{{{listed}}}`" if "," in listed else f"parquet.`{base}/{listed}`"
    return f"{relation} with (basePath = '{base}')" + ("" if filled else " where false")
