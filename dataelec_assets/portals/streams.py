"""A streamed body: decoded, checked and stored compressed on the way, never held in memory."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dataelec_assets.disk import writable
from dataelec_assets.limits import LARGEST_BODY, LARGEST_RATIO, LARGEST_REPLY
from dataelec_assets.portals.error_replies import explain

if TYPE_CHECKING:
    import httpx

# How a zip archive begins.
ZIP = b"PK\x03\x04"

_GZIP = b"\x1f\x8b"

# Enough to recognise how a body begins, whatever the size of the first chunk.
_HEAD = 512

# An error object or a maintenance page fits in this; more is not read.
ERROR_BODY = 64 * 1024


class BrokenBody(Exception):
    """The body ends early or cannot be decoded; another attempt may bring it whole."""


class NotData(Exception):
    """The body is a page or an error object under a status of success.

    Args:
        message: what it is.
        body: what was read of it, for the client to tell a quota answer from the rest.
    """

    def __init__(self, message: str, body: bytes) -> None:
        super().__init__(message)
        self.body = body


class TooLarge(NotData):
    """The body passes a limit; another attempt would bring it again."""

    def __init__(self, message: str) -> None:
        super().__init__(message, b"")


@dataclass(frozen=True, slots=True)
class Stored:
    """A body as stored: hash and size of the plain bytes, size of the compressed file."""

    sha256: str
    size: int
    stored_size: int


@contextmanager
def writing(dataset_id: str, destination: Path) -> Iterator[None]:
    """Tell a file that cannot be written from a fault of the portal: the network's own errors are httpx's.

    Raises:
        LakeError: the disk is full, the folder is not there or may not be written to.
    """
    with writable(destination, dataset_id):
        yield


def plain_chunks(response: httpx.Response) -> Iterator[bytes]:
    """Yield the body without its content encoding.

    httpx's own gzip decoder accepts a gzip stream that ends early, and drops all but the first member of one with
    several: both would lose rows in silence.

    Raises:
        BrokenBody: the gzip stream is damaged or ends early, or the encoding was not requested.
        TooLarge: it passes a limit of :mod:`dataelec_assets.limits`.
    """
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        yield from limited(response.iter_raw())
    elif encoding in ("gzip", "x-gzip"):
        yield from limited(_gunzip(response.iter_raw()), lambda: response.num_bytes_downloaded)
    else:
        raise BrokenBody(f"content encoding {encoding!r} was not requested")


def media_type_of(response: httpx.Response) -> str:
    """Return the media type that a reply announces, without parameters, in lower case; empty when it announces none."""
    return str(response.headers.get("Content-Type", "")).partition(";")[0].strip().lower()


def limited(
    chunks: Iterable[bytes], packed: Callable[[], int] | None = None, *, largest: int = LARGEST_BODY
) -> Iterator[bytes]:
    """Yield the chunks as long as they are not too many.

    Args:
        chunks: plain bytes.
        packed: how many bytes they were unpacked from so far; None: they were not.
        largest: how many there may be.

    Raises:
        TooLarge: there are more, or they were packed tighter than any table is.
    """
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > largest:
            raise TooLarge(f"the body is larger than {largest:,} bytes, the most that is read")
        if packed is not None and size > LARGEST_REPLY and size > LARGEST_RATIO * packed():
            raise TooLarge(
                f"{packed():,} bytes are unpacked to {size:,} and more; tables shrink {LARGEST_RATIO} times at most"
            )
        yield chunk


def whole_body(chunks: Iterable[bytes]) -> bytes:
    """Return a body that is held in memory.

    Raises:
        TooLarge: it is larger than any reply of this kind.
    """
    return b"".join(limited(chunks, largest=LARGEST_REPLY))


def unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the plain bytes of a file that may be gzipped.

    Raises:
        BrokenBody: the gzip stream is damaged or ends early.
        TooLarge: it passes a limit of :mod:`dataelec_assets.limits`.
    """
    packed = 0

    def counted() -> Iterator[bytes]:
        nonlocal packed
        for chunk in _with_head(head, chunks):
            packed += len(chunk)
            yield chunk

    head = read_some(chunks, len(_GZIP))
    if head.startswith(_GZIP):
        yield from limited(_gunzip(counted()), lambda: packed)
    else:
        yield from limited(counted())


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    member = _gzip_member()
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if member.eof:
                    member = _gzip_member()
                plain = member.decompress(rest)
                rest = member.unused_data
                if plain:
                    yield plain
    except zlib.error as error:
        raise BrokenBody(f"the gzip stream is damaged ({error})") from error
    if not member.eof:
        raise BrokenBody("the gzip stream ends early")


