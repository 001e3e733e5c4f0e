"""SeaweedFS as an S3 server on loopback: one process, its files in a folder of the test."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

KEY, SECRET = "AKIATESTDATAELEC0001", "not-a-real-secret-0123456789abcdef"

# Seconds that the server has to answer: five on two busy cores.
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Seaweed:
    """A server that answers.

    Attributes:
        endpoint: its address.
    """

    endpoint: str

    def environment(self, endpoint: str | None = None, **others: str) -> Mapping[str, str]:
        """Return what tells obstore and others where the server is and who asks."""
        return {
            "AWS_ENDPOINT_URL": endpoint or self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            **others,
        }


def program() -> str | None:
    """Return the server's program; None where the environment of `make beyond` is not the one that runs."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


@contextmanager
def seaweed(folder: Path) -> Iterator[Seaweed]:
    """Run a server whose buckets are made by whoever writes to them first."""
    found = program()
    assert found is not None, "the program `weed` is missing: make beyond"
    identity = {"name": "tests", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
    (folder / "data").mkdir()
    parts = ("master", "volume", "filer", "s3")
    ports = dict(zip([*parts, *(f"{part} grpc" for part in parts)], free_ports(2 * len(parts)), strict=True))
    command = [found, "server", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
    command += [f"-{part}.port={ports[part]}" for part in parts]
    command += [f"-{part}.port.grpc={ports[f'{part} grpc']}" for part in parts]
    command += [f"-s3.config={config}", "-master.telemetry=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command += ["-volume.max=100", "-master.volumeSizeLimitMB=64", "-master.peers=none", "-s3.autoCreateBucket=true"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    try:
        endpoint = f"http://127.0.0.1:{ports['s3']}"
        _until_it_answers(process, endpoint, folder / "log")
        yield Seaweed(endpoint)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    with ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _until_it_answers(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{endpoint}/healthz", timeout=1).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"SeaweedFS does not answer: {log.read_text(errors='replace')[-2000:]}")
