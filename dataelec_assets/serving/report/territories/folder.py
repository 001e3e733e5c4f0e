"""Puts files into a new folder; one whose content has not moved is linked from the former folder, not written."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# The key stands in the first bytes of a file.
_HEAD = 200


@dataclass(frozen=True, slots=True)
class Written:
    """What a writing did.

    Attributes:
        written: names of the files that were made.
        kept: how many were taken over, since their content had not moved.
    """

    written: tuple[str, ...] = ()
    kept: int = 0


def key_of(makers: str, content: object) -> str:
    """Return the key of a file: a digest of what makes it and of everything that it shows.

    Args:
        makers: digest of the code and templates.
        content: values whose ``repr`` tells all of them.
    """
    return hashlib.sha256(f"{makers}\n{content!r}".encode()).hexdigest()[:16]


class Folder:
    """A folder that is being filled.

    Args:
        path: the new folder, made if missing.
        former: the folder in place, which may be absent.
        makers: digest of the code and templates.
    """

    def __init__(self, path: Path, former: Path, makers: str) -> None:
        self.path, self._former, self._makers = path, former, makers
        self._written: list[str] = []
        self._kept = 0
        path.mkdir(parents=True, exist_ok=True)

    @property
    def done(self) -> Written:
        """What was written and taken over so far."""
        return Written(tuple(self._written), self._kept)

    def key(self, content: object) -> str:
        """Return the key of a file with this content."""
        return key_of(self._makers, content)

    def is_kept(self, name: str, key: str) -> bool:
        """Take a file over from the former folder if it has this key; return whether it did."""
        former, target = self._former / name, self.path / name
        try:
            with former.open("rb") as stream:
                is_same = f'"{key}"'.encode() in stream.read(_HEAD)
        except OSError:  # absent, or not to be read: it is made again
            return False
        if is_same:
            target.parent.mkdir(exist_ok=True)
            _link(former, target)
            self._kept += 1
        return is_same

    def put(self, name: str, content: object, make: Callable[[str], str]) -> None:
        """Put a file into the folder.

        Args:
            name: of the file, below the folder.
            content: all that it shows.
            make: returns its text, which has its argument, the key, in quotes among the first 200 bytes.
        """
        key = self.key(content)
        if not self.is_kept(name, key):
            self.write(name, make(key))

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        target = self.path / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")
        self._written.append(name)


def _link(former: Path, target: Path) -> None:
    with suppress(OSError):  # some file systems have no hard links
        os.link(former, target)
        return
    shutil.copyfile(former, target)
