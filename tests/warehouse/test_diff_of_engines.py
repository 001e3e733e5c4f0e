"""What Spark has published is compared with a served file: doubles within 1e-12, everything else to the letter."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.warehouse.diff import Difference, compare_publications

# Two days of one month, with a second row that differs in doubles alone.
ROWS = (
    "SELECT * FROM (VALUES (DATE '2019-01-30', 'FR', 1e9, 0.5e0), (DATE '2019-01-30', 'FR', 3e9, 0.5e0), "
    "(DATE '2019-01-31', 'FR', 2e9, NULL)) AS t(date, code, mw, part)"
)


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """Return a served file, with a view that only DuckDB publishes."""
    path = tmp_path / "dataelec.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE fct AS {ROWS}")
        connection.execute("CREATE VIEW fct_large AS SELECT * FROM fct")
    return path


def published(folder: Path, change: str = "*") -> Path:
    """Return a folder as Spark leaves it, whose rows are changed by an expression."""
    (folder / "parquet" / "fct").mkdir(parents=True)
    with duckdb.connect() as connection:
        target = folder / "parquet" / "fct" / "0.parquet"
        connection.execute(f"COPY (SELECT {change} FROM ({ROWS}) ORDER BY mw DESC) TO '{target}' (FORMAT parquet)")
    package = {"resources": [{"name": "fct", "path": "fct/0.parquet"}]}
    (folder / "parquet" / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    return folder


def changed(column: str, factor: str) -> str:
    return f"* REPLACE ({column} * {factor} AS {column})"


def test_doubles_that_differ_by_their_last_digits_are_equal(served: Path, tmp_path: Path) -> None:
    assert compare_publications(served, published(tmp_path / "spark", changed("mw", "(1 + 5e-13)"))) == []


def test_a_double_that_differs_by_more_is_told_with_its_column(served: Path, tmp_path: Path) -> None:
    (difference,) = compare_publications(served, published(tmp_path / "spark", changed("mw", "(1 + 2e-12)")))
    assert (difference.kind, difference.month, difference.columns) == ("values", "2019-01", ("mw",))


def test_a_double_that_is_null_on_one_side_is_told(served: Path, tmp_path: Path) -> None:
    (difference,) = compare_publications(
        served, published(tmp_path / "spark", "* REPLACE (coalesce(part, 0e0) AS part)")
    )
    assert difference.columns == ("part",)


def test_any_other_column_is_compared_to_the_letter(served: Path, tmp_path: Path) -> None:
    (difference,) = compare_publications(served, published(tmp_path / "spark", "* REPLACE (lower(code) AS code)"))
    assert difference.columns == ("code",)


def test_types_and_tables_are_compared_and_views_are_not(served: Path, tmp_path: Path) -> None:
    spark = published(tmp_path / "spark", "* REPLACE (CAST(part AS DECIMAL(3, 1)) AS part)")
    assert compare_publications(served, spark) == [
        Difference("fct", "schema", None, "DOUBLE", "DECIMAL(3,1)", ("part",))
    ]
    with duckdb.connect(str(served)) as connection:
        connection.execute("CREATE TABLE autre AS SELECT 1 AS x")
    assert Difference("autre", "table", None, "present", "absent") in compare_publications(served, spark)


def test_two_served_files_are_compared_to_the_last_digit(served: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute(f"CREATE TABLE fct AS SELECT {changed('mw', '(1 + 5e-13)')} FROM ({ROWS})")
        connection.execute("CREATE VIEW fct_large AS SELECT * FROM fct")
    assert {each.table for each in compare_publications(served, other)} == {"fct", "fct_large"}
