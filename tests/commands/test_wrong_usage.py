"""A command that was typed wrongly ends with 2, says what was perhaps meant, and touches nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataelec_assets.cli import app

GAS = "stock-quotidien-stockages-gaz"


@pytest.fixture(autouse=True)
def own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path / "lake"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["refresh", "--source", "nope"], "Unknown data set nope. Did you mean"),
        (["refresh", "--dry-run", "--source", "eco2mix"], "Did you mean eco2mix-"),
        (["refresh", "--from", "/no/such/folder"], "'/no/such/folder' does not exist"),
        (["refresh", "--sorce", GAS], "No such option: --sorce"),
        (["backfill", "--source", "gas", "--from", "2018-01", "--to", "2018-02"], f"Did you mean {GAS}"),
        (["backfill", "--source", GAS, "--from", "2018-13", "--to", "2018-02"], "'2018-13' is no month"),
        (["backfill", "--source", GAS, "--from", "2019-01", "--to", "2018-02"], "2019-01 comes after 2018-02"),
        (["accept", "gas", "2018-01"], f"Did you mean {GAS}"),
        (["rebuild", "--as-of", "2999-01-01"], "--as-of '2999-01-01' is to come"),
        (["rebuild", "--as-of", "2999-01-01T00:00+02:00", "--to", "x"], "is to come"),
        (["rebuild", "--as-of", "yesterday"], "'yesterday' is not an instant"),
        (["rebuild", "--to", "x"], "Give either --as-of or --lock"),
        (["rebuild", "--lock", "/no.lock"], "'/no.lock' does not exist"),
        (["diff", "/no/a.duckdb", "/no/b.duckdb"], "'/no/a.duckdb' does not exist"),
        (["doctor", "--live", "--source", "nope"], "Unknown data set nope. Did you mean"),
        (["doctor", "--source", GAS], "--source and --report go with --live"),
        (["add", "odree", "x"], "Unknown portal 'odree'. Did you mean odre"),
        (["add", "odre", "Not An Id"], "'Not An Id' is not an identifier"),
        (["dev", "--port", "0"], "should be greater than or equal to 1"),
        (["api", "--port", "70000"], "should be less than or equal to 65535"),
        (["export", "mysql://me:s3cret@host/base"], "This is not a PostgreSQL address"),
        (["export", "postgresql://me:s3cret@[::1"], "This is not a PostgreSQL address"),
        (["refrsh"], "Did you mean 'refresh'?"),
    ],
)
def test_it_ends_with_2_and_one_message_and_makes_no_folder(arguments: list[str], words: str, own_lake: Path) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2, done.output
    assert words in " ".join(done.stderr.split())
    assert done.stdout == ""
    assert "s3cret" not in done.stderr
    assert len(done.stderr) < 500  # not the whole catalogue
    assert not own_lake.exists()


def test_a_terminal_of_eighty_columns_shows_no_cut_id(own_lake: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dataelec_assets", "refresh", "--source", "eco2mix"],
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert max(map(len, done.stderr.splitlines())) <= 80
    assert {"eco2mix-national-tr,", "eco2mix-regional-tr"} <= {*done.stderr.split()}
    assert "Traceback" not in done.stderr
    assert not own_lake.exists()
