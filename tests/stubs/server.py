"""The stub: HTTP on loopback, what is published, what goes wrong, and the calls that came.

Longer than 300 lines because every portal is recognised and answered here.
"""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.stubs import datafair, opendatasoft, weather
from tests.stubs.dido import ADDRESS as DIDO
from tests.stubs.dido import Dido
from tests.stubs.faults import Fault, altered, replaced, shortened
from tests.stubs.plain_files import PlainFiles
from tests.stubs.replies import Refused, Reply, error, in_chunks, part_of, refusal
from tests.stubs.tables import Tables


@dataclass(frozen=True, slots=True)
class Call:
    """A call that came.

    Attributes:
        name: ``portal/data set``; of plain files ``portal/path``.
        kind: one of ``faults.KINDS``.
        parameters: of the request.
        names: by which a fault finds it.
    """

    name: str
    kind: str
    parameters: Mapping[str, str]
    names: frozenset[str]


class Quota:
    """The calls that a portal grants until the next day; ODRÉ announces 50,000 for a data set and a month."""

    def __init__(self, limit: int = 50_000) -> None:
        self.limit, self.used = limit, 0

    @property
    def reset_at(self) -> datetime:
        """When calls may resume, UTC."""
        return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

    def headers(self) -> dict[str, str]:
        """Return what every reply announces."""
        reset = int(self.reset_at.timestamp())
        values = {"Limit": self.limit, "Remaining": max(0, self.limit - self.used), "Reset": reset}
        return {f"X-RateLimit-{name}": str(value) for name, value in values.items()}

    def refusal(self) -> dict[str, object]:
        """Return the body of the 429, which has another shape than the other errors."""
        return {
            "errorcode": 10002,
            "reset_time": f"{self.reset_at:%Y-%m-%dT%H:%M:%SZ}",
            "limit_time_unit": "day",
            "call_limit": self.limit,
            "error": "Too many requests on the domain. Please contact the domain administrator.",
        }


