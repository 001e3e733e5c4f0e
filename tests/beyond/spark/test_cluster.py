"""A standalone cluster of two workers on loopback, one of whose executors is killed in the middle of a build."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.beyond.spark.engines import Engines
from tests.dbt.consumption import GAS_STOCK, stock_day
from tests.dbt.lakes import TinyLake

pyspark = pytest.importorskip("pyspark", reason="Spark is in the environment of `make beyond`")

pytestmark = [
    pytest.mark.beyond,
    pytest.mark.whole,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning"),
]

# Processes of one machine that find each other on loopback.
OPTIONS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.executor.memory": "700m",
    "spark.sql.shuffle.partitions": "4",
}

SELECT = ("+mart_stock_gaz_national", "dim_departement", "dim_region", "+dim_date")


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


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start a master and two workers of one core, and end them with all that they have started."""
    port, environment = free_port(), {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1"}
    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    address = f"spark://127.0.0.1:{port}"
    master = ["Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
    worker = ["Worker", address, "--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0"]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for number, arguments in enumerate((master, worker, worker)):
            work = ["--work-dir", str(folder / f"work-{number}")] if number else []
            started.append(
                subprocess.Popen(
                    [program, f"org.apache.spark.deploy.{arguments[0].lower()}.{arguments[0]}", *arguments[1:], *work],
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
        yield Cluster(address, started)
    finally:
        for each in started:
            os.killpg(each.pid, signal.SIGKILL)
            each.wait()


def test_a_killed_executor_changes_no_table(tmp_path: Path) -> None:
    from dataelec_assets.warehouse.spark_session import open_session

    lake = TinyLake.empty(tmp_path / "lake")
    days = [date(2026, 1, day) for day in range(1, 5)]
    lake.write(GAS_STOCK, [row for n, day in enumerate(days) for row in stock_day(day, gwh=10_000 + 0.1 * n)])
    killed: list[int] = []
    tables, done = tmp_path / "lake" / "spark" / "tables" / "intermediate", Event()

    def kill(running: Cluster) -> None:
        """Kill one executor as soon as a first table is there."""
        while not done.wait(0.05):
            if tables.exists() and any(tables.iterdir()) and (found := running.executors()):
                os.kill(found[0], signal.SIGKILL)
                killed.append(found[0])
                return

    with cluster(tmp_path) as running:
        session = open_session(running.address, tmp_path / "tables", memory="1g", options=OPTIONS)
        try:
            engines = Engines(lake, session)
            killer = Thread(target=kill, args=(running,))
            killer.start()
            engines.make(*SELECT)
            done.set()
            killer.join()
            assert len(killed) == 1
            assert killed[0] not in running.executors()
            for table, columns in (
                ("main.mart_stock_gaz_national", "date, stock_gwh, nombre_pits, est_complet"),
                ("main.fct_stock_gaz", "date, pits, stock_gwh"),
                ("main.dim_date", "date, jour_de_semaine, semaine_iso, nombre_heures"),
                ("main.dim_departement", "code_departement, nom_departement"),
            ):
                on_duckdb, on_spark = engines.rows(table, columns)
                assert on_duckdb == on_spark
        finally:
            done.set()
            session.stop()
