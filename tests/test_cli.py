"""The command line answers in words, in JSON, and with an exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataelec_assets.catalog import load_catalog
from dataelec_assets.cli import app
from tests.fixtures import with_a_fixture
from tests.serving.served import write_served

COMMANDS = ("refresh", "status", "rebuild", "sample", "demo", "doctor", "dev", "report")


@pytest.fixture(autouse=True)
def own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("DATAELEC_ODRE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_status_prints_json_with_every_data_set() -> None:
    result = CliRunner().invoke(app, ["status", "--json"])
    assert [row["dataset_id"] for row in json.loads(result.stdout)] == list(load_catalog())


def test_a_setting_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAELEC_ODRE_URL", "not a url")
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 1
    assert "DATAELEC_ODRE_URL" in result.stderr
    assert "not a url" in result.stderr


def test_an_unknown_option_is_a_usage_error() -> None:
    assert CliRunner().invoke(app, ["refresh", "--nope"]).exit_code == 2


def test_the_sample_is_written_and_says_that_it_is_invented(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["sample", str(tmp_path / "france"), "--years", "1"])
    assert result.exit_code == 0, result.output
    assert "rows, " in result.stdout.splitlines()[-1]
    assert result.stdout.endswith("2023-01-01 to 2023-12-31, seed 20260101.\n")
    assert json.loads((tmp_path / "france" / "SYNTHETIC.json").read_text(encoding="utf-8"))["synthetic"] is True
    written = {each.name for portal in (tmp_path / "france").iterdir() if portal.is_dir() for each in portal.iterdir()}
    expected = {each.id for each in load_catalog().values() if not each.withdrawn and not each.is_optional}
    assert written <= expected
    assert expected - written <= with_a_fixture()  # a data set that is not invented yet is tried by its fixture


def test_the_report_says_where_it_is_and_is_not_made_twice(tmp_path: Path) -> None:
    nothing = CliRunner().invoke(app, ["report"])
    assert nothing.exit_code == 1
    assert "run `dataelec refresh`" in nothing.stderr.lower()
    write_served(tmp_path / "lake" / "serving" / "dataelec.duckdb", empty=True)
    first, second = CliRunner().invoke(app, ["report"]), CliRunner().invoke(app, ["report"])
    assert first.stdout.startswith("Made (synthetic data): ")
    assert str(tmp_path / "lake" / "serving" / "rapport" / "index.html") in first.stdout
    assert second.stdout.startswith("Up to date (synthetic data): ")