class Stub:
    """Portals on this machine, each below ``url`` under its own name.

    Args:
        apis: name of each portal -> ``opendatasoft``, ``data-fair``, ``dido``, ``files``, or a key of
            ``weather.PATHS``.

    Attributes:
        tables: published rows; :class:`~tests.stubs.tables.Tables` has what a publisher may do to them.
        files: published files, by portal.
        dido: what DiDo has.
        keys: key that a private data set of Opendatasoft asks for, by id.
        quotas: by portal; ``ranges``: whether servers of plain files send a part of one.
    """

    def __init__(self, apis: Mapping[str, str]) -> None:
        self.apis = dict(apis)
        self.tables = Tables()
        self.files = {portal: PlainFiles() for portal, api in apis.items() if api == "files"}
        self.dido = Dido()
        self._calls: list[Call] = []
        self.keys: dict[str, str] = {}
        self.quotas = {portal: Quota() for portal in apis}
        self.ranges = True
        self.stopped = threading.Event()
        self._in_force: dict[str, weather.InForce] = {}
        self._fault: Fault | None = None
        self._cached: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.stub = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End; calls that hang are let go."""
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self.tables.close()

    @property
    def addresses(self) -> dict[str, str]:
        """Settings that send every portal here."""
        return {f"{portal}_url": f"{self.url}/{portal}" for portal, api in self.apis.items() if api != "local"}

    def publish(self, portal: str, dataset: str, types: Mapping[str, str], rows: Any, **about: Any) -> None:
        """Publish rows; see :meth:`~tests.stubs.tables.Tables.publish`."""
        self.tables.publish(portal, dataset, types, rows, **about)

    def publish_weather(self, portal: str, dataset: str, places: Sequence[weather.Place], issued: datetime) -> None:
        """Let a weather portal say this from now on."""
        self._in_force[portal] = weather.InForce(dataset, places, issued)

    def revise(self, dataset: str, where: str | None, **values: object) -> int:
        """Give values to the rows that satisfy ``where`` (SQL); return how many there are."""
        return self.tables.revise(dataset, where, values)

    def fail(
        self,
        fault: str,
        *,
        dataset: str | None = None,
        kind: str | None = None,
        times: int | None = None,
        after: int = 0,
    ) -> None:
        """Let calls go wrong, in the place of those that went wrong before; see :class:`~tests.stubs.faults.Fault`."""
        with self._lock:
            self._fault = Fault(fault, dataset, kind, times, after)

    def heal(self) -> None:
        """Let every call go well."""
        with self._lock:
            self._fault = None

    @property
    def calls(self) -> list[Call]:
        """The calls that came until now, in their order."""
        with self._lock:
            return list(self._calls)

    def counted(self) -> dict[str, dict[str, int]]:
        """Return how many calls of each kind came, by name."""
        found: dict[str, dict[str, int]] = {}
        for call, count in sorted(Counter((call.name, call.kind) for call in self.calls).items()):
            found.setdefault(call[0], {})[call[1]] = count
        return found

    def asked(self, dataset: str, kind: str) -> int:
        """Return how many calls of a kind came for a data set, given as ``portal/id``."""
        return self.counted().get(dataset, {}).get(kind, 0)

    def recognised(self, method: str, portal: str, path: str, parameters: Mapping[str, str]) -> Call | None:
        """Return what a request asks for; None when it is nothing that a client of ours asks."""
        api = self.apis.get(portal)
        if api == "files":
            names = {path, *self.files[portal].datasets(path)}
            return _call(portal, path, "head" if method == "HEAD" else "file", parameters, names)
        if api == "opendatasoft" and (found := opendatasoft.ADDRESS.fullmatch(path)):
            return _call(portal, unquote(found[1]), opendatasoft.KINDS[found[2]], parameters)
        if api == "data-fair" and (found := datafair.ADDRESS.fullmatch(path)):
            dataset = self.tables.named_otherwise(portal, found[1], datafair.other_name)
            return _call(portal, dataset, found[2] or "metadata", parameters)
        if api == "dido" and (found := DIDO.fullmatch(path)):
            return _call(portal, found[1] or found[2], "metadata" if found[1] else "export", parameters)
        if api is not None and path == weather.PATHS.get(api) and portal in self._in_force:
            return _call(portal, self._in_force[portal].dataset, "forecast", parameters)
        return None

    def struck(self, call: Call) -> str:
        """Note a call and return the fault that strikes it, if any."""
        with self._lock:
            self._calls.append(call)
            return self._fault.name if self._fault and self._fault.strikes(set(call.names), call.kind) else ""

    def reply(self, call: Call, fault: str, key: str) -> Reply:
        """Return what a call gets, before a fault breaks it on the wire."""
        portal, _, name = call.name.partition("/")
        api, quota = self.apis[portal], self.quotas[portal]
        if quota.used >= quota.limit:
            return error(api, 429, quota.refusal())
        quota.used += 1
        if self.keys.get(name, key) != key:
            return error(api, 401, {"error_code": "Unauthorized", "message": "a valid API key is required."})
        if (instead := replaced(fault, api, call.kind, quota.refusal())) is not None:
            return instead
        try:
            found = self._answer(api, portal, name, call, is_empty=fault == "empty")
        except Refused as refused:
            return refusal(api, refused)
        return found if not fault else self._altered(found, call, fault)

    def _answer(self, api: str, portal: str, name: str, call: Call, *, is_empty: bool) -> Reply:
        if api == "files":
            return self.files[portal].answer(name, is_empty=is_empty)
        if api == "dido":
            is_file = call.kind == "export"
            return self.dido.answer(
                None if is_file else name, name if is_file else None, call.parameters, is_empty=is_empty
            )
        if api in weather.PATHS:
            return weather.answer(api, self._in_force[portal], call.parameters)
        with self.tables.reading():
            table = self.tables.find(portal, name)
            if table is None:
                raise Refused(404, f"The requested dataset {name} does not exist.", "NotFoundResource")
            if api == "opendatasoft":
                return opendatasoft.answer(self.tables, table, call.kind, call.parameters, is_empty=is_empty)
            root = f"{self.url}/{portal}"
            return datafair.answer(self.tables, table, call.kind, call.parameters, root, is_empty=is_empty)

    def _altered(self, reply: Reply, call: Call, fault: str) -> Reply:
        """Return a reply that is wrong, without its length."""
        if fault in ("one_digit", "doubles"):
            return replace(reply, body=altered(reply.body, fault), is_streamed=True)
        if fault == "truncate_clean":
            return replace(reply, body=shortened(reply), is_streamed=True)
        if fault == "cached":
            asked = f"{call.name} {call.kind} {sorted(call.parameters.items())}"
            return replace(reply, body=self._cached.setdefault(asked, reply.body), is_streamed=True)
        return reply


def _call(portal: str, name: str, kind: str, parameters: Mapping[str, str], names: set[str] | None = None) -> Call:
    known = {name, *(names or ())}
    return Call(
        f"{portal}/{name}", kind, dict(parameters), frozenset({*known, *(f"{portal}/{each}" for each in known)})
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    stub: Stub

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that has gone away, as one that was killed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        """Answer."""
        stub = self.server.stub
        url = urlsplit(self.path)
        portal, _, path = url.path.lstrip("/").partition("/")
        call = stub.recognised(self.command, portal, path, dict(parse_qsl(url.query, keep_blank_values=True)))
        if call is None:
            self._send(error("", 404, {"error_code": "NotFoundResource", "message": f"no {self.path}"}))
            return
        fault = stub.struck(call)
        name, _, seconds = fault.partition(":")
        if name == "hang":
            stub.stopped.wait(float(seconds))
        if fault == "reset":
            self.close_connection = True
            return
        reply = stub.reply(call, fault, self.headers.get("Authorization", "").removeprefix("Apikey "))
        announced = stub.quotas[portal].headers() if stub.apis[portal] == "opendatasoft" else {}
        reply = replace(reply, headers={**announced, **reply.headers})
        has_ranges = stub.ranges and stub.apis[portal] == "files"
        part = part_of(reply, self.headers.get("Range", "") if has_ranges else "")
        self._send(part, breaks=float(seconds or 0) if name in ("truncate", "stall") else None)

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def _send(self, reply: Reply, *, breaks: float | None = None) -> None:
        """Send a reply; one that breaks ends half-way, after so many seconds."""
        body, headers = reply.body, {"Date": self.date_time_string(), **reply.headers}
        is_chunked = reply.is_streamed or breaks is not None
        if reply.is_streamed and breaks is None and "gzip" in self.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, 1, mtime=0), "gzip"
        if is_chunked:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = str(len(body))
        self.send_response_only(reply.status)
        for name, value in {"Content-Type": reply.media_type, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if not is_chunked:
            self.wfile.write(body)
            return
        self.wfile.writelines(in_chunks(body if breaks is None else body[: len(body) // 2]))
        if breaks is None:
            self.wfile.write(b"0\r\n\r\n")
            return
        self.wfile.flush()
        self.server.stub.stopped.wait(breaks)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""
