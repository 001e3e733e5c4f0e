"""Every kind of wrong reply on five data sets in two sequences: the test of the suite, which takes a few, run whole."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.test_portal_faults import DATASETS, FAULTS

ROOT = Path(__file__).resolve().parents[1]

TEST = "tests/faults/test_portal_faults.py"


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Break every kind of reply; no wrong row may be copied, no revision lost."""
    count, start = 2 * len(FAULTS) * len(DATASETS), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--basetemp={folder / 'faults'}", TEST],
        cwd=ROOT,
        env={**os.environ, "DATAELEC_FAULTS": "all"},
        check=False,
    )
    yield (
        f"{count} faults of a portal ({len(FAULTS)} kinds × {len(DATASETS)} data sets × 2 sequences)",
        f"{time.perf_counter() - start:.0f} s",
        "no wrong row copied, no revision lost" if done.returncode == 0 else "**wrong rows or lost revisions**",
        f"none: {'yes' if done.returncode == 0 else '**no**'}",
    )
