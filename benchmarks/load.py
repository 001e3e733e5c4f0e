"""Asks an API on loopback over open connections: ``python -m benchmarks.load PORT CONNECTIONS SECONDS PATH…``.

Sockets and as little Python as possible, so that the one who asks takes little of what is measured. Prints one line of
JSON. A row that carries ``marque`` must carry the publication that the answer names.
"""

from __future__ import annotations

import itertools
import json
import re
import socket
import sys
import threading
import time

_MARK = re.compile(rb'"marque":"([^"]+)"')
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_PUBLICATION = re.compile(rb"\r\nx-publication-id: ([^\r]+)\r\n", re.IGNORECASE)

FIRST_REQUESTS = 20  # of each connection, not counted


class Load:
    """What the connections did together."""

    def __init__(self, port: int, paths: list[str]) -> None:
        self.port, self.paths = port, paths
        self.times: list[float] = []
        self.failed = self.mixed = 0
        self.publications: set[str] = set()

    def ask(self, seconds: float, barrier: threading.Barrier) -> None:
        """Ask one request after the other over one connection."""
        requests = itertools.cycle([f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for path in self.paths])
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(FIRST_REQUESTS):
                _exchange(connection, next(requests))
            barrier.wait()
            end = time.perf_counter() + seconds
            while (start := time.perf_counter()) < end:
                head, body = _exchange(connection, next(requests))
                self.times.append(time.perf_counter() - start)
                if not head.startswith(b"HTTP/1.1 200"):
                    self.failed += 1
                    continue
                found = _PUBLICATION.search(head)
                if found:
                    self.publications.add(found[1].decode())
                    self.mixed += bool(set(_MARK.findall(body)) - {found[1]})


def _exchange(connection: socket.socket, request: bytes) -> tuple[bytes, bytes]:
    connection.sendall(request)
    data = connection.recv(1 << 16)
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _more(connection)
    head = data[: end + 2]
    length = _LENGTH.search(head)
    if length is None:
        raise ConnectionError(f"an answer without a length: {head!r}")
    missing = int(length[1]) - (len(data) - end - 4)
    parts = [data[end + 4 :]]
    while missing > 0:
        part = _more(connection)
        parts.append(part)
        missing -= len(part)
    return head, b"".join(parts)


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(1 << 18)
    if not part:
        raise ConnectionError("the connection was closed in the middle of an answer")
    return part


def main() -> None:
    """Ask, and print what came of it."""
    port, connections, seconds, *paths = sys.argv[1:]
    load, barrier = Load(int(port), paths), threading.Barrier(int(connections))
    threads = [threading.Thread(target=load.ask, args=(float(seconds), barrier)) for _ in range(int(connections))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(load.times)
    result = {
        "requests": len(times),
        "per_second": len(times) / float(seconds),
        "p99_ms": 1000 * times[int(0.99 * (len(times) - 1))] if times else None,
        "failed": load.failed,
        "mixed": load.mixed,
        "publications": len(load.publications),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
