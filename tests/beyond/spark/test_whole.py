"""Every model and every check on Spark, on the small France and on published files: `dataelec diff` finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.commands.build import build_tables
from dataelec_assets.commands.refresh import run_refresh
from dataelec_assets.pipeline import build
from dataelec_assets.run_context import RunContext
from dataelec_assets.sample import generate
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.diff import compare_publications
from dataelec_assets.warehouse.spark_build import build_on_spark, tables_folder
from dataelec_assets.warehouse.spark_publish import publish_from_spark, served_folder
from dataelec_assets.warehouse.spark_session import open_session
from tests.beyond.spark.engines import SHORT

pytest.importorskip("pyspark", reason="Spark is in the environment of `make beyond`")

pytestmark = [
    pytest.mark.beyond,
    pytest.mark.whole,
    # Both engines, one after the other, on two busy cores.
    pytest.mark.timeout(5400),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning"),
]


def compared(lake: Path, folder: Path) -> None:
    """Refresh a lake from published files, build it on Spark too, and compare what both find and serve."""
    ctx = RunContext(Settings(lake=lake, folder=folder))
    run_refresh(ctx=ctx, quiet=True)
    on_duckdb = found_by(build(ctx, full=True).report)
    session = open_session(None, tables_folder(ctx.paths), options=SHORT)
    try:
        report = build_on_spark(ctx, session)
    finally:
        session.stop()
    assert (report.kind, report.broken) == ("full", [])
    assert found_by(report) == on_duckdb
    publish_from_spark(ctx)
    assert compare_publications(ctx.paths.served_file, served_folder(ctx.paths)) == []
    again, _ = build_tables("spark", ctx=ctx)
    assert again["kind"] == "nothing"


def found_by(report: BuildReport) -> dict[str, tuple[str, int | None]]:
    """Return what became of each check, and in how many rows."""
    return {
        each.unique_id: (each.status, each.failures) for each in report.results if each.unique_id.startswith("test.")
    }


def test_the_small_france_is_the_same_on_both_engines(tmp_path: Path) -> None:
    compared(tmp_path / "lake", generate(tmp_path / "sample", years=1).destination)


@pytest.mark.real
def test_published_files_are_the_same_on_both_engines(tmp_path: Path, real_data: Path) -> None:
    compared(tmp_path / "lake", real_data)
