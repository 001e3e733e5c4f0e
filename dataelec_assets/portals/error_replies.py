"""What a reply that is not data means: every shape of error body, quotas, ``Retry-After``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial

from httpx import codes

from dataelec_assets.catalog.portals import Span
from dataelec_assets.errors import (
    DatasetAbsent,
    PortalUnreachable,
    QuotaExceeded,
    RequestRejected,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.portals import pacing
from dataelec_assets.portals.pacing import LONGEST_PAUSE, LimitReached, end_of
from dataelec_assets.portals.retries import Transient

# Quota of the domain, quota of anonymous users (Opendatasoft documentation, "quotas").
QUOTA_CODES = frozenset({"10002", "10005"})

# Open-Meteo's words for the unit of its clock that is used up; it sends no Retry-After.
_UNITS: dict[str, Span] = {"minutely": "minute", "hourly": "hour", "daily": "day", "monthly": "month"}
_LIMIT = re.compile(rf"\b({'|'.join(_UNITS)}) api request limit exceeded", re.IGNORECASE)

# Statuses below 500 that mean "later" rather than "no"; data-fair sends 409 while it processes a data set.
_LATER = frozenset({codes.REQUEST_TIMEOUT, codes.CONFLICT, codes.TOO_EARLY})

# The one above that means "no": the server does not have the method.
_NEVER = codes.NOT_IMPLEMENTED

# Epoch seconds stay below this until the year 5138; what is above is in milliseconds.
_MILLISECONDS_FROM = 10**11

# Long enough for every message of the API, short enough for a terminal.
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls that a portal grants, as announced by its latest answer; each figure is None when not announced."""

    limit: int | None
    remaining: int | None
    reset_at: datetime | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an error body says."""

    message: str
    code: str | None = None
    reset_at: datetime | None = None

    @property
    def is_quota(self) -> bool:
        """Whether calls are used up, as opposed to merely too fast."""
        return self.code in QUOTA_CODES or self.reset_at is not None


def quota_of(headers: Mapping[str, str], family: str = "X-RateLimit-") -> Quota | None:
    """Return the quota that the headers of one family announce; None when they announce none.

    Args:
        headers: of the reply, case-insensitive.
        family: ``X-RateLimit-`` (user or domain) or ``X-RateLimit-dataset-``.
    """
    limit, remaining, reset = (headers.get(f"{family}{name}") for name in ("Limit", "Remaining", "Reset"))
    if limit is None and remaining is None:
        return None
    return Quota(_whole(limit), _whole(remaining), _instant(reset))


def explain(body: bytes) -> Explanation:
    """Read an error body of any known shape.

    ``error_code``/``message`` (the API), ``errorcode``/``error`` (quotas and old versions), plain text (data-fair),
    HTML (gateways and maintenance pages).
    """
    text = body.decode("utf-8", errors="replace").strip().removeprefix("\ufeff").strip()
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict):
        # Open-Meteo: `error` is true, `reason` says why.
        message = parsed.get("message") or parsed.get("reason") or parsed.get("error") or text
        code = parsed.get("error_code") or parsed.get("errorcode")
        reset = parsed.get("reset_time")
        return Explanation(
            _short(str(message)), None if code is None else str(code), _instant(str(reset)) if reset else None
        )
    if text.startswith("<"):
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        return Explanation(f"an HTML page “{_short(title[1])}”" if title else "an HTML page")
    return Explanation(_short(text))


def fault_of(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    dataset_id: str,
    request: str,
    longest_retry_after: float,
) -> SourceError | Transient | LimitReached:
    """Return what to raise for an answer whose status is not 2xx.

    Args:
        status: HTTP status.
        headers: of the reply, case-insensitive.
        body: of the reply, decoded.
        dataset_id: for the message.
        request: the URL, for the message.
        longest_retry_after: longest wait that is worth it, in seconds.
    """
    said = explain(body)
    message = f"HTTP {status}: {said.message}" if said.message else f"HTTP {status}"
    if status in (codes.NOT_FOUND, codes.GONE):
        return DatasetAbsent(message, dataset_id=dataset_id, request=request)
    asked = _wait_asked(headers)
    if status == codes.TOO_MANY_REQUESTS:
        return _too_many(
            said,
            message,
            asked,
            _announced_reset(headers),
            longest=longest_retry_after,
            dataset_id=dataset_id,
            request=request,
        )
    if status in _LATER or (codes.is_server_error(status) and status != _NEVER):
        if asked is not None and asked > longest_retry_after:
            back = _now() + timedelta(seconds=asked)
            message = f"{message}; the portal asks to come back after {back.isoformat(timespec='seconds')}"
            return PortalUnreachable(message, dataset_id=dataset_id, request=request)
        unreachable = partial(PortalUnreachable, dataset_id=dataset_id, request=request)
        return Transient(message, unreachable, retry_after=asked)
    if codes.is_client_error(status) or status == _NEVER:
        return RequestRejected(message, dataset_id=dataset_id, request=request)
    return UnexpectedContent(f"{message}, where data was expected", dataset_id=dataset_id, request=request)


def _too_many(
    said: Explanation,
    message: str,
    asked: float | None,
    announced: datetime | None,
    *,
    longest: float,
    dataset_id: str,
    request: str,
) -> QuotaExceeded | Transient | LimitReached:
    """Distinguish calls that came too fast from a quota that is used up, which only time cures."""
    if unit := _LIMIT.search(said.message):
        until = end_of(_UNITS[unit[1].lower()], _now())
        if until - _now() <= LONGEST_PAUSE:
            return LimitReached(until, message)
        return QuotaExceeded(message, dataset_id=dataset_id, request=request, reset_at=until)
    reset_at = said.reset_at or announced
    if asked is None and reset_at is not None:
        asked = max(0.0, (reset_at - _now()).total_seconds())
    if not said.is_quota and (asked is None or asked <= longest):
        fault = partial(QuotaExceeded, dataset_id=dataset_id, request=request, reset_at=reset_at)
        return Transient(message, fault, retry_after=asked)
    if reset_at is None and asked is not None:
        reset_at = _now() + timedelta(seconds=asked)
    return QuotaExceeded(message, dataset_id=dataset_id, request=request, reset_at=reset_at)


def _announced_reset(headers: Mapping[str, str]) -> datetime | None:
    """Return when the quota is renewed that the headers announce as used up."""
    quotas = (quota_of(headers), quota_of(headers, "X-RateLimit-dataset-"))
    return max((quota.reset_at for quota in quotas if quota and quota.remaining == 0 and quota.reset_at), default=None)


def _wait_asked(headers: Mapping[str, str]) -> float | None:
    """Return ``Retry-After`` in seconds, given as a number or as an HTTP date; None when absent or unreadable."""
    value = headers.get("Retry-After")
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - _now()).total_seconds())


def _instant(value: str | None) -> datetime | None:
    """Read an instant: epoch seconds (or milliseconds), or ISO 8601, UTC when it has no offset."""
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        pass
    else:
        return _epoch(number)
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _epoch(number: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _whole(value: str | None) -> int | None:
    try:
        return None if value is None else int(value)
    except ValueError:
        return None


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN]}…"


def _now() -> datetime:
    return pacing.now()
