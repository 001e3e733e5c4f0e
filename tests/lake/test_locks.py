"""Steps of one run write side by side; a step whose run has lost the refresh does nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.errors import BusyError, LakeError, Superseded
from dataelec_assets.lake import locks
from dataelec_assets.lake.atomic_files import temporary_path
from dataelec_assets.lake.locks import exclusive, ingesting, refreshing, require_run
from dataelec_assets.lake.paths import LakePaths

GAS, REAL_TIME = (load_catalog()[each] for each in ("stock-quotidien-stockages-gaz", "eco2mix-national-tr"))


def in_another_thread(act: Callable[[], None]) -> Exception | None:
    """Do something as another process would, which holds no lock of this thread's; return what it has raised."""
    raised: list[Exception] = []

    def run() -> None:
        try:
            act()
        except (BusyError, Superseded) as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    return raised[0] if raised else None


def ingest(paths: LakePaths, dataset: Dataset, run: str = "run 1") -> None:
    with ingesting(paths, dataset, run=run):
        pass


def write(paths: LakePaths) -> None:
    with exclusive(paths):
        pass


def test_two_data_sets_are_ingested_side_by_side_and_one_is_not_twice(lake_paths: LakePaths) -> None:
    with refreshing(lake_paths, run="run 1"), ingesting(lake_paths, GAS, run="run 1"):
        assert in_another_thread(lambda: ingest(lake_paths, REAL_TIME)) is None
        assert isinstance(in_another_thread(lambda: ingest(lake_paths, GAS)), BusyError)
        with exclusive(lake_paths):  # what an ingestion calls takes the lock again, as in one process
            pass


def test_who_writes_to_the_whole_lake_waits_for_what_is_being_ingested(lake_paths: LakePaths) -> None:
    with refreshing(lake_paths, run="run 1"):
        with ingesting(lake_paths, GAS, run="run 1"):
            unfinished = temporary_path(lake_paths, ".csv")
            unfinished.touch()
            assert isinstance(in_another_thread(lambda: write(lake_paths)), BusyError)
            assert unfinished.exists()
        assert in_another_thread(lambda: write(lake_paths)) is None


def test_nothing_is_ingested_while_someone_writes_to_the_whole_lake(lake_paths: LakePaths) -> None:
    with refreshing(lake_paths, run="run 1"), exclusive(lake_paths):
        assert isinstance(in_another_thread(lambda: ingest(lake_paths, GAS)), BusyError)


def test_a_step_of_a_run_that_has_ended_does_nothing(lake_paths: LakePaths) -> None:
    with refreshing(lake_paths, run="run 1"):
        require_run(lake_paths, "run 1")
    with pytest.raises(Superseded, match="it has ended"), ingesting(lake_paths, GAS, run="run 1"):
        pytest.fail("a step of a run that has ended")
    with pytest.raises(Superseded), exclusive(lake_paths, run="run 1"):
        pytest.fail("a step of a run that has ended")


def killed(paths: LakePaths, run: str) -> None:
    """Leave what a launcher leaves that is killed: its lock ends with it, its name stays in the lake."""
    with refreshing(paths, run=run):
        left = paths.refresh_run.read_bytes()
    paths.refresh_run.write_bytes(left)
    require_run(paths, run)


def test_the_next_run_takes_the_refresh_from_one_whose_launcher_was_killed(lake_paths: LakePaths) -> None:
    killed(lake_paths, "run 1")
    with refreshing(lake_paths, run="run 2"):
        with pytest.raises(Superseded, match="run run 2 holds it"):
            require_run(lake_paths, "run 1")
        ingest(lake_paths, GAS, "run 2")


def test_so_does_a_refresh_in_one_process_and_the_look_of_the_sensor(lake_paths: LakePaths) -> None:
    killed(lake_paths, "run 1")
    with refreshing(lake_paths), pytest.raises(Superseded):
        require_run(lake_paths, "run 1")
    assert not lake_paths.refresh_run.exists()


@pytest.mark.parametrize(
    "lock",
    [
        lambda paths: ingesting(paths, GAS, run="run 1", wait_seconds=30),
        lambda paths: exclusive(paths, run="run 1", wait_seconds=30),
    ],
    ids=["ingesting", "exclusive"],
)
def test_a_step_that_has_waited_looks_again_before_it_writes(
    lock: Callable[[LakePaths], AbstractContextManager[None]], lake_paths: LakePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(lake_paths, "run 1")
    looked = threading.Event()
    raised: list[Superseded] = []

    def look(paths: LakePaths, run: str | None) -> None:
        require_run(paths, run)
        if run is not None:
            looked.set()

    def step() -> None:
        with pytest.raises(Superseded) as refused, lock(lake_paths):
            pytest.fail("a step of a run that has lost the refresh")
        raised.append(refused.value)

    monkeypatch.setattr(locks, "require_run", look)
    with exclusive(lake_paths):
        thread = threading.Thread(target=step)
        thread.start()
        assert looked.wait(30)  # the run was the right one, and the step waits for the lock
        with refreshing(lake_paths, run="run 2"):
            pass
    thread.join(30)
    assert len(raised) == 1


def test_a_damaged_name_of_the_run_is_told(lake_paths: LakePaths) -> None:
    lake_paths.root.mkdir()
    lake_paths.refresh_run.write_text("{half", encoding="utf-8")
    with pytest.raises(LakeError, match="is damaged"):
        require_run(lake_paths, "run 1")


def test_a_lake_of_one_process_gets_none_of_these_files(lake_paths: LakePaths, tmp_path: Path) -> None:
    with refreshing(lake_paths), exclusive(lake_paths):
        names = {path.name for path in lake_paths.root.iterdir()}
    assert not names & {".ingest", ".refresh.json", "handover"}
    assert {path.name for path in tmp_path.iterdir()} == {"lake"}
