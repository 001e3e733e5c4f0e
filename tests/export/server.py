"""A real PostgreSQL of the tests' own, on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_ROOTS = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt")


def programs() -> Path | None:
    """Return the folder of the newest server that is installed; None when there is none."""
    found = [path.parent for root in _ROOTS for path in Path(root).glob("**/bin/initdb")]
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else max(found, default=None)


@contextmanager
def required() -> Iterator[str]:
    """Yield the address of an empty server; continuous integration must have one, elsewhere the test is skipped."""
    binaries = programs()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("No PostgreSQL: .ci/run installs it, so the image has changed.")
        pytest.skip("needs a PostgreSQL server (Debian: apt-get install postgresql)")
    with running(binaries) as address:
        yield address


@contextmanager
def running(binaries: Path) -> Iterator[str]:
    """Start an empty server, yield the address of its database, stop it."""
    # Not beside the other folders of the tests, which only their owner may enter: root must start it as another user.
    folder = Path(tempfile.mkdtemp(prefix="dataelec-postgres-"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    as_owner: list[str] = []
    if os.geteuid() == 0:
        as_owner = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    data, log = folder / "data", folder / "log"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"

    def run(*command: str) -> None:
        subprocess.run([*as_owner, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")

    try:
        run(str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "dataelec", "-E", "UTF8", "--locale", "C")
        run(str(binaries / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(log), "-w", "start")
        try:
            yield f"postgresql://dataelec@127.0.0.1:{port}/postgres"
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
