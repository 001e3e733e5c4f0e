"""The lake's Parquet files as Spark sees them: a view for each source of dbt, over the files that indexes name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.parquet import EMPTY_PARTITION
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.write_through import bring
from dataelec_assets.warehouse.source_views import source_files

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def show_sources_on_spark(session: SparkSession, paths: LakePaths, datasets: Iterable[Dataset]) -> None:
    """Create or replace the views by which models read the lake.

    Args:
        session: where.
        paths: folders of the lake, in which everything is readable (``ready_lake``).
        datasets: of the catalogue.
    """
    for (schema, name), (files, _) in source_files(paths, datasets).items():
        bring(files)
        session.sql(f"create schema if not exists {schema}")
        session.sql(f"create or replace view {schema}.{name} as select * from {_relation(files, paths.parquet)}")


def _relation(files: Sequence[Path], parquet: Path) -> str:
    """Return files of one folder of the lake as a relation of Spark, with their partition as a column."""
    base = parquet / files[0].relative_to(parquet).parts[0]
    # Spark reads the name of a partition as a value even where it holds no row, and `vide` is neither month nor year.
    filled = [file for file in files if not file.parent.name.endswith(EMPTY_PARTITION)]
    names = ",".join(file.relative_to(base).as_posix() for file in filled or files)
    place = base.resolve().as_posix()
    relation = f"parquet.`{place}/{{{names}}}`" if "," in names else f"parquet.`{place}/{names}`"
    return f"{relation} with (basePath = '{place}')" + ("" if filled else " where false")
