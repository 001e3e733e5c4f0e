"""Charts of characters for the Dagster UI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.defs.text_charts import CHARTS, bars, chart_of
from dataelec_assets.warehouse.dictionary import served_tables
from tests.serving.served import write_served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = write_served(Path(tmp_path_factory.mktemp("bars")) / "served.duckdb")
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def test_the_longest_bar_is_that_of_the_greatest_value_and_below_zero_looks_otherwise() -> None:
    assert bars([("a", 1000.0), ("bb", -500.0), ("c", 0.0)]).splitlines() == [
        "```",
        f"a  {'█' * 40} 1 000",
        f"bb {'░' * 20} -500",
        "c   0",
        "```",
    ]


def test_values_below_a_hundred_keep_three_digits() -> None:
    assert bars([("a", 5.3678)]).splitlines()[1].endswith(" 5,37")


@pytest.mark.parametrize("table", sorted(CHARTS))
def test_every_chart_asks_its_table_for_labels_and_numbers(table: str, served: duckdb.DuckDBPyConnection) -> None:
    chart, name = CHARTS[table], f"main.{table}"
    rows = served.execute(chart.query).fetchall()
    assert all(len(row) == 2 and isinstance(row[1], float | None) for row in rows), name
    assert table in served_tables()
    drawn = chart_of(served, table)
    if any(value is not None for _, value in rows):
        assert drawn is not None
        assert drawn.startswith(chart.title)


def test_most_charts_have_bars_in_the_served_example(served: duckdb.DuckDBPyConnection) -> None:
    assert sum(chart_of(served, table) is not None for table in CHARTS) >= len(CHARTS) // 2


def test_a_table_without_a_chart_or_without_rows_has_none(served: duckdb.DuckDBPyConnection) -> None:
    assert chart_of(served, "dim_region") is None
    with duckdb.connect() as empty:
        empty.execute(
            "create table mart_priorite_isolation (nom_region varchar, gradient_chauffage_pct_par_c double, "
            "rang integer, code_region varchar)"
        )
        assert chart_of(empty, "mart_priorite_isolation") is None
