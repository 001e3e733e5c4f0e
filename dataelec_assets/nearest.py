"""What a word that nobody knows was perhaps meant to be."""

from __future__ import annotations

import re
from collections.abc import Iterable

# As many as are read at a glance.
_SHOWN = 3


def nearest(word: str, known: Iterable[str], most: int = _SHOWN) -> list[str]:
    """Return the names that are most like a word, the likeliest first.

    Those that contain it come before all others; else a name is as like as it is itself, or as one of its parts is.
    """
    from difflib import SequenceMatcher  # not at every start of a command

    asked = word.lower()

    def likeness(name: str) -> tuple[bool, float, float]:
        whole, *parts = (
            SequenceMatcher(None, each, asked).ratio() for each in (name.lower(), *re.split("[-_]", name.lower()))
        )
        return asked in name.lower(), max(whole, *parts), whole

    return sorted(known, key=likeness, reverse=True)[:most] if word else []


def did_you_mean(word: str, known: Iterable[str], most: int = _SHOWN) -> str:
    """Return a question that names the nearest; an empty text when nothing is known."""
    names = nearest(word, known, most)
    if not names:
        return ""
    return f"Did you mean {' or '.join(filter(None, (', '.join(names[:-1]), names[-1])))}?"
