"""When and how long to wait before a request is sent again."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

import tenacity

from dataelec_assets.errors import SourceError

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently to ask again.

    Attributes:
        attempts: number of requests, the first one included. Four attempts outlive a restart of the portal's gateway,
            and a portal that is down holds a refresh back for some seconds only.
        first_wait: upper bound of the first wait, in seconds; it doubles each time. Every wait is drawn between
            zero and its bound ("full jitter"), so that side-by-side downloads do not come back all at once.
        longest_wait: bound that the doubling never passes, in seconds.
        longest_retry_after: longest ``Retry-After`` to wait for, in seconds; when the portal asks for more, the refresh
            of the data set ends and says when to come back.
    """

    attempts: int = 4
    first_wait: float = 1.0
    longest_wait: float = 30.0
    longest_retry_after: float = 60.0


class Transient(Exception):
    """An attempt failed in a way that another one may cure.

    Args:
        reason: what happened, for the log and for the final message.
        fault: makes the error to raise when no attempt is left, from a message.
        retry_after: seconds that the portal asks to wait, if it does.
    """

    def __init__(self, reason: str, fault: Callable[[str], SourceError], *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fault = fault
        self.retry_after = retry_after


def call(attempt: Callable[[], T], policy: RetryPolicy, *, sleep: Callable[[float], None], cancelled: Event) -> T:
    """Return what ``attempt`` returns, asking again on every ``Transient`` as the policy says.

    Args:
        attempt: sends the request once.
        policy: how often and how patiently.
        sleep: waits for a number of seconds.
        cancelled: once set, no further attempt is made.

    Raises:
        SourceError: the fault of the last ``Transient``; anything else that ``attempt`` raises passes at once.
    """
    retrying = tenacity.Retrying(
        stop=tenacity.stop_any(tenacity.stop_after_attempt(policy.attempts), tenacity.stop_when_event_set(cancelled)),
        wait=_Wait(policy),
        retry=tenacity.retry_if_exception_type(Transient),
        sleep=sleep,
        before_sleep=_log,
        reraise=True,
    )
    try:
        return retrying(attempt)
    except Transient as last:
        made = retrying.statistics.get("attempt_number", policy.attempts)
        tail = f" (after {made} attempts)" if made > 1 else ""
        raise last.fault(f"{last.reason}{tail}") from last.__cause__


class _Wait(tenacity.wait.wait_base):
    """What the portal asks for when it does; else exponential with full jitter."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._exponential = tenacity.wait_random_exponential(multiplier=policy.first_wait, max=policy.longest_wait)
        self._jitter = policy.first_wait

    def __call__(self, retry_state: tenacity.RetryCallState) -> float:
        """Return the seconds to wait."""
        error = retry_state.outcome.exception() if retry_state.outcome else None
        if isinstance(error, Transient) and error.retry_after is not None:
            # Never earlier than asked; the jitter keeps waiting threads from coming back in the same instant.
            return error.retry_after + random.uniform(0, self._jitter)  # noqa: S311 - no secret is drawn
        return self._exponential(retry_state)


def _log(retry_state: tenacity.RetryCallState) -> None:
    error = retry_state.outcome.exception() if retry_state.outcome else None
    wait = retry_state.next_action.sleep if retry_state.next_action else 0.0
    logger.warning("attempt %d failed: %s; next in %.1f s", retry_state.attempt_number, error, wait)
