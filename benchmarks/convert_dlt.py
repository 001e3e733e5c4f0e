"""Raw to a DuckDB table by dlt, with pyarrow as its reader: ``python -m benchmarks.convert_dlt DATASET OUT FILE…``.

Rows as Python dicts, dlt's usual way, take some thirty times as long; DuckDB is its usual local destination.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import dlt
import pyarrow as pa
import pyarrow.csv as pa_csv


def tables(files: list[str]) -> Iterator[pa.Table]:
    """Yield the rows of each file."""
    for path in files:
        if path.endswith(".json.gz"):
            with gzip.open(path, "rt", encoding="utf-8") as stream:
                yield pa.Table.from_pylist([each["fields"] for each in json.load(stream)])
        else:
            yield pa_csv.read_csv(path, parse_options=pa_csv.ParseOptions(delimiter=";"))


if __name__ == "__main__":
    dataset, target, files = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    target.mkdir(parents=True)
    pipeline = dlt.pipeline(
        dataset.replace("-", "_"),
        pipelines_dir=str(target / "pipelines"),
        destination=dlt.destinations.duckdb(str(target / "dlt.duckdb")),
        dataset_name="published",
    )
    pipeline.run(tables(files), table_name="rows", write_disposition="replace")
