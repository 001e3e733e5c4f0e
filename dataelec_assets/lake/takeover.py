"""Takes over a lake whose Parquet files have the names of version 1: one rename each, nothing is read or downloaded.

Version 1 replaced ``part-0.parquet`` in place, and its indexes began with ``_``, which Spark skips. Every step may be
cut and repeated: an index moves after the files that it names.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from dataelec_assets.lake.atomic_files import move_into_place, read_json, write_json
from dataelec_assets.lake.parts import part_name
from dataelec_assets.lake.paths import LakePaths

_FORM = {"form": 2}


def take_over(paths: LakePaths) -> None:
    """Give the files of a lake their present names. The caller holds the writer's lock.

    Raises:
        LakeError: an index is damaged, or the lake cannot be written to.
    """
    if paths.form.exists():
        return
    for index in sorted(paths.parquet.glob("*/_index.json")):
        _take_copies(paths, index)
    for index in sorted(paths.parquet.glob("revisions/*/_index.json")):
        _take_revisions(paths, index)
    # These are made again at once, from installed packages and from the state.
    for name in ("calendrier", "quarantaine"):
        if not (paths.parquet / name / "index.json").exists():
            shutil.rmtree(paths.parquet / name, ignore_errors=True)
    shutil.rmtree(paths.parquet / "revisions" / "_vide", ignore_errors=True)
    for old in sorted(paths.state.glob("_*.json")):
        move_into_place(old, old.with_name(old.name.removeprefix("_")))
    write_json(paths, paths.form, _FORM)


def _take_copies(paths: LakePaths, index: Path) -> None:
    content = read_json(index)
    if "content" in content:  # of the calendar or the quarantine, which have no partitions
        return
    for partition, facts in content.items():
        for old in index.parent.glob(f"*={partition}/part-0.parquet"):
            move_into_place(old, old.with_name(part_name(facts["signature"])))
    for empty in index.parent.glob("*=_vide"):
        shutil.rmtree(empty)
    head = index.with_name("_head.json")
    if head.exists():
        move_into_place(head, index.with_name("head.json"))
    _take_index(paths, index, content)


def _take_revisions(paths: LakePaths, index: Path) -> None:
    content = read_json(index)
    for partition, facts in content.items():
        # An early version did not note the digest of the file.
        old, folder = index.with_name(f"{partition}.parquet"), index.parent / partition
        there = old if old.exists() else next(folder.glob("part-*.parquet"), None)
        if there is not None:
            facts["content"] = hashlib.sha256(there.read_bytes()).hexdigest()
            move_into_place(there, folder / part_name(facts["content"]))
    _take_index(paths, index, content)


def _take_index(paths: LakePaths, index: Path, content: Any) -> None:
    write_json(paths, index.with_name("index.json"), content)
    index.unlink()
