"""Many downloads side by side, within the polite limit of their portal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event
from typing import Generic, TypeVar

from dataelec_assets.errors import QuotaExceeded, SourceError
from dataelec_assets.portals.progress import Progress

Task = TypeVar("Task")
Result = TypeVar("Result")


# A Ctrl-C that comes just before a wait begins is only seen when the wait ends: no wait is longer than this.
_SEE_SIGNALS_EVERY = 0.5


class Cancelled(BaseException):
    """Raised by ``on_bytes`` in the workers that still run when the work is called off."""


@dataclass(frozen=True, slots=True)
class Done(Generic[Task, Result]):
    """A task that ended well."""

    task: Task
    result: Result


@dataclass(frozen=True, slots=True)
class Failed(Generic[Task]):
    """A task that failed, or was not started because the quota was used up before its turn."""

    task: Task
    error: SourceError
    started: bool = True


class _Crew(Generic[Task, Result]):
    """What the workers of one run share."""

    def __init__(self, worker: Callable[[Task, Callable[[int], None]], Result], progress: Progress) -> None:
        self.called_off = Event()
        self._worker = worker
        self._progress = progress
        self._spent: QuotaExceeded | None = None

    def run(self, task: Task) -> Done[Task, Result] | Failed[Task]:
        """Do one task, in a thread."""
        if self.called_off.is_set():
            raise Cancelled
        if self._spent:
            return Failed(task, self._spent, started=False)
        try:
            return Done(task, self._worker(task, self._on_bytes))
        except QuotaExceeded as error:
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
    on_cancel: Callable[[], None] = lambda: None,
) -> list[Done[Task, Result] | Failed[Task]]:
    """Run ``worker`` on every task, ``limit`` at a time, and return the outcomes in the order of the tasks.

    One failing source never holds back the others: its ``SourceError`` is its outcome. When the quota is used up, no
    further task is started. Anything else (full disk, interruption, programming error) calls all off and is raised
    once the running workers have ended.

    Args:
        tasks: what to do.
        worker: does one task; gets a function to be called with the number of bytes received, through which running
            work is called off.
        limit: of tasks at a time.
        progress: told of bytes and ended tasks; entered by the caller.
        title: of the work, for the user.
        label: name of a task, for the user.
        on_cancel: called when all is called off, to end waits (``OpendatasoftClient.cancel``).
    """
    crew = _Crew(worker, progress)
    progress.begin(title, len(tasks))
    with ThreadPoolExecutor(max_workers=limit, thread_name_prefix="download") as pool:
        futures: list[Future[Done[Task, Result] | Failed[Task]]] = []
        try:
            futures.extend(pool.submit(crew.run, task) for task in tasks)
            for outcome in _as_they_end(futures):
                if isinstance(outcome, Done):
                    progress.done(label(outcome.task), None)
                elif outcome.started:
                    progress.done(label(outcome.task), outcome.error)
        except BaseException:
            crew.called_off.set()
            on_cancel()
            raise
    return [future.result() for future in futures]


def _as_they_end(futures: Iterable[Future[Result]]) -> Iterator[Result]:
    pending = set(futures)
    while pending:
        ended, pending = wait(pending, timeout=_SEE_SIGNALS_EVERY, return_when=FIRST_COMPLETED)
        for future in ended:
            yield future.result()
