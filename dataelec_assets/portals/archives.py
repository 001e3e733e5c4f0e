"""A zip archive as a publisher serves it, and the one member of it that an edition is."""

from __future__ import annotations

import fnmatch
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import IO

import httpx

from dataelec_assets.catalog import Dataset, Edition
from dataelec_assets.errors import UnexpectedContent
from dataelec_assets.limits import MOST_MEMBERS
from dataelec_assets.portals.streams import (
    ZIP,
    BrokenBody,
    Stored,
    limited,
    media_type_of,
    plain_chunks,
    refuse_what_is_not_csv,
    store_csv,
)

_CHUNK = 1 << 20

_ENCRYPTED = 1

# Names of an archive that a message lists.
_SHOWN = 20


def store_member(
    dataset: Dataset, edition: Edition, response: httpx.Response, destination: Path, on_bytes: Callable[[int], None]
) -> Stored:
    """Store one member of an archive, which lies beside the destination meanwhile.

    Args:
        dataset: for messages.
        edition: which member.
        response: whose body is the archive.
        destination: the file, zstd; nothing is left there after a failure.
        on_bytes: called with the number of bytes of each piece of the archive, and with a negative number when they
            turn out to be unusable.

    Raises:
        NotData: the body is a page or an error object.
        BrokenBody: the archive is damaged.
        UnexpectedContent: it cannot be unpacked, or has no such member.
        OSError: the file cannot be written.
    """
    archive, received = destination.with_name(f"{destination.name}.zip"), 0
    try:
        with archive.open("wb") as stream:
            for chunk in plain_chunks(response):
                stream.write(chunk)
                received += len(chunk)
                on_bytes(len(chunk))
        require_archive(archive, media_type_of(response))
        with ExitStack() as closing:
            with _whole_archive():
                opened = closing.enter_context(zipfile.ZipFile(archive))
            info = member_of(dataset, edition, opened.infolist())
            with _whole_archive():
                member = closing.enter_context(opened.open(info))
            pieces = limited(_pieces(member), lambda: info.compress_size)
            # The bytes of the archive are counted already; unpacking can be cancelled, but adds nothing.
            return store_csv(
                pieces,
                "text/csv",
                destination,
                lambda _: on_bytes(0),
                is_proved_whole=True,
                is_workbook=dataset.sheet is not None,
            )
    except Exception as error:
        on_bytes(-received)
        if isinstance(
            error, (NotImplementedError, RuntimeError)
        ):  # compressed in a way that Python cannot read, or with a password
            raise UnexpectedContent(
                f"the archive cannot be unpacked ({error})", dataset_id=dataset.id, request=edition.path
            ) from error
        raise
    finally:
        archive.unlink(missing_ok=True)


@contextmanager
def _whole_archive() -> Iterator[None]:
    """Tell a damaged archive from a disk that cannot be written to: Python raises the same errors for both.

    Raises:
        BrokenBody: the archive cannot be read.
    """
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError) as error:
        raise BrokenBody(f"the archive is damaged ({error})") from error


def require_archive(archive: Path, media_type: str) -> None:
    """Refuse a page or an error object sent with a status of success, and an archive that was cut."""
    if zipfile.is_zipfile(archive):
        return
    with archive.open("rb") as stream:
        head = stream.read(_CHUNK)
    if not head.startswith(ZIP):
        refuse_what_is_not_csv(head, iter(()), media_type)
    raise BrokenBody("the body is not a complete zip archive")


def _pieces(member: IO[bytes]) -> Iterator[bytes]:
    while True:
        with _whole_archive():
            piece = member.read(_CHUNK)
        if not piece:
            return
        yield piece


def member_of(dataset: Dataset, edition: Edition, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the one member that the catalogue names, whatever folder of the archive it is in.

    Raises:
        UnexpectedContent: no member matches, or several do, and the message lists what there is; or the archive is
            unlike any that a publisher makes.
    """
    strange = partial(UnexpectedContent, dataset_id=dataset.id, request=edition.path)
    if len(members) > MOST_MEMBERS:
        raise strange(f"the archive of {edition.key} has {len(members):,} members; {MOST_MEMBERS:,} at most are read")
    by_name = {each.filename: each for each in members}
    for name in by_name:
        # Members are never unpacked under their own names, so this is harmless here; but no publisher writes it.
        path = PureWindowsPath(name)
        if path.anchor or ".." in path.parts:
            raise strange(f"the archive of {edition.key} has a member that points out of it, {name!r}")
    names = list(by_name)
    wanted = str(edition.member).lower()
    # macOS adds a hidden copy of each file.
    files = [name for name in names if not name.endswith("/") and not name.startswith("__MACOSX/")]
    found = [name for name in files if fnmatch.fnmatchcase(name.replace("\\", "/").rsplit("/", 1)[-1].lower(), wanted)]
    if len(found) != 1:
        raise UnexpectedContent(
            f"the archive of {edition.key} has {len(found) or 'no'} member{'s' * (len(found) > 1)} like "
            f"{edition.member!r}; it has {', '.join(files[:_SHOWN])}{', …' * (len(files) > _SHOWN)}",
            dataset_id=dataset.id,
            request=edition.path,
            advice="If the publisher renamed it, correct the edition's member in dataelec_assets/catalog/entries/.",
        )
    member = by_name[found[0]]
    if member.flag_bits & _ENCRYPTED:
        raise strange(f"member {found[0]!r} of the archive of {edition.key} is encrypted")
    return member
