"""Many downloads side by side, within the polite limit of their portal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock
from typing import Generic, TypeVar

from dataelec_assets.errors import DeadlinePassed, QuotaExceeded, SourceError
from dataelec_assets.portals.progress import Progress

Task = TypeVar("Task")
Result = TypeVar("Result")


# A Ctrl-C just before a wait is only seen when the wait ends, so no wait is longer than this, in seconds.
_SEE_SIGNALS_EVERY = 0.5


class Cancelled(BaseException):
    """Raised by ``on_bytes`` in the workers that still run when the work is cancelled."""


@dataclass(frozen=True, slots=True)
class Done(Generic[Task, Result]):
    """A task that succeeded."""

    task: Task
    result: Result


@dataclass(frozen=True, slots=True)
class Failed(Generic[Task]):
    """A task that failed, or was not started because quota or time were used up before its turn."""

    task: Task
    error: SourceError
    started: bool = True


class CallOff:
    """Ends the work of several threads, wherever each of them is."""

    def __init__(self) -> None:
        self._event = Event()
        self._lock = Lock()
        self._ends: list[Callable[[], None]] = []

    def is_set(self) -> bool:
        """Return whether the work was cancelled."""
        return self._event.is_set()

    def set(self) -> None:
        """Cancel the work."""
        self._event.set()
        with self._lock:
            ends = list(self._ends)
        for end in ends:
            end()

    @contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """Call ``end`` if the work is cancelled meanwhile."""
        with self._lock:
            self._ends.append(end)
        try:
            if self.is_set():
                end()
            yield
        finally:
            with self._lock:
                self._ends.remove(end)


class _Crew(Generic[Task, Result]):
    """What the workers of one run share."""

    def __init__(self, worker: Callable[[Task, Callable[[int], None]], Result], progress: Progress) -> None:
        self.called_off = CallOff()
        self._worker = worker
        self._progress = progress
        self._spent: QuotaExceeded | DeadlinePassed | None = None

    def run(self, task: Task) -> Done[Task, Result] | Failed[Task]:
        """Do one task, in a thread."""
        if self.called_off.is_set():
            raise Cancelled
        if self._spent:
            return Failed(task, self._spent, started=False)
        try:
            return Done(task, self._worker(task, self._on_bytes))
        except (QuotaExceeded, DeadlinePassed) as error:
            self._spent = error
            return Failed(task, error)
        except SourceError as error:
            return Failed(task, error)

    def _on_bytes(self, count: int) -> None:
        if self.called_off.is_set():
            raise Cancelled
        self._progress.received(count)


def run_side_by_side(
    tasks: Sequence[Task],
    worker: Callable[[Task, Callable[[int], None]], Result],
    *,
    limit: int,
    progress: Progress,
    title: str = "downloads",
    label: Callable[[Task], str] = str,
    called_off: CallOff | None = None,
    on_cancel: Callable[[], None] = lambda: None,
) -> list[Done[Task, Result] | Failed[Task]]:
    """Run ``worker`` on every task, ``limit`` at a time, and return the outcomes in the order of the tasks.

    One failing source never holds back the others: its ``SourceError`` is its outcome. When quota or time are used up,
    no further task is started. Anything else (full disk, interruption, programming error) cancels all work and is
    raised once the running workers have ended.

    Args:
        tasks: what to do.
        worker: does one task; gets a function to be called with the number of bytes received, through which running
            work is cancelled.
        limit: of tasks at a time.
        progress: notified of bytes and finished tasks; entered by the caller.
        title: of the work, for the user.
        label: name of a task, for the user.
        called_off: lets another thread cancel all work; ``Cancelled`` is raised then.
        on_cancel: called when all work is cancelled, to end waits (``PortalClient.cancel``).
    """
    crew = _Crew(worker, progress)
    progress.begin(title, len(tasks))
    with (
        (called_off or CallOff()).ending(crew.called_off.set),
        ThreadPoolExecutor(max_workers=limit, thread_name_prefix="download") as pool,
    ):
        futures: list[Future[Done[Task, Result] | Failed[Task]]] = []
        try:
            futures.extend(pool.submit(crew.run, task) for task in tasks)
            for outcome in as_they_end(futures, crew.called_off):
                if isinstance(outcome, Done):
                    progress.done(label(outcome.task), None)
                elif outcome.started:
                    progress.done(label(outcome.task), outcome.error)
        except BaseException:
            crew.called_off.set()
            on_cancel()
            raise
    return [future.result() for future in futures]


def as_they_end(futures: Iterable[Future[Result]], called_off: CallOff) -> Iterator[Result]:
    """Yield the results of threads, each as soon as it is there; Ctrl-C is seen meanwhile.

    Raises:
        Cancelled: the work was cancelled.
    """
    pending = set(futures)
    while pending:
        ended, pending = wait(pending, timeout=_SEE_SIGNALS_EVERY, return_when=FIRST_COMPLETED)
        if called_off.is_set():
            raise Cancelled
        for future in ended:
            yield future.result()
