"""Raw to Parquet, our way: ``python -m benchmarks.convert_ours DATASET OUT FILE…``; one partition per file."""

from __future__ import annotations

import sys
from pathlib import Path

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.parquet import ParquetLake, build_side_by_side
from dataelec_assets.lake.paths import LakePaths

if __name__ == "__main__":
    dataset = load_catalog()[sys.argv[1]]
    lake = ParquetLake(LakePaths(Path(sys.argv[2])))
    database = connect()
    build_side_by_side(
        lambda path: lake.build(
            database.cursor,
            dataset,
            Path(path).name.split(".")[0],
            [(path, lambda: inspect(dataset.id, Path(path)))],
            None,
        ),
        sys.argv[3:],
    )
