"""Editions of plain files: the bytes of the file as published, or of its member of an archive."""

from __future__ import annotations

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC
from pathlib import Path
from typing import IO, cast

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import IncompleteExport, UnexpectedContent
from dataelec_assets.portals.archives import member_of
from dataelec_assets.portals.client import DatasetMetadata
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.folder.looks import Look
from dataelec_assets.portals.folder.stamps import SourceFile
from dataelec_assets.portals.streams import BrokenBody, NotData, Stored, limited, store_csv, writing

_BLOCK = 1 << 20

_DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def look_at_editions(dataset: Dataset, files: Mapping[str, SourceFile], *, synthetic: bool) -> Look:
    """Return what tells each edition from an earlier state of itself: the digest of its file.

    Args:
        dataset: the contract.
        files: of each edition that is there.
        synthetic: whether the data are invented.

    Raises:
        UnexpectedContent: a file cannot be read.
    """
    fingerprints = {}
    for key, file in files.items():
        try:
            with file.path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
                size = stream.tell()
        except OSError as error:
            raise _unreadable(dataset, file.path, error) from error
        fingerprints[key] = Fingerprint(0, sums={"sha256": digest, "bytes": str(size)})
    moments = {key: file.processed_at.astimezone(UTC) for key, file in files.items()}
    metadata = DatasetMetadata(dataset.id, dataset.title, max(moments.values()), 0, (), synthetic)
    versions = {key: moment.isoformat() for key, moment in moments.items()}
    return Look(metadata, Survey(fingerprints, versions=versions))


def store_edition(
    dataset: Dataset, partition: str, path: Path, destination: Path, on_bytes: Callable[[int], None]
) -> Stored:
    """Store the bytes of an edition, unpacked, zstd-compressed.

    Raises:
        UnexpectedContent: the archive lacks the member, or the file is a page.
        IncompleteExport: the file is empty.
        LakeError: the file cannot be written.
    """
    edition = next(each for each in dataset.editions if each.key == partition)

    def opened(closing: ExitStack) -> IO[bytes]:
        if path.suffix == ".zip" and edition.member is not None:
            archive = closing.enter_context(zipfile.ZipFile(path))
            return closing.enter_context(archive.open(member_of(dataset, edition, archive.infolist())))
        if path.suffix == ".gz":
            return closing.enter_context(cast("IO[bytes]", gzip.open(path, "rb")))
        return closing.enter_context(path.open("rb"))

    try:
        with ExitStack() as closing, writing(dataset.id, destination):
            pieces = limited(_read(dataset, path, closing, opened), lambda: path.stat().st_size)
            is_workbook = dataset.sheet is not None
            return store_csv(pieces, "text/csv", destination, on_bytes, is_proved_whole=True, is_workbook=is_workbook)
    except NotData as error:
        raise UnexpectedContent(f"{path.name}: {error}", dataset_id=dataset.id, request=str(path)) from error
    except BrokenBody as error:
        raise IncompleteExport(f"{path.name}: {error}", dataset_id=dataset.id, request=str(path)) from error


def _read(
    dataset: Dataset, path: Path, closing: ExitStack, opened: Callable[[ExitStack], IO[bytes]]
) -> Iterator[bytes]:
    try:
        stream = opened(closing)
        while piece := stream.read(_BLOCK):
            yield piece
    except _DAMAGED as error:
        raise _unreadable(dataset, path, error) from error


def _unreadable(dataset: Dataset, path: Path, error: Exception) -> UnexpectedContent:
    return UnexpectedContent(
        f"{path.name} cannot be read: {error}",
        dataset_id=dataset.id,
        request=str(path),
        advice="Remove or repair the file; the other data sets are not affected.",
    )
