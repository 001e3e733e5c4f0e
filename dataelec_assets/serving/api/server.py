"""Runs the API: one process, on loopback by default."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from dataelec_assets.lake.served_copy import follow_served
from dataelec_assets.run_context import paths_of
from dataelec_assets.serving.api.app import Options, create_app
from dataelec_assets.serving.api.connections import WatchedConnection
from dataelec_assets.serving.ports import listening
from dataelec_assets.settings import load_settings


def run_api(host: str, port: int, options: Options, *, behind_proxy: bool, notice: Callable[[str], None]) -> None:
    """Answer until interrupted.

    Args:
        host: address to listen on.
        port: port to listen on.
        options: limits and log.
        behind_proxy: whether a proxy on this machine names the client in X-Forwarded-For. Otherwise that header is
            ignored: any client could use it to change its name at each request.
        notice: prints one line.

    Raises:
        SettingsError: the environment cannot be used.
        CannotListen: the port cannot be had.
    """
    paths = paths_of(load_settings())
    sockets = listening(host, port)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    follow_served(paths)
    served = paths.served_file
    notice(f"Reads {served}, and each new publication as it comes.")
    notice(f"http://{f'[{host}]' if ':' in host else host}:{port}/docs describes it; stop it with Ctrl-C.")
    app = create_app(served, options)
    server = uvicorn.Server(server_config(app, host, port, behind_proxy=behind_proxy))
    # Streams of events end at once, or Ctrl-C would wait for each of them.
    app.state.service.engine.is_closing = lambda: server.should_exit
    with suppress(KeyboardInterrupt):  # the normal end: uvicorn raises it again once every answer is sent
        server.run(sockets=sockets)


def server_config(app: FastAPI, host: str, port: int, *, behind_proxy: bool) -> uvicorn.Config:
    """Return how uvicorn runs the API."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=WatchedConnection,
        access_log=False,  # it would log parameters; protection.py logs without them
        server_header=False,
        proxy_headers=behind_proxy,
        timeout_graceful_shutdown=10,
        log_config=None,
        ws="none",
    )
