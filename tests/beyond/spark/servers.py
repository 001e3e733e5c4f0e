"""Servers of Spark on loopback: a standalone cluster of two workers, and one that is asked by Spark Connect."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.beyond.cluster.cluster import free_port, wait_for

# Processes of one machine that find each other on loopback.
ALONE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.executor.memory": "700m",
    "spark.sql.shuffle.partitions": "4",
}


@dataclass
class Cluster:
    """A master with two workers, each a process of its own."""

    address: str
    processes: list[subprocess.Popen[bytes]]

    def executors(self) -> list[int]:
        """Return the processes that compute, which the workers have started."""
        workers = {each.pid for each in self.processes}
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                parent = int(re.findall(r"PPid:\s+(\d+)", (entry / "status").read_text())[0])
                command = (entry / "cmdline").read_bytes()
            except OSError:  # it has ended in between
                continue
            if parent in workers and b"CoarseGrainedExecutorBackend" in command:
                found.append(int(entry.name))
        return found


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start a master and two workers of one core, and end them with all that they have started."""
    port = free_port()
    address = f"spark://127.0.0.1:{port}"
    master = ["Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
    worker = ["Worker", address, "--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0"]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for number, arguments in enumerate((master, worker, worker)):
            work = ["--work-dir", str(folder / f"work-{number}")] if number else []
            name = f"org.apache.spark.deploy.{arguments[0].lower()}.{arguments[0]}"
            started.append(_start("spark-class", [name, *arguments[1:], *work], folder))
        yield Cluster(address, started)
    finally:
        _end(started)


@contextmanager
def connect_server(folder: Path, master: str) -> Iterator[str]:
    """Start a server that is asked by Spark Connect and computes at ``master``; its address once it answers."""
    port = free_port()
    options = ALONE | {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.enabled": "false",
    }
    name = "org.apache.spark.sql.connect.service.SparkConnectServer"
    settings = [word for option, value in options.items() for word in ("--conf", f"{option}={value}")]
    process = _start("spark-submit", ["--master", master, "--class", name, *settings, "spark-internal"], folder)
    try:
        wait_for(lambda: _listens(process, port), "a server of Spark Connect")
        yield f"sc://127.0.0.1:{port}"
    finally:
        _end([process])


def _start(program: str, arguments: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    import pyspark

    return subprocess.Popen(
        [Path(pyspark.__file__).parent / "bin" / program, *arguments],
        cwd=folder,
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None, "the server has ended"
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for each in processes:
        os.killpg(each.pid, signal.SIGKILL)
        each.wait()
