"""The time that the work with one portal may take in all, against servers that are slow without ever being silent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Lock, Timer

import pytest

from dataelec_assets.errors import DeadlinePassed, PortalUnreachable, SourceError
from dataelec_assets.portals.opendatasoft import OpendatasoftPortal
from dataelec_assets.portals.retries import RetryPolicy
from tests.portals import loopback
from tests.portals.loopback import Handler
from tests.portals.support import DATASET, opendatasoft

DEADLINE = 0.4

# What a deadline may be passed by: the threads of two busy cores are woken late.
LATE = 5.0


def _drip(handler: Handler, head: bytes, drop: bytes) -> None:
    handler.close_connection = True
    with suppress(OSError):
        handler.wfile.write(head)
        for _ in range(1000):
            handler.wfile.write(drop)
            handler.wfile.flush()
            time.sleep(0.02)


def drips_its_headers(handler: Handler) -> None:
    """Never end the headers."""
    _drip(handler, b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x")


def drips_its_body(handler: Handler) -> None:
    """Announce a length that is never reached."""
    _drip(handler, b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 99999\r\n\r\na;b\n", b"1;2\n")


def drips_a_body_of_no_length(handler: Handler) -> None:
    """Write complete lines until the connection ends, the only sign that the body does."""
    _drip(handler, b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nConnection: close\r\n\r\na;b\n", b"1;2\n" * 500)


def is_silent(handler: Handler) -> None:
    """Say nothing for longer than any test."""
    handler.close_connection = True
    time.sleep(20)


def is_down(handler: Handler) -> None:
    """Ask to come back in a while."""
    handler.send_response(503)
    handler.send_header("Retry-After", "20")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@contextmanager
def client(get: Callable[[Handler], None], deadline: float | None) -> Iterator[OpendatasoftPortal]:
    with (
        loopback.serve(get) as url,
        opendatasoft(url, retries=RetryPolicy(attempts=3, first_wait=0.01), deadline=deadline) as opened,
    ):
        yield opened


@pytest.mark.parametrize(
    "get",
    [drips_its_headers, drips_its_body, drips_a_body_of_no_length, is_silent, is_down],
    ids=lambda get: get.__name__,
)
def test_what_is_under_way_when_the_time_is_over_is_cut(get: Callable[[Handler], None], tmp_path: Path) -> None:
    with client(get, DEADLINE) as portal:
        began = time.monotonic()
        with pytest.raises(
            DeadlinePassed, match=r"x: stopped after 0 s, the time that one source has.*DATAELEC_SOURCE"
        ):
            portal.export("x", tmp_path / "draft", where=None)
        assert DEADLINE / 2 < time.monotonic() - began < LATE
        again = time.monotonic()
        with pytest.raises(DeadlinePassed):
            portal.count("x", None)
        assert time.monotonic() - again < 0.2


def test_a_small_reply_that_drips_is_cut_too() -> None:
    with client(drips_its_body, DEADLINE) as portal, pytest.raises(DeadlinePassed):
        portal.metadata(DATASET)


def test_without_a_deadline_nothing_is_cut(tmp_path: Path) -> None:
    def short(handler: Handler) -> None:
        handler.start_chunked()
        for _ in range(5):
            time.sleep(0.02)
            handler.chunk(b"a;b\n")
        handler.chunk(b"")

    with client(short, None) as portal:
        assert portal.export("x", tmp_path / "draft", where=None).bytes == 20


def test_cancelling_cuts_what_is_under_way() -> None:
    with client(is_silent, None) as portal:
        Timer(0.1, portal.cancel).start()
        began = time.monotonic()
        with pytest.raises(PortalUnreachable):
            portal.count("x", None)
        assert time.monotonic() - began < LATE


def test_clients_of_one_portal_share_its_polite_limit() -> None:
    running, most, lock = 0, 0, Lock()

    def counted(handler: Handler) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        handler.send_response(404)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def ask(portal: OpendatasoftPortal) -> None:
        for _ in range(3):
            with suppress(SourceError):
                portal.count("x", None)

    with loopback.serve(counted) as url, ThreadPoolExecutor(12) as pool, ExitStack() as opened:
        clients = [opened.enter_context(opendatasoft(url, max_connections=3)) for _ in range(4)]
        list(pool.map(ask, clients * 3))
    assert most == 3


def test_who_waits_for_his_turn_at_a_portal_waits_no_longer_than_his_time() -> None:
    with (
        loopback.serve(is_silent) as url,
        opendatasoft(url, max_connections=1) as slow,
        opendatasoft(url, max_connections=1, deadline=DEADLINE) as hasty,
        ThreadPoolExecutor(1) as pool,
    ):
        asked = pool.submit(slow.count, "x", None)
        time.sleep(0.1)
        began = time.monotonic()
        with pytest.raises(DeadlinePassed):
            hasty.count("x", None)
        assert time.monotonic() - began < LATE
        slow.cancel()
        assert isinstance(asked.exception(), PortalUnreachable)
