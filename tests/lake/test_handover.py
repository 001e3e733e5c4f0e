"""What steps hand to each other lies in a folder by run, and goes when the next run ends."""

from __future__ import annotations

import pytest

from dataelec_assets.errors import LakeError
from dataelec_assets.lake.handover import hand_over, handed_over, sweep
from dataelec_assets.lake.paths import LakePaths


def test_what_other_runs_have_handed_over_is_swept(lake_paths: LakePaths) -> None:
    for run in ("avant", "run 1", "parent"):
        hand_over(lake_paths, run, "ingest[gaz]/result", run.encode())
    sweep(lake_paths, keep=("run 1", "parent", None))
    assert {each.name for each in lake_paths.handover.iterdir()} == {"run 1", "parent"}
    assert handed_over(lake_paths, "run 1", "ingest[gaz]/result") == b"run 1"
    with pytest.raises(LakeError, match=r"handover/avant/ingest\[gaz\]/result is not there"):
        handed_over(lake_paths, "avant", "ingest[gaz]/result")


def test_a_content_is_replaced_by_a_later_one_and_leaves_no_draft(lake_paths: LakePaths) -> None:
    for content in (b"un", b"deux"):
        hand_over(lake_paths, "run 1", "observe/stale", content)
    assert handed_over(lake_paths, "run 1", "observe/stale") == b"deux"
    assert [each.name for each in lake_paths.handover.rglob("*") if each.is_file()] == ["stale"]
