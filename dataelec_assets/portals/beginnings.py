"""The first lines of a published file, or of a member of an archive, without the rest of it: by ranges of bytes.

A census is 500 MB; its header and its member's name are within a few hundred kilobytes of its two ends.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, cast

from dataelec_assets.catalog import Dataset, Edition
from dataelec_assets.errors import UnexpectedContent
from dataelec_assets.limits import LARGEST_REPLY, LONGEST_HEADER
from dataelec_assets.portals.archives import member_of
from dataelec_assets.portals.client import Beginning, PortalField
from dataelec_assets.portals.streams import ZIP

if TYPE_CHECKING:
    import httpx

# Plain bytes of a beginning: a header and some hundred rows.
BEGINNING = 4 * LONGEST_HEADER

# Bytes of one request: the directory of an archive, and the first blocks of a member, fit into one each.
PIECE = 256 * 1024

PARQUET = b"PAR1"

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")

Ask = Callable[[str], "tuple[bytes, httpx.Headers]"]


class WholeFilesOnly(Exception):
    """The server sends no part of a file."""


class Pieces(io.RawIOBase):
    """A file of a server as Python reads files: each piece is one request, and none is asked twice.

    Args:
        ask: returns the body and the headers of a reply to a ``Range``.

    Raises:
        WholeFilesOnly: the server sends no part of a file.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[int, bytes] = {}
        self._at = 0
        body, headers = ask(f"bytes=0-{PIECE - 1}")
        self.size = _size(headers)
        self._known[0] = body

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that it has positions."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position and return it."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        return self._at

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def readinto(self, buffer: object) -> int:
        """Read as far as the piece at the position goes."""
        view = memoryview(cast("bytearray", buffer)).cast("B")
        number, start = divmod(self._at, PIECE)
        if self._at >= self.size:
            return 0
        if number not in self._known:
            last = min((number + 1) * PIECE, self.size) - 1
            self._known[number], _ = self._ask(f"bytes={number * PIECE}-{last}")
        found = self._known[number][start : start + len(view)]
        view[: len(found)] = found
        self._at += len(found)
        return len(found)


def _size(headers: httpx.Headers) -> int:
    """Return the number of bytes of the whole file."""
    found = _RANGE.fullmatch(headers.get("Content-Range", ""))
    if found is None:
        raise WholeFilesOnly
    return int(found[3])


def beginning_of(dataset: Dataset, edition: Edition, pieces: Pieces) -> Beginning:
    """Return the first whole lines of an edition, or the columns of a Parquet file.

    Raises:
        UnexpectedContent: the archive has no such member, or cannot be read.
    """
    stream = io.BufferedReader(pieces, PIECE)
    if edition.member is None:
        return _read(dataset, edition, stream)
    try:
        with zipfile.ZipFile(stream) as archive:
            info = member_of(dataset, edition, archive.infolist())
            with archive.open(info) as member:
                return _read(dataset, edition, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UnexpectedContent(
            f"the archive of {edition.key} cannot be read ({error})", dataset_id=dataset.id, request=edition.path
        ) from error


def _read(dataset: Dataset, edition: Edition, stream: IO[bytes] | io.BufferedReader) -> Beginning:
    content = stream.read(BEGINNING)
    if dataset.sheet is not None and content.startswith(ZIP):
        return Beginning(content + stream.read(LARGEST_REPLY))
    if content.startswith(PARQUET):
        return Beginning(fields=_fields(dataset, edition, stream))
    cut = max(content.rfind(b"\n"), content.rfind(b"\r")) + 1
    return Beginning(content[:cut] if len(content) == BEGINNING and cut else content)


def _fields(dataset: Dataset, edition: Edition, stream: IO[bytes] | io.BufferedReader) -> tuple[PortalField, ...]:
    """Return the columns of a Parquet file, which stand at its end."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(pa.PythonFile(stream, mode="r"))
    except (OSError, pa.ArrowException) as error:
        raise UnexpectedContent(
            f"the Parquet file of {edition.key} cannot be read ({error})", dataset_id=dataset.id, request=edition.path
        ) from error
    return tuple(PortalField(each.name, each.name, str(each.type)) for each in schema)
