"""Publications on a bucket: a folder of their own each, and one object that says which of them is served.

``serving/current.json`` is put on the condition that it is the one that was read, after every file that it names: of
two publishers one wins, and a reader who takes the names from it sees one publication, whatever is published meanwhile.
The report has ``serving/rapport.json`` in the same way.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from dataelec_assets.errors import LakeError
from dataelec_assets.lake.atomic_files import point_to, read_json, write_json
from dataelec_assets.lake.bucket import Bucket, Refused, Tag
from dataelec_assets.lake.parts import GRACE
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.working_copy import SIDE_BY_SIDE, WorkingCopy
from dataelec_assets.lake.write_through import copy_of

CURRENT, REPORT = "serving/current.json", "serving/rapport.json"


@dataclass(frozen=True, slots=True)
class Pointer:
    """What is served.

    Attributes:
        identifier: id of the publication; version of the report.
        folder: prefix of its files.
        files: bytes of each file, by its path below the folder.
        tag: of the pointer itself.
    """

    identifier: str
    folder: str
    files: Mapping[str, int]
    tag: Tag


# What was served when a run of this process last looked: what it publishes takes the place of that and nothing else.
_seen: dict[tuple[Path, str], Pointer | None] = {}


def read_pointer(bucket: Bucket, key: str = CURRENT) -> Pointer | None:
    """Return what a bucket serves; None before the first publication.

    Raises:
        LakeError: the pointer is damaged, or the bucket does not answer.
    """
    there = bucket.read(key)
    if there is None:
        return None
    try:
        content = json.loads(there[0])
        return Pointer(content["publication_id"], content["folder"], content["files"], there[1])
    except (ValueError, KeyError, TypeError) as error:
        raise LakeError(
            f"{bucket.address}/{key} is damaged: {error}.", advice="Delete it; `dataelec refresh` publishes again."
        ) from error


def upload(
    bucket: Bucket, key: str, identifier: str, files: Mapping[str, Path], before: Pointer | None
) -> Pointer | None:
    """Serve some files; return what is served then.

    Args:
        bucket: where.
        key: of the pointer.
        identifier: of the publication.
        files: by the path that they get below the folder.
        before: what was served when the publication was begun.

    Raises:
        LakeError: another run has published since, or the bucket does not answer; what is served is unchanged.
    """
    stem = key.removesuffix(".json")
    folder = f"{stem}-{identifier}-{uuid4().hex[:8]}"
    _side_by_side(lambda name: bucket.put(f"{folder}/{name}", files[name]), files)
    sizes = {name: path.stat().st_size for name, path in sorted(files.items())}
    content = {"form": 1, "publication_id": identifier, "folder": folder, "files": sizes}
    text = json.dumps(content, indent=1, sort_keys=True).encode()
    try:
        tag = bucket.create(key, text) if before is None else bucket.replace(key, text, before.tag)
    except Refused:
        raise LakeError(
            f"Another run has published to {bucket.address} since this one began.",
            advice="What it published is served and nothing was overwritten. Run the command again.",
        ) from None
    sweep(bucket, stem, folder)
    return Pointer(identifier, folder, sizes, tag)


def sweep(bucket: Bucket, stem: str, served: str) -> None:
    """Remove the publications that no reader can still want.

    A publication was in use until the next one was there: it goes once that is older than ``GRACE``. So does what a
    publisher that was killed, or lost, has left.
    """
    written: dict[str, datetime] = {}
    keys: dict[str, list[str]] = {}
    for each in bucket.list("serving/"):
        folder = "/".join(each.key.split("/")[:2])
        if folder.startswith(f"{stem}-") and folder != each.key:
            written[folder] = max(each.modified, written.get(folder, each.modified))
            keys.setdefault(folder, []).append(each.key)
    for folder in out_of_use(written, served):
        bucket.delete(keys[folder])


def out_of_use(written: Mapping[str, datetime], served: str) -> list[str]:
    """Return the publications that were replaced longer than ``GRACE`` ago, by the store's clock.

    Args:
        written: when each was written, the one that was just served included.
        served: that one.
    """
    now = max(written.values())
    replaced = {
        folder: min((other for other in written.values() if other > at), default=now) for folder, at in written.items()
    }
    return sorted(folder for folder, at in replaced.items() if folder != served and now - at > GRACE)


def take(copy: WorkingCopy) -> None:
    """Make what the bucket serves what this machine has, unless it has it.

    Raises:
        LakeError: the bucket does not answer, or lacks what its pointer names.
    """
    paths = copy.paths
    current, report = (_look(copy, key) for key in (CURRENT, REPORT))
    if current is None:  # what a killed run has not sent is not published
        for path in (paths.served_file, _record(paths)):
            path.unlink(missing_ok=True)
    elif on_this_machine(paths) != current.identifier or not (paths.serving / "parquet").exists():
        fetch(copy.bucket, paths, current)
    link = paths.serving / "rapport"
    if report is not None and link.resolve().name != report.folder.rsplit("/", 1)[-1]:
        folder = paths.serving / report.folder.rsplit("/", 1)[-1]
        _fetch_all(copy.bucket, report, {name: folder / name for name in report.files})
        point_to(link, folder)


def _look(copy: WorkingCopy, key: str) -> Pointer | None:
    found = _seen[copy.paths.root, key] = read_pointer(copy.bucket, key)
    return found


def fetch(bucket: Bucket, paths: LakePaths, pointer: Pointer, *, parquet: bool = True) -> None:
    """Make a publication of a bucket what is served on this machine.

    Args:
        bucket: where it is.
        paths: folders on this machine.
        pointer: which one.
        parquet: the Parquet tables too, which a publisher compares with and readers of the file do without.

    Raises:
        LakeError: it is gone since the pointer was read, or the bucket does not answer.
    """
    tables = paths.serving / f"parquet-{pointer.identifier}-{uuid4().hex[:8]}"
    drafts = paths.temporary / uuid4().hex
    places = {
        name: tables / name.removeprefix("parquet/") if name.startswith("parquet/") else drafts / name
        for name in pointer.files
        if parquet or not name.startswith("parquet/")
    }
    _fetch_all(bucket, pointer, places)
    (drafts / "dataelec.duckdb").chmod(0o444)
    paths.serving.mkdir(parents=True, exist_ok=True)
    (drafts / "dataelec.duckdb").replace(paths.served_file)
    stat = paths.served_file.stat()
    record = read_json(drafts / "publication.json") | {"file": [stat.st_size, stat.st_mtime_ns]}
    write_json(paths, _record(paths), record)
    if parquet:
        _give_times(tables)
        point_to(paths.serving / "parquet", tables)
        locks = paths.serving / "locks"
        locks.mkdir(exist_ok=True)
        (drafts / "sources.lock").replace(locks / f"{pointer.identifier}.lock")
        link = paths.serving / f"sources.lock.{uuid4().hex[:8]}"
        link.symlink_to(Path("locks") / f"{pointer.identifier}.lock")
        link.replace(paths.serving / "sources.lock")


def _fetch_all(bucket: Bucket, pointer: Pointer, places: Mapping[str, Path]) -> None:
    def bring(name: str) -> None:
        places[name].parent.mkdir(parents=True, exist_ok=True)
        if bucket.fetch(f"{pointer.folder}/{name}", places[name]) is None:
            raise LakeError(
                f"{bucket.address}/{pointer.folder}/{name} is missing.",
                advice="It was replaced long ago, or deleted by hand: run the command again.",
            )

    _side_by_side(bring, places)


def _give_times(tables: Path) -> None:
    """Give the Parquet files the times that their index notes, so that the next publication links them."""
    for table in read_json(tables / "index.json")["tables"].values():
        for part in table["parts"].values():
            (tables / part["file"]).chmod(0o444)
            os.utime(tables / part["file"], ns=(part["mtime_ns"],) * 2)


def _side_by_side(work: Callable[[str], object], names: Iterable[str]) -> None:
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="bucket") as pool:
        for _ in pool.map(work, names):
            pass


def _record(paths: LakePaths) -> Path:
    return paths.serving / "publication.json"


def on_this_machine(paths: LakePaths) -> str | None:
    """Return the publication that this machine has."""
    is_there = paths.served_file.exists() and _record(paths).exists()
    return str(read_json(_record(paths))["publication_id"]) if is_there else None


def serve(paths: LakePaths, identifier: str) -> None:
    """Serve from the bucket what was just published on this machine; a lake in a folder is served by that.

    Raises:
        LakeError: another run has published since this one looked, or the bucket does not answer.
    """
    serving = paths.serving
    tables = {f"parquet/{each.relative_to(serving / 'parquet')}": each for each in _files(serving / "parquet")}
    names = ("dataelec.duckdb", "publication.json", "sources.lock")
    _serve(paths, CURRENT, identifier, tables | {name: serving / name for name in names})


def serve_report(paths: LakePaths, version: str) -> None:
    """Serve the report from the bucket; see :func:`serve`."""
    folder = paths.serving / "rapport"
    _serve(paths, REPORT, version, {str(each.relative_to(folder)): each for each in _files(folder)})


def _serve(paths: LakePaths, key: str, identifier: str, files: Mapping[str, Path]) -> None:
    copy = copy_of(paths)
    if copy is not None:
        copy.leases.check()
        _seen[paths.root, key] = upload(copy.bucket, key, identifier, files, _seen.get((paths.root, key)))


def _files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.rglob("*") if each.is_file())


def is_served(paths: LakePaths, identifier: str, key: str = CURRENT) -> bool:
    """Return whether the bucket serves this; true for a lake in a folder, where the files decide."""
    copy = copy_of(paths)
    if copy is None:
        return True
    seen = _seen[paths.root, key] if (paths.root, key) in _seen else _look(copy, key)
    return seen is not None and seen.identifier == identifier
