"""``dataelec api`` as its users start it, and the example of its page."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import typer
from typer.main import get_command

from dataelec_assets.cli import app
from tests.serving.api.served import make_served

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"


def test_the_command_answers_on_loopback_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    served = tmp_path / "serving" / "dataelec.duckdb"
    served.parent.mkdir()
    make_served(served)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    command = [sys.executable, "-m", "dataelec_assets", "api", "--port", str(port), "--rate", "0.001"]
    environment = {**os.environ, "DATAELEC_LAKE": str(tmp_path), "COLUMNS": "200"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            response = None
            for _ in range(300):
                try:
                    response = httpx.get(f"http://127.0.0.1:{port}/indicateurs?region=75", trust_env=False)
                    break
                except httpx.TransportError:
                    assert process.poll() is None, process.stderr.read() if process.stderr else ""
                    time.sleep(0.1)
            assert response is not None
            assert response.json()[0]["valeur"] == 2000.4
            again = httpx.get(f"http://127.0.0.1:{port}/indicateurs?region=75", trust_env=False)
            assert again.status_code == 429
        finally:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert str(served) in out
    assert f"http://127.0.0.1:{port}/docs" in out
    assert "GET /indicateurs 200" in err
    assert "region=75" not in err


def test_nothing_but_loopback_is_listened_on_unless_asked_for() -> None:
    group = get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    defaults = {parameter.name: parameter.default for parameter in group.commands["api"].params}
    assert (defaults["host"], defaults["behind_proxy"]) == ("127.0.0.1", False)
    assert defaults["rate"] == 50.0


def test_the_api_needs_neither_dagster_nor_dbt() -> None:
    code = "import sys, dataelec_assets.serving.api.server; print({'dagster', 'dbt', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_python_example_of_the_page_runs(client: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
    block = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    address = str(client.base_url).rstrip("/")
    exec(compile(block[1].replace("http://127.0.0.1:8000", address), "api.md", "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out.split() == ["10", "10", "304"]
