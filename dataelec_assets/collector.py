"""Python's collector of reference cycles, made rarer in our own processes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Python looks for cycles after each 700 new objects. Dagster, dbt and the parsed project are half a million objects
# that live on: it would walk through them hundreds of times and find nothing. With 20,000, imports take 25 % less time
# (2.9 to 2.2 CPU-seconds) and a whole build 20 % less (13.4 to 10.4), for 5 MB of garbage that waits longer.
_OBJECTS, _GENERATIONS = 20_000, 20


def collect_rarely() -> None:
    """Make collections rarer for the rest of the life of this process, which must be ours."""
    gc.set_threshold(_OBJECTS, _GENERATIONS, _GENERATIONS)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Make collections rarer for a while, and leave out what is there already."""
    before = gc.get_threshold()
    gc.freeze()
    collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
