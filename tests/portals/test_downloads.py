"""Work side by side: order, limit, quota, failures, interruption."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from threading import Barrier, Event, Lock

import pytest

from dataelec_assets.errors import LakeError, PortalUnreachable, QuotaExceeded
from dataelec_assets.portals.downloads import Cancelled, Done, Failed, run_side_by_side
from dataelec_assets.portals.progress import SilentProgress

OnBytes = Callable[[int], None]


class Recorded(SilentProgress):
    """Notes what it is notified of."""

    def __init__(self) -> None:
        self.bytes = 0
        self.ended: dict[str, bool] = {}
        self._lock = Lock()

    def received(self, count: int) -> None:
        with self._lock:
            self.bytes += count

    def done(self, label: str, error: Exception | None) -> None:
        self.ended[label] = error is None


def test_outcomes_come_in_the_order_of_the_tasks() -> None:
    def worker(task: int, on_bytes: OnBytes) -> int:
        time.sleep(0.02 * (4 - task))
        on_bytes(task)
        return task * 10

    progress = Recorded()
    outcomes = run_side_by_side(range(4), worker, limit=4, progress=progress)
    assert outcomes == [Done(task, task * 10) for task in range(4)]
    assert progress.bytes == 6
    assert progress.ended == {"0": True, "1": True, "2": True, "3": True}


def test_tasks_run_together_up_to_the_limit() -> None:
    together = Barrier(3, timeout=5)
    running = most = 0
    lock = Lock()

    def worker(_: int, on_bytes: OnBytes) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait()
        on_bytes(1)
        with lock:
            running -= 1

    run_side_by_side(range(6), worker, limit=3, progress=SilentProgress())
    assert most == 3


def test_a_failing_source_does_not_hold_back_the_others() -> None:
    fault = PortalUnreachable("no answer", dataset_id="b")

    def worker(task: str, on_bytes: OnBytes) -> str:
        on_bytes(1)
        if task == "b":
            raise fault
        return task

    progress = Recorded()
    outcomes = run_side_by_side(["a", "b", "c"], worker, limit=1, progress=progress)
    assert outcomes == [Done("a", "a"), Failed("b", fault), Done("c", "c")]
    assert progress.ended == {"a": True, "b": False, "c": True}


def test_a_used_up_quota_starts_no_further_task() -> None:
    fault = QuotaExceeded("used up", dataset_id="b", reset_at=None)
    started = []

    def worker(task: str, on_bytes: OnBytes) -> str:
        started.append(task)
        on_bytes(1)
        if task == "b":
            raise fault
        return task

    progress = Recorded()
    outcomes = run_side_by_side(["a", "b", "c", "d"], worker, limit=1, progress=progress)
    assert started == ["a", "b"]
    assert outcomes == [
        Done("a", "a"),
        Failed("b", fault),
        Failed("c", fault, started=False),
        Failed("d", fault, started=False),
    ]
    assert progress.ended == {"a": True, "b": False}


@pytest.mark.parametrize("fault", [LakeError("disk full"), RuntimeError("a bug")])
def test_what_is_not_the_fault_of_a_source_cancels_everything(fault: Exception) -> None:
    started = []
    ended = []

    def worker(task: int, on_bytes: OnBytes) -> None:
        started.append(task)
        if task == 0:
            raise fault
        try:
            while True:
                time.sleep(0.005)
                on_bytes(1)
        except Cancelled:
            ended.append(task)
            raise

    with pytest.raises(type(fault), match=str(fault)):
        run_side_by_side(range(50), worker, limit=2, progress=SilentProgress())
    assert len(started) <= 4
    assert sorted([0, *ended]) == sorted(started)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """A process that was started in the background ignores Ctrl-C; here it is heard."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_an_interruption_ends_running_work_and_waits_and_starts_nothing_more() -> None:
    started = []
    waits_ended = Event()
    told = []
    both = Barrier(2, timeout=5)
    main = threading.main_thread().ident
    assert main is not None

    def worker(task: int, on_bytes: OnBytes) -> None:
        started.append(task)
        both.wait()
        if task == 0:
            # What Ctrl-C does: the main thread is the one that is interrupted.
            signal.pthread_kill(main, signal.SIGINT)
            told.append(waits_ended.wait(5))
        while True:
            time.sleep(0.005)
            on_bytes(1)

    with pytest.raises(KeyboardInterrupt):
        run_side_by_side(range(50), worker, limit=2, progress=SilentProgress(), on_cancel=waits_ended.set)
    assert sorted(started) == [0, 1]
    assert told == [True]


def test_nothing_to_do_is_done_at_once() -> None:
    def worker(task: int, on_bytes: OnBytes) -> None:
        on_bytes(task)

    nothing: list[int] = []
    assert run_side_by_side(nothing, worker, limit=4, progress=SilentProgress()) == []
