"""Numbers and dates as French writes them; what is missing reads ``n.d.``, never zero."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

# A narrow space that never breaks the line separates thousands; a common one comes before units and "%".
THIN, NBSP, MINUS = "\u202f", "\u00a0", "\u2212"
MISSING = "n.d."

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

# For axes: Vega writes numbers and dates by these (the forms of d3-format and d3-time-format).
NUMBER_LOCALE: dict[str, Any] = {
    "decimal": ",",
    "thousands": THIN,
    "grouping": [3],
    "currency": ["", f"{NBSP}€"],
    "percent": f"{NBSP}%",
    "minus": MINUS,
}
TIME_LOCALE: dict[str, Any] = {
    "dateTime": "%A %e %B %Y à %X",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["AM", "PM"],
    "days": ["dimanche", *_DAYS[:6]],
    "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
    "months": list(MONTHS),
    "shortMonths": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
}


def number(value: float | None, digits: int = 0, unit: str = "") -> str:
    """Return ``1 234,5 MW``; ``n.d.`` for what is missing or not finite."""
    if value is None or not math.isfinite(value):
        return MISSING
    rounded = round(value, digits) + 0.0  # no "−0"
    text = f"{abs(rounded):,.{digits}f}".replace(",", THIN).replace(".", ",")
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{text}{NBSP + unit if unit else ''}"


def interval(low: float | None, high: float | None, digits: int = 0, unit: str = "") -> str:
    """Return ``2 337 à 2 424 MW/°C``."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return MISSING
    return f"{number(low, digits)} à {number(high, digits, unit)}"


def day(value: date | None) -> str:
    """Return ``26 novembre 2026``; the first of a month is ``1er``."""
    if value is None:
        return MISSING
    first = "1er" if value.day == 1 else str(value.day)
    return f"{first}{NBSP}{MONTHS[value.month - 1]}{NBSP}{value.year}"


def weekday(value: date) -> str:
    """Return ``jeudi 26 novembre 2026``."""
    return f"{_DAYS[value.weekday()]}{NBSP}{day(value)}"


def month(value: date | None) -> str:
    """Return ``novembre 2026``."""
    return MISSING if value is None else f"{MONTHS[value.month - 1]}{NBSP}{value.year}"


def moment(value: datetime | None) -> str:
    """Return ``26 novembre 2026 à 14 h 05``, in the zone that the value has."""
    return MISSING if value is None else f"{day(value.date())} à {value.hour}{NBSP}h{NBSP}{value.minute:02d}"


def measured(text: str | None) -> str:
    """Return an ISO day, year, month or instant of ``meta_sources`` in French; anything else unchanged."""
    if not text:
        return MISSING
    parts = text[:10].split("-")
    if not all(part.isdigit() for part in parts):
        return text
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:  # noqa: PLR2004 - year and month
        return month(date(int(parts[0]), int(parts[1]), 1))
    if len(text) > len("2026-11-26"):
        return moment(datetime.fromisoformat(text))
    return day(date.fromisoformat(text))


_BEFORE = re.compile(r" ([;!?])")
_AROUND = re.compile(r" ([:»%])|(«) ")


def typographic(value: Any) -> Any:
    """Return a text whose punctuation stays with its word at the end of a line; anything else unchanged."""
    if type(value) is not str:  # markup is text that is set already
        return value
    return _AROUND.sub(lambda found: f"{NBSP}{found[1]}" if found[1] else f"«{NBSP}", _BEFORE.sub(rf"{THIN}\1", value))


def year(value: date, *, is_whole: bool) -> str:
    """Return the year of a day, marked when it is incomplete."""
    return f"{value.year}" if is_whole else f"{value.year} (année incomplète)"


def counted(number_: int, one: str, many: str) -> str:
    """Return ``1 jour`` or ``3 jours``: zero and one are singular in French."""
    return f"{number_}{NBSP}{one if number_ < 2 else many}"  # noqa: PLR2004


def listed(names: Sequence[str]) -> str:
    """Return ``a, b et c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} et {names[-1]}" if names else ""
