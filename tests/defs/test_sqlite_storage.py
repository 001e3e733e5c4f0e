"""Our storage of Dagster's history leaves what Dagster's own would have left, in files that both use.

Longer than 300 lines because both storages are put through the same events, by threads, forks and killed processes.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.events import (
    AssetMaterializationPlannedData,
    AssetObservationData,
    DagsterEvent,
    StepMaterializationData,
)
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage

from dataelec_assets.defs import sqlite_storage
from dataelec_assets.defs.events import log_all
from dataelec_assets.defs.jobs import QUIET
from dataelec_assets.defs.runs import instance_settings
from dataelec_assets.defs.sqlite_storage import EventLog, SqliteStorage

RUN = "0f14d0ab-9605-4a62-a9e4-5ed26688389b"


def an_entry(number: int, kind: dg.DagsterEventType, data: Any, run: str = RUN) -> EventLogEntry:
    event = DagsterEvent(kind.value, "job", event_specific_data=data)
    entry: Callable[..., EventLogEntry] = EventLogEntry
    return entry(None, 20, "", run, 1_700_000_000.0 + number, "step", "job", event)


def a_materialization(number: int, run: str = RUN) -> EventLogEntry:
    tags = {"dagster/data_version": f"v{number}"}
    made = dg.AssetMaterialization(f"asset{number % 3}", partition=f"2024-{number % 12 + 1:02}", tags=tags)
    return an_entry(number, dg.DagsterEventType.ASSET_MATERIALIZATION, StepMaterializationData(made), run)


def an_observation(number: int) -> EventLogEntry:
    seen = AssetObservationData(dg.AssetObservation(f"asset{number % 3}", tags={"dagster/data_version": "seen"}))
    return an_entry(number, dg.DagsterEventType.ASSET_OBSERVATION, seen)


def a_check(number: int) -> EventLogEntry:
    evaluation = dg.AssetCheckEvaluation(
        dg.AssetKey(f"asset{number % 3}"), f"check{number % 5}", passed=number % 2 == 0, metadata={"rows": number}
    )
    return an_entry(number, dg.DagsterEventType.ASSET_CHECK_EVALUATION, evaluation)


def a_plan(number: int) -> EventLogEntry:
    planned = AssetMaterializationPlannedData(dg.AssetKey("asset0"), partition="2024-01")
    return an_entry(number, dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED, planned)


def a_mixture() -> list[EventLogEntry]:
    """Return events of all kinds, among them some that change the same rows one after the other."""
    makers: list[Callable[[int], EventLogEntry]] = [a_materialization, a_check, an_observation, a_check, a_plan]
    mixed = [makers[number % 5](number) for number in range(60)]
    again = [a_materialization(63), an_observation(63), a_materialization(66), an_observation(69)]
    return [*mixed, a_materialization(60), an_observation(61), *again]


def content(folder: Path) -> dict[str, list[Any]]:
    """Return the rows of every table, without the ids and times that the clock gives."""
    found: dict[str, list[Any]] = {}
    for path in sorted(folder.glob("*.db")):
        with closing(sqlite3.connect(path)) as connection:
            tables = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
            found[f"{path.name}: schema"] = tables
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                cursor = connection.execute(f"SELECT * FROM {name}")
                columns = [column[0] for column in cursor.description]
                clocks = {"create_timestamp", "migration_completed"} | ({"id"} if name == "asset_keys" else set())
                kept = [index for index, column in enumerate(columns) if column not in clocks]
                found[f"{path.name}: {name}"] = sorted(str([row[index] for index in kept]) for row in cursor)
    return found


def integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


@pytest.fixture
def ours(tmp_path: Path) -> EventLog:
    return EventLog(str(tmp_path / "ours"))


@pytest.mark.parametrize("is_together", [False, True])
def test_both_leave_the_same_tables(tmp_path: Path, ours: EventLog, *, is_together: bool) -> None:
    theirs = SqliteEventLogStorage(str(tmp_path / "theirs"))
    for event in a_mixture():
        theirs.store_event(event)
    if is_together:
        with ours.together():
            for event in a_mixture():
                ours.store_event(event)
    else:
        for event in a_mixture():
            ours.store_event(event)
    ours.dispose()
    assert content(tmp_path / "ours") == content(tmp_path / "theirs")
    assert len(content(tmp_path / "ours")[f"{RUN}.db: event_logs"]) == 66


def test_many_events_are_stored_a_few_hundred_at_a_time(ours: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    stored: list[int] = []
    original = EventLog._store

    def store(self: EventLog, events: Sequence[EventLogEntry]) -> None:
        stored.append(len(events))
        original(self, events)

    monkeypatch.setattr(sqlite_storage, "_AT_ONCE", 20)
    monkeypatch.setattr(EventLog, "_store", store)
    with ours.together():
        for number in range(50):
            ours.store_event(a_materialization(number))
    assert stored == [20, 20, 10]
    assert len(ours.get_logs_for_run(RUN)) == 50


def test_what_was_recorded_before_a_fault_is_stored(ours: EventLog) -> None:
    def fail() -> None:
        with ours.together():
            ours.store_event(a_materialization(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert ours.get_materialized_partitions(dg.AssetKey("asset1")) == {"2024-02"}
    ours.store_event(a_materialization(4))  # and the storage goes on
    assert len(ours.get_logs_for_run(RUN)) == 2


def test_an_event_of_another_kind_comes_after_those_that_wait(ours: EventLog) -> None:
    with ours.together():
        ours.store_event(a_materialization(1))
        ours.store_event(a_plan(2))
        ours.store_event(a_check(3))
    kinds = [event.dagster_event_type for event in ours.get_logs_for_run(RUN)]
    assert [kind.value if kind else "" for kind in kinds] == [
        "ASSET_MATERIALIZATION",
        "ASSET_MATERIALIZATION_PLANNED",
        "ASSET_CHECK_EVALUATION",
    ]


def test_dagsters_own_storage_writes_and_reads_the_same_files_meanwhile(tmp_path: Path, ours: EventLog) -> None:
    theirs = SqliteEventLogStorage(str(tmp_path / "ours"))

    def write() -> None:
        for number in range(0, 120, 2):
            theirs.store_event(a_materialization(number))

    other = threading.Thread(target=write)
    other.start()
    for _ in range(6):
        with ours.together():
            for number in range(1, 21, 2):
                ours.store_event(a_materialization(number))
    other.join()
    assert len(theirs.get_logs_for_run(RUN)) == len(ours.get_logs_for_run(RUN)) == 120
    assert integrity(tmp_path / "ours" / "index.db") == "ok"


def test_threads_of_a_process_share_the_storage(ours: EventLog) -> None:
    def write(start: int) -> None:
        for number in range(start, start + 20):
            ours.store_event(a_materialization(number, run=f"run{start}"))
            ours.get_logs_for_run("run0")

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    with ours.together():
        for number in range(30):
            ours.store_event(a_check(number))
    for thread in threads:
        thread.join()
    assert [len(ours.get_logs_for_run(run)) for run in ("run0", "run100", "run200", RUN)] == [20, 20, 20, 30]


KILLED = """
import os, sys
from dataelec_assets.defs.sqlite_storage import EventLog
from tests.defs.test_sqlite_storage import a_materialization
storage = EventLog(sys.argv[1])
for number in range(100_000):
    with storage.together():
        for each in range(10):
            storage.store_event(a_materialization(number * 10 + each))
    print(number, flush=True)
