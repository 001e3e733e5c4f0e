"""Whole tables on their way out: streamed as they are computed, or from a file when parts are asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from dataelec_assets.serving.api.execution import StreamThread
from dataelec_assets.serving.api.formats import TableStream
from dataelec_assets.serving.api.head_and_ranges import WANTS_FILE
from dataelec_assets.serving.api.kept_files import KeptFiles
from dataelec_assets.serving.api.problems import Problem
from dataelec_assets.serving.api.publication import Publication


class RowStream:
    """The parts of a file, computed one after the other on a thread.

    Args:
        table: makes the parts.
        thread: that they are made on.
        seconds: from the first to the last.
    """

    def __init__(self, table: TableStream, thread: StreamThread, seconds: float) -> None:
        self._table, self.thread, self.seconds = table, thread, seconds

    async def next_part(self) -> bytes:
        """Return the next bytes; none at the end.

        Raises:
            Problem: there is not enough memory.
        """
        try:
            return await self.thread.step(self._table.next_part, self._table.cursor)
        except duckdb.OutOfMemoryException:
            raise Problem(503, "Trop de mémoire demandée : restreindre la demande par des filtres.") from None

    def end(self) -> None:
        """Release the statement and the thread."""
        with suppress(duckdb.Error):
            self._table.close()
        self.thread.end()


_log = logging.getLogger("dataelec.api")

_TOO_LONG = "Le calcul est trop long : restreindre la demande par des filtres."


class StreamedAnswer(StreamingResponse):
    """Sends a stream, then releases the publication, whatever the client does."""

    def __init__(self, stream: RowStream, publication: Publication, headers: Mapping[str, str]) -> None:
        super().__init__(self._parts(), headers=headers)
        self._stream, self._publication = stream, publication
        self._first = b""

    async def _parts(self) -> AsyncIterator[bytes]:
        part, self._first = self._first, b""
        while part:
            yield part
            part = await self._stream.next_part()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        begun = False
        try:
            async with asyncio.timeout(self._stream.seconds) as time_left:
                now = asyncio.get_running_loop().time
                self._stream.thread.leave = lambda: time_left.reschedule(now())
                # Before the status line, while a failing statement can still be reported as such.
                self._first = await self._stream.next_part()
                begun = True
                await super().__call__(scope, receive, send)
        except TimeoutError:
            if not begun:
                raise Problem(503, _TOO_LONG) from None
            # An answer without its end makes uvicorn cut the connection: half a file must not look complete.
            _log.info("a table was cut: its client did not read it, or it took more than %s s", self._stream.seconds)
        finally:
            self._stream.end()
            self._publication.release()


class FileAnswer(StreamingResponse):
    """Sends a file, or the parts of it that are asked for; a table that is too large for one is streamed.

    Args:
        files: where it is kept.
        key: of the answer.
        begin: begins to compute it.
        publication: released at the end.
        headers: of the answer.
    """

    def __init__(
        self,
        files: KeptFiles,
        key: Any,
        begin: Callable[[], RowStream],
        publication: Publication,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(iter(()), headers=headers)
        self._files, self._key, self._begin, self._publication = files, key, begin, publication
        self._about = dict(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        released = False
        try:
            async with self._files.file(self._key, self._write) as path:
                if path is not None:
                    await FileResponse(path, headers=self._about)(scope, receive, send)
                elif scope[WANTS_FILE] == "HEAD":
                    await Response(headers=self._about)(scope, receive, send)
                else:
                    # A server may ignore Range; the client then reads the whole.
                    streamed, released = StreamedAnswer(self._begin(), self._publication, self._about), True
                    await streamed(scope, receive, send)
        finally:
            if not released:
                self._publication.release()

    async def _write(self, path: Path, most_bytes: int) -> bool:
        stream, size = self._begin(), 0
        try:
            async with asyncio.timeout(stream.seconds):
                with path.open("wb") as file:
                    while (part := await stream.next_part()) and (size := size + len(part)) <= most_bytes:
                        await asyncio.to_thread(file.write, part)
        except TimeoutError:
            raise Problem(503, _TOO_LONG) from None
        finally:
            stream.end()
        return size <= most_bytes