def _gzip_member() -> zlib._Decompress:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)  # 16: with a gzip header and checksum


def store_csv(
    chunks: Iterator[bytes],
    media_type: str,
    destination: Path,
    on_bytes: Callable[[int], None],
    *,
    is_proved_whole: bool = False,
    is_workbook: bool = False,
) -> Stored:
    """Write a CSV body to ``destination`` as zstd; nothing is left behind when that fails.

    Args:
        chunks: the plain bytes.
        media_type: as announced.
        destination: the file; overwritten.
        on_bytes: called with the number of plain bytes after each write; takes them back (a negative number) when
            the body turns out to be unusable.
        is_proved_whole: a length or a checksum proves the end of the body, so that its last line may lack its end.
        is_workbook: whether it may be a workbook, which is an archive.

    Raises:
        NotData: the body is HTML or a JSON object.
        BrokenBody: the body is empty, or does not end with a line end where nothing else proves it whole.
        OSError: the file cannot be written.
    """
    counted = 0

    def count(size: int) -> None:
        nonlocal counted
        counted += size
        on_bytes(size)

    head = read_some(chunks, _HEAD)
    if not (is_workbook and head.startswith(ZIP)):
        refuse_what_is_not_csv(head, chunks, media_type)
    try:
        stored, last = _write(head, chunks, destination, count)
        if not is_proved_whole:
            require_line_end(last, stored.size)
    except BaseException as failure:
        destination.unlink(missing_ok=True)
        if isinstance(failure, Exception):
            on_bytes(-counted)
        raise
    return stored


def require_line_end(last: bytes, size: int) -> None:
    """Check that a body ends with a line end.

    Args:
        last: its last bytes.
        size: of the whole body, for the message.

    Raises:
        BrokenBody: it does not.
    """
    if not last.endswith((b"\n", b"\r")):
        raise BrokenBody(f"the body stops in the middle of a line after {size:,} bytes")


def _write(
    head: bytes, chunks: Iterator[bytes], destination: Path, on_bytes: Callable[[int], None]
) -> tuple[Stored, bytes]:
    """Return what was stored, and its last bytes."""
    import pyarrow as pa

    digest = hashlib.sha256()
    size = 0
    last = b""
    with pa.output_stream(str(destination), compression="zstd") as file:
        for chunk in _with_head(head, chunks):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            last = chunk
            on_bytes(len(chunk))
    return Stored(digest.hexdigest(), size, destination.stat().st_size), last


def _with_head(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from (chunk for chunk in chunks if chunk)


def refuse_what_is_not_csv(head: bytes, chunks: Iterator[bytes], media_type: str) -> None:
    """Look at the first bytes of a body, and at some more of one that is an error.

    Raises:
        NotData: the body is HTML or JSON.
        BrokenBody: the body is empty.
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(ZIP):
        raise NotData("a zip archive instead of CSV", b"")
    # No header of a CSV export starts with one of these: they open a page, an error object or an array.
    if start.startswith((b"<", b"{", b"[")) or media_type in ("text/html", "application/json"):
        body = head + read_some(chunks, ERROR_BODY)
        said = explain(body).message or "an empty body"
        raise NotData(f"{said} (announced as {media_type or 'nothing'}) instead of CSV", body)
    if not start:
        # An export without rows still has its header line.
        raise BrokenBody("the body is empty")


def read_some(chunks: Iterator[bytes], at_least: int) -> bytes:
    """Return the next bytes: ``at_least`` so many, fewer at the end of the body."""
    parts = bytearray()
    for chunk in chunks:
        parts += chunk
        if len(parts) >= at_least:
            break
    return bytes(parts)
