"""Portals of plain files: the editions of the catalogue, found in a folder, alone or packed into one archive.

An edition is the newest file, anywhere below the portal's folder, whose name begins as the edition's member (or as the
last part of its path) and holds its key or one of its labels: ``donnees_communes_population-2019.csv`` is the member
``donnees_communes.csv`` of the edition 2019. Where the path ends in ``.zip``, all members of all data sets that share
it are packed, the same bytes each time; an archive of which a member is missing in the folder is not there.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import threading
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, cast

from dataelec_assets.catalog import Dataset, Edition
from dataelec_assets.portals.folder.stamps import SourceFile, read_stamp
from dataelec_assets.portals.partition_filters import ALL
from dataelec_assets.sample.portal.replies import invalid_parameter

_BLOCK = 1 << 20

# Data set and key of an edition.
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Served:
    """A file as it is served.

    Attributes:
        path: where it lies.
        etag: digest of its bytes, in quotes.
        modified: instant (UTC) told as ``Last-Modified``.
    """

    path: Path
    etag: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class _Content:
    """What an edition holds.

    Attributes:
        name: of the member, or of the file.
        path: where the bytes lie, gzipped when its name says so.
        modified: see :class:`Served`.
    """

    name: str
    path: Path
    modified: datetime

    @property
    def mark(self) -> tuple[str, str, int, int, datetime]:
        """Tell one state from another without reading it."""
        facts = self.path.stat()
        return (self.name, str(self.path), facts.st_size, facts.st_mtime_ns, self.modified)

    def open(self) -> IO[bytes]:
        """Open the plain bytes."""
        if self.path.suffix == ".gz" and not self.name.endswith(".gz"):
            return cast("IO[bytes]", gzip.open(self.path, "rb"))
        return self.path.open("rb")


class Site:
    """The files of one portal; safe to use from several threads.

    Args:
        name: of the portal.
        folder: where its files are.
        datasets: of the catalogue.
    """

    def __init__(self, name: str, folder: Path, datasets: Iterable[Dataset]) -> None:
        self.name = name
        self.datasets = {dataset.id: dataset for dataset in datasets}
        self._files = [read_stamp(path) for path in sorted(folder.rglob("*")) if path.is_file()]
        self._sharing: dict[str, list[tuple[Dataset, Edition]]] = {}
        for dataset in self.datasets.values():
            for edition in dataset.editions:
                self._sharing.setdefault(edition.path, []).append((dataset, edition))
        self._at: datetime | None = None
        self._replaced: dict[Place, Path | None] = {}
        self._moves: Counter[Place] = Counter()
        self._made: dict[str, tuple[object, Served]] = {}
        self._lock = threading.RLock()
        self._scratch = TemporaryDirectory(prefix="dataelec-portal-")

    def close(self) -> None:
        """Remove what was packed."""
        self._scratch.cleanup()

    def stamps(self, dataset: Dataset) -> list[datetime]:
        """Return the instants (UTC) at which a data set gets a new file, in order."""
        found = (file for edition in dataset.editions for file in self._candidates(edition))
        return sorted({file.at for file in found if file.at is not None})

    def show_at(self, at: datetime | None) -> None:
        """Show the files published by instant ``at``; None: all."""
        self._at = at

    def sharing(self, path: str) -> list[str]:
        """Return the ids of the data sets that an address holds."""
        return [dataset.id for dataset, _ in self._sharing.get(path, ())]

    def served(self, path: str) -> Served | None:
        """Return what is served under an address; None when there is nothing."""
        with self._lock:
            sharing = self._sharing.get(path, [])
            contents = [each for edition in sharing if (each := self._content(*edition))]
            # A publisher's archive is whole: one of which only some members were saved is not published. A member that
            # was taken out on purpose is a fault to be met.
            missing = len(sharing) - len(contents) - sum(self._is_taken_out(*edition) for edition in sharing)
            if not contents or missing:
                return None
            marks = [content.mark for content in contents]
            known = self._made.get(path)
            if known is None or known[0] != marks:
                known = self._made[path] = (marks, self._make(path, contents))
            return known[1]

    def _is_taken_out(self, dataset: Dataset, edition: Edition) -> bool:
        return self._replaced.get((dataset.id, edition.key), edition) is None

    def touch(self, dataset: Dataset, key: str | None) -> list[str]:
        """Move ``Last-Modified`` of one edition, or of all of a data set; return their keys. The contents stay.

        Raises:
            PortalError: 400, the catalogue has no such edition.
        """
        keys = [edition.key for edition in dataset.editions] if key is None else [_known(dataset, key)]
        with self._lock:
            self._moves.update((dataset.id, each) for each in keys)
        return keys

    def replace(self, dataset: Dataset, key: str, content: str | None) -> None:
        """Serve another text as an edition, or nothing any more (None); its ``Last-Modified`` moves.

        Raises:
            PortalError: 400, the catalogue has no such edition.
        """
        with self._lock:
            place = (dataset.id, _known(dataset, key))
            self._moves[place] += 1
            self._replaced[place] = None
            if content is not None:
                path = Path(self._scratch.name) / f"{dataset.id}_{key}_{self._moves[place]}"
                path.write_text(content, "utf-8", newline="")
                self._replaced[place] = path

    def _content(self, dataset: Dataset, edition: Edition) -> _Content | None:
        place = (dataset.id, edition.key)
        at = self._at
        shown = [file for file in self._candidates(edition) if at is None or file.at is None or file.at <= at]
        name = _name(edition)
        path = self._replaced.get(place, shown[-1].path if shown else None)
        if path is None:
            return None
        # Every move shifts the time by a minute: later than before, and the same in every run.
        modified = shown[-1].processed_at if shown else read_stamp(path).processed_at
        return _Content(name, path, modified + timedelta(minutes=self._moves[place]))

    def _candidates(self, edition: Edition) -> list[SourceFile]:
        """Return the files that can be an edition, oldest first."""
        if edition.key == ALL:
            found = [file for file in self._files if file.path.name.lower().startswith(edition.labels)]
            return sorted(found, key=lambda file: file.order)
        wanted = str(edition.member or PurePosixPath(edition.path).name).lower()
        stem = wanted.partition("*")[0] if "*" in wanted else wanted.rpartition(".")[0] or wanted
        # Not a part of a longer date: 2026 is no mark of a file of 2026-01.
        texts = (re.escape(mark.lower()) for mark in (edition.key, *edition.labels))
        marks = [re.compile(rf"(?<!\d)(?<!\d-){text}(?!\d|-\d)") for text in texts]
        names = [(file, file.path.name.lower()) for file in self._files]
        found = [file for file, name in names if name.startswith(stem) and any(mark.search(name) for mark in marks)]
        return sorted(found, key=lambda file: file.order)

    def _make(self, path: str, contents: list[_Content]) -> Served:
        modified = max(content.modified for content in contents)
        # A new name each time: another thread may still be sending the former state.
        target = Path(self._scratch.name) / f"{len(list(Path(self._scratch.name).iterdir())):06d}"
        if path.lower().endswith(".zip"):
            _pack(target, contents)
        else:
            with contents[-1].open() as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy, _BLOCK)
        with target.open("rb") as made:
            etag = hashlib.file_digest(made, "sha256").hexdigest()[:32]
        return Served(target, f'"{etag}"', modified)


def _known(dataset: Dataset, key: str) -> str:
    keys = [edition.key for edition in dataset.editions]
    if key not in keys:
        raise invalid_parameter("edition", key, f"one of {', '.join(keys)}")
    return key


def _name(edition: Edition) -> str:
    """Return the name of a member or file; a pattern stands for its own text without asterisks."""
    return (edition.member or PurePosixPath(edition.path).name).replace("*", "")


def _pack(target: Path, contents: list[_Content]) -> None:
    """Write an archive whose bytes depend on the contents alone."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted({content.name: content for content in contents}.items()):
            member = zipfile.ZipInfo(name, content.modified.timetuple()[:6])
            member.compress_type, member.create_system, member.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            with content.open() as source, archive.open(member, "w", force_zip64=True) as packed:
                shutil.copyfileobj(source, packed, _BLOCK)
