"""What the demonstration prints at its end comes from the served tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.commands.demo import ANSWERS, FINDINGS, answer
from tests.serving.served import write_served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = write_served(Path(tmp_path_factory.mktemp("demo")) / "served.duckdb")
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def test_the_four_findings_have_numbers_and_what_they_are_uncertain_by(served: duckdb.DuckDBPyConnection) -> None:
    gradient, share, error, charging = (answer(served, query) for _, query in FINDINGS)
    assert gradient == (
        "2340 MW of electricity below 15.0 °C (95 % interval 2246 to 2434), from 2024-07-01 to 2026-06-30"
    )
    assert share.startswith("94.")
    assert share.endswith("g of CO2 per kWh, from 2025-01-01 to 2025-12-31")
    assert error == (
        "2.1 % of the daily load, 49 % better than the same day a week before; 1050 MW beside 750 MW of RTE on the "
        "same days; 90 % fell in its 90 % interval, from 2025-11-20 to 2026-11-19"
    )
    assert charging == "27 % of the observed time, most at 13 h (44 %), from 2026-11-01 to 2026-11-04 (3 of 4 days)"


@pytest.mark.parametrize("query", [query for _, query in ANSWERS], ids=[question for question, _ in ANSWERS])
def test_every_answer_is_one_line_from_tables_as_their_contracts_describe_them(
    served: duckdb.DuckDBPyConnection, query: str
) -> None:
    assert len(served.execute(query).fetchall()) == 1
    answer(served, query)


def test_an_answer_without_a_period_is_not_said(served: duckdb.DuckDBPyConnection) -> None:
    assert answer(served, "select null, null, null, null, null") == "no answer"
    assert answer(served, "select 'x', date '2026-05-01', date '2026-05-30', 30, 10") == (
        "x, from 2026-05-01 to 2026-05-30 (10 of 30 days)"
    )
    with pytest.raises(ValueError, match="without a period: x"):
        answer(served, "select 'x', date '2026-05-01', date '2026-05-30', 30, null")
