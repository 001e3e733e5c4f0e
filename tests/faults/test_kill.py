"""`kill -9` at twenty random moments of `dataelec refresh`; and two refreshes of one lake at the same time.

The moments are drawn one per slice of the measured time of an undisturbed refresh, so that they cover all of it: start,
download, copies, build, publication. Two lakes are killed side by side, one per core: one on its first load, one that
is served and has revisions to take up. Killed refreshes follow one another on what the former left, a few times, before
an undisturbed one is asked to end with the very content of a lake that was never disturbed.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.sample.portal import RunningPortal, serve
from dataelec_assets.warehouse.publish import META_TABLES, SERVED_TABLES
from tests.faults.france import GAS, REAL_TIME, SOURCES, SmallHouse, copies_of

pytestmark = pytest.mark.slow

SEED = 20260101
# Twenty in all. A killed refresh of the served lake lasts seven seconds on average, one of a first load fifteen.
FIRST_LOAD_KILLS = 5
SERVED_KILLS = 15
# So many in a row before the undisturbed refresh: enough to be killed on the leftovers of others.
IN_A_ROW = 5

_REFRESH = ("refresh", "--quiet", *(argument for each in SOURCES for argument in ("--source", each)))


@dataclass(frozen=True)
class Known:
    """A state of the portal, as an undisturbed refresh shows it.

    Attributes:
        content, parquet: digests of the served tables.
        copies: digests of the lake's Parquet copies.
        seconds: how long the refresh took.
    """

    publication_id: str
    content: dict[str, str]
    parquet: dict[str, str]
    copies: dict[str, str]
    seconds: float

    @classmethod
    def of(cls, small: SmallHouse, seconds: float) -> Known:
        """Return what is served and copied now."""
        return cls(small.publication(), small.content(), small.parquet_content(), copies_of(small.paths), seconds)


@pytest.fixture(scope="module")
def portals(data: Path) -> Iterator[tuple[RunningPortal, RunningPortal]]:
    """Serve the data as they are, and as they are after revisions of two sources."""
    with serve(data) as first, serve(data) as revised:
        SmallHouse(Path(), revised).revise(GAS, REAL_TIME)
        yield first, revised


def _undisturbed(small: SmallHouse) -> float:
    """Refresh; return the seconds it took."""
    start = time.monotonic()
    process = small.dataelec(*_REFRESH)
    _, said = process.communicate()
    assert process.returncode == 0, said
    return time.monotonic() - start


def _killed(small: SmallHouse, after: float) -> bool:
    """Refresh and kill the whole process group after some seconds; return whether it was still running."""
    process = small.dataelec(*_REFRESH)
    try:
        process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    assert process.returncode == 0
    return False


def _moments(kills: int, seconds: float, seed: int) -> list[float]:
    """Return one moment in each of so many equal slices of the time of a refresh, in random order."""
    draw = random.Random(seed)  # noqa: S311 - no secret is drawn
    moments = [seconds * (position + draw.random()) / kills for position in range(kills)]
    draw.shuffle(moments)
    return moments


def _assert_whole(small: SmallHouse, states: Sequence[Known]) -> Known:
    """Check that what is served is, table for table, one of these states; return which."""
    with duckdb.connect(str(small.paths.served_file), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert {*SERVED_TABLES, *META_TABLES} <= tables
    (state,) = [each for each in states if each.publication_id == small.publication()]
    assert small.content() == state.content
    # The Parquet tables follow by a rename of their own, just after: whole, and one of these states too.
    assert small.parquet_content() in [each.parquet for each in states]
    return state


def _assert_same(small: SmallHouse, state: Known) -> None:
    """Check that lake and served file hold what an undisturbed refresh leaves."""
    assert Known.of(small, state.seconds) == state
    assert [file for file in small.paths.temporary.rglob("*") if file.is_file()] == []
    assert len(list(small.paths.serving.iterdir())) == 3  # the file, the link, the folder it points to


def _kill_first_loads(small: SmallHouse, loaded: Known) -> int:
    """Kill refreshes of a lake that is not served yet; return how many were running."""
    hit = 0
    for after in _moments(FIRST_LOAD_KILLS, loaded.seconds, SEED):
        hit += _killed(small, after)
        if small.paths.served_file.exists():
            _assert_whole(small, [loaded])
    _undisturbed(small)
    _assert_same(small, loaded)
    return hit


def _kill_revisions(small: SmallHouse, served: Path, before: Known, after: Known) -> int:
    """Kill refreshes of a lake that is served; return how many were running."""
    hit = 0
    moments = _moments(SERVED_KILLS, after.seconds, SEED + 1)
    for first in range(0, SERVED_KILLS, IN_A_ROW):
        _restore(served, small.root)
        state = before
        for moment in moments[first : first + IN_A_ROW]:
            if state == after:
                _restore(served, small.root)  # nothing is left to do: start again
            hit += _killed(small, moment)
            state = _assert_whole(small, [before, after])
        _undisturbed(small)
        _assert_same(small, after)
    return hit


def _restore(served: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(served, root, symlinks=True)


def test_a_refresh_killed_at_twenty_random_moments_leaves_a_whole_file_and_the_next_ends_with_the_same_content(
    portals: tuple[RunningPortal, RunningPortal], tmp_path: Path
) -> None:
    first_portal, revised_portal = portals
    served = tmp_path / "served"
    disturbed = SmallHouse(tmp_path / "a" / "lake", revised_portal)
    loading = SmallHouse(tmp_path / "b" / "lake", first_portal)

    # Made where they will be killed: a warehouse knows the path of its lake.
    loaded = Known.of(at := SmallHouse(disturbed.root, first_portal), _undisturbed(at))
    shutil.copytree(disturbed.root, served, symlinks=True)
    revised = Known.of(disturbed, _undisturbed(disturbed))
    assert {name for name in loaded.content if loaded.content[name] != revised.content[name]} >= {
        "fct_stock_gaz",
        "fct_eco2mix_national",
        "meta_publication",
    }

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_kill_first_loads, loading, loaded)
        later = pool.submit(_kill_revisions, disturbed, served, loaded, revised)
        hit = first.result() + later.result()

    # A moment in the last slices may come after the end of a refresh that had less left to do.
    assert hit >= (FIRST_LOAD_KILLS + SERVED_KILLS) * 3 // 4


def test_two_first_refreshes_at_the_same_time_both_end_well(
    portals: tuple[RunningPortal, RunningPortal], pristine: Path, place: Path, tmp_path: Path
) -> None:
    portal, _ = portals
    small = SmallHouse(tmp_path / "lake", portal)
    processes = [small.dataelec(*_REFRESH) for _ in range(2)]
    said = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    _restore(pristine, place)
    alone = SmallHouse(place, portal)
    assert small.content() == alone.content()
    assert small.parquet_content() == alone.parquet_content()
    assert copies_of(small.paths) == copies_of(alone.paths)
