"""Clients that do not read, or never finish to ask, keep nobody out."""

from __future__ import annotations

import asyncio
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from dataelec_assets.serving.api import connections
from dataelec_assets.serving.api.app import Options, create_app
from dataelec_assets.serving.api.execution import Limits
from dataelec_assets.serving.api.publication import Publications
from tests.serving.api.served import make_served, running

MANY = 500

LONG = "create table mart_long as select range n, random() x from range(400000)"
URL = "/v1/tables/mart_long?format=csv"
PAGE = "/v1/tables/mart_long?limite=10000"


@pytest.fixture(autouse=True)
def _enough_sockets() -> Iterator[None]:
    """Both ends of each connection are in this process."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextmanager
def asking(client: httpx.Client, count: int, text: str) -> Iterator[list[socket.socket]]:
    """Open connections that send this and then do nothing, with little room for what comes back."""
    address = ("127.0.0.1", client.base_url.port or 0)
    with ExitStack() as opened:
        found = []
        for _ in range(count):
            made = opened.enter_context(socket.socket())
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            made.connect(address)
            made.sendall(text.encode())
            found.append(made)
        yield found


def is_ended(connection: socket.socket) -> bool:
    """Return whether the other end has closed, whatever is left to read."""
    connection.settimeout(10)
    try:
        while connection.recv(1 << 16):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def test_five_hundred_connections_that_never_finish_to_ask_keep_nobody_out_and_are_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 2.0)
    served = make_served(tmp_path / "dataelec.duckdb")
    with (
        running(create_app(served, Options(rate=0, log=False))) as client,
        asking(client, MANY // 2, "GET /v1/meta HTTP/1.1\r\nHost: x\r\n") as begun,
        asking(client, MANY // 2, "") as silent,
    ):
        assert client.get("/v1/temperatures?limite=1").status_code == 200
        assert all(is_ended(each) for each in (*begun, *silent))
        time.sleep(2.5)  # longer than a request may take to come: one that was answered stays open
        assert client.get("/v1/temperatures?limite=1").status_code == 200


def test_five_hundred_clients_that_do_not_read_keep_nobody_out(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb", extra=LONG)
    limits = Limits(unread_seconds=0.5, waiting=2 * MANY)
    request = f"GET {URL} HTTP/1.1\r\nHost: x\r\n\r\n"
    with (
        running(create_app(served, Options(rate=0, log=False, limits=limits))) as client,
        asking(client, MANY, request),
    ):
        for _ in range(20):  # the five hundred first have their turn, as they have asked first
            whole = client.get(URL)
            if whole.status_code == 200:
                break
            assert whole.headers["retry-after"] == "10"
            time.sleep(0.7)
        assert (whole.status_code, whole.text.count("\n")) == (200, 400_001)
        assert client.get(PAGE).status_code == 200


def test_a_client_that_does_not_read_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STALL_SECONDS", 0.5)
    served = make_served(tmp_path / "dataelec.duckdb", extra=LONG)
    with (
        running(create_app(served, Options(rate=0, log=False))) as client,
        asking(client, 1, f"GET {URL} HTTP/1.1\r\nHost: x\r\n\r\n") as (reader,),
    ):
        time.sleep(2)
        assert is_ended(reader)
        assert client.get(PAGE).status_code == 200


def test_unsent_answers_are_bounded_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_UNSENT", 2_000_000)
    served = make_served(tmp_path / "dataelec.duckdb", extra=LONG)
    request = f"GET {PAGE} HTTP/1.1\r\nHost: x\r\n\r\n"  # 0.4 MB each
    with (
        running(create_app(served, Options(rate=0, log=False))) as client,
        asking(client, 40, request) as readers,
    ):
        assert client.get(PAGE).status_code == 200  # after all that had asked before
        left = [is_ended(each) for each in readers[:20]]
        assert any(left)
        assert sum(each.transport.get_write_buffer_size() for each in connections._unread) <= 2_000_000


def test_a_publication_each_moment_starves_nobody(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb")
    ended = threading.Event()

    def publish() -> None:
        number = 1
        while not ended.is_set():
            number += 1
            make_served(served, f"publication-{number}")

    with running(create_app(served, Options(rate=0, log=False))) as client:
        publisher = threading.Thread(target=publish)
        publisher.start()
        try:
            names = [client.get("/v1/meta").raise_for_status().headers["x-publication-id"] for _ in range(12)]
        finally:
            ended.set()
            publisher.join()
    assert len(set(names)) > 3


def test_a_slow_opening_is_waited_for_once_and_then_the_open_publication_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = make_served(tmp_path / "dataelec.duckdb")
    monkeypatch.setattr("dataelec_assets.serving.api.publication.PATIENCE", 0.05)
    go_on = threading.Event()

    async def scenario() -> None:
        publications = Publications(served)
        (await publications.acquire()).release()
        opened = publications._open

        def slowly() -> object:
            go_on.wait(20)
            return opened()

        monkeypatch.setattr(publications, "_open", slowly)
        make_served(served, "publication-2")
        found = await asyncio.gather(*(publications.acquire() for _ in range(50)))
        assert {each.identifier for each in found} == {"publication-1"}
        go_on.set()
        for _ in range(200):
            latest = await publications.acquire()
            latest.release()
            if latest.identifier == "publication-2":
                break
        assert latest.identifier == "publication-2"
        for each in found:
            each.release()
        publications.close()

    asyncio.run(scenario())
