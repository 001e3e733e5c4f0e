"""Files appear whole or not at all, and one process writes at a time."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import shutil
from mmap import PAGESIZE
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from dataelec_assets.errors import BusyError, LakeError
from dataelec_assets.lake.atomic_files import copy_file, read_json, temporary_path, write_json
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.paths import LakePaths


def hold(root: Path, held: Event, release: Event) -> None:
    with exclusive(LakePaths(root)):
        held.set()
        release.wait(30)


def test_a_second_process_is_told_that_the_lake_is_busy(lake_paths: LakePaths) -> None:
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    process = context.Process(target=hold, args=(lake_paths.root, held, release))
    process.start()
    try:
        assert held.wait(30)
        with pytest.raises(BusyError, match=str(lake_paths.root)), exclusive(lake_paths):
            pytest.fail("two processes hold the lake")
    finally:
        release.set()
        process.join(30)
    with exclusive(lake_paths):
        assert process.exitcode == 0


def test_leftovers_of_a_killed_run_are_removed(lake_paths: LakePaths) -> None:
    left = temporary_path(lake_paths, ".parquet")
    left.write_text("half", encoding="utf-8")
    with exclusive(lake_paths):
        assert not left.exists()


def test_json_is_replaced_and_leaves_no_draft(lake_paths: LakePaths) -> None:
    target = lake_paths.state / "x.json"
    for value in (1, 2):
        write_json(lake_paths, target, {"value": value})
    assert read_json(target) == {"value": 2}
    assert list(lake_paths.temporary.iterdir()) == []


def test_a_damaged_file_is_named(lake_paths: LakePaths) -> None:
    target = lake_paths.state / "x.json"
    target.parent.mkdir(parents=True)
    target.write_text("{half", encoding="utf-8")
    with pytest.raises(LakeError, match=r"x\.json is damaged"):
        read_json(target)


@pytest.mark.parametrize("size", [0, 1, 3 * PAGESIZE, 8 * 2**20 + 5])
def test_a_copy_holds_the_same_bytes_by_each_way_in_which_the_system_makes_it(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EOPNOTSUPP, "not on this file system")

    source, content = tmp_path / "source", os.urandom(size)
    source.write_bytes(content)
    ways = ["as here", "whole pages", "through the cache"]
    for way in ways:
        if way == "whole pages":
            monkeypatch.setattr(fcntl, "ioctl", refuse)
            # Not every file system lets a program past its cache; the copy itself is the same.
            monkeypatch.setattr(os, "O_DIRECT", 0)
            monkeypatch.setattr(shutil, "copyfile", refuse)
        elif way == "through the cache":
            monkeypatch.undo()
            monkeypatch.delattr(os, "O_DIRECT")
            monkeypatch.setattr(fcntl, "ioctl", refuse)
        (tmp_path / way).write_bytes(b"what was left by a copy that was cut" * 300_000)
        copy_file(source, tmp_path / way)
    assert all((tmp_path / way).read_bytes() == content for way in ways)


def test_a_copy_that_a_full_disk_cuts_is_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    source = tmp_path / "source"
    source.write_bytes(b"rows")
    with monkeypatch.context() as disk:
        for module, name in ((fcntl, "ioctl"), (os, "fstat"), (shutil, "copyfile")):
            disk.setattr(module, name, full)
        with pytest.raises(OSError, match="No space left"):
            copy_file(source, tmp_path / "copy")
