"""A server that cannot have its port says so in one sentence, with exit code 1."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataelec_assets.errors import CannotListen
from dataelec_assets.serving import ports
from dataelec_assets.serving.ports import listening


@pytest.fixture
def taken() -> Iterator[int]:
    """Hold a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("command", [["api"], ["dev"], ["mcp", "--http"]])
def test_a_busy_port_is_one_sentence_and_exit_code_1(command: list[str], taken: int, tmp_path: Path) -> None:
    if command[0] == "mcp":
        pytest.importorskip("mcp")
    done = subprocess.run(
        [sys.executable, "-m", "dataelec_assets", *command, "--port", str(taken)],
        env={**os.environ, "DATAELEC_LAKE": str(tmp_path / "lake"), "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    words = f"error: Port {taken} of 127.0.0.1 is in use. Stop the program that has it, or choose another with --port."
    assert " ".join(done.stderr.split()) == words
    assert done.stdout == ""
    assert not (tmp_path / "lake").exists()


def test_every_address_of_a_host_is_bound_and_let_go_of_when_one_is_taken(taken: int) -> None:
    with pytest.raises(CannotListen, match=f"Port {taken} of localhost is in use"):
        listening("localhost", taken)
    bound = listening("localhost", 0)
    assert {each.getsockname()[0] for each in bound} <= {"127.0.0.1", "::1"}
    assert "127.0.0.1" in {each.getsockname()[0] for each in bound}
    for each in bound:
        each.close()


def test_a_machine_without_ipv6_listens_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = ports._bound

    def without_ipv6(family: int, address: tuple[object, ...]) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EADDRNOTAVAIL, "not here")
        return genuine(family, address)

    both = [(family, socket.SOCK_STREAM, 6, "", (host, 0)) for family, host in
            ((socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1"))]  # fmt: skip
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    monkeypatch.setattr(ports, "_bound", without_ipv6)
    (bound,) = listening("localhost", 0)
    assert bound.family == socket.AF_INET
    bound.close()
    both.pop()
    with pytest.raises(CannotListen, match="Cannot listen on localhost: not here"):
        listening("localhost", 0)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "This user may not listen on port 80. Choose one from 1024 on with --port."),
        (errno.EADDRNOTAVAIL, "Cannot listen on 192.0.2.1: .*Give an address of this machine with --host."),
    ],
)
def test_what_else_keeps_a_port_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(*_: object) -> socket.socket:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(ports, "_bound", refuse)
    with pytest.raises(CannotListen, match=words):
        listening("192.0.2.1", 80)
