"""Every model and every check on Spark, on the small France and on published files: `dataelec diff` finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.commands.build import build_tables
from dataelec_assets.commands.refresh import run_refresh
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample import generate
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.diff import compare_publications
from dataelec_assets.warehouse.spark_publish import served_folder

pytest.importorskip("pyspark", reason="Spark is in the environment of `make beyond`")

pytestmark = [
    pytest.mark.beyond,
    pytest.mark.whole,
    # Both engines, one after the other, on two busy cores.
    pytest.mark.timeout(5400),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning"),
]


def compared(lake: Path, folder: Path) -> None:
    """Refresh a lake from published files, build it on Spark too, and compare what both serve."""
    ctx = RunContext(Settings(lake=lake, folder=folder))
    run_refresh(ctx=ctx, quiet=True)
    done, _ = build_tables("spark", ctx=ctx)
    assert done["kind"] == "full"
    assert compare_publications(ctx.paths.served_file, served_folder(ctx.paths)) == []
    again, _ = build_tables("spark", ctx=ctx)
    assert again["kind"] == "nothing"


def test_the_small_france_is_the_same_on_both_engines(tmp_path: Path) -> None:
    compared(tmp_path / "lake", generate(tmp_path / "sample", years=1).destination)


@pytest.mark.real
def test_published_files_are_the_same_on_both_engines(tmp_path: Path, real_data: Path) -> None:
    compared(tmp_path / "lake", real_data)
