"""The port of a server: had, or refused in one sentence."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import ExitStack

from dataelec_assets.errors import CannotListen


def listening(host: str, port: int) -> list[socket.socket]:
    """Return sockets that are bound to every address of a host, as asyncio binds them; the caller closes them.

    Raises:
        CannotListen: the port is taken, this user may not have it, or the host is not one of this machine.
    """
    bound: list[socket.socket] = []
    absent: OSError | None = None
    with ExitStack() as opened:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            for family, _, _, _, address in dict.fromkeys(found):
                try:
                    bound.append(opened.enter_context(_bound(family, address)))
                except OSError as error:
                    # `localhost` has an IPv6 address, also where the machine has no IPv6.
                    if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                        raise
                    absent = error
            if absent is not None and not bound:
                raise absent
        except OSError as error:
            raise _refusal(host, port, error) from error
        opened.pop_all()
    return bound


def _bound(family: int, address: tuple[object, ...]) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere this option would share a port that is taken
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


def _refusal(host: str, port: int, error: OSError) -> CannotListen:
    if error.errno == errno.EADDRINUSE:
        return CannotListen(
            f"Port {port} of {host} is in use.", advice="Stop the program that has it, or choose another with --port."
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return CannotListen(f"This user may not listen on port {port}.", advice="Choose one from 1024 on with --port.")
    return CannotListen(
        f"Cannot listen on {host}: {error.strerror or error}.", advice="Give an address of this machine with --host."
    )
