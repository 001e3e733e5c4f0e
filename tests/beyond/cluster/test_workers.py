"""A refresh on two workers: side by side, whole after its launcher is killed, whole after a worker is.

They share a folder, or a bucket of which each has a working copy of its own.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg
import pytest

from dataelec_assets.defs.asset_keys import PUBLICATION
from tests.export.server import required
from tests.faults.conftest import data, pristine
from tests.faults.france import GAS, SOURCES, TEMPERATURE, Pristine
from tests.published import serving
from tests.stubs import Stub
from tests.stubs.seaweed import seaweed
from tests.stubs.server import Call

__all__ = ["data", "pristine"]

# The environment of `make test` has neither Celery nor dagster-postgres: there the module is not even imported.
pytest.importorskip("dagster_celery", reason="needs the environment of `make beyond`", exc_type=ImportError)

from tests.beyond.cluster.cluster import Cluster, cluster, wait_for

pytestmark = [pytest.mark.beyond, pytest.mark.slow]

_STEP = "ingest[{}]"


class Gate:
    """Holds what data sets are asked for until it is opened."""

    def __init__(self) -> None:
        self.waiting: set[str] = set()
        self._open = threading.Event()

    def pass_through(self, call: Call) -> None:
        """Wait, when it is rows that are asked for."""
        if call.kind == "export":
            self.waiting.add(call.name.partition("/")[2])
            assert self._open.wait(300)

    def open(self) -> None:
        """Let everything through from now on."""
        self._open.set()


@contextmanager
def gate_of(portal: Stub) -> Iterator[Gate]:
    """Put a gate before a portal; it is open in the end, whatever happens."""
    gate, struck = Gate(), portal.struck

    def gated(call: Call) -> str:
        fault = struck(call)
        gate.pass_through(call)
        return fault

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portal, "struck", gated)
        try:
            yield gate
        finally:
            gate.open()


@pytest.fixture(scope="module", params=["folder", "bucket"])
def machines(request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder, bucket = tmp_path_factory.mktemp("cluster"), None
    with ExitStack() as running, pytest.MonkeyPatch.context() as patch:
        if request.param == "bucket":
            server = running.enter_context(seaweed(tmp_path_factory.mktemp("seaweed")))
            bucket = server.environment(DATAELEC_LAKE="s3://essai/ouvriers")
            for name, value in server.environment().items():
                patch.setenv(name, value)
        postgres = running.enter_context(required())
        portal = running.enter_context(serving(data))
        yield running.enter_context(cluster(portal, folder, postgres, bucket))


def of_kind(machines: Cluster, run: str, kind: dg.DagsterEventType) -> dict[str, dg.DagsterEvent]:
    return {event.step_key: event for event in machines.events(run, kind) if event.step_key is not None}


def published(machines: Cluster) -> int:
    made = machines.instance.fetch_materializations(PUBLICATION, limit=10).records
    return len(made)


def test_a_killed_launcher_leaves_steps_that_do_nothing_and_the_next_run_makes_the_refresh_whole(
    machines: Cluster, pristine: Pristine
) -> None:
    small = machines.small
    tables = {each: _STEP.format(small.ctx().catalog[each].table) for each in SOURCES}
    with gate_of(small.portal) as gate:
        first = machines.launch(*SOURCES)
        wait_for(lambda: len(gate.waiting) == 2, "both workers fetch a data set")
        assert machines.holder() == first
        at_work = set(gate.waiting)
        waiting = set(SOURCES) - at_work
        assert {machines.worker_of(first)[tables[each]] for each in at_work} == {"one", "two"}

        # The queue lets no second run through while the first one is at work.
        second = machines.launch(*SOURCES)
        seen = machines.looks_of_the_queue()
        wait_for(
            lambda: machines.looks_of_the_queue() > seen + 1 or machines.status(second) != dg.DagsterRunStatus.QUEUED,
            "the queue looks at its runs twice",
        )
        assert machines.status(second) == dg.DagsterRunStatus.QUEUED
        os.kill(machines.launcher(first), signal.SIGKILL)
        wait_for(lambda: machines.holder() == second, "the second run holds the refresh")
        assert gate.waiting == at_work  # what was in the broker has not begun
    assert machines.ended(second) == dg.DagsterRunStatus.SUCCESS
    assert machines.status(first) == dg.DagsterRunStatus.FAILURE
    assert machines.holder() is None

    # Of the dead run, what was at work has ended well and what waited has done nothing.
    done = of_kind(machines, first, dg.DagsterEventType.STEP_SUCCESS)
    refused = of_kind(machines, first, dg.DagsterEventType.STEP_FAILURE)
    assert {tables[each] for each in at_work} == done.keys() - {"observe"}
    assert {tables[each] for each in waiting} == refused.keys()
    for event in refused.values():
        assert f"no longer holds the refresh of {machines.place}:" in str(event.step_failure_data.user_failure_data)
    # The second run has done the rest and nothing twice.
    assert {tables[each] for each in waiting} == {
        key for key in of_kind(machines, second, dg.DagsterEventType.STEP_SUCCESS) if key.startswith("ingest")
    }
    exports = [(call.name, sorted(call.parameters.items())) for call in small.portal.calls if call.kind == "export"]
    assert {name for name, _ in exports} == {f"odre/{each}" for each in SOURCES}
    assert [each for each in exports if exports.count(each) > 1] == []
    assert published(machines) == 1
    assert machines.known() == pristine.known


# On a bucket it is more: the lease of the dead one must run out before the other may begin.
@pytest.mark.parametrize("machines", ["bucket"], indirect=True)
def test_a_step_of_a_worker_that_dies_is_done_by_another_one(machines: Cluster) -> None:
    small = machines.small
    small.revise(GAS, TEMPERATURE)
    before = published(machines)
    with gate_of(small.portal) as gate:
        run = machines.launch(GAS, TEMPERATURE)
        wait_for(lambda: gate.waiting == {GAS, TEMPERATURE}, "both workers fetch a data set")
        (lost,) = [step for step, worker in machines.worker_of(run).items() if worker == "two"]
        machines.kill_worker("two")
    assert machines.ended(run) == dg.DagsterRunStatus.SUCCESS
    assert machines.worker_of(run)[lost] == "one"
    (again,) = machines.events(run, dg.DagsterEventType.STEP_UP_FOR_RETRY)
    assert again.step_key == lost
    assert "no longer answers" in str(again.step_retry_data)
    assert published(machines) == before + 1
