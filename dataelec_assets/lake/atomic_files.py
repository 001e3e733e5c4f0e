"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from contextlib import suppress
from io import FileIO
from mmap import PAGESIZE, mmap
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from dataelec_assets.disk import writable
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.write_through import removed, written_through

Record = TypeVar("Record")

# Linux's FICLONE (linux/fs.h), which Python's `fcntl` does not name.
_CLONE = 0x40049409

# Bytes that are copied at a time: from 4 MB on, more make no difference (1.3 GB, ext4).
_BLOCK = 8 * 2**20


def temporary_path(paths: LakePaths, suffix: str) -> Path:
    """Return a new name in the lake's temporary folder, on the same file system as the final names.

    Raises:
        LakeError: the folder cannot be made.
    """
    with writable(paths.temporary):
        paths.temporary.mkdir(parents=True, exist_ok=True)
    return paths.temporary / f"{uuid4().hex}{suffix}"


def move_into_place(source: Path, target: Path) -> None:
    """Rename ``source`` to ``target`` atomically, after its bytes have reached the disk; the bucket has it too then.

    Raises:
        LakeError: it cannot be written there.
    """
    with writable(target), written_through(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as stream:
            os.fsync(stream.fileno())
        source.replace(target)


def touch(path: Path) -> None:
    """Make an empty file, whose being there says something.

    Raises:
        LakeError: it cannot be written.
    """
    with writable(path), written_through(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def remove(path: Path) -> None:
    """Remove a file of the lake; one that is gone already is no fault."""
    path.unlink(missing_ok=True)
    removed(path)


def forbid_writing(path: Path) -> None:
    """Take from everybody the right to write to a file; to replace it is a right of its folder.

    Raises:
        LakeError: this user may not.
    """
    with writable(path):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file; where the file system can, both share their blocks until one is written to, and nothing is copied.

    Raises:
        OSError: it cannot be written there.
    """
    for copied in (_shared, _past_the_cache):
        with suppress(AttributeError, ImportError, OSError):
            copied(source, target)
            return
    shutil.copyfile(source, target)


def _shared(source: Path, target: Path) -> None:
    """Let both files share their blocks: Btrfs, XFS and others on Linux."""
    import fcntl

    with source.open("rb") as stream, target.open("wb") as copy:
        fcntl.ioctl(copy.fileno(), _CLONE, stream.fileno())


def _past_the_cache(source: Path, target: Path) -> None:
    """Copy from disk to disk, where the system lets a program do so (Linux).

    Through the page cache a gigabyte takes 0.7 to 1 CPU-seconds and pushes out what others read; so it takes 0.15.
    """

    def opened(path: str, flags: int) -> int:
        return os.open(path, flags | os.O_DIRECT, 0o666)

    # The memory of a map begins at a page, and whole pages are written: the last one is cut to the size of the file.
    pages = memoryview(mmap(-1, _BLOCK))
    with FileIO(source, opener=opened) as stream, FileIO(target, "wb", opener=opened) as copy:
        left = size = os.fstat(stream.fileno()).st_size
        while left > 0:
            count = min(left, _BLOCK)
            block = pages[: -(-count // PAGESIZE) * PAGESIZE]
            if stream.readinto(block) != count or copy.write(block) != len(block):
                raise OSError(errno.EIO, "less was copied than was asked for", str(target))
            left -= count
        copy.truncate(size)


def point_to(link: Path, folder: Path) -> None:
    """Make ``link`` point to ``folder`` beside it by one rename, then remove the folders of older publications."""
    draft = link.with_name(f"{link.name}.{uuid4().hex[:8]}")
    with writable(link):
        draft.symlink_to(folder.name, target_is_directory=True)
        draft.replace(link)
    for old in link.parent.glob(f"{link.name}[-.]*"):
        if old.is_symlink():
            old.unlink()  # left by a refresh that was killed
        elif old != folder:
            shutil.rmtree(old)


def write_json(paths: LakePaths, target: Path, content: Any, indent: int | None = 1) -> None:
    """Write ``content`` as JSON to ``target``, atomically; without ``indent``, ten times faster.

    Raises:
        LakeError: it cannot be written.
    """
    draft = temporary_path(paths, ".json")
    with writable(target):
        draft.write_text(
            json.dumps(content, ensure_ascii=False, indent=indent, sort_keys=True) + "\n", encoding="utf-8"
        )
    move_into_place(draft, target)


def read_json(path: Path) -> Any:
    """Return the content of a JSON file of the lake.

    Raises:
        LakeError: the file is not JSON, or this user may not read it.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LakeError(
            f"{path} cannot be read: {error.strerror or error}.",
            advice="Give the user who runs it the right to read the lake.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise LakeError(
            f"{path} is damaged: {error}.", advice="Delete it; `dataelec refresh` writes it again."
        ) from error


def read_as(kind: type[Record], path: Path, content: Any) -> Record:
    """Return the content of a JSON file as a dataclass.

    Raises:
        LakeError: the fields are not those of the dataclass.
    """
    try:
        return kind(**content)
    except TypeError as error:
        raise LakeError(
            f"{path} was not written by this version: {error}.",
            advice="Move it away; `dataelec refresh` writes it again.",
        ) from error
