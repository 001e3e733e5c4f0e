"""The whole way on the published files, once per session: `dataelec refresh --from`, served file."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.project import PROJECT_DIR
from tests.faults.conftest import data

__all__ = ["data"]


def monthly_models() -> set[str]:
    """Return the models that are emptied by month and filled again, as their own files say."""
    models = (PROJECT_DIR / "models").rglob("*.sql")
    return {path.stem for path in models if "incremental_strategy='append'" in path.read_text(encoding="utf-8")}


@dataclass(frozen=True)
class Refreshed:
    """A lake refreshed by the command line, as a user would."""

    paths: LakePaths
    data: Path
    environment: dict[str, str]
    exit_code: int
    printed: str

    def dataelec(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on this lake."""
        return subprocess.run(
            [sys.executable, "-m", "dataelec_assets", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Query the served file."""
        with duckdb.connect(str(self.paths.served_file), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(query).fetchall()

    def value(self, query: str) -> object:
        """Return the one value of a query on the served file."""
        ((value,),) = self.rows(query)
        return value


@pytest.fixture(scope="session")
def refreshed(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """Run `dataelec refresh` on the published files."""
    root = tmp_path_factory.mktemp("real") / "lake"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DATAELEC_", "DAGSTER_"))},
        "DATAELEC_LAKE": str(root),
        "DATAELEC_FROM": str(real_data),
        "COLUMNS": "10000",
    }
    first = Refreshed(LakePaths(root), real_data, environment, 0, "")
    result = first.dataelec("refresh", "--quiet")
    return Refreshed(LakePaths(root), real_data, environment, result.returncode, result.stdout + result.stderr)
