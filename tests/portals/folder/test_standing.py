"""A folder that stands as it did is not looked at by partition; whatever moves in it, or in the lake, is found."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest

from dataelec_assets.ingest import observe
from dataelec_assets.ingest.copies import settle
from dataelec_assets.ingest.observe import Observation, observe_sources
from dataelec_assets.lake.state import PartitionMemory, load_memory, load_state
from tests.portals.folder.support import TEMPERATURES, FolderLake, days

# A stamp in the name: the version of the folder stays when the file changes.
FILE = "t_vintage-2025-03.csv"
PUBLISHED = days("2025-01-31 11 5", "2025-02-01 11 6")


def look(lake: FolderLake) -> Observation:
    (seen,) = observe_sources(lake.ctx, [lake.dataset()])
    return seen


@pytest.fixture
def whole(lake: FolderLake) -> FolderLake:
    """Return a lake that holds all of its folder, and has seen that it does."""
    lake.put(FILE, PUBLISHED)
    lake.refresh()
    settle(lake.ctx, lake.dataset())
    look(lake)
    return lake


@pytest.fixture
def looks(whole: FolderLake, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the data sets whose partitions are looked at from now on."""
    found: list[str] = []

    def counted(*_: object) -> PartitionMemory:
        found.append(TEMPERATURES)
        return load_memory(whole.ctx.paths, whole.dataset())

    monkeypatch.setattr(observe, "load_memory", counted)
    return found


def test_partitions_of_a_folder_that_stands_are_not_looked_at(whole: FolderLake, looks: list[str]) -> None:
    seen = look(whole)
    assert (seen.report.outcome, seen.view, seen.plan.stale, looks) == ("unchanged", None, (), [])
    assert seen.report.version == load_state(whole.ctx.paths, whole.dataset()).version


def _rewrite(lake: FolderLake) -> None:
    lake.put(FILE, days("2025-01-31 11 5", "2025-02-01 11 7"))


def _lose_a_month(lake: FolderLake) -> None:
    shutil.rmtree(lake.ctx.paths.manifests / TEMPERATURES / "2025-02")


@pytest.mark.parametrize("moved", [_rewrite, _lose_a_month])
def test_what_moves_in_the_folder_or_in_raw_is_stale_until_it_is_fetched(
    moved: Callable[[FolderLake], None], whole: FolderLake, looks: list[str]
) -> None:
    moved(whole)
    found = [[each.partition for each in look(whole).plan.to_fetch] for _ in range(2)]
    assert (found, looks) == ([["2025-02"], ["2025-02"]], [TEMPERATURES, TEMPERATURES])


def test_copies_that_are_gone_are_made_again_although_the_folder_stands(whole: FolderLake, looks: list[str]) -> None:
    shutil.rmtree(whole.ctx.paths.parquet / whole.dataset().table)
    assert [(each.partition, each.fetch) for each in look(whole).plan.stale] == [("2025-01", False), ("2025-02", False)]
    assert looks == []


def test_a_folder_that_returns_to_a_former_state_is_fetched_again(whole: FolderLake) -> None:
    file = whole.data / "odre" / TEMPERATURES / FILE
    before = file.stat()
    _rewrite(whole)
    whole.refresh()
    # Killed here: the copies were made, and nobody has seen that they are all there are.
    file.write_text(PUBLISHED, "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    whole.refresh()
    assert whole.rows("tmoy") == [(5.0,), (6.0,)]


def test_what_must_be_told_is_told_at_each_look(lake: FolderLake) -> None:
    lake.put("t.csv", days("2025-01-31 11 5", "0025-01-31 11 5"))
    lake.refresh()
    settle(lake.ctx, lake.dataset())
    told = [look(lake).report.warnings for _ in range(2)]
    assert told[0] == told[1] != []
    assert load_state(lake.ctx.paths, lake.dataset()).standing is None
