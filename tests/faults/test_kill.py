"""`kill -9` at random moments of `dataelec refresh`; and two refreshes of one lake at the same time.

The moments are drawn one per slice of the measured time of an undisturbed refresh, so that they cover all of it: start,
download, copies, build, publication. Two lakes are killed side by side, one per core: one on its first load, one that
is served and has revisions to take up. Killed refreshes follow one another on what the former left, a few times, before
an undisturbed one is asked to end with the very content of a lake that was never disturbed.

The suite kills a few; `make bench PARTS=kills` sets `DATAELEC_KILLS` and kills two hundred.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.warehouse.dictionary import served_tables
from dataelec_assets.warehouse.meta_tables import META_TABLES
from tests.faults.france import GAS, REAL_TIME, REFRESH, Known, Machine, Pristine, SmallLake
from tests.published import serving
from tests.stubs import Stub

pytestmark = pytest.mark.slow

SEED = 20260101
KILLS = int(os.environ.get("DATAELEC_KILLS", "5"))
# A killed refresh of a first load lasts twice as long as one of a served lake.
FIRST_LOAD_KILLS = KILLS // 4
SERVED_KILLS = KILLS - FIRST_LOAD_KILLS
# So many in a row before the undisturbed refresh: enough to be killed on the leftovers of others.
IN_A_ROW = 7
# What a moment is multiplied by when the refresh had ended before it.
EARLIER = 0.7


@pytest.fixture(scope="module")
def portals(data: Path) -> Iterator[tuple[Stub, Stub]]:
    """Serve the data as they are, and as they are after revisions of two sources."""
    with serving(data) as first, serving(data) as revised:
        SmallLake(Path(), revised).revise(GAS, REAL_TIME)
        yield first, revised


def _killed(small: SmallLake, after: float) -> bool:
    """Refresh and kill the whole process group after some seconds; return whether it was still running."""
    process = small.dataelec(*REFRESH)
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


def _assert_whole(small: SmallLake, states: Sequence[Known]) -> Known:
    """Check that what is served is, table for table, one of these states; return which."""
    with duckdb.connect(str(small.paths.served_file), read_only=True) as connection:
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert {*served_tables(), *META_TABLES} <= tables
    (state,) = [each for each in states if each.publication_id == small.publication()]
    assert small.content() == state.content
    # The Parquet tables follow by a rename of their own, just after: whole, and one of these states too.
    assert small.parquet_content() in [each.parquet for each in states]
    return state


def _assert_same(small: SmallLake, state: Known) -> None:
    """Check that lake and served file hold what an undisturbed refresh leaves."""
    assert Known.of(small) == state
    assert [file for file in small.paths.temporary.rglob("*") if file.is_file()] == []
    names = {path.name.split("-")[0] for path in small.paths.serving.iterdir()}
    assert names == {"dataelec.duckdb", "publication.json", "parquet", "sources.lock", "locks"}
    assert len(list(small.paths.serving.iterdir())) == 6  # each once, and the folder that the link `parquet` points to


def _kill_first_loads(small: SmallLake, loaded: Known, seconds: float) -> None:
    """Kill refreshes of a lake that is not served yet."""
    for number, moment in enumerate(_moments(FIRST_LOAD_KILLS, seconds, SEED)):
        if number % IN_A_ROW == 0:
            shutil.rmtree(small.root, ignore_errors=True)
        after = moment
        while not _killed(small, after):
            # Less was left to do than in an undisturbed refresh: earlier, and from the beginning.
            shutil.rmtree(small.root)
            after *= EARLIER
        if small.paths.served_file.exists():
            _assert_whole(small, [loaded])
    small.refresh_apart()
    _assert_same(small, loaded)


def _kill_revisions(small: SmallLake, pristine: Pristine, after: Known, seconds: float) -> None:
    """Kill refreshes of a lake that is served."""
    before, moments = pristine.known, _moments(SERVED_KILLS, seconds, SEED + 1)
    for first in range(0, SERVED_KILLS, IN_A_ROW):
        pristine.restore(small.root)
        state = before
        for moment in moments[first : first + IN_A_ROW]:
            if state == after:
                pristine.restore(small.root)  # nothing is left to do: start again
            at = moment
            while not _killed(small, at):
                pristine.restore(small.root)
                at *= EARLIER
            state = _assert_whole(small, [before, after])
        small.refresh_apart()
        _assert_same(small, after)


def test_a_refresh_killed_at_random_moments_leaves_a_complete_file_and_the_next_ends_with_the_same_content(
    portals: tuple[Stub, Stub], pristine: Pristine, place: Path, tmp_path: Path
) -> None:
    first_portal, revised_portal = portals
    loading, served = SmallLake(tmp_path / "lake", first_portal), SmallLake(place, revised_portal)

    pristine.restore(place)
    seconds = served.refresh_apart()
    loaded, revised = pristine.known, Known.of(served)
    assert {name for name in loaded.content if loaded.content[name] != revised.content[name]} >= {
        "fct_stock_gaz",
        "fct_eco2mix_national",
        "meta_publication",
    }

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_kill_first_loads, loading, loaded, pristine.seconds)
        later = pool.submit(_kill_revisions, served, pristine, revised, seconds)
        first.result()
        later.result()


def test_two_first_refreshes_at_the_same_time_both_end_well(
    portals: tuple[Stub, Stub], pristine: Pristine, tmp_path: Path
) -> None:
    portal, _ = portals
    # In Paris, in French, in a folder with spaces and accents: the lake that it is compared with was loaded in UTC.
    machine = Machine({"TZ": "Europe/Paris", "LANG": "fr_FR.UTF-8", "LC_ALL": "fr_FR.UTF-8"})
    small = SmallLake(tmp_path / "Données d'été" / "mon lac", portal)
    processes = [small.dataelec(*REFRESH, machine=machine) for _ in range(2)]
    said = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert Known.of(small) == pristine.known
