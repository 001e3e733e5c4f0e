"""What users come for, played through what they use: browser, command line, HTTP, psql, spreadsheet, assistant.

``python -m benchmarks.tasks [LAKE]`` plays every task on a lake that has a publication, made from an empty folder when
none is given; it prints for each the seconds and the words that its user saw, then a table. The exit code is 1 when one
failed. One that needs what is not installed says so and counts for nothing. One task imports an indicator; it is
withdrawn at the end.

``SUPERSET`` names the environment of `make superset`, ``POLARS`` a Python that has polars.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import httpx
from playwright.sync_api import Error as BrowserError

from benchmarks import tools, users
from benchmarks.desk import Desk, NotPlayed
from benchmarks.measure import Row

# Characters of what a user saw that are printed.
MOST_WORDS = 400
# What may go wrong in a task: the others are played all the same.
FAULTS = (
    AssertionError, BrowserError, ExceptionGroup, LookupError, OSError, RuntimeError, SystemExit, ValueError,
    duckdb.Error, httpx.HTTPError, subprocess.SubprocessError,
)  # fmt: skip


# Who, what for; the first makes the lake that the others use.
TASKS: dict[str, Callable[[Desk], str]] = {
    "newcomer: from README.fr to a first chart": users.first_chart,
    "newcomer: the query of README.fr": users.first_query,
    "officer: Gironde and its neighbours, in a spreadsheet": users.neighbours,
    "officer: the page of a commune": users.commune,
    "officer: the type of an EPCI": users.typology,
    "officer: an indicator of one's own, compared": users.own_indicator,
    "analyst: the unit of a column": users.unit,
    "analyst: the period of a figure": users.period,
    "BI: a first chart in Superset": tools.superset_chart,
    "BI: a measure and its unit in PostgreSQL": tools.postgres_measure,
    "Python: Parquet by its address in Polars": tools.polars_by_url,
    "spreadsheet: the API's French CSV in LibreOffice": tools.french_csv,
    "program: ten wishes of an officer by the API": tools.ten_wishes,
    "assistant: a question by MCP": tools.assistant,
}


@dataclass(frozen=True, slots=True)
class Played:
    """How a task went: ``done``, ``failed`` or ``not played``, in how many seconds, and what was seen."""

    name: str
    state: str
    seconds: float
    words: str


def play(name: str, task: Callable[[Desk], str], desk: Desk) -> Played:
    """Play one task; what goes wrong in it is its words."""
    start = time.perf_counter()
    try:
        state, words = "done", task(desk)
    except NotPlayed as lacking:
        state, words = "not played", str(lacking)
    except FAULTS as fault:
        state, words = "failed", f"{type(fault).__name__}: {fault}"
    return Played(name, state, time.perf_counter() - start, " ".join(words.split()))


def played(folder: Path, lake: Path | None = None) -> Iterator[Played]:
    """Play every task.

    Args:
        folder: an empty one.
        lake: with a publication; None: the first task makes it.
    """
    desk = Desk(folder, lake or folder / "lake" / "demo" / "lake")
    with desk.closing:
        for name, task in TASKS.items():
            yield play(name, task, desk)


def rows(folder: Path) -> Iterator[Row]:
    """Play every task from an empty folder."""
    for each in played(folder):
        verdict = {"done": "done: yes", "failed": "done: **no**"}.get(each.state, each.state)
        yield each.name, each.words[:MOST_WORDS].replace("|", "·"), f"{each.seconds:.1f} s", verdict


def main(arguments: Sequence[str]) -> int:
    """Play, print, and return the exit code: 1 when a task failed."""
    lake = Path(arguments[0]).resolve() if arguments else None
    if lake and not (lake / "serving" / "dataelec.duckdb").exists():
        sys.exit(
            f"{lake} has no publication: run `dataelec refresh` first, or give no lake to play on a demonstration."
        )
    found = []
    with tempfile.TemporaryDirectory(prefix="dataelec-tasks-") as folder:
        for each in played(Path(folder), lake):
            print(f"{each.name} ({each.seconds:.1f} s, {each.state})\n    {each.words[:MOST_WORDS]}\n", flush=True)
            found.append(each)
    width = max(len(each.name) for each in found)
    for each in found:
        print(f"{each.name:{width}}  {each.seconds:6.1f} s  {each.state}")
    return int(any(each.state == "failed" for each in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
