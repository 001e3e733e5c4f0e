"""Measures whole processes in turn, so that both sides of a ratio meet the same machine."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO

# What was measured, figures, result, bound and whether it is met.
Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """What one process and its children took.

    Attributes:
        wall: seconds.
        cpu: seconds, of user and system.
        peak_mb: largest resident memory of one of them.
        written_mb: bytes that went to a file system on disk; a folder in memory counts for nothing.
        output: what it printed.
    """

    wall: float
    cpu: float
    peak_mb: float
    written_mb: float
    output: str


def run_once(
    arguments: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    program: str = sys.executable,
    right: Sequence[int] = (0, 3),
) -> Run:
    """Run ``python ARGUMENTS`` and measure it; a failure stops the benchmark with its output.

    Args:
        arguments: of the program.
        environment: variables beside those of this process.
        program: Python, unless another is given.
        right: exit codes that do not count as failures. 3: some data sets are absent, as in the published files.
    """
    # Users have compiled bytecode.
    values = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [program, *arguments], env={**values, **(environment or {})}, stdout=printed, stderr=log
        )
        # The kernel knows what a process has written until somebody waits for it.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        wall = time.perf_counter() - start
        written = _written_mb(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output = _content(printed)
        if process.returncode not in right:
            sys.exit(f"{program} {' '.join(arguments)} failed:\n{output}\n{_content(log)}")
    return Run(wall, usage.ru_utime + usage.ru_stime, _megabytes(usage), written, output)


def folder_environment(lake: Path, data: Path) -> dict[str, str]:
    """Return the variables that read a folder instead of the portals: a benchmark asks nothing of the network."""
    return {"DATAELEC_LAKE": str(lake), "DATAELEC_FROM": str(data), "DAGSTER_HOME": str(lake / "dagster")}


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _written_mb(identifier: int) -> float:
    lines = Path(f"/proc/{identifier}/io").read_text(encoding="ascii").splitlines()
    figures = {name: int(value) for name, _, value in (line.partition(":") for line in lines)}
    return (figures["write_bytes"] - figures["cancelled_write_bytes"]) / 1e6


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024  # kilobytes on Linux


def side_by_side(candidates: Mapping[str, Sequence[str]], folder: Path, rounds: int) -> dict[str, Run]:
    """Run every candidate ``rounds`` times in turn, after one round to warm caches; return the medians.

    ``{out}`` in an argument becomes a new path for each run.
    """
    runs: dict[str, list[Run]] = {name: [] for name in candidates}
    for number in range(rounds + 1):
        for name, arguments in candidates.items():
            target = str(folder / f"{name}-{number}")
            run = run_once([each.replace("{out}", target) for each in arguments])
            if number:
                runs[name].append(run)
    return {name: middle(each) for name, each in runs.items()}


def middle(runs: Sequence[Run]) -> Run:
    """Return the medians of several runs of the same, and the largest peak."""
    return Run(
        median(run.wall for run in runs),
        median(run.cpu for run in runs),
        max(run.peak_mb for run in runs),
        median(run.written_mb for run in runs),
        runs[-1].output,
    )


def rounds(most: int) -> int:
    """Return how often things are measured: ``DATAELEC_ROUNDS``, or ``most``."""
    return int(os.environ.get("DATAELEC_ROUNDS", most))


def sizes(usual: Sequence[int]) -> tuple[int, ...]:
    """Return at which sizes things are measured, such as "1 3": ``DATAELEC_SIZES``, or the usual."""
    chosen = os.environ.get("DATAELEC_SIZES")
    return tuple(int(each) for each in chosen.split()) if chosen else tuple(usual)


def verdict(bound: str, *, ok: bool) -> str:
    """Return a bound with the answer whether it is met."""
    return f"{bound}: {'yes' if ok else '**no**'}"


def at_most(value: float, bound: float, form: str = "× {:.2f}") -> tuple[str, str]:
    """Return a figure and the verdict on a bound that it may reach; ``form`` shows both, ratios by default."""
    limit = form.format(bound) if "×" not in form else f"{bound:.3g}"
    return form.format(value), verdict(f"≤ {limit}", ok=value <= bound)


def at_least(ratio: float, bound: float) -> tuple[str, str]:
    """Return a ratio and the verdict on a bound that it must reach."""
    return f"× {ratio:.2f}", verdict(f"≥ {bound:g}", ok=ratio >= bound)
