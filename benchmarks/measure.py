"""Times whole processes, interleaved, so that both sides of a ratio meet the same machine."""

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


@dataclass(frozen=True, slots=True)
class Run:
    """Wall time (s), CPU time (s) and peak memory (MB) of one process."""

    wall: float
    cpu: float
    peak_mb: float


def run_once(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run ``python ARGUMENTS`` and measure it; a failure stops the benchmark with its output."""
    values = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, *arguments], env={**values, **(environment or {})}, stdout=log, stderr=log
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 3):  # 3: some data sets are absent from the portal, as in the published files
            log.seek(0)
            sys.exit(f"{' '.join(arguments)} failed:\n{log.read().decode(errors='replace')}")
    return Run(wall, usage.ru_utime + usage.ru_stime, _megabytes(usage))


def folder_environment(lake: Path, data: Path) -> dict[str, str]:
    """Return the variables that read a folder instead of the portals: a benchmark asks nothing of the network."""
    return {"DATAELEC_LAKE": str(lake), "DATAELEC_FROM": str(data)}


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
    return {
        name: Run(median(run.wall for run in each), median(run.cpu for run in each), max(run.peak_mb for run in each))
        for name, each in runs.items()
    }
