"""A small proxy in front of an object store, which answers 503, slowly, or not at all although it was heard."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# The signature of a request covers its host, which is therefore sent on as it came.
_OWN = {"connection", "transfer-encoding", "keep-alive"}


@dataclass
class Faults:
    """What goes wrong.

    Attributes:
        unavailable: so many requests are answered 503.
        lost: of so many writes the store hears, and the client hears nothing.
        seconds: how long each answer waits.
    """

    unavailable: int = 0
    lost: int = 0
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str) -> bool:
        """Return whether the next fault of a kind is due."""
        with self.lock:
            left = getattr(self, name)
            setattr(self, name, max(left - 1, 0))
            return bool(left)


class Proxy(ThreadingHTTPServer):
    """The proxy; ``asked`` counts its requests."""

    daemon_threads = True

    def __init__(self, store: str, faults: Faults) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.store, self.faults, self.asked = urlsplit(store), faults, 0
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def pass_on(self) -> None:
        faults, store = self.server.faults, self.server.store
        self.server.asked += 1
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(faults.seconds)
        if faults.take("unavailable"):
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        connection = HTTPConnection(store.hostname or "", store.port, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if self.command == "PUT" and faults.take("lost"):
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OWN | {"content-length"}:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


for _method in ("GET", "PUT", "HEAD", "DELETE", "POST"):
    setattr(_Handler, f"do_{_method}", _Handler.pass_on)


@contextmanager
def in_front_of(store: str, faults: Faults) -> Iterator[Proxy]:
    """Run the proxy."""
    with Proxy(store, faults) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
