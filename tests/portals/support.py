"""Scripted replies for the clients of the portals."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa

from dataelec_assets.catalog import load_catalog
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.opendatasoft import OpendatasoftPortal
from dataelec_assets.portals.options import ConnectionOptions

# A data set of Opendatasoft cut by month.
DATASET = replace(load_catalog()["eco2mix-national-cons-def"], id="x")
CSV = b"date_heure;consommation\n2019-03-01T00:00:00+00:00;54321\n2019-03-01T00:30:00+00:00;\n"
Reply = httpx.Response | httpx.TransportError


def csv(body: bytes = CSV, *, media_type: str = "text/csv; charset=utf-8", pieces: int = 7) -> httpx.Response:
    """Return a streamed reply of status 200, in several pieces as on the network."""
    return httpx.Response(200, headers={"Content-Type": media_type}, content=_pieces(body, pieces))


def gzipped(body: bytes) -> httpx.Response:
    """Return a streamed reply whose body, given as sent, is announced as gzip."""
    headers = {"Content-Type": "text/csv", "Content-Encoding": "gzip"}
    return httpx.Response(200, headers=headers, content=_pieces(body, 5))


def compressed(body: bytes = CSV) -> bytes:
    """Return a gzip stream of one member."""
    return gzip.compress(body, mtime=0)


def document(body: object, status: int = 200, **headers: str) -> httpx.Response:
    """Return a JSON reply; underscores of header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(
        status,
        headers={"Content-Type": "application/json; charset=utf-8", **named},
        content=_pieces(json.dumps(body).encode(), 1000),
    )


def refusal(status: int, words: str) -> httpx.Response:
    """Return an error as data-fair writes it: plain text."""
    return httpx.Response(status, headers={"Content-Type": "text/plain; charset=utf-8"}, content=words.encode())


def page() -> httpx.Response:
    """Return a maintenance page under a status of success."""
    return httpx.Response(
        200, headers={"Content-Type": "text/html"}, content=_pieces(b"<html><title>En maintenance</title>", 9)
    )


def quota_reply(code: int = 10002, *, in_seconds: float = 3600) -> httpx.Response:
    """Return the 429 of a used-up quota, shaped as documented by the vendor."""
    reset = datetime.now(tz=UTC).replace(microsecond=0) + timedelta(seconds=in_seconds)
    return document(
        {
            "errorcode": code,
            "reset_time": reset.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "limit_time_unit": "day",
            "call_limit": 10000,
            "error": "Too many requests on the domain. Please contact the domain administrator.",
        },
        429,
    )


def opendatasoft(base_url: str, **options: Any) -> OpendatasoftPortal:
    """Return a client of a portal of Opendatasoft, see ``ConnectionOptions``."""
    return OpendatasoftPortal(Connection(base_url, ConnectionOptions(**options)))


class Script:
    """Gives the replies one after the other and keeps the requests; the last reply is given for ever."""

    def __init__(self, *replies: Callable[[], Reply]) -> None:
        self._replies = list(replies)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self._replies[min(len(self.requests), len(self._replies)) - 1]()
        if isinstance(reply, httpx.TransportError):
            raise reply
        return reply

    def client(self, base_url: str = "https://portal.example", *, api_key: str | None = None) -> OpendatasoftPortal:
        """Return a client of Opendatasoft that asks this script."""
        return OpendatasoftPortal(self.connection(base_url, api_key=api_key))

    def connection(self, base_url: str = "https://portal.example", **options: Any) -> Connection:
        """Return a connection to this script, which notes its waits instead of waiting."""
        given = ConnectionOptions(transport=httpx.MockTransport(self), sleep=self.waits.append, **options)
        return Connection(base_url, given)

    @property
    def parameters(self) -> dict[str, str]:
        """Parameters of the last request."""
        return dict(self.requests[-1].url.params)


def plain(path: Path) -> bytes:
    """Return the content of a zstd file."""
    with pa.input_stream(str(path), compression="zstd") as file:
        return bytes(file.read())


def _pieces(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]
