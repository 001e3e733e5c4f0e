"""What the UI shows of tables and copies beside their numbers: a few rows, enough to see what a row is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import dagster as dg

from dataelec_assets.catalog import Dataset
from dataelec_assets.defs.resources import DuckDB
from dataelec_assets.lake.write_through import brought
from dataelec_assets.run_context import RunContext

# What fits in the window that shows it.
_ROWS, _COLUMNS = 5, 8


def described(warehouse: DuckDB, names: Collection[str]) -> dict[str, dict[str, dg.MetadataValue]]:
    """Return the number of rows and the first rows of tables of the schema ``main``; other names are left out."""
    if not names:
        return {}
    found: dict[str, dict[str, dg.MetadataValue]] = {}
    with warehouse.get_connection() as connection:
        there = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND list_contains(?, table_name)",
            [list(names)],
        ).fetchall()
        for (name,) in there:
            count = int(connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0])
            sample = connection.execute(f"FROM {name} LIMIT {_ROWS}")
            headings = [column[0] for column in sample.description or ()]
            found[name] = {
                "dagster/row_count": dg.MetadataValue.int(count),
                "apercu_de_la_table": dg.MetadataValue.md(_markdown(headings, sample.fetchall())),
            }
    return found


def preview_of_copy(ctx: RunContext, dataset: Dataset, partition: str) -> str:
    """Return the first rows of a Parquet partition as a Markdown table. It takes a millisecond or two."""
    import pyarrow.parquet as pq

    names = list(dataset.column_names[:_COLUMNS])
    with pq.ParquetFile(brought(ctx.parquet.file(dataset, partition))) as file:
        batch = next(file.iter_batches(_ROWS, columns=names), None)
    return _markdown(names, [list(row.values()) for row in batch.to_pylist()] if batch is not None else [])


def _markdown(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [headings[:_COLUMNS], ["---"] * len(headings[:_COLUMNS]), *(row[:_COLUMNS] for row in rows)]
    return "\n".join(f"| {' | '.join('' if cell is None else str(cell) for cell in line)} |" for line in lines)
