"""The client against a real server that breaks, hangs, or is not there."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock

import pytest

from dataelec_assets.errors import IncompleteExport, PortalUnreachable
from dataelec_assets.portals.opendatasoft import OpendatasoftPortal
from dataelec_assets.portals.options import Timeouts
from dataelec_assets.portals.retries import RetryPolicy
from tests.portals.loopback import Handler, free_port, serve
from tests.portals.support import CSV, DATASET, compressed, opendatasoft, plain

QUICK = RetryPolicy(attempts=3, first_wait=0.01, longest_wait=0.02)


def client(base_url: str, **timeouts: float) -> OpendatasoftPortal:
    return opendatasoft(base_url, retries=QUICK, timeouts=Timeouts(**timeouts))


def torn(handler: Handler) -> None:
    """Send whole lines, then cut the connection: only the transfer encoding shows that rows are missing."""
    handler.start_chunked()
    handler.chunk(CSV)
    handler.tear()


def torn_gzip(handler: Handler) -> None:
    """End the chunked body properly, but in the middle of the gzip stream."""
    handler.start_chunked(Content_Encoding="gzip")
    handler.chunk(compressed(CSV * 50)[:-6])
    handler.chunk(b"")


def whole(handler: Handler) -> None:
    handler.start_chunked(Content_Encoding="gzip")
    body = compressed(CSV)
    for start in range(0, len(body), 10):
        handler.chunk(body[start : start + 10])
    handler.chunk(b"")


def hang_in_the_middle(handler: Handler) -> None:
    handler.start_chunked()
    handler.chunk(CSV)
    time.sleep(0.6)
    handler.tear()


def drop(handler: Handler) -> None:
    """Close the connection without a word."""
    handler.tear()


@pytest.mark.parametrize(
    ("fault", "expected", "told"),
    [
        (torn, IncompleteExport, "the connection broke"),
        (torn_gzip, IncompleteExport, "gzip stream ends early"),
        (hang_in_the_middle, PortalUnreachable, "stayed silent for 0.2 s"),
        (drop, PortalUnreachable, "the connection broke"),
    ],
)
def test_a_stream_that_breaks_is_started_over_and_never_kept_in_part(
    fault: Callable[[Handler], None], expected: type[Exception], told: str, tmp_path: Path
) -> None:
    asked: list[str] = []

    def always(handler: Handler) -> None:
        asked.append(handler.path)
        fault(handler)

    with (
        serve(always) as url,
        client(url, export=0.2) as portal,
        pytest.raises(expected, match=told) as caught,
    ):
        portal.export("x", tmp_path / "part", where=None)
    assert "after 3 attempts" in str(caught.value)
    assert len(asked) == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", [torn, torn_gzip, hang_in_the_middle, drop])
def test_after_a_broken_stream_the_next_attempt_brings_everything(
    fault: Callable[[Handler], None], tmp_path: Path
) -> None:
    plays = iter([fault, fault, whole])
    received: list[int] = []

    def play(handler: Handler) -> None:
        next(plays)(handler)

    with serve(play) as url, client(url, export=0.2) as portal:
        download = portal.export("x", tmp_path / "part", where=None, on_bytes=received.append)
    assert plain(download.path) == CSV
    assert sum(received) == len(CSV)


def test_a_portal_that_is_not_there_is_named_with_advice() -> None:
    address = f"http://127.0.0.1:{free_port()}/odre"
    with client(address) as portal, pytest.raises(PortalUnreachable) as caught:
        portal.metadata(DATASET)
    assert f"{DATASET.id}: no connection to {address}: " in str(caught.value)
    assert "(after 3 attempts)" in str(caught.value)
    assert "Check the portal's address and the network" in str(caught.value)


def test_a_portal_that_hangs_is_given_up_after_the_time_out() -> None:
    ended = Event()

    def hang(handler: Handler) -> None:
        ended.wait(5)
        handler.tear()

    with serve(hang) as url, client(url, read=0.1) as portal:
        began = time.monotonic()
        with pytest.raises(PortalUnreachable, match=r"stayed silent for 0\.1 s \(after 3 attempts\)"):
            portal.metadata(DATASET)
        assert time.monotonic() - began < 3
        ended.set()


def test_a_proxy_of_the_environment_is_not_used_for_the_loopback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serve(whole) as url, client(url) as portal:
        assert portal.export("x", tmp_path / "part", where=None).bytes == len(CSV)


def test_no_more_than_the_polite_number_of_connections_are_open_at_once(tmp_path: Path) -> None:
    lock = Lock()
    open_now = most = 0

    def counted(handler: Handler) -> None:
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        time.sleep(0.05)
        with lock:
            open_now -= 1
        whole(handler)

    with (
        serve(counted) as url,
        opendatasoft(url, max_connections=2) as portal,
        ThreadPoolExecutor(max_workers=8) as pool,
    ):
        paths = [tmp_path / str(number) for number in range(8)]
        downloads = list(pool.map(lambda path: portal.export("x", path, where=None), paths))
    assert most == 2
    assert {plain(download.path) for download in downloads} == {CSV}
