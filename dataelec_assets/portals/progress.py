"""What the user sees during long work: a bar on a terminal, lines in a log, nothing when asked to be quiet."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TextIO

if TYPE_CHECKING:
    from rich.console import Console

# A line each tenth, or each five seconds when work is slow: readable in a log of any length.
_STEPS = 10
_SECONDS = 5.0

# Before that, the time that is left would be a guess from the opening of connections.
_SOONEST = 3.0


class Progress(Protocol):
    """Told of what is done; every method may be called from any thread, between ``__enter__`` and ``__exit__``."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End to show."""

    def begin(self, title: str, tasks: int) -> None:
        """Announce the work: its title and the number of tasks."""

    def received(self, count: int) -> None:
        """Count bytes; negative when an attempt is thrown away."""

    def done(self, label: str, error: Exception | None) -> None:
        """Count one task as ended, well (None) or badly."""


class SilentProgress:
    """Shows nothing."""

    def __enter__(self) -> Self:
        """Do nothing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Do nothing."""

    def begin(self, title: str, tasks: int) -> None:
        """Do nothing."""

    def received(self, count: int) -> None:
        """Do nothing."""

    def done(self, label: str, error: Exception | None) -> None:
        """Do nothing."""


class LineProgress:
    """Writes plain lines: the beginning, each tenth or five seconds, each failure, the end.

    Args:
        stream: where to.
        clock: seconds, monotonic.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._lock = Lock()
        self._title = ""
        self._tasks = self._ended = self._failed = self._bytes = self._shown_step = 0
        self._shown_at = self._began = 0.0

    def __enter__(self) -> Self:
        """Wait for the work to begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Say when the work stopped early; otherwise the last task said that it is done."""
        if self._ended < self._tasks:
            self._write(f"stopped after {self._ended} of {self._tasks}")

    def begin(self, title: str, tasks: int) -> None:
        """Write the first line."""
        with self._lock:
            self._title, self._tasks = title, tasks
            self._ended = self._failed = self._bytes = self._shown_step = 0
            self._shown_at = self._began = self._clock()
            self._write(f"{tasks} to do")

    def received(self, count: int) -> None:
        """Count bytes; write a line when five seconds passed."""
        with self._lock:
            self._bytes += count
            if self._clock() - self._shown_at >= _SECONDS:
                self._show()

    def done(self, label: str, error: Exception | None) -> None:
        """Count a task; write a line when it failed, when it is the last, or when one is due."""
        with self._lock:
            self._ended += 1
            if error is not None:
                self._failed += 1
                self._write(f"{label} failed")
            due = self._ended * _STEPS // max(self._tasks, 1) > self._shown_step
            if due or self._ended == self._tasks or self._clock() - self._shown_at >= _SECONDS:
                self._show()

    def _show(self) -> None:
        self._shown_at = self._clock()
        self._shown_step = self._ended * _STEPS // max(self._tasks, 1)
        percent = 100 * self._ended // max(self._tasks, 1)
        failed = f"{self._failed} failed" if self._failed else ""
        left = time_left(self._ended, self._tasks, self._shown_at - self._began)
        more = "".join(f", {each}" for each in (failed, left) if each)
        self._write(f"{self._ended}/{self._tasks} ({percent} %), {_megabytes(self._bytes)}{more}")

    def _write(self, text: str) -> None:
        self._stream.write(f"{self._title}: {text}\n")
        self._stream.flush()


class BarProgress:
    """Draws a bar on a terminal.

    Args:
        console: where to.
        clock: seconds, monotonic.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichBar

        self._bar = RichBar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[size]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
        )
        self._lock = Lock()
        self._task = self._bar.add_task("", total=None, size="", left="", visible=False)
        self._clock, self._began = clock, 0.0
        self._tasks = self._ended = self._bytes = 0

    def __enter__(self) -> Self:
        """Start to draw."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the last state on the screen."""
        self._bar.stop()

    def begin(self, title: str, tasks: int) -> None:
        """Show the bar at zero."""
        with self._lock:
            self._tasks, self._ended, self._bytes, self._began = tasks, 0, 0, self._clock()
            self._bar.reset(self._task, description=title, total=tasks, size="", left="", visible=True)

    def received(self, count: int) -> None:
        """Count bytes."""
        with self._lock:
            self._bytes += count
            self._bar.update(self._task, size=_megabytes(self._bytes))

    def done(self, label: str, error: Exception | None) -> None:
        """Advance by one task; a failure leaves a line above the bar."""
        if error is not None:
            self._bar.console.print(f"{label} failed", style="red", markup=False, highlight=False)
        with self._lock:
            self._ended += 1
            left = time_left(self._ended, self._tasks, self._clock() - self._began)
            self._bar.update(self._task, advance=1, left=left)


def progress_on(stream: TextIO, *, quiet: bool = False) -> Progress:
    """Return what suits the stream: a bar on a terminal, lines in other streams, nothing when quiet."""
    if quiet:
        return SilentProgress()
    from rich.console import Console

    console = Console(file=stream)
    if console.is_terminal and not console.is_dumb_terminal:
        return BarProgress(console)
    return LineProgress(stream)


def time_left(ended: int, tasks: int, seconds: float) -> str:
    """Return about how long the rest takes if it goes on as until now; an empty text when nothing says so."""
    if not 0 < ended < tasks or seconds < _SOONEST:
        return ""
    left = seconds / ended * (tasks - ended)
    if left < 60:  # noqa: PLR2004 - seconds of a minute
        return f"about {left:.0f} s left"
    minutes = round(left / 60)
    return f"about {minutes} min left" if minutes < 2 * 60 else f"about {minutes / 60:.0f} h left"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
