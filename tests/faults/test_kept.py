"""A table that cannot be made keeps its domain as it was last published; everything else goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse import build
from dataelec_assets.warehouse.dbt import NodeResult, run_dbt
from tests.faults.france import GAS, TEMPERATURE, SmallLake

BROKEN = "mart_stock_gaz_national"
STOCKS = "SELECT round(sum(stock_gwh), 3) FROM fct_stock_gaz WHERE date = DATE '2023-02-10'"
COLDEST = "SELECT min(temperature_min_c) FROM fct_temperature_regionale WHERE date = DATE '2023-02-10'"
COMMENT = "SELECT comment FROM duckdb_columns() WHERE table_name = 'fct_stock_gaz' AND column_name = 'stock_gwh'"


def without_memory(paths: LakePaths, arguments: Sequence[str], **options: Any) -> list[NodeResult]:
    """Run dbt as on a machine that has no memory for one model: it fails, and what is made from it is left out."""
    results = run_dbt(paths, [*arguments, "--exclude", f"{BROKEN}+"], **options)
    return [*results, NodeResult(f"model.dataelec.{BROKEN}", "error", "Out of Memory Error: failed to pin", None, 0.1)]


def test_a_model_that_fails_keeps_its_domain_and_is_tried_again(
    small: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stocks,), (comment,) = small.rows(STOCKS), small.rows(COMMENT)
    small.revise(GAS, TEMPERATURE)
    with monkeypatch.context() as patch:
        patch.setattr(build, "run_dbt", without_memory)

        outcome = small.refresh([GAS, TEMPERATURE])

    assert outcome.exit_code == 4
    # The domain is of one publication, the fact too although it was built; its comments are there.
    assert small.rows(STOCKS) == [stocks]
    assert small.rows(COMMENT) == [comment]
    assert comment[0]
    assert small.rows(COLDEST) == [(1.0,)]
    kept: dict[str, str] = dict(small.rows("SELECT table_conservee, constat FROM meta_quarantaine"))
    assert {"fct_stock_gaz", BROKEN} <= kept.keys()
    assert "fct_temperature_regionale" not in kept
    assert kept[BROKEN] == f"{BROKEN} : Out of Memory Error: failed to pin"
    words = " ".join(" ".join(outcome.lines).split())
    assert "stay as they were last published (fct_stock_gaz, mart_" in words
    assert "Out of Memory Error: failed to pin. The next refresh tries again." in words

    healed = small.refresh([GAS, TEMPERATURE])

    assert healed.exit_code == 0, healed.lines
    assert small.rows(STOCKS) != [stocks]
    assert small.rows("FROM meta_quarantaine") == []
