"""Files and archives in which something is wrong: the tests of the suite, for longer and on other files each time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.campaign import run

# Of each of the seven shapes.
SECONDS = 60


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Read mutated files of every shape; ``DATAELEC_FUZZ`` sets another number of seconds for each."""
    seconds = os.environ.get("DATAELEC_FUZZ", str(SECONDS))
    yield run(
        f"Mutated files of seven shapes (CSV, JSON, v1 records, Parquet, RTE's .xls, zip), {seconds} s each",
        "rows or a fault of the source each time",
        "tests/faults/test_fuzz.py",
        folder,
        ("DATAELEC_FUZZ", seconds),
        *("-n", "2"),
    )
