"""Small contents that steps of a run on several machines hand to each other, in a folder of the lake or in its bucket.

They are not files of the lake: nobody reads them once the run has ended, and no working copy has them.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path
from uuid import uuid4

from dataelec_assets.disk import writable
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.atomic_files import move_into_place
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.write_through import copy_of


def hand_over(paths: LakePaths, run: str, name: str, content: bytes) -> None:
    """Keep a content for the processes of a run on other machines; one that has this name is replaced.

    Args:
        paths: folders of the lake.
        run: id of the run.
        name: of the content, parts apart by slashes.
        content: what it is.

    Raises:
        LakeError: it cannot be written.
    """
    if (copy := copy_of(paths)) is not None:
        copy.bucket.put(_key(run, name), content)
        return
    target = _file(paths, run, name)
    draft = target.with_name(f".{uuid4().hex}")
    with writable(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
    move_into_place(draft, target)


def handed_over(paths: LakePaths, run: str, name: str) -> bytes:
    """Return what another process has handed over; see :func:`hand_over`.

    Raises:
        LakeError: it is not there, or the bucket does not answer.
    """
    copy = copy_of(paths)
    if copy is not None:
        there, place = copy.bucket.read(_key(run, name)), f"{copy.bucket.address}/{_key(run, name)}"
        content = there[0] if there is not None else None
    else:
        file = _file(paths, run, name)
        content, place = (file.read_bytes() if file.exists() else None), str(file)
    if content is None:
        raise LakeError(
            f"{place} is not there.",
            advice="Another run has begun since, or this machine sees another lake: DATAELEC_LAKE must be the same on "
            "all of them.",
        )
    return content


def sweep(paths: LakePaths, keep: Collection[str | None]) -> None:
    """Remove what other runs have handed over.

    Args:
        paths: folders of the lake.
        keep: ids of the runs whose contents stay.

    Raises:
        LakeError: the bucket does not answer.
    """
    if (copy := copy_of(paths)) is not None:
        keys = [each.key for each in copy.bucket.list("handover/")]
        copy.bucket.delete(key for key in keys if key.split("/")[1] not in keep)
        return
    for other in paths.handover.glob("*"):
        if other.name not in keep:
            shutil.rmtree(other, ignore_errors=True)


def _key(run: str, name: str) -> str:
    # Steps of one source have brackets in their name, which stores and file systems take.
    return f"handover/{run}/{name}"


def _file(paths: LakePaths, run: str, name: str) -> Path:
    return paths.handover / run / name
