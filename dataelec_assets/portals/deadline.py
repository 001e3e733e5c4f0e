"""The time that the work with one portal may take in all.

Limits on single reads do not bound it: a reply that drips byte by byte is never silent, and none of two hundred
requests that each take two minutes is too slow by itself. So connections are cut when the time is up, which wakes
whatever reads from them.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Lock, Timer
from typing import Any
from weakref import WeakSet

# Events of httpcore when a socket is ready: plain, then under TLS (the plain one is not used from then on).
_CONNECTED = (".connect_tcp.complete", ".start_tls.complete")
_CONNECTING = ".connect_tcp.started"


class TimeUp(Exception):
    """No further connection may be made."""


class Line:
    """The open sockets of one client, and when they are cut.

    Args:
        seconds: from now until they are cut; None: never by itself.
        on_end: called when the time is up, before the sockets are cut.
    """

    def __init__(self, seconds: float | None, on_end: Callable[[], None]) -> None:
        self.seconds = seconds
        self._on_end = on_end
        self._over, self._cut = Event(), Event()
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = Lock()
        self._timer: Timer | None = None
        if seconds is not None:
            self._timer = Timer(seconds, self._end)
            self._timer.daemon = True
            self._timer.start()

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self._over.is_set()

    def close(self) -> None:
        """Stop the clock."""
        if self._timer is not None:
            self._timer.cancel()

    def cut(self) -> None:
        """Cut every connection, so that readers find its end, and allow no other."""
        self._cut.set()
        with self._lock:
            there = list(self._sockets)
        for each in there:
            _shut(each)

    def _end(self) -> None:
        self._over.set()
        self._on_end()
        self.cut()

    def follow(self, event: str, info: Mapping[str, Any]) -> None:
        """Follow a request by the events of httpcore (its ``trace`` extension).

        Raises:
            TimeUp: a connection is about to be made although all were cut.
        """
        if event.endswith(_CONNECTING) and self._cut.is_set():
            raise TimeUp
        if not event.endswith(_CONNECTED):
            return
        connected = info["return_value"].get_extra_info("socket")
        if connected is not None:
            with self._lock:
                self._sockets.add(connected)
            if self._cut.is_set():
                _shut(connected)


def _shut(connected: socket.socket) -> None:
    with suppress(OSError):  # closed already
        # The plain function also under TLS: a reader in another thread still holds the session.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
