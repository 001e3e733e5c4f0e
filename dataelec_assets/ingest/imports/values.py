"""The value of an imported line: a number as French files write it, a secret, or nothing."""

from __future__ import annotations

import math
import re
from typing import Literal

Marker = Literal["secret", "absent"]

# As int_indicateur_odd_lignes reads the published files.
_SECRET = {"s", "ss", "secret", "c"}
_ABSENT = {"", "nd", "n.d.", "n.d", "na", "n/a", "n.a.", "nc", "nan", "null", ".", "..", "...", "…", "-", "*"}

_NUMBER = re.compile(r"[+-]?(\d+([.]\d*)?|[.]\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)

# 1 234,5 — 1.234,5 — 1,234.5: what separates thousands stands before three digits, each time.
_POINTS = re.compile(r"[+-]?\d{1,3}([.]\d{3})+,\d+")
_COMMAS = re.compile(r"[+-]?\d{1,3}(,\d{3})+[.]\d+")


def value_of(text: str) -> tuple[float | None, Marker | None] | None:
    """Return a number, or null with the reason; None for what is neither.

    >>> value_of("1 234,5"), value_of("s"), value_of("nd"), value_of("12 k")
    ((1234.5, None), (None, 'secret'), (None, 'absent'), None)
    """
    word = text.lower()
    if word in _SECRET:
        return None, "secret"
    if word in _ABSENT:
        return None, "absent"
    number = re.sub(r"(?<=\d)[ \u00a0\u202f'’](?=\d{3}(?!\d))", "", text).replace("\u2212", "-")
    if _POINTS.fullmatch(number):
        number = number.replace(".", "")
    elif _COMMAS.fullmatch(number):
        number = number.replace(",", "")
    number = number.replace(",", ".", 1)
    if not _NUMBER.fullmatch(number):
        return None
    found = float(number)
    return (found, None) if math.isfinite(found) else None
