"""A real Superset on a copy of the demonstration's publication: prepared and started once, asked by all tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataelec_assets.export.superset.server import USER, Superset, superset_of
from dataelec_assets.lake.paths import LakePaths
from tests.conftest import REPOSITORY

# Seconds: Superset takes about twenty of a core to start.
LONGEST_START = 300


@dataclass
class Asked:
    """A running Superset, and an account that is logged in to its API."""

    superset: Superset
    address: str
    api: httpx.Client

    def charts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get("/api/v1/chart/", params={"q": "(page_size:200)"}).json()["result"]
        return found

    def rows(self, chart: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what a chart shows."""
        answer = self.api.get(f"/api/v1/chart/{chart['id']}/data/")
        assert answer.status_code == 200, f"{chart['slice_name']}: {answer.text[:500]}"
        (result,) = answer.json()["result"]
        rows: list[dict[str, Any]] = result["data"]
        return rows

    def sql(self, query: str) -> httpx.Response:
        """Ask SQL Lab."""
        (database,) = self.api.get("/api/v1/database/").json()["result"]
        mark = self.api.get("/api/v1/security/csrf_token/").json()["result"]
        return self.api.post(
            "/api/v1/sqllab/execute/",
            json={"database_id": database["id"], "sql": query, "schema": "main", "runAsync": False},
            headers={"X-CSRFToken": mark, "Referer": self.address},
        )


def absent(path: Path, how: str) -> None:
    """Skip, for want of a file; in continuous integration, fail."""
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{path} is missing: .ci/superset makes it")
        pytest.skip(f"needs {path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path}: {how}")


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Return Superset on a lake of its own, which holds the publication of the demonstration.

    ``SUPERSET`` names its environment and ``SERVED`` the published file, as .ci/superset gives them; otherwise those of
    `make superset` and `make demo`.
    """
    environment = Path(os.environ.get("SUPERSET", REPOSITORY / ".venv" / "superset"))
    published = Path(os.environ.get("SERVED", REPOSITORY / "lake" / "demo" / "lake" / "serving" / "dataelec.duckdb"))
    absent(environment, "`make superset` installs it")
    absent(published, "`make demo` publishes it")
    paths = LakePaths(tmp_path_factory.mktemp("superset") / "lake")
    paths.serving.mkdir(parents=True)
    shutil.copy(published, paths.served_file)
    superset = superset_of(paths, environment)
    superset.prepare()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = superset.home / "server.log"
    with log.open("w", encoding="utf-8") as stream:
        server = subprocess.Popen(
            superset.command("127.0.0.1", port), env=superset.environment(), stdout=stream, stderr=stream
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False) as api:
            wait(server, api, log)
            account = {"username": USER, "password": superset.password, "provider": "db"}
            token = api.post("/api/v1/security/login", json=account).json()["access_token"]
            api.headers["Authorization"] = f"Bearer {token}"
            yield Asked(superset, f"http://127.0.0.1:{port}", api)
    finally:
        server.terminate()
        server.wait(60)


def wait(server: subprocess.Popen[bytes], api: httpx.Client, log: Path) -> None:
    """Wait until the server answers."""
    for _ in range(LONGEST_START):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            if api.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(1)
    pytest.fail(f"Superset did not answer within {LONGEST_START} s: {log.read_text(encoding='utf-8')}")
