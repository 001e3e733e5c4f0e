"""Commands import no more than they need: an import costs more than most of them do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_HEAVY = ("dagster", "dbt", "duckdb", "httpx", "jinja2", "numpy", "pandas", "pyarrow", "sqlalchemy", "tenacity", "yaml")
# What only a lake on a bucket takes.
_OF_BUCKETS = ("obstore", "sqlite3", "dataelec_assets.lake.bucket", "dataelec_assets.lake.working_copy")

_SCRIPT = f"""
import json, sys
from dataelec_assets.cli import main
sys.argv[0] = "dataelec"
try:
    main()
except SystemExit:
    pass
print("imported:" + json.dumps([name for name in {_HEAVY + _OF_BUCKETS!r} if name in sys.modules]), file=sys.stderr)
"""


def imported(*arguments: str, lake: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *arguments],
        env={**os.environ, "DATAELEC_LAKE": str(lake)},
        capture_output=True,
        text=True,
        check=True,
    )
    names: list[str] = json.loads(done.stderr.rpartition("imported:")[2])
    return names


@pytest.mark.parametrize("arguments", [["--help"], ["refresh", "--help"], ["status"]])
def test_help_and_status_import_no_heavy_package(arguments: list[str], tmp_path: Path) -> None:
    assert imported(*arguments, lake=tmp_path / "lake") == []


def test_a_folder_whose_files_are_known_is_looked_at_without_what_reads_them(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert imported("refresh", "--dry-run", "--from", str(tmp_path / "folder"), lake=tmp_path / "lake") == []
