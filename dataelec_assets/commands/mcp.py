"""``dataelec mcp``: runs the server for assistants, when its package is installed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from dataelec_assets.errors import SettingsError
from dataelec_assets.run_context import paths_of
from dataelec_assets.serving.ports import listening
from dataelec_assets.settings import load_settings


def run_mcp(port: int | None, *, notice: Callable[[str], None]) -> None:
    """Answer until the client leaves, or until interrupted.

    Args:
        port: to listen on, on this machine only; None: standard input and output, on which nothing else is written.
        notice: prints one line.

    Raises:
        SettingsError: the environment cannot be used, or the package `mcp` is not installed.
        CannotListen: the port cannot be had.
    """
    try:
        from dataelec_assets.serving.mcp_server import create_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise SettingsError(
            "`dataelec mcp` needs the package mcp, which is not installed.",
            advice="Run `pip install 'dataelec-assets[mcp]'`.",
        ) from error
    paths = paths_of(load_settings())
    from dataelec_assets.lake.served_copy import follow_served

    follow_served(paths)
    served = paths.served_file
    server = create_server(served)
    if port is None:
        server.run()
        return
    for each in listening("127.0.0.1", port):
        each.close()
    notice(f"Reads {served}, and each new publication as it comes.")
    notice(f"Tools at http://127.0.0.1:{port}/mcp; stop it with Ctrl-C.")
    with suppress(KeyboardInterrupt):  # the normal end
        server.run("streamable-http", host="127.0.0.1", port=port)
