"""What the user sees on a terminal, in a log, and when asked to be quiet."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from dataelec_assets.portals.progress import BarProgress, LineProgress, SilentProgress, progress_on, time_left


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_the_stream_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(progress_on(Terminal()), BarProgress)
    assert isinstance(progress_on(io.StringIO()), LineProgress)
    assert isinstance(progress_on(Terminal(), quiet=True), SilentProgress)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(progress_on(Terminal()), LineProgress)


def test_a_log_gets_a_line_each_tenth() -> None:
    stream = io.StringIO()
    with LineProgress(stream, clock=lambda: 0.0) as progress:
        progress.begin("odre", 180)
        for number in range(180):
            progress.received(1_000_000)
            progress.done(str(number), None)
    lines = stream.getvalue().splitlines()
    assert lines[:2] == ["odre: 180 to do", "odre: 18/180 (10 %), 18.0 MB"]
    assert lines[-1] == "odre: 180/180 (100 %), 180.0 MB"
    assert len(lines) == 11


def test_a_log_of_slow_work_gets_a_line_each_five_seconds() -> None:
    stream = io.StringIO()
    now = 0.0
    with LineProgress(stream, clock=lambda: now) as progress:
        progress.begin("odre", 1)
        for _ in range(60):
            now += 0.25
            progress.received(1000)
        progress.done("x", None)
    lines = stream.getvalue().splitlines()
    assert lines[1:4] == ["odre: 0/1 (0 %), 0.0 MB", "odre: 0/1 (0 %), 0.0 MB", "odre: 0/1 (0 %), 0.1 MB"]
    assert len(lines) == 5


def test_a_log_names_what_failed_and_where_it_stopped() -> None:
    stream = io.StringIO()
    with LineProgress(stream, clock=lambda: 0.0) as progress:
        progress.begin("odre", 3)
        progress.done("2019-03", ValueError())
    assert stream.getvalue().splitlines() == [
        "odre: 3 to do",
        "odre: 2019-03 failed",
        "odre: 1/3 (33 %), 0.0 MB, 1 failed",
        "odre: stopped after 1 of 3",
    ]


def test_a_terminal_gets_a_bar_with_tasks_and_bytes() -> None:
    stream = Terminal()
    with BarProgress(Console(file=stream, force_terminal=True, width=100)) as progress:
        progress.begin("odre", 2)
        progress.received(2_500_000)
        progress.received(-500_000)
        progress.done("2019-03", None)
        progress.done("2019-[04]", ValueError())
    shown = stream.getvalue()
    assert "odre" in shown
    assert "2/2" in shown
    assert "2.0 MB" in shown
    assert "2019-[04] failed" in shown


@pytest.mark.parametrize(
    ("ended", "seconds", "words"),
    [
        (0, 60.0, ""),
        (1, 2.9, ""),
        (10, 600.0, ""),
        (5, 10.0, "about 10 s left"),
        (2, 60.0, "about 4 min left"),
        (1, 3600.0, "about 9 h left"),
    ],
)
def test_the_time_that_is_left_is_told_when_something_tells_it(ended: int, seconds: float, words: str) -> None:
    assert time_left(ended, 10, seconds) == words


def test_a_log_and_a_bar_say_how_long_the_rest_takes() -> None:
    now, log, terminal = 0.0, io.StringIO(), Terminal()
    console = Console(file=terminal, force_terminal=True, width=120)
    with LineProgress(log, clock=lambda: now) as lines, BarProgress(console, clock=lambda: now) as bar:
        for each in (lines, bar):
            each.begin("odre", 4)
        now = 60.0
        for each in (lines, bar):
            each.done("2019-03", ValueError())
    assert "odre: 1/4 (25 %), 0.0 MB, 1 failed, about 3 min left" in log.getvalue().splitlines()
    assert "about 3 min left" in terminal.getvalue()


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_on(io.StringIO(), quiet=True) as progress:
        progress.begin("odre", 1)
        progress.received(1)
        progress.done("x", ValueError())
    assert capsys.readouterr() == ("", "")
