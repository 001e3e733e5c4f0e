"""Turns a disk that cannot be written to into a fault of the lake that says what to do."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dataelec_assets.errors import LakeError

# A full disk, an exhausted quota, or a file larger than a process may write.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# In bytes: no file of the lake is sure to be smaller.
_LITTLE = 1_000_000
# As DuckDB and SQLite say it.
_SAID_FULL = ("no space left", "disk is full")
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})

_WHOLE = "Files appear whole or not at all: what was there before is kept and stays served."


@contextmanager
def writable(path: Path, about: str = "") -> Iterator[None]:
    """Raise one kind of error when a file of the lake cannot be written, whatever the machine raises.

    Args:
        path: the file or folder that is written; an error that names another file wins over it.
        about: what it is written for, such as a data set, which begins the message.

    Raises:
        LakeError: naming the file, the reason and the space left.
    """
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error, about) from error
    except _errors_of_duckdb() as error:
        import duckdb

        # A transaction that cannot be written is another kind of error than a file that cannot.
        if isinstance(error, duckdb.IOException) or _says_full(str(error)):
            raise cannot_write(path, error, about) from error
        raise


def _errors_of_duckdb() -> type[Exception]:
    """Return what DuckDB raises; it is imported when something was raised, not before."""
    import duckdb

    return duckdb.Error


def cannot_write(path: Path, error: Exception, about: str = "") -> LakeError:
    """Return an error of the machine as a fault of the lake; see :func:`writable`."""
    number, named = getattr(error, "errno", None), getattr(error, "filename", None)
    target = Path(named) if isinstance(named, str) else path
    # pyarrow repeats path and number in its message.
    reason = os.strerror(number) if number else (str(error).strip().splitlines() or [type(error).__name__])[0]
    free = _free(target)
    # SQLite also says "disk I/O error" when the disk is full.
    if number in FULL or _says_full(reason) or (free is not None and free < _LITTLE):
        remedy = "Free some space (about 2 GB for the whole history), or set DATAELEC_LAKE to a larger disk"
    elif number in _FORBIDDEN:
        remedy = "Give the user who runs it the right to write there, or set DATAELEC_LAKE to another folder"
    else:
        remedy = "Check the free space and the rights of the lake's folder (DATAELEC_LAKE)"
    left = "" if free is None else f" ({free / 1e6:,.0f} MB free on its disk)"
    return LakeError(
        f"{f'{about}: ' if about else ''}cannot write {target}: {reason}{left}.",
        advice=f"{_WHOLE} {remedy}, then run the command again; it takes up where this one stood.",
    )


def _says_full(words: str) -> bool:
    return any(each in words.lower() for each in _SAID_FULL)


def _free(path: Path) -> int | None:
    """Return the free bytes on the disk of a path; None when unknown."""
    try:
        there = next(each for each in (path, *path.absolute().parents) if each.is_dir())
        return shutil.disk_usage(there).free
    except (OSError, StopIteration):
        return None
