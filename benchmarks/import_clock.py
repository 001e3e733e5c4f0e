"""CPU-seconds that a process spends on imports: the figures of a refresh are compared without them.

``start()`` before anything else is imported, ``spent()`` at the end.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

_spent: dict[int, float] = {}
_inside = threading.local()


def start() -> None:
    """Start the clock, in the one function of Python's machinery that every import of a new module calls."""
    machinery: Any = sys.modules["_frozen_importlib"]
    machinery._find_and_load = _clocked(machinery._find_and_load)  # noqa: SLF001 - Python offers no public way


def spent() -> float:
    """Return the CPU-seconds so far, of all threads."""
    return sum(_spent.values())


def _clocked(find: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with a clock; an import within another counts once."""

    def find_and_load(name: str, import_: Any) -> Any:
        if getattr(_inside, "is_import", False):
            return find(name, import_)
        _inside.is_import = True
        begun = time.thread_time()
        try:
            return find(name, import_)
        finally:
            thread = threading.get_ident()
            _spent[thread] = _spent.get(thread, 0.0) + time.thread_time() - begun
            _inside.is_import = False

    return find_and_load
