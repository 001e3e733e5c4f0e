"""The fact and the mart of readings are the same on Spark."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.metering import write_month
from benchmarks.metering_stages import OnDuckDB, OnSpark, copy

pytestmark = pytest.mark.beyond


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::ResourceWarning")  # of pyspark with pandas 3
def test_both_engines_give_the_same_days(tmp_path: Path) -> None:
    if find_spec("pyspark") is None:
        if os.environ.get("CI"):
            pytest.fail("pyspark is missing: .ci/beyond runs this test in the environment of `make beyond`")
        pytest.skip("needs the environment of `make beyond`")
    for month in ("2024-03", "2024-10"):
        write_month(tmp_path / "arrivals" / f"{month}.parquet", month, 20, 7)
        copy(tmp_path, month)
    answers = []
    for opened in (OnDuckDB.opened, OnSpark.opened):
        with opened(tmp_path) as steps:
            for step in (steps.fact, steps.mart, steps.publish):
                step()
            answers.append(steps.answer())
    assert answers[0][0] == 124
    assert answers[0] == answers[1]
    assert {path.name for path in (tmp_path / "spark" / "parquet").iterdir()} == {
        "fct_demi_heures_commune",
        "mart_jours_commune",
    }
