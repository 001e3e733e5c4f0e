"""The Parquet files of a publication are written side by side: all of them, or the publication stops."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from dataelec_assets.database import connect
from dataelec_assets.warehouse.parquet_tables import survey, write_tables
from dataelec_assets.warehouse.renewed import monthly_models

MONTHLY = min(monthly_models())


@pytest.fixture
def served() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a monthly fact of three months and a table beside it."""
    with connect() as connection:
        connection.execute(
            f"CREATE TABLE {MONTHLY} AS SELECT '2026-0' || (1 + i % 3) AS mois, i AS valeur FROM range(300) t(i); "
            "CREATE TABLE autre AS SELECT TIMESTAMPTZ '2026-07-01 12:00:00+02' AS instant_utc"
        )
        yield connection


def test_each_month_and_each_table_is_a_file_with_its_rows(served: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    tables = write_tables(served, tmp_path, survey(served, None, None, ()), tmp_path / "none", None)
    assert list(tables) == sorted(["autre", MONTHLY])
    assert {month: part.rows for month, part in tables[MONTHLY].parts.items()} == {
        f"2026-0{month}": 100 for month in (1, 2, 3)
    }
    for table in tables.values():
        for month, part in table.parts.items():
            rows = pq.read_table(tmp_path / part.file)
            assert rows.num_rows == part.rows
            assert not month or set(rows["mois"].to_pylist()) == {month}
            assert part.lies_in(tmp_path)
    (instant,) = pq.read_table(tmp_path / "autre.parquet")["instant_utc"].to_pylist()
    assert (instant.hour, str(instant.tzinfo)) == (10, "UTC")


def test_a_file_that_cannot_be_written_stops_the_publication(served: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "autre.parquet").mkdir()
    with pytest.raises(duckdb.IOException, match=r"autre\.parquet"):
        write_tables(served, tmp_path, survey(served, None, None, ()), tmp_path / "none", None)
