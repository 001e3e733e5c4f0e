"""What is done for a lake on a bucket wherever files of a lake are written, removed or about to be read.

A lake in a folder asks one thing: whether any bucket is in use, which is one look at an empty dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dataelec_assets.lake.paths import LakePaths

if TYPE_CHECKING:
    from dataelec_assets.lake.working_copy import WorkingCopy

# By the folder of the working copy.
_copies: dict[Path, WorkingCopy] = {}


def attach(paths: LakePaths, address: str) -> None:
    """Let a folder be the working copy of the lake at an address; again for the same one changes nothing."""
    if paths.root not in _copies:
        # A lake in a folder does without SQLite and what else a bucket takes.
        from dataelec_assets.lake.working_copy import WorkingCopy

        _copies[paths.root] = WorkingCopy(paths, address)


def copy_of(paths: LakePaths) -> WorkingCopy | None:
    """Return the working copy in a folder; None for a lake that is this folder."""
    return _copies.get(paths.root) if _copies else None


def _copy_with(path: Path) -> WorkingCopy | None:
    if not _copies:
        return None
    return next((each for root, each in _copies.items() if path.is_relative_to(root)), None)


@contextmanager
def written_through(target: Path) -> Iterator[None]:
    """Put, at the end, the file that the block has put into place."""
    copy = _copy_with(target)
    key = copy.expect(target) if copy is not None else None
    yield
    if copy is not None and key is not None:
        copy.send(key)


def removed(path: Path) -> None:
    """Say that a file was removed."""
    if (copy := _copy_with(path)) is not None:
        copy.remove(path)


def is_kept(path: Path) -> bool:
    """Return whether the lake has a file, be it only in its bucket."""
    copy = _copy_with(path)
    return path.exists() if copy is None or copy.key_of(path) is None else copy.has(path)


def brought(path: Path) -> Path:
    """Return the path of a file that is about to be read, once it is here if the lake has it."""
    if not path.exists() and (copy := _copy_with(path)) is not None:
        copy.bring([path])
    return path


def bring(paths: Iterable[Path]) -> None:
    """Fetch the files of a lake that are about to be read and are not here, side by side."""
    paths = list(paths)
    if paths and (copy := _copy_with(paths[0])) is not None:
        copy.bring(paths)
