"""Names of Parquet files: each is written once, under a name of its own, and swept when no reader can still want it.

Readers take the names from an index and open the files one after the other, on object stores long afterwards. A file
that was replaced under its name would give them rows of two states.
"""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from dataelec_assets.lake.write_through import removed

# How long a part stays after another has taken its place. The slowest reader that we know is a full build on Spark, ten
# minutes; a notebook that has listed the files in the morning may still be at them in the evening.
GRACE = timedelta(days=1)

# Sixteen hexadecimal digits never meet by chance among the parts of a folder.
_DIGITS = 16


def part_name(signature: str) -> str:
    """Return the name of the file that was made from what a signature (or digest, of at least 16 digits) identifies."""
    return f"part-{signature[:_DIGITS]}.parquet"


def sweep_parts(current: Path) -> list[Path]:
    """Remove the parts beside the current one that another took the place of longer than ``GRACE`` ago.

    A part was in use until the next one was written: its own age says nothing.

    Returns:
        Those that were removed.
    """
    stamped = sorted((each.stat().st_mtime, each) for each in current.parent.glob("part-*.parquet"))
    limit = time.time() - GRACE.total_seconds()
    gone = [part for (_, part), (replaced, _) in pairwise(stamped) if replaced < limit and part != current]
    for part in gone:
        part.unlink(missing_ok=True)
        removed(part)
    return gone


def drop_parts(folder: Path) -> None:
    """Remove all parts of a partition that is no longer served: nobody is to read them, not even for a day."""
    there = [*folder.glob("part-*.parquet")]
    shutil.rmtree(folder, ignore_errors=True)
    for part in there:
        removed(part)
