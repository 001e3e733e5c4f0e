"""Run the portal: in a thread for tests and demonstrations, or in the foreground for the command line."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import uvicorn
from pydantic import HttpUrl
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from dataelec_assets.catalog import PORTALS, Catalog
from dataelec_assets.errors import SettingsError
from dataelec_assets.sample.portal.app import PortalApp
from dataelec_assets.sample.portal.explore import Settings
from dataelec_assets.sample.portal.gate import TRANSPORT

# Control calls can revise data and break replies: the portal is for this machine only.
HOST = "127.0.0.1"

# A call that hangs on purpose must not hold back the end of the server.
_GRACE_SECONDS = 1

# The first call on a large data set loads it.
_CLIENT_SECONDS = 120


class RunningPortal:
    """A portal that answers in a background thread.

    Attributes:
        url: ``http://127.0.0.1:PORT``; each portal folder is a path below it, such as ``<url>/odre``.
        app: the application.
        client: a client of it, without the proxies of the environment.
    """

    def __init__(self, url: str, app: PortalApp, client: httpx.Client) -> None:
        self.url = url
        self.app = app
        self.client = client

    @property
    def addresses(self) -> dict[str, HttpUrl]:
        """Settings that send every portal of the catalogue here: none is asked over the network."""
        return {f"{name}_url": HttpUrl(f"{self.url}/{name}") for name in PORTALS}

    def control(self, path: str = "", payload: Any = None) -> dict[str, Any]:
        """Make a control call: ``control()`` reads the state, ``control("vintage", {"step": 1})`` changes it.

        Raises:
            httpx.HTTPStatusError: the portal refused it.
        """
        address = f"{self.url}/_control" + (f"/{path.strip('/')}" if path.strip("/") else "")
        reply = self.client.get(address) if payload is None else self.client.post(address, json=payload)
        reply.raise_for_status()
        body: dict[str, Any] = reply.json()
        return body


@contextmanager
def serve(
    data: Path,
    port: int = 0,
    vintage: str | None = None,
    settings: Settings | None = None,
    catalog: Catalog | None = None,
) -> Iterator[RunningPortal]:
    """Serve ``data`` on loopback as long as the context lasts; port 0 takes a free one.

    Raises:
        SettingsError: the folder, the vintage or the port cannot be used.
    """
    app = PortalApp(data, vintage, settings, catalog)
    try:
        listener = _bind(port)
        server = _Server(app)
        thread = threading.Thread(target=server.run, args=([listener],), name="dataelec-portal", daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        try:
            with httpx.Client(trust_env=False, timeout=_CLIENT_SECONDS) as client:
                yield RunningPortal(_address(listener), app, client)
        finally:
            server.should_exit = True
            app.store.stop()
            thread.join()
    finally:
        app.close()


def run_forever(data: Path, port: int = 0, vintage: str | None = None, notice: Callable[[str], None] = print) -> None:
    """Serve ``data`` on loopback and return when INT or TERM asks for it.

    Data sets of the catalogue are loaded meanwhile, so that what was restored is told without being asked for.

    Args:
        data: folder ``DIR/<portal>/<data-set-id>/<files>``.
        port: port; 0 takes a free one.
        vintage: instant as of which files are visible; None is the newest.
        notice: told one base URL per portal when it is ready, then what was restored or cannot be served.

    Raises:
        SettingsError: the folder, the vintage or the port cannot be used.
    """
    app = PortalApp(data, vintage)
    try:
        listener = _bind(port)
        server = _Server(app, ready=lambda: _announce(app, _address(listener), notice))

        def stop(_: int, __: FrameType | None) -> None:
            server.should_exit = True
            app.store.stop()

        loader = threading.Thread(target=app.store.load_catalogued, args=(notice,), name="dataelec-portal-loader")
        former = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            loader.start()
            server.run([listener])
        finally:
            app.store.stop()
            loader.join()
            for number, handler in former.items():
                signal.signal(number, handler)
            listener.close()
    finally:
        app.close()


def _announce(app: PortalApp, address: str, notice: Callable[[str], None]) -> None:
    for portal in app.store.names:
        notice(f"{address}/{portal}")


def _bind(port: int) -> socket.socket:
    # With the protocol named, asyncio turns Nagle's algorithm off: 40 ms less on every call.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise SettingsError(
            f"port {port} cannot be used: {error}.", advice="Choose another --port, or 0 for a free one."
        ) from error
    return listener


def _address(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


class _Protocol(H11Protocol):
    """HTTP/1.1 that lets the application reach the connection, to break it on purpose."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        inner = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope[TRANSPORT] = transport
            await inner(scope, receive, send)

        self.app = app


class _Server(uvicorn.Server):
    """A server without signal handlers of its own, silent: broken replies are broken on purpose."""

    def __init__(self, app: PortalApp, ready: Callable[[], None] | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                loop="asyncio",
                lifespan="off",
                ws="none",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the caller."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then tell."""
        await super().startup(sockets=sockets)
        if self._ready is not None:
            self._ready()
