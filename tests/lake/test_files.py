"""Files appear whole or not at all, and one process writes at a time."""

from __future__ import annotations

import errno
import multiprocessing
import os
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


def test_a_copy_holds_the_same_bytes_whether_the_system_can_share_them_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EXDEV, "not between these")

    source, content = tmp_path / "source", os.urandom(300_000)
    source.write_bytes(content)
    copy_file(source, tmp_path / "shared")
    monkeypatch.setattr(os, "copy_file_range", refuse)
    copy_file(source, tmp_path / "copied")
    monkeypatch.delattr(os, "copy_file_range")
    copy_file(source, tmp_path / "elsewhere")
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {content}
