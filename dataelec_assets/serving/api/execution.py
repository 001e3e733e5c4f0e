"""Runs statements beside the event loop, a few at a time, each for a limited time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb

from dataelec_assets.serving.api.problems import Problem
from dataelec_assets.serving.api.publication import Publication

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may cost, and all requests together.

    Attributes:
        seconds: of work for one answer that is not streamed.
        stream_seconds: from the first to the last byte of a streamed answer.
        threads: statements side by side.
        streams: streamed answers side by side; each holds a cursor for as long as its client reads.
        unread_seconds: after which a client that does not take the next part (a few MB) makes room for others.
        waiting: requests that may wait for a thread; further ones are refused.
        export_rows: rows of a streamed answer.
        sorted_rows: largest number of rows of a streamed answer that are sorted, which happens in memory.
        sheet_rows: of a workbook, which is written whole before its first byte, and of a map, which is drawn whole.
        listeners: programs that wait for publications.
        kept_bytes: of answers kept as files, of which parts are asked for.
    """

    seconds: float = 10.0
    stream_seconds: float = 600.0
    threads: int = 4
    streams: int = 4
    unread_seconds: float = 10.0
    waiting: int = 64
    export_rows: int = 10_000_000
    sorted_rows: int = 200_000
    sheet_rows: int = 100_000
    listeners: int = 200
    kept_bytes: int = 1_000_000_000


class Engine:
    """Runs statements on threads of its own.

    Args:
        limits: what a request may cost.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="requete")
        self._working = 0
        self._streams: list[StreamThread] = []
        self.listeners = 0
        self.is_closing: Callable[[], bool] = lambda: False

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def rows(self, publication: Publication, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        return await self.run(publication, lambda cursor: cursor.execute(sql, list(parameters)).fetchall())

    async def run(self, publication: Publication, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Return the result of ``work``, which gets its own cursor.

        Raises:
            Problem: it takes too long or too much memory, or too many requests are waiting.
        """
        if self._working >= self.limits.threads + self.limits.waiting:
            raise Problem(503, "Trop de requêtes attendent : réessayer dans un instant.", headers={"Retry-After": "1"})
        self._working += 1
        cursor = publication.connection.cursor()
        job = self._pool.submit(work, cursor)
        future = asyncio.wrap_future(job)
        try:
            return await asyncio.wait_for(asyncio.shield(future), self.limits.seconds)
        except TimeoutError:
            raise Problem(
                503, f"Plus de {self.limits.seconds:g} s de calcul : restreindre la demande par des filtres."
            ) from None
        except duckdb.OutOfMemoryException:
            raise Problem(503, "Trop de mémoire demandée : restreindre la demande par des filtres.") from None
        finally:
            await _end(job, future, cursor)
            cursor.close()
            self._working -= 1

    def begin_stream(self) -> StreamThread:
        """Return a thread for one streamed answer; the caller ends it.

        Where all are taken, the one whose client has not read for longest makes room, if that is long enough.

        Raises:
            Problem: there are too many.
        """
        if len(self._streams) >= self.limits.streams:
            idle = max(self._streams, key=lambda each: each.unread_seconds)
            if idle.unread_seconds < self.limits.unread_seconds:
                raise Problem(
                    503,
                    "Trop de tables entières sont en cours d'envoi : réessayer bientôt.",
                    headers={"Retry-After": "10"},
                )
            idle.leave()
            self._streams.remove(idle)
        thread = StreamThread(self._end_stream)
        self._streams.append(thread)
        return thread

    def _end_stream(self, thread: StreamThread) -> None:
        if thread in self._streams:
            self._streams.remove(thread)


class StreamThread:
    """The thread of one streamed answer: a slow reader never holds back a page.

    One thread from beginning to end, because allocators keep the memory that a thread frees for that thread.

    Args:
        ended: called at the end.

    Attributes:
        leave: cuts the answer, to make room for another.
    """

    def __init__(self, ended: Callable[[StreamThread], None]) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="flux")
        self._ended = ended
        self._handed_over: float | None = None
        self.leave: Callable[[], object] = lambda: None

    @property
    def unread_seconds(self) -> float:
        """For how long the client has not taken what was handed over to it; 0 while more is computed."""
        return 0.0 if self._handed_over is None else time.monotonic() - self._handed_over

    async def step(self, work: Callable[[], T], cursor: duckdb.DuckDBPyConnection) -> T:
        """Return the next part of the answer; stop the work on it when nobody wants it any more."""
        self._handed_over = None
        job = self._pool.submit(work)
        future = asyncio.wrap_future(job)
        try:
            return await asyncio.shield(future)
        finally:
            await _end(job, future, cursor)
            self._handed_over = time.monotonic()

    def end(self) -> None:
        """End the thread, which is idle."""
        self._pool.shutdown(wait=False)
        self._ended(self)


async def _end(job: Future[T], future: asyncio.Future[T], cursor: duckdb.DuckDBPyConnection) -> None:
    """Make sure that nothing uses ``cursor`` any more: only then may its publication be closed."""
    if future.done():
        return
    job.cancel()
    while not job.done():
        cursor.interrupt()  # repeatedly: a statement that is about to start does not notice
        await asyncio.wait({future}, timeout=0.05)
    await asyncio.wait({future})
    if not future.cancelled():
        future.exception()  # retrieved, or asyncio would log it: nobody waits for it
