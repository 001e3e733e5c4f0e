"""What the demonstration prints at its end comes from the served tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.commands.demo import ANSWERS, FINDINGS
from tests.serving.served import write_served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    path = write_served(Path(tmp_path_factory.mktemp("demo")) / "served.duckdb")
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def test_the_four_findings_have_numbers_and_what_they_are_uncertain_by(served: duckdb.DuckDBPyConnection) -> None:
    said = [served.execute(query).fetchall() for _, query in FINDINGS]
    assert said[0] == [("2340 MW of electricity below 15.0 °C (95 % interval 2246 to 2434)",)]
    ((share,),) = said[1]
    assert share.startswith("94.")
    assert share.endswith("g of CO2 per kWh")
    assert said[2] == [("2.1 % of the daily load, 49 % better than the same day a week before",)]
    assert said[3] == [("27 % of the observed time, most at 13 h (44 %), over 3 days",)]


@pytest.mark.parametrize("query", [query for _, query in ANSWERS], ids=[question for question, _ in ANSWERS])
def test_every_answer_is_one_line_from_tables_as_their_contracts_describe_them(
    served: duckdb.DuckDBPyConnection, query: str
) -> None:
    assert len(served.execute(query).fetchall()) <= 1
