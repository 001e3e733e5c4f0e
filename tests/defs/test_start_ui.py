"""`dataelec dev` becomes `dagster dev` on this lake, without the warning that Dagster gives at every start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dataelec_assets.defs import runs
from dataelec_assets.errors import CannotListen

_CALL = """
from dagster._cli.dev import dev_command
try:
    dev_command.callback()
except TypeError:
    pass
"""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """Return the command lines that this process would have become."""
    found: list[list[str]] = []
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    for name in ("PYTHONWARNINGS", "DAGSTER_SENSOR_GRPC_TIMEOUT_SECONDS"):
        monkeypatch.setenv(name, "")  # it is put back afterwards, whatever is written to it
        monkeypatch.delenv(name)
    monkeypatch.setattr(runs, "use_dagster_home", lambda _: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(os, "execv", lambda _, arguments: found.append(arguments))
    return found


def test_the_port_is_that_of_the_command_and_the_warning_is_left_out(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "ignore:something else")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CannotListen, match=f"Port {port} of 127.0.0.1 is in use"):
            runs.start_ui(port)
    assert started == []
    runs.start_ui(port)
    ((*_, host, _, number),) = started
    assert (host, number) == ("127.0.0.1", str(port))
    assert os.environ["PYTHONWARNINGS"].split(",")[0] == "ignore:something else"

    def said(**environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", _CALL], env={**os.environ, **environment}, capture_output=True, text=True, check=True
        )
        return done.stderr

    assert "SupersessionWarning" in said(PYTHONWARNINGS="")
    assert said() == ""
