"""`dataelec build` where Spark cannot be had says what to install and touches nothing."""

from __future__ import annotations

import importlib.util
import shutil
from datetime import UTC, datetime
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataelec_assets.cli import app
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.publication import Publication


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    (tmp_path / "lake").mkdir()
    return tmp_path / "lake"


class Session:
    """A session of Spark that knows whether it was ended."""

    is_stopped = False

    def stop(self) -> None:
        """End it."""
        self.is_stopped = True


def on_spark(monkeypatch: pytest.MonkeyPatch, report: BuildReport) -> Session:
    """Let a build on Spark end so."""
    session, packages = Session(), "dataelec_assets.warehouse"
    there: ModuleSpec | None = importlib.util.find_spec("json")
    monkeypatch.setattr(f"{packages}.spark_session.find_spec", lambda _: there)
    monkeypatch.setattr(f"{packages}.spark_session.open_session", lambda *_: session)
    monkeypatch.setattr(f"{packages}.spark_build.is_behind", lambda _: report.kind != "nothing")
    monkeypatch.setattr(f"{packages}.spark_build.build_on_spark", lambda *_, **__: report)
    served = Publication(
        "0123", datetime(2026, 12, 1, tzinfo=UTC), is_new=True, synthetic=False, path=Path("there"), tables={}
    )
    monkeypatch.setattr(f"{packages}.spark_publish.publish_from_spark", lambda _: served)
    return session


def said(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["build", "--engine", "spark", *arguments])
    return result.exit_code, " ".join(result.output.split())


def node(name: str, status: str, message: str | None = None) -> NodeResult:
    return NodeResult(name, status, message, None, 0.1)


def test_what_was_built_and_what_checks_found_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    results = [
        node("seed.dataelec.dim_x", "success"),
        node("model.dataelec.fct_x", "success"),
        node("test.dataelec.dim_y_unique", "pass"),
        node("test.dataelec.dim_z_unique", "warn", "1 ligne(s) en défaut"),
    ]
    session = on_spark(monkeypatch, BuildReport("months", months=["2023-02", "2023-04"], results=results))
    code, words = said()
    assert code == 0
    assert words == (
        "Built 2023-02, 2023-04: 2 tables and views, 2 checks, of which 1 found something. "
        "Served: there (publication 0123)."
    )
    assert session.is_stopped


def test_where_nothing_is_behind_spark_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    on_spark(monkeypatch, BuildReport("nothing"))
    monkeypatch.setattr("dataelec_assets.warehouse.spark_session.open_session", None)
    assert said() == (
        0,
        "Nothing to build: the tables are those of the lake. Served: there (publication 0123).",
    )


def test_what_has_failed_is_told_without_what_waited_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = "Runtime Error in model fct_x (models/fct_x.sql)\n  [DIVIDE_BY_ZERO] Division by zero.\n== SQL ==\nat org"
    results = [
        node("model.dataelec.fct_x", "error", fault),
        node("test.dataelec.dim_y_unique", "fail", "3 ligne(s) en défaut"),
        node("test.dataelec.dim_z_unique", "warn", "1 ligne(s) en défaut"),
        node("model.dataelec.mart_x", "skipped"),
        node("model.dataelec.mart_y", "skipped"),
    ]
    session = on_spark(monkeypatch, BuildReport("full", results=results))
    code, words = said()
    assert code == 1
    assert words == (
        "error: The build on Spark has failed: fct_x: Runtime Error in model fct_x (models/fct_x.sql) [DIVIDE_BY_ZERO] "
        "Division by zero; dim_y_unique: 3 ligne(s) en défaut. 2 node(s) that depend on this were not built. What is "
        "served is unchanged. `dataelec refresh` builds the same on DuckDB, and shows the rows of a check."
    )
    assert session.is_stopped


def test_of_many_faults_the_first_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    results = [node(f"test.dataelec.regle_{n}", "fail", "1 ligne(s) en défaut") for n in range(7)]
    on_spark(monkeypatch, BuildReport("months", results=results))
    _, words = said()
    assert "regle_4: 1 ligne(s) en défaut; and 2 more. What is served" in words


def test_without_the_extra_it_says_what_to_install(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataelec_assets.warehouse.spark_session.find_spec", lambda _: None)
    result = CliRunner().invoke(app, ["build", "--engine", "spark"])
    assert result.exit_code == 1
    assert "Not installed, and needed for --engine spark: pyspark, dbt-spark." in " ".join(result.output.split())
    assert "pip install 'dataelec-assets[spark]'" in " ".join(result.output.split())
    assert list(lake.iterdir()) == []


def test_without_java_it_says_so(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: ModuleSpec | None = importlib.util.find_spec("json")
    monkeypatch.setattr("dataelec_assets.warehouse.spark_session.find_spec", lambda _: there)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    result = CliRunner().invoke(app, ["build", "--engine", "spark"])
    assert result.exit_code == 1
    assert "needs Java 17: found no `java` on the PATH or in JAVA_HOME" in " ".join(result.output.split())
    assert list(lake.iterdir()) == []


@pytest.mark.parametrize("address", ["host:7077", "http://host:7077", "spark://user:secret@host:7077", "local[x]"])
def test_an_address_that_is_none_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAELEC_SPARK", address)
    result = CliRunner().invoke(app, ["build", "--engine", "spark"])
    assert result.exit_code == 1
    assert "DATAELEC_SPARK: neither local[2] nor an address" in " ".join(result.output.split())
    assert "secret" not in result.output


def test_without_a_lake_nothing_is_built(lake: Path) -> None:
    lake.rmdir()
    result = CliRunner().invoke(app, ["build"])
    assert result.exit_code == 1
    assert "There is no lake" in result.output
