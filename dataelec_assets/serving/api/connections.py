"""Connections that do nothing are ended: those that never finish a request, and those that do not read their answer.

uvicorn waits for both without end. Five hundred of either would hold sockets and unsent answers until others find none.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_log = logging.getLogger("dataelec.api")

# In seconds: for the head of a request, longer than any network needs (nginx: client_header_timeout 60, Apache: 20).
REQUEST_SECONDS = 15.0

# An answer must move on: so many bytes in so many seconds, about those of a poor mobile line.
STALL_SECONDS, STALL_BYTES = 15.0, 32_000

# Of all unsent answers together: beyond, the one that waits longest is ended at once.
MOST_UNSENT = 128_000_000

# Connections that do not read as fast as is written, the longest first.
_unread: dict[WatchedConnection, None] = {}

_Base: Any = AutoHTTPProtocol  # chosen by uvicorn at run time: httptools where it is installed, else h11


class WatchedConnection(_Base):  # type: ignore[misc]
    """A connection of uvicorn with these limits."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self._request_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._expect_request()

    def data_received(self, data: bytes) -> None:
        """Read on; a request that has begun must end."""
        super().data_received(data)
        if self._is_answering():
            self._stop("_request_timer")
        elif self._request_timer is None:
            self._expect_request()

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect_request(self) -> None:
        self._request_timer = self.loop.call_later(REQUEST_SECONDS, self._end_unless_answering)

    def _end_unless_answering(self) -> None:
        self._request_timer = None
        if not self._is_answering():
            self.transport.abort()

    def pause_writing(self) -> None:
        """Watch an answer that is not read as fast as it is written."""
        super().pause_writing()
        _unread[self] = None
        self._watch()
        self._make_room()

    def resume_writing(self) -> None:
        """Stop watching."""
        super().resume_writing()
        _unread.pop(self, None)
        self._stop("_stall_timer")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _unread.pop(self, None)
        self._stop("_request_timer")
        self._stop("_stall_timer")
        super().connection_lost(exc)

    def _watch(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._stall_timer = self.loop.call_later(STALL_SECONDS, self._end_if_stalled, left)

    def _end_if_stalled(self, left_before: int) -> None:
        if left_before - self.transport.get_write_buffer_size() < STALL_BYTES:
            _log.info("a client that did not read its answer was left")
            self.transport.abort()
        else:
            self._watch()

    def _make_room(self) -> None:
        unsent = sum(each.transport.get_write_buffer_size() for each in _unread)
        for each in list(_unread):
            if unsent <= MOST_UNSENT:
                return
            unsent -= each.transport.get_write_buffer_size()
            each.transport.abort()

    def _stop(self, name: str) -> None:
        timer: asyncio.TimerHandle | None = getattr(self, name)
        if timer is not None:
            timer.cancel()
            setattr(self, name, None)
