"""A test of the suite, which takes a few cases, run with many: the exit code of pytest is the result."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run(
    what: str, good: str, test: str, folder: Path, size: tuple[str, str], *options: str
) -> tuple[str, str, str, str]:
    """Run a campaign and return its row: what was run, how long it took, what came of it, whether that is right.

    Args:
        what: was run.
        good: what is said when every case passes.
        test: file of the test.
        folder: for what the test makes.
        size: environment variable that makes it large, and its value.
        options: further ones for pytest.
    """
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *options, f"--basetemp={folder / 'campaign'}", test],
        cwd=ROOT,
        env={**os.environ, size[0]: size[1]},
        check=False,
    )
    is_right = done.returncode == 0
    return (
        what,
        f"{time.perf_counter() - start:.0f} s",
        good if is_right else f"**not so: {good}**",
        f"all: {'yes' if is_right else '**no**'}",
    )
