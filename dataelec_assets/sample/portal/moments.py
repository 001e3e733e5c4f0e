"""Date literals: each stands for the interval it is written for.

``date'2026-08-29'`` is a whole day: ``> date'2026-08-29'`` skips all of it (measured on a live portal). A full
timestamp is an instant. A literal without offset is read in the ``timezone`` of the request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_LITERAL = re.compile(
    r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2})(?:[T ](\d{1,2})(?::(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?)?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """Interval [low, high) in UTC without zone, as instants are stored."""

    low: datetime
    high: datetime


def read_moment(text: str, zone: ZoneInfo) -> Moment | None:
    """Return the interval that ``text`` stands for, or None when it is no date."""
    match = _LITERAL.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return _interval(match, zone)
    except (ValueError, OverflowError):
        return None


def _interval(match: re.Match[str], zone: ZoneInfo) -> Moment:
    *parts, fraction, offset = match.groups()
    year, month, day, hour, minute, second = (int(part) if part else None for part in parts)
    low = datetime(
        year or 0,
        month or 1,
        day or 1,
        hour or 0,
        minute or 0,
        second or 0,
        int((fraction or "0").ljust(6, "0")),
        tzinfo=_offset(offset) if offset else zone,
    )
    if second is not None:
        high = low + timedelta(microseconds=1)
    elif minute is not None:
        high = low + timedelta(minutes=1)
    elif hour is not None:
        high = low + timedelta(hours=1)
    elif day is not None:
        high = low + timedelta(days=1)  # wall time: a civil day has 23 to 25 hours
    elif month is not None:
        high = low.replace(year=low.year + low.month // 12, month=low.month % 12 + 1)
    else:
        high = low.replace(year=low.year + 1)
    return Moment(_stored(low), _stored(high))


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1))


def _stored(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
