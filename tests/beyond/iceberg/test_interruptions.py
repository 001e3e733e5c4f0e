"""A run that is cut, a lake that is moved, a file that is lost: no half is shown, and the next run finishes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from dataelec_assets.errors import BusyError, DataElecError, LakeError
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.beyond.iceberg.conftest import FACT, MONTHLY, WHOLE, Lake
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.beyond

KILLED = """
import os, signal, sys
from pathlib import Path
from dataelec_assets.export.iceberg import register, tables
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
left, do = int(sys.argv[2]), register.bring_up_to_date
def bring_up_to_date(*given):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return do(*given)
register.bring_up_to_date = bring_up_to_date
register.register(RunContext(Settings(lake=Path(sys.argv[1]))), 30, lambda line: None)
"""


@pytest.mark.parametrize("done", [0, 1, 4])
def test_a_run_that_is_killed_shows_no_half_and_the_next_one_finishes_it(lake: Lake, done: int) -> None:
    first = f"{1:016x}"
    lake.register()
    second = lake.publish(
        f"UPDATE {MONTHLY} SET consommation_electricite_mw = 5",
        f"UPDATE {WHOLE} SET nom_region = 'Autre'",
        m2024_02=5.0,
    )
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(lake.ctx.paths.root), str(done)], check=False, cwd=REPOSITORY, timeout=60
    )
    assert run.returncode == -signal.SIGKILL
    stray = lake.ctx.paths.root / "iceberg" / "publication" / MONTHLY / "data" / "left-by-a-killed-run.parquet"
    stray.write_bytes(b"half")

    def newest() -> set[str]:
        from dataelec_assets.export.iceberg.catalogue import opened

        with opened(lake.ctx.paths, None) as catalog:
            return {
                catalog.load_namespace_properties(each)["dataelec.publication"] for each in ("copies", "publication")
            }

    assert newest() == {first}
    assert lake.consumption(first) == {"2024-01": 100, "2024-02": 200}
    assert [row["nom_region"] for row in lake.rows(f"publication.{WHOLE}", first)] == ["Nouvelle-Aquitaine"]
    tagged = [name for name in lake.names() if f"publication-{second}" in lake.table(name).refs()]
    assert len(tagged) == done
    lake.register()
    assert newest() == {second}
    assert all(f"publication-{second}" in lake.table(name).refs() for name in lake.names())
    assert lake.consumption(second) == {"2024-01": 5, "2024-02": 5}
    assert len(lake.table(FACT).snapshots()) == 2
    assert not stray.exists()


def test_of_two_runs_at_once_the_second_finds_all_done(lake: Lake) -> None:
    command = [sys.executable, "-c", KILLED, str(lake.ctx.paths.root), "1000"]
    runs = [subprocess.Popen(command, cwd=REPOSITORY) for _ in range(2)]
    assert [run.wait(60) for run in runs] == [0, 0]
    assert {len(lake.table(name).snapshots()) for name in lake.names()} == {1}


def test_who_does_not_wait_is_told_that_another_run_writes(lake: Lake) -> None:
    (lake.ctx.paths.root / "iceberg").mkdir()
    with FileLock(lake.ctx.paths.root / "iceberg" / ".lock"), pytest.raises(BusyError, match="Another `dataelec iceb"):
        replace(lake, ctx=replace(lake.ctx, lock_wait_seconds=0)).register()


def test_a_lake_that_was_moved_says_what_to_do(lake: Lake, tmp_path: Path) -> None:
    lake.register()
    lake.ctx.paths.root.rename(tmp_path / "elsewhere")
    moved = Lake(RunContext(Settings(lake=tmp_path / "elsewhere")))
    with pytest.raises(LakeError, match="remove its folder iceberg/"):
        moved.register()
    shutil.rmtree(tmp_path / "elsewhere" / "iceberg")
    moved.register()
    assert moved.consumption() == {"2024-01": 100, "2024-02": 200}


def test_a_file_that_the_disk_has_lost_is_named_and_the_catalogue_is_as_it_was(lake: Lake) -> None:
    lake.register()
    before = lake.files()
    lake.publish(f"UPDATE {MONTHLY} SET consommation_electricite_mw = 3 WHERE mois = '2024-01'")
    lost = lake.ctx.paths.serving / "parquet" / MONTHLY / "2024-01.parquet"
    lost.unlink()
    with pytest.raises(DataElecError, match=r"2024-01\.parquet is in the index and not on the disk"):
        lake.register()
    assert lake.files() == before
