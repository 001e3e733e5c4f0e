"""One export of many partitions, cut into them while it arrives.

Each partition gets the header and its own lines, in the order and with the bytes in which they came: what an export of
that partition alone would be. Lines are never printed anew. Whether a partition is whole is not known here: its sums
prove it (:mod:`dataelec_assets.ingest.proof`).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dataelec_assets.errors import ContractViolation
from dataelec_assets.limits import LONGEST_LINE
from dataelec_assets.portals.streams import BrokenBody, Stored, TooLarge, read_some, refuse_what_is_not_csv

# Plain bytes that are cut at a time: a thousand lines, which stay in the cache of a core (a megabyte takes 5 % longer).
BLOCK = 1 << 18

# Plain bytes of a partition that are held in memory before its file is opened. An open file takes a megabyte too, for
# its compression; a set that is asked for whole has two hundred partitions, most of them far smaller.
HELD = 1 << 20

# Times whose partition is remembered: two years of quarter-hours. Rows share them (one for each region).
_REMEMBERED = 70_000

# Enough to recognise how a body begins, whatever the size of the first chunk.
_HEAD = 512


class _Piece:
    """The file of one partition.

    Args:
        path: where.
        header: the first line of the export, without its line feed.

    Attributes:
        lines: of the block that is being cut, without line feeds.
    """

    def __init__(self, path: Path, header: bytes) -> None:
        self.lines: list[bytes] = []
        self._path = path
        self._header = header
        self._held: list[bytes] = []
        self._held_size = self._size = 0
        self._digest = hashlib.sha256()
        self._file: Any = None

    def end_block(self) -> None:
        """Take the lines of a block over."""
        if not self.lines:
            return
        if not self._size and not self._held:
            self.lines.insert(0, self._header)
        self.lines.append(b"")
        text = b"\n".join(self.lines)
        self.lines.clear()
        self._held.append(text)
        self._held_size += len(text)
        if self._held_size > HELD:
            self._write()

    def _write(self) -> None:
        import pyarrow as pa

        if self._file is None:
            self._file = pa.output_stream(str(self._path), compression="zstd")
        for text in self._held:
            self._file.write(text)
            self._digest.update(text)
        self._size += self._held_size
        self._held, self._held_size = [], 0

    def close(self) -> Stored | None:
        """Write what is held and close the file; return what it holds, None when there was no line."""
        if self._held:
            self._write()
        if self._file is None:
            return None
        self._file.close()
        return Stored(self._digest.hexdigest(), self._size, self._path.stat().st_size)


class _Places(dict[bytes, list[bytes]]):
    """Where the lines of each time go.

    Args:
        find: returns that place for a text.
    """

    def __init__(self, find: Callable[[str], list[bytes]]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, text: bytes) -> list[bytes]:
        if len(self) >= _REMEMBERED:
            self.clear()
        found = self[text] = self._find(text.decode("utf-8", "replace").rstrip("\r"))
        return found


class Cut:
    """An export by semicolons while it is cut.

    Args:
        dataset_id: for messages.
        column: header of the column of time.
        place: partition of a row by the text of its time; see
            :func:`~dataelec_assets.portals.partition_filters.place_in_span`.
        drafts: exact path of the file of each partition.

    Attributes:
        stored: what each file holds, once :meth:`read` has ended, well or not; partitions without a row have none.
        strays: rows that lie outside of what was asked for, or whose time cannot be read.
    """

    def __init__(
        self, dataset_id: str, column: str, place: Callable[[str], str | None], drafts: Mapping[str, Path]
    ) -> None:
        self.stored: dict[str, Stored] = {}
        self.strays = 0
        self._dataset_id = dataset_id
        self._column = column
        self._place = place
        self._drafts = drafts
        self._pieces: dict[str, _Piece] = {}
        # Position of the column of time; None as long as the header has not come.
        self._position: int | None = None
        self._between: list[bytes] = []
        self._outside: list[bytes] = []
        self._places = _Places(self._lines_at)
        # What was received and is not cut yet.
        self._received: list[bytes] = []

    def read(self, chunks: Iterator[bytes], media_type: str, on_bytes: Callable[[int], None]) -> None:
        """Cut a body; its whole lines are stored also when it breaks off.

        Args:
            chunks: the plain bytes.
            media_type: as announced.
            on_bytes: called with the number of plain bytes of each piece; takes them back (a negative number) when the
                body turns out to be unusable.

        Raises:
            NotData: the body is HTML or a JSON object, or a line is too long.
            BrokenBody: the body is empty, or does not end with the end of a line.
            ContractViolation: the column of time is missing.
            OSError: a file cannot be written.
        """
        counted = 0

        def count(size: int) -> None:
            nonlocal counted
            counted += size
            on_bytes(size)

        try:
            self._read(chunks, media_type, count)
        except Exception:
            if self._position is not None:
                with suppress(TooLarge):
                    self._cut()
            on_bytes(-counted)
            raise
        finally:
            closed = {key: piece.close() for key, piece in self._pieces.items()}
            self.stored = {key: stored for key, stored in closed.items() if stored is not None}

    def _read(self, chunks: Iterator[bytes], media_type: str, on_bytes: Callable[[int], None]) -> None:
        head = read_some(chunks, _HEAD)
        refuse_what_is_not_csv(head, chunks, media_type)
        size = 0
        for chunk in _with_head(head, chunks):
            self._received.append(chunk)
            on_bytes(len(chunk))
            # The first lines say at once whether the export can be cut.
            size += len(chunk)
            if size >= BLOCK or self._position is None:
                self._cut()
                size = 0
        if rest := self._cut():
            raise BrokenBody(f"the body stops {rest:,} bytes after the end of a line")

    def _cut(self) -> int:
        """Give the whole lines of what was received to their partitions; return the size of the rest."""
        whole, feed, rest = b"".join(self._received).rpartition(b"\n")
        lines = whole.split(b"\n") if feed else []
        has_quotes = b'"' in whole
        if has_quotes:
            lines, opened = _joined(lines)
            rest = opened + b"\n" + rest if opened else rest
        self._received = [rest]
        if len(rest) > LONGEST_LINE:
            raise TooLarge(f"a line is longer than {LONGEST_LINE:,} bytes, the most that is read")
        if lines and self._position is None:
            header = lines.pop(0)
            self._position = self._position_in(header)
            self._pieces = {key: _Piece(path, header) for key, path in self._drafts.items()}
        self._sort(lines, has_quotes=has_quotes)
        for piece in self._pieces.values():
            piece.end_block()
        self.strays += len(self._outside)
        self._outside.clear()
        self._between.clear()
        return len(rest)

    def _position_in(self, header: bytes) -> int:
        names = _fields(header.decode("utf-8-sig", "replace"))
        if self._column not in names:
            raise ContractViolation(
                f"column {self._column!r} is missing; the export has {', '.join(names)}.",
                dataset_id=self._dataset_id,
                column=self._column,
            )
        return names.index(self._column)

    def _sort(self, lines: list[bytes], *, has_quotes: bool) -> None:
        position = self._position or 0
        splits, places = position + 1, self._places
        for line in lines:
            if has_quotes and b'"' in line:
                # Byte by byte, whatever the encoding: a time is ASCII.
                fields = [field.encode("latin-1") for field in _fields(line.decode("latin-1"))]
            else:
                fields = line.split(b";", splits)
            if position < len(fields):
                places[fields[position]].append(line)
            else:
                self._outside.append(line)

    def _lines_at(self, time: str) -> list[bytes]:
        """Return where the lines of a time are put."""
        key = self._place(time)
        if key is None:
            return self._outside
        return self._pieces[key].lines if key else self._between


def _with_head(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from (chunk for chunk in chunks if chunk)


def _joined(lines: list[bytes]) -> tuple[list[bytes], bytes]:
    """Return the lines of a CSV, of which some texts hold line feeds, and the line that is not at its end yet.

    Inside a text the number of quotes so far is odd: those that it holds are doubled.
    """
    found: list[bytes] = []
    opened: list[bytes] = []
    for line in lines:
        closes_or_opens = line.count(b'"') % 2 == 1
        if opened:
            opened.append(line)
            if closes_or_opens:
                found.append(b"\n".join(opened))
                opened = []
        elif closes_or_opens:
            opened = [line]
        else:
            found.append(line)
    return found, b"\n".join(opened)


def _fields(line: str) -> list[str]:
    """Return the fields of a line that may have quotes; none when it cannot be read."""
    try:
        return next(csv.reader([line.rstrip("\r")], delimiter=";"), [])
    except csv.Error:
        return []
