"""What stands before the API: counting, quota, keys and faults. Pure ASGI, since faults break replies on purpose."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dataelec_assets.catalog.portals import Api
from dataelec_assets.sample.portal.faults import FaultBook, altered, shortened
from dataelec_assets.sample.portal.quota import Quota
from dataelec_assets.sample.portal.replies import unauthorized
from dataelec_assets.sample.portal.shapes import error_reply, reply
from dataelec_assets.sample.portal.store import Store

# Where the server leaves the connection, for the fault that breaks it.
TRANSPORT = "dataelec.transport"

_EXPLORE = re.compile(r"/([^/]+)/api/explore/v2\.1/catalog/datasets(?:/([^/]+)(?:/([a-z]+)(?:/[a-z]+)?)?)?/?")
_DATA_FAIR = re.compile(r"/([^/]+)/data-fair/api/v1/datasets/([^/]+)(?:/(lines|values_agg|raw))?/?")
_V1 = re.compile(r"/([^/]+)/api/records/1\.0/(?:search|download)/?")
_KINDS = {None: "metadata", "exports": "export"}

# Several whole refreshes of the largest folder; a portal that runs for weeks must not grow.
_LOGGED = 10_000


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a portal.

    Attributes:
        portal: its name.
        kind: one of ``KINDS``, or ``catalog``.
        names: of what is asked for: a data set; of plain files the path, then the data sets that it holds.
    """

    portal: str
    kind: str
    names: tuple[str, ...] = ()


class Gate:
    """Lets a call through to ``app``, or answers it otherwise.

    Attributes:
        calls: calls received, by ``portal/data-set`` (of plain files ``portal/path``) and kind.
        log: the last calls received, oldest first: name as in ``calls``, kind and query string.
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
        self._cached: dict[tuple[str, bytes], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        call = self._recognised(scope) if scope["type"] == "http" else None
        if call is None:
            await self.app(scope, receive, send)
            return
        name = f"{call.portal}/{call.names[0] if call.names else '*'}"
        self.calls[name, call.kind] += 1
        self.log.append((name, call.kind, scope["query_string"].decode("latin-1")))
        api, quota = self.store.api_of(call.portal), self.quotas[call.portal]
        allowed = quota.count()
        # Only Opendatasoft tells how many calls are left.
        headers = quota.reply_headers() if api == "opendatasoft" else []
        send = _with_headers(send, headers, synthetic=self.store.synthetic)
        if not allowed:
            await error_reply(api, quota.refusal(), 429)(scope, receive, send)
        elif not self._has_key(scope, call):
            error = unauthorized()
            await error_reply(api, error.body, error.status)(scope, receive, send)
        else:
            fault = self.faults.due(call.portal, call.names, call.kind)
            broken = _broken_reply(fault, call.kind, api, quota)
            await (self._answer(fault or "", scope, receive, send) if broken is None else broken(scope, receive, send))

    def _recognised(self, scope: Scope) -> Call | None:
        """Return what a call asks for; None when it is no call of a portal."""
        path = scope["path"]
        portal, _, rest = path.lstrip("/").partition("/")
        if portal in self.store.sites:
            kind = "head" if scope["method"] == "HEAD" else "file"
            return Call(portal, kind, (rest, *self.store.sites[portal].sharing(rest)))
        if portal in self.store.forecasts:
            return Call(portal, "forecast", tuple(self.store.forecasts[portal].datasets))
        if match := _EXPLORE.fullmatch(path):
            _, dataset, rest = match.groups()
            return _call(portal, "catalog" if dataset is None else _KINDS.get(rest, str(rest)), dataset)
        if match := _DATA_FAIR.fullmatch(path):
            found = self.store.named(portal, match[2])
            return _call(portal, match[3] or "metadata", found.id if found else match[2])
        if match := _V1.fullmatch(path):
            asked = parse_qs(scope["query_string"].decode("latin-1")).get("dataset", [None])
            return _call(portal, "v1", asked[0])
        return None

    def _has_key(self, scope: Scope, call: Call) -> bool:
        wanted = self.store.named(call.portal, call.names[0]) if call.names else None
        if wanted is None or wanted.private_key is None:
            return True
        header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        scheme, _, key = header.partition(" ")
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("apikey", [])
        return wanted.private_key in asked or (scheme.lower() == "apikey" and key.strip() == wanted.private_key)

    async def _answer(self, fault: str, scope: Scope, receive: Receive, send: Send) -> None:
        name, _, detail = fault.partition(":")
        if name in ("truncate", "truncate_clean", "one_digit", "doubles", "cached"):
            await self._falsify(name, scope, receive, send)
        elif name == "reset":
            scope[TRANSPORT].abort()
            await asyncio.sleep(0)  # lets the server see that the connection is gone
        else:
            if name == "hang":
                await asyncio.sleep(float(detail))
            scope["dataelec.empty"] = name == "empty"
            await self.app(scope, receive, send)

    async def _falsify(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the call, then send something else than it answered."""
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
        if name in ("one_digit", "doubles"):
            await send({"type": "http.response.body", "body": altered(body, name)})
        elif name == "cached":
            kept = self._cached.setdefault((scope["path"], scope["query_string"]), body)
            await send({"type": "http.response.body", "body": kept})
        elif name == "truncate_clean":
            shorter = shortened(body, headers.get(b"content-type", b"").decode("latin-1"))
            await send({"type": "http.response.body", "body": shorter})
        else:
            # Returning before the body is complete makes the server close the connection.
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


def _call(portal: str, kind: str, dataset: str | None) -> Call:
    return Call(portal, kind, () if dataset is None else (dataset,))


def _with_headers(send: Send, headers: list[tuple[bytes, bytes]], *, synthetic: bool) -> Send:
    extra = [*headers, (b"x-dataelec-synthetic", b"true")] if synthetic else headers

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *extra]
        await send(message)

    return sending


def _broken_reply(fault: str | None, kind: str, api: Api, quota: Quota) -> Response | None:
    """Return the reply that a fault puts in the place of the API's own, if it does."""
    name, _, detail = (fault or "").partition(":")
    internal_error = {"error_code": "InternalServerError", "message": "internal error"}
    replies: dict[str, Callable[[], Response]] = {
        "html_200": lambda: HTMLResponse("<html>maintenance</html>"),
        "json_error_200": lambda: reply(internal_error),
        "status:500": lambda: error_reply(api, internal_error, 500),
        "status:429-quota": lambda: error_reply(api, quota.refusal(), 429),
        "status:429": lambda: PlainTextResponse("Too many requests", 429, headers={"Retry-After": "0"}),
    }
    if fault in replies:
        return replies[fault]()
    if name == "empty" and kind == "metadata":
        return Response(b"", media_type="application/json")
    if name == "status":  # the gateway before the portal answers in HTML
        return HTMLResponse(f"<html><body><h1>{detail}</h1></body></html>", status_code=int(detail))
    return None
