"""Files and archives in which something is wrong: the tests of the suite, for longer and on other files each time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

TEST = "tests/faults/test_fuzz.py"
# Of each of the seven shapes.
SECONDS = 60


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Read mutated files of every shape; ``DATAELEC_FUZZ`` sets another number of seconds for each."""
    seconds = os.environ.get("DATAELEC_FUZZ", str(SECONDS))
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--basetemp={folder / 'fuzz'}", TEST],
        cwd=ROOT,
        env={**os.environ, "DATAELEC_FUZZ": seconds},
        check=False,
    )
    yield (
        f"Mutated files of seven shapes (CSV, JSON, v1 records, Parquet, RTE's .xls, zip), {seconds} s each",
        f"{time.perf_counter() - start:.0f} s",
        "rows or a fault of the source each time" if done.returncode == 0 else "**something else**",
        f"all: {'yes' if done.returncode == 0 else '**no**'}",
    )
