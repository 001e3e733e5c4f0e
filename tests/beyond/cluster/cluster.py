"""Dagster as several machines have it: PostgreSQL, Redis, a code server, the daemon and two workers, as programs.

They share the folder of a lake, or a bucket, of which each has a working copy of its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import dagster as dg
import pytest

from dataelec_assets.lake.locks import freshen, run_of
from dataelec_assets.run_context import paths_of
from dataelec_assets.settings import Settings
from tests.conftest import REPOSITORY
from tests.faults.france import Known, SmallLake
from tests.stubs import Stub

Answer = TypeVar("Answer")

# A machine under load starts a program of Dagster's in half a minute: only a fault takes longer than this.
_DEADLINE_SECONDS = 240

_PROGRAMS = Path(sys.executable).parent
_STARTED = re.compile(r"pid: (\d+)")


def free_port() -> int:
    """Return a port that nobody listens to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(ask: Callable[[], Answer | None], what: str) -> Answer:
    """Ask until there is an answer."""
    end = time.monotonic() + _DEADLINE_SECONDS
    while not (answer := ask()):
        if time.monotonic() > end:
            pytest.fail(f"{what}: not after {_DEADLINE_SECONDS} s")
        time.sleep(0.2)
    return answer


@dataclass
class Cluster:
    """The programs, and what they have recorded.

    Attributes:
        small: portals, and the lake; of one on a bucket, a working copy that no program has.
        place: where the lake is, as messages name it.
        instance: Dagster's, as each of the programs has it.
        folder: of their logs.
        environment: of each program.
        workers: each the head of a group of processes.
    """

    small: SmallLake
    place: str
    instance: dg.DagsterInstance
    folder: Path
    environment: dict[str, str]
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        """Where the daemon finds the code."""
        return self.folder / "workspace.yaml"

    def launch(self, *sources: str) -> str:
        """Put a run of `refresh` into the queue, as a user does; return its id."""
        config = {
            "ops": {"observe": {"config": {"sources": list(sources), "report": False}}},
            "execution": {"config": {"check_step_health_interval_seconds": 1}},
        }
        command = ["job", "launch", "-w", str(self.workspace), "-j", "refresh", "--config-json", json.dumps(config)]
        before = {run.run_id for run in self.instance.get_runs()}
        subprocess.run(
            [sys.executable, "-m", "dagster", *command],
            check=True,
            capture_output=True,
            env=self.environment,
            cwd=REPOSITORY,
            timeout=_DEADLINE_SECONDS,
        )
        (run,) = {run.run_id for run in self.instance.get_runs()} - before
        return run

    def status(self, run: str) -> dg.DagsterRunStatus:
        """Return what has become of a run."""
        found = self.instance.get_run_by_id(run)
        assert found is not None
        return found.status

    def ended(self, run: str) -> dg.DagsterRunStatus:
        """Wait for the end of a run."""
        wait_for(lambda: self.instance.get_runs(dg.RunsFilter([run], statuses=_ENDED)), f"run {run} ends")
        return self.status(run)

    def launcher(self, run: str) -> int:
        """Return the process that gives the steps of a run to workers."""
        said = " ".join(event.message or "" for event in self.events(run))
        found = _STARTED.search(said)
        assert found is not None, said
        return int(found[1])

    def events(self, run: str, *kinds: dg.DagsterEventType) -> list[dg.DagsterEvent]:
        """Return what a run has recorded, in order."""
        logs = self.instance.all_logs(run, of_type=set(kinds) if kinds else None)
        return [entry.dagster_event for entry in logs if entry.dagster_event is not None]

    def worker_of(self, run: str) -> dict[str, str]:
        """Return the worker that has had each step of a run last."""
        found = {}
        for event in self.events(run, dg.DagsterEventType.ENGINE_EVENT):
            if "in celery worker" in (event.message or "") and event.step_key is not None:
                metadata = event.engine_event_data.metadata
                found[event.step_key] = str(metadata["Celery worker"].value).partition("@")[0]
        return found

    def holder(self) -> str | None:
        """Return the run that the lake names."""
        return run_of(self.small.paths)

    def known(self) -> Known:
        """Return what the lake holds and serves."""
        freshen(self.small.paths)
        return Known.of(self.small)

    def looks_of_the_queue(self) -> int:
        """Return how often the daemon has looked at runs that wait."""
        return (self.folder / "daemon.log").read_text(encoding="utf-8").count("checking tag concurrency limits")

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a program in a group of its own, on a machine of its own if the lake is on a bucket."""
        environment = {**self.environment, "DATAELEC_SCRATCH": str(self.folder / "scratch" / name)}
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def start_worker(self, name: str, queues: str) -> None:
        """Start a worker with one process for steps."""
        program = [str(_PROGRAMS / "celery"), "-A", "dataelec_assets.defs.worker", "worker"]
        self.workers[name] = self.start(name, *program, "-c", "1", "-Q", queues, "-n", f"{name}@%h", "-l", "INFO")

    def kill_workers(self) -> None:
        """Kill those that are left."""
        for name in list(self.workers):
            self.kill_worker(name)

    def kill_worker(self, name: str) -> None:
        """Kill a worker and the process that is at a step: the machine is gone."""
        _kill(self.workers.pop(name))


_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


@contextmanager
def cluster(portal: Stub, folder: Path, postgres: str, bucket: Mapping[str, str] | None) -> Iterator[Cluster]:
    """Start everything, yield it once a run could be launched, and end it.

    Args:
        portal: what the lake is refreshed from.
        folder: for everything.
        postgres: address of an empty database.
        bucket: what tells programs where a lake on a bucket is; None: it is in a folder.
    """
    lake = bucket["DATAELEC_LAKE"] if bucket is not None else str(folder / "lake")
    scratch = Settings(lake=cast("Any", lake), scratch=folder / "scratch" / "tests")
    small = SmallLake(paths_of(scratch).root, portal)
    broker = free_port()
    home = folder / "home"
    home.mkdir(parents=True)
    # The very file that is deployed.
    shutil.copy(REPOSITORY / "deploy" / "dagster.yaml", home)
    environment = {
        **small.environment,
        **(bucket or {}),
        "DATAELEC_LAKE": lake,
        "DAGSTER_HOME": str(home),
        "DAGSTER_POSTGRES_URL": postgres,
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "DATAELEC_BROKER": f"redis://127.0.0.1:{broker}/0",
        "PYTHONPATH": str(REPOSITORY),
        "PATH": f"{_PROGRAMS}{os.pathsep}{os.environ['PATH']}",
    }
    port = free_port()
    with ExitStack() as running, pytest.MonkeyPatch.context() as patch:
        for name in ("DAGSTER_HOME", "DAGSTER_POSTGRES_URL"):
            patch.setenv(name, environment[name])
        instance = running.enter_context(dg.DagsterInstance.get())
        found = Cluster(small, lake, instance, folder, environment)
        server = {"host": "127.0.0.1", "port": port, "location_name": "dataelec"}
        found.workspace.write_text(json.dumps({"load_from": [{"grpc_server": server}]}), encoding="utf-8")
        dagster = (sys.executable, "-m", "dagster")
        module = "dataelec_assets.defs.definitions" if bucket is None else "tests.beyond.cluster.short_leases"
        code = ("-m", module, "--location-name", "dataelec")
        redis = ("redis-server", "--port", str(broker), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder))
        for name, command in {
            "redis": redis,
            "code": (*dagster, "api", "grpc", "-h", "127.0.0.1", "-p", str(port), *code),
            "daemon": (str(_PROGRAMS / "dagster-daemon"), "run", "-w", str(found.workspace)),
        }.items():
            running.callback(_kill, found.start(name, *command))
        running.callback(found.kill_workers)
        found.start_worker("one", "ingest,build")
        found.start_worker("two", "ingest")
        wait_for(lambda: _listens(port), f"the code server listens ({folder / 'code.log'})")
        yield found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
