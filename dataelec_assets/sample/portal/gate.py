"""What stands before the API: counting, quota, keys and faults. Pure ASGI, since faults break replies on purpose."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dataelec_assets.sample.portal.explore import reply
from dataelec_assets.sample.portal.faults import FaultBook, shortened
from dataelec_assets.sample.portal.quota import Quota
from dataelec_assets.sample.portal.replies import unauthorized
from dataelec_assets.sample.portal.store import Store

# Where the server leaves the connection, for the fault that breaks it.
TRANSPORT = "dataelec.transport"

_EXPLORE = re.compile(r"/([^/]+)/api/explore/v2\.1/catalog/datasets(?:/([^/]+)(?:/([a-z]+)(?:/[a-z]+)?)?)?/?")
_V1 = re.compile(r"/([^/]+)/api/records/1\.0/(?:search|download)/?")
_KINDS = {None: "metadata", "exports": "export"}

# Several whole refreshes of the largest folder; a portal that runs for weeks must not grow.
_LOGGED = 10_000


class Gate:
    """Lets a call through to ``app``, or answers it otherwise.

    Attributes:
        calls: calls received, by ``portal/data-set`` and kind.
        log: the last calls received, oldest first: ``portal/data-set``, kind and query string.
        quotas: the quota of each portal.
        faults: the rules in force.
    """

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app = app
        self.store = store
        self.calls: Counter[tuple[str, str]] = Counter()
        self.log: deque[tuple[str, str, str]] = deque(maxlen=_LOGGED)
        self.quotas: defaultdict[str, Quota] = defaultdict(Quota)
        self.faults = FaultBook()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        call = _recognised(scope) if scope["type"] == "http" else None
        if call is None:
            await self.app(scope, receive, send)
            return
        portal, dataset, kind = call
        name = f"{portal}/{dataset or '*'}"
        self.calls[name, kind] += 1
        self.log.append((name, kind, scope["query_string"].decode("latin-1")))
        quota = self.quotas[portal]
        allowed = quota.count()
        send = _with_headers(send, quota.reply_headers(), synthetic=self.store.synthetic)
        if not allowed:
            await reply(quota.refusal(), 429)(scope, receive, send)
        elif not self._has_key(scope, portal, dataset):
            error = unauthorized()
            await reply(error.body, error.status)(scope, receive, send)
        else:
            fault = self.faults.due(portal, dataset, kind)
            broken = _broken_reply(fault, kind, quota)
            await (self._answer(fault or "", scope, receive, send) if broken is None else broken(scope, receive, send))

    def _has_key(self, scope: Scope, portal: str, dataset: str | None) -> bool:
        wanted = self.store.portals.get(portal, {}).get(dataset or "")
        if wanted is None or wanted.private_key is None:
            return True
        header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        scheme, _, key = header.partition(" ")
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("apikey", [])
        return wanted.private_key in asked or (scheme.lower() == "apikey" and key.strip() == wanted.private_key)

    async def _answer(self, fault: str, scope: Scope, receive: Receive, send: Send) -> None:
        name, _, detail = fault.partition(":")
        if name in ("truncate", "truncate_clean"):
            await self._cut(name, scope, receive, send)
        elif name == "reset":
            scope[TRANSPORT].abort()
            await asyncio.sleep(0)  # lets the server see that the connection is gone
        else:
            if name == "hang":
                await asyncio.sleep(float(detail))
            scope["dataelec.empty"] = name == "empty"
            await self.app(scope, receive, send)

    async def _cut(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the call, then send less than it answered."""
        plain = [(header, value) for header, value in scope["headers"] if header != b"accept-encoding"]
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)
            await asyncio.sleep(0)

        await self.app({**scope, "headers": plain}, receive, keep)
        start = messages[0]
        body = b"".join(message.get("body", b"") for message in messages[1:])
        headers = dict(start["headers"])
        start["headers"] = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        await send(start)
        if name == "truncate_clean":
            shorter = shortened(body, headers.get(b"content-type", b"").decode("latin-1"))
            await send({"type": "http.response.body", "body": shorter})
        else:
            # Returning before the body is complete makes the server close the connection.
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


def _recognised(scope: Scope) -> tuple[str, str | None, str] | None:
    """Return portal, data set and kind of an API call; None when it is none."""
    path = scope["path"]
    if match := _EXPLORE.fullmatch(path):
        portal, dataset, rest = match.groups()
        return portal, dataset, "catalog" if dataset is None else _KINDS.get(rest, str(rest))
    if match := _V1.fullmatch(path):
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("dataset", [None])
        return match[1], asked[0], "v1"
    return None


def _with_headers(send: Send, headers: list[tuple[bytes, bytes]], *, synthetic: bool) -> Send:
    extra = [*headers, (b"x-dataelec-synthetic", b"true")] if synthetic else headers

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *extra]
        await send(message)

    return sending


def _broken_reply(fault: str | None, kind: str, quota: Quota) -> Response | None:
    """Return the reply that a fault puts in the place of the API's own, if it does."""
    name, _, detail = (fault or "").partition(":")
    internal_error = {"error_code": "InternalServerError", "message": "internal error"}
    replies: dict[str, Callable[[], Response]] = {
        "html_200": lambda: HTMLResponse("<html>maintenance</html>"),
        "json_error_200": lambda: reply(internal_error),
        "status:500": lambda: reply(internal_error, 500),
        "status:429-quota": lambda: reply(quota.refusal(), 429),
        "status:429": lambda: PlainTextResponse("Too many requests", 429, headers={"Retry-After": "0"}),
    }
    if fault in replies:
        return replies[fault]()
    if name == "empty" and kind == "metadata":
        return Response(b"", media_type="application/json")
    if name == "status":  # the gateway before the portal answers in HTML
        return HTMLResponse(f"<html><body><h1>{detail}</h1></body></html>", status_code=int(detail))
    return None
