"""The fact and the mart of readings are the same on Spark."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from benchmarks.metering import write_month
from benchmarks.metering_stages import ENGINES, copy

pytestmark = pytest.mark.beyond


def answer_of(engine: str, folder: Path) -> list[Any]:
    with ENGINES[engine](folder) as steps:
        for step in (steps.fact, steps.mart, steps.publish):
            step()
        return steps.answer()


def test_both_engines_give_the_same_days(tmp_path: Path) -> None:
    if find_spec("pyspark") is None:
        if os.environ.get("CI"):
            pytest.fail("pyspark is missing: .ci/beyond runs this test in the environment of `make beyond`")
        pytest.skip("needs the environment of `make beyond`")
    for month in ("2024-03", "2024-10"):
        write_month(tmp_path / "arrivals" / f"{month}.parquet", month, 20, 7)
        copy(tmp_path, month)
    on_duckdb = answer_of("duckdb", tmp_path)
    # A process has one Java, which this benchmark ends: other tests may still need theirs.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        on_spark = pool.submit(answer_of, "spark", tmp_path).result()
    assert on_duckdb[0] == 124
    assert on_spark == on_duckdb
    assert {path.name for path in (tmp_path / "spark" / "parquet").iterdir()} == {
        "fct_demi_heures_commune",
        "mart_jours_commune",
    }
