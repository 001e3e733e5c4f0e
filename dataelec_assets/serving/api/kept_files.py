"""Answers kept as files, so that programs may read parts of them: HEAD, Range and If-Range.

``polars.read_parquet(url)`` and DuckDB's httpfs ask for the size first and then for the end of the file. A streamed
answer has no size, so the first such request writes the answer to a temporary file, from which all others are answered.
Files are deterministic (same publication, question and format: same bytes), which is what their strong ETag promises.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Writes the answer to a path; returns whether it fits the number of bytes given.
Write = Callable[[Path, int], Awaitable[bool]]


@dataclass(slots=True)
class _Kept:
    path: Path
    size: int | None = None  # None: it is too large to be kept
    users: int = 0


class KeptFiles:
    """Files in a temporary folder; those that nobody reads make room for new ones, the one unused longest first.

    Args:
        most_bytes: of all files together; one file takes at most a quarter of it.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: OrderedDict[Any, _Kept] = OrderedDict()
        self._writing: dict[Any, asyncio.Lock] = {}
        self._number = 0

    @asynccontextmanager
    async def file(self, key: Any, write: Write) -> AsyncIterator[Path | None]:
        """Give the file of an answer, written now unless it is there; None when it is too large to be kept.

        It stays until the end of the block. Requests for the same file wait for one that writes it.
        """
        lock = self._writing.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                kept = self._files.get(key) or await self._write(key, write)
                kept.users += 1
        finally:
            if not lock.locked():
                self._writing.pop(key, None)
        self._files.move_to_end(key)
        try:
            yield kept.path if kept.size is not None else None
        finally:
            kept.users -= 1

    async def _write(self, key: Any, write: Write) -> _Kept:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="dataelec-api-")
        self._number += 1
        kept = _Kept(Path(self._folder.name) / f"{self._number}")
        try:
            if await write(kept.path, self._most // 4):
                kept.size = kept.path.stat().st_size
        finally:
            if kept.size is None:
                kept.path.unlink(missing_ok=True)
        self._files[key] = kept
        self._make_room()
        return kept

    def _make_room(self) -> None:
        total = sum(each.size or 0 for each in self._files.values())
        for key, each in list(self._files.items())[:-1]:
            if total <= self._most:
                return
            if not each.users:
                del self._files[key]
                each.path.unlink(missing_ok=True)
                total -= each.size or 0

    def close(self) -> None:
        """Remove all files."""
        self._files.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
