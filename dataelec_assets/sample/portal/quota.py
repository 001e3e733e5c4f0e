"""The quota of API calls: headers that count down, and the refusal when it is used up."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

_MESSAGES = {
    10002: "Too many requests on the domain. Please contact the domain administrator.",
    10005: "You have exceeded the requests limit for anonymous users.",
}


@dataclass(slots=True)
class Quota:
    """The quota of one portal.

    Attributes:
        limit: calls per unit; ODRÉ announces 50,000 a month.
        unit: ``day`` or ``month``; the counter resets at 00:00 UTC of the next one.
        code: 10002 (domain) or 10005 (anonymous users).
        headers: ``domain`` for ``X-RateLimit-*``, ``dataset`` for ``X-RateLimit-dataset-*``.
        reset_time: fixed instant instead of the next day or month, for tests.
        used: calls counted.
    """

    limit: int = 50_000
    unit: Literal["day", "month"] = "month"
    code: Literal[10002, 10005] = 10002
    headers: Literal["domain", "dataset"] = "domain"
    reset_time: str | None = None
    used: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self) -> bool:
        """Count one call; False when the quota was used up already."""
        with self._lock:
            if self.used >= self.limit:
                return False
            self.used += 1
            return True

    @property
    def reset_at(self) -> datetime:
        """Instant (UTC) at which calls may resume."""
        if self.reset_time is not None:
            return datetime.fromisoformat(self.reset_time).astimezone(UTC)
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if self.unit == "day":
            return today + timedelta(days=1)
        return today.replace(year=today.year + today.month // 12, month=today.month % 12 + 1, day=1)

    def reply_headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers of every reply."""
        prefix = "x-ratelimit-dataset-" if self.headers == "dataset" else "x-ratelimit-"
        values = {
            "limit": self.limit,
            "remaining": max(0, self.limit - self.used),
            "reset": int(self.reset_at.timestamp()),
        }
        return [(f"{prefix}{name}".encode(), str(value).encode()) for name, value in values.items()]

    def refusal(self) -> dict[str, Any]:
        """Return the body of the 429, which has another shape than the other errors."""
        return {
            "errorcode": self.code,
            "reset_time": self.reset_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "limit_time_unit": self.unit,
            "call_limit": self.limit,
            "error": _MESSAGES[self.code],
        }
