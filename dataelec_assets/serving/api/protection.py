"""The layer around every request: rate limit per client, security headers, a log without parameters."""

from __future__ import annotations

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dataelec_assets.serving.api.problems import problem_response

_log = logging.getLogger("dataelec.api")

# Largest number of clients that are remembered; the one silent longest goes first, and returns with a full bucket.
MOST_CLIENTS = 10_000

_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]
# The documentation is one page and one style sheet; a browser has nothing to run.
_POLICY = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)


class Buckets:
    """A bucket of tokens per client: each request takes one, ``rate`` come back per second.

    Args:
        rate: requests per second that a client may sustain.
        burst: requests that it may send at once.
        clock: in seconds; tests stop it.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst, self._clock = rate, max(burst, 1.0), clock
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Take a token; return 0, or the seconds until the next one."""
        now = self._clock()
        tokens, then = self._clients.pop(client, (self.burst, now))
        tokens = min(self.burst, tokens + (now - then) * self.rate)
        taken = tokens >= 1
        self._clients[client] = (tokens - 1 if taken else tokens, now)
        if len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)
        return 0.0 if taken else (1 - tokens) / self.rate


class Protection:
    """The outermost layer.

    Args:
        app: what it protects.
        buckets: None: no limit.
        log: whether requests are logged, without their parameters, which may hold a secret.
    """

    def __init__(self, app: ASGIApp, buckets: Buckets | None, *, log: bool) -> None:
        self.app, self._buckets, self._logs = app, buckets, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 0

        async def protected(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_HEADERS, _POLICY]
            await send(message)

        try:
            wait = self._buckets.wait(scope["client"][0] if scope.get("client") else "") if self._buckets else 0.0
            if wait > 0:
                await self._refuse(wait, scope, receive, protected)
            else:
                await self.app(scope, receive, protected)
        except Exception:
            if status:
                raise  # half an answer is out: the connection is cut
            _log.exception("%s %s failed", scope["method"], _plain(scope["path"]))
            await _fault(scope, receive, protected)
        finally:
            if self._logs:
                _log.info("%s %s %s %.0f ms", scope["method"], _plain(scope["path"]), status, _ms_since(start))

    async def _refuse(self, wait: float, scope: Scope, receive: Receive, send: Send) -> None:
        seconds = math.ceil(wait)
        response = problem_response(
            429,
            f"Plus de {self._buckets.rate:g} requêtes par seconde : réessayer dans {seconds} s."
            if self._buckets
            else "",
            scope["path"],
            headers={"Retry-After": str(seconds), "Access-Control-Allow-Origin": "*"},
            errors={},
        )
        await response(scope, receive, send)


async def _fault(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer an internal error; only the log says which."""
    detail = "La réponse n'a pas pu être faite ; le journal du service dit pourquoi."
    response = problem_response(500, detail, scope["path"], headers={}, errors={})
    await response(scope, receive, send)


def _plain(path: str) -> str:
    """Return a path that cannot forge a line of the log."""
    return path[:200].encode("ascii", "backslashreplace").decode().replace("\n", "\\n").replace("\r", "\\r")


def _ms_since(start: float) -> float:
    return 1000 * (time.perf_counter() - start)
