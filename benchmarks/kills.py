"""Two hundred refreshes killed at random moments: the test of the suite, which kills five, run with more."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

TEST = "tests/faults/test_kill.py"
KILLS = 200


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Kill refreshes, a quarter of them on their first load; each leaves a whole file and the next ends the work.

    ``DATAELEC_KILLS`` sets another number.
    """
    kills = os.environ.get("DATAELEC_KILLS", str(KILLS))
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-k", "killed_at_random", f"--basetemp={folder / 'kills'}", TEST],
        cwd=ROOT,
        env={**os.environ, "DATAELEC_KILLS": kills},
        check=False,
    )
    yield (
        f"`kill -9` of {kills} refreshes at random moments (download, copy, build, publication)",
        f"{time.perf_counter() - start:.0f} s",
        "served file whole and of one publication each time" if done.returncode == 0 else "**not whole**",
        f"all: {'yes' if done.returncode == 0 else '**no**'}",
    )
