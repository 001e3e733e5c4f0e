"""Two hundred refreshes killed at random moments: the test of the suite, which kills five, run with more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.campaign import run

KILLS = 200


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Kill refreshes, a quarter of them on their first load; each leaves a whole file and the next ends the work.

    ``DATAELEC_KILLS`` sets another number.
    """
    kills = os.environ.get("DATAELEC_KILLS", str(KILLS))
    yield run(
        f"`kill -9` of {kills} refreshes at random moments (download, copy, build, publication)",
        "served file whole and of one publication each time",
        "tests/faults/test_kill.py",
        folder,
        ("DATAELEC_KILLS", kills),
        *("-k", "killed_at_random"),
    )
