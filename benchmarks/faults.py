"""Every kind of wrong reply on five data sets in two sequences: the test of the suite, which takes a few, run whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.campaign import run
from tests.faults.test_portal_faults import DATASETS, FAULTS


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Break every kind of reply; no wrong row may be copied, no revision lost."""
    yield run(
        f"{2 * len(FAULTS) * len(DATASETS)} faults of a portal ({len(FAULTS)} kinds × {len(DATASETS)} data sets × "
        "2 sequences)",
        "no wrong row copied, no revision lost",
        "tests/faults/test_portal_faults.py",
        folder,
        ("DATAELEC_FAULTS", "all"),
    )
