"""`dataelec build` where Spark cannot be had says what to install and touches nothing."""

from __future__ import annotations

import importlib.util
import shutil
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataelec_assets.cli import app


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    (tmp_path / "lake").mkdir()
    return tmp_path / "lake"


def test_without_the_extra_it_says_what_to_install(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataelec_assets.warehouse.spark_session.find_spec", lambda _: None)
    result = CliRunner().invoke(app, ["build", "--engine", "spark"])
    assert result.exit_code == 1
    assert "needs pyspark and dbt.adapters.spark" in " ".join(result.output.split())
    assert "pip install 'dataelec-assets[spark]'" in " ".join(result.output.split())
    assert list(lake.iterdir()) == []


def test_without_java_it_says_so(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: ModuleSpec | None = importlib.util.find_spec("json")
    monkeypatch.setattr("dataelec_assets.warehouse.spark_session.find_spec", lambda _: there)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    result = CliRunner().invoke(app, ["build", "--engine", "spark"])
    assert result.exit_code == 1
    assert "needs Java 17, and no `java` is on the PATH" in " ".join(result.output.split())
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