"""


def test_a_writer_that_is_killed_leaves_files_that_open(tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        while not writer.stdout.readline().startswith("5"):
            pass
        os.kill(writer.pid, signal.SIGKILL)
    assert {integrity(path) for path in folder.glob("*.db")} == {"ok"}
    storage = EventLog(str(folder))
    assert len(storage.get_logs_for_run(RUN)) >= 60
    storage.store_event(a_materialization(0))


def test_a_forked_process_opens_its_own_files(tmp_path: Path, ours: EventLog) -> None:
    ours.store_event(a_materialization(1))
    mine = ours._files._known
    child = os.fork()
    if child == 0:  # no assertion here: pytest would go on twice
        ours.store_event(a_materialization(2))
        os._exit(0 if ours._files._known is not mine and sqlite_storage._INHERITED else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    ours.store_event(a_materialization(3))
    assert len(ours.get_logs_for_run(RUN)) == 3
    assert integrity(tmp_path / "ours" / "index.db") == "ok"


def test_files_that_were_removed_are_made_again(tmp_path: Path, ours: EventLog) -> None:
    ours.store_event(a_materialization(1))
    for path in (tmp_path / "ours").glob(f"{RUN}.db*"):
        path.unlink()
    ours.store_event(a_materialization(2))
    assert len(ours.get_logs_for_run(RUN)) == 1
    assert len(SqliteEventLogStorage(str(tmp_path / "ours")).get_logs_for_run(RUN)) == 1
    ours.wipe()
    ours.store_event(a_materialization(3))
    assert len(ours.get_logs_for_run(RUN)) == 1


def test_few_files_stay_open(ours: EventLog) -> None:
    for number in range(20):
        ours.store_event(a_materialization(number, run=f"run{number}"))
    assert len(ours._files._known) == sqlite_storage._OPEN_FILES
    ours.dispose()
    assert not ours._files._known


def test_a_home_of_dagsters_own_storage_goes_on_with_ours_and_back(tmp_path: Path) -> None:
    theirs = DagsterSqliteStorage.from_local(str(tmp_path))
    theirs.event_log_storage.store_event(a_materialization(1))
    theirs.dispose()
    ours = SqliteStorage.from_local(str(tmp_path))
    ours.event_log_storage.store_event(a_materialization(2))
    assert not ours.run_storage.get_runs()
    assert not ours.schedule_storage.all_instigator_state()
    ours.dispose()
    again = DagsterSqliteStorage.from_local(str(tmp_path))
    assert len(again.event_log_storage.get_logs_for_run(RUN)) == 2
    assert ours.event_log_storage.alembic_version() == again.event_log_storage.alembic_version()


def test_a_new_home_uses_it_for_events_runs_and_ticks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(instance_settings(), encoding="utf-8")
    with dg.DagsterInstance.get() as instance:
        storages = (instance.event_log_storage, instance.run_storage, instance.schedule_storage)
        assert [type(each).__module__ for each in storages] == ["dataelec_assets.defs.sqlite_storage"] * 3
        instance.report_runless_asset_event(dg.AssetMaterialization("made", partition="2024"))
        assert instance.get_materialized_partitions(dg.AssetKey("made")) == {"2024"}
    assert (tmp_path / "history" / "runs" / "index.db").exists()
    assert {path.name for path in tmp_path.glob("*/*.db")} == {"runs.db", "schedules.db"}


@dg.op
def records_twice(context: dg.OpExecutionContext) -> None:
    found = [dg.AssetMaterialization("made", partition=each) for each in ("2023", "2024")]
    log_all(context, found)


@dg.job(executor_def=dg.in_process_executor)
def of_two_events() -> None:
    records_twice()


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_step_records_what_it_did_in_any_storage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_ours: bool
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    settings = instance_settings() if is_ours else "telemetry: {enabled: false}\n"
    (tmp_path / "dagster.yaml").write_text(settings, encoding="utf-8")
    blocks: list[int] = []
    original = EventLog._store

    def store(self: EventLog, events: Sequence[EventLogEntry]) -> None:
        blocks.append(len(events))
        original(self, events)

    monkeypatch.setattr(EventLog, "_store", store)
    with dg.DagsterInstance.get() as instance:
        of_two_events.execute_in_process(instance=instance, run_config=QUIET)
        assert instance.get_materialized_partitions(dg.AssetKey("made")) == {"2023", "2024"}
    assert blocks == ([2] if is_ours else [])
