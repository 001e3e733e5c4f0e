"""Machines that share a bucket: a data set has one writer, and a step whose run has lost the refresh does nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path

import pytest

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.errors import BusyError, LakeError, Superseded
from dataelec_assets.lake import lease, locks
from dataelec_assets.lake.atomic_files import read_json, remove, touch, write_json
from dataelec_assets.lake.bucket import Bucket
from dataelec_assets.lake.handover import hand_over, handed_over, sweep
from dataelec_assets.lake.lease import Holder, acquire, holder_of, lease_key
from dataelec_assets.lake.locks import exclusive, freshen, ingesting, refreshing, require_run, run_of
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.working_copy import WorkingCopy
from dataelec_assets.lake.write_through import attach, copy_of

pytestmark = pytest.mark.beyond

GAS, REAL_TIME = (load_catalog()[each] for each in ("stock-quotidien-stockages-gaz", "eco2mix-national-tr"))

Machines = tuple[LakePaths, LakePaths, LakePaths]


@pytest.fixture
def machines(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machines:
    monkeypatch.setattr(lease, "_LOOK", 0.02)
    found = tuple(LakePaths(tmp_path / name) for name in ("une", "autre", "tierce"))
    for paths in found:
        attach(paths, bucket.address)
    one, other, third = found
    return one, other, third


def copy_at(paths: LakePaths) -> WorkingCopy:
    found = copy_of(paths)
    assert found is not None
    return found


def index_of_gas(paths: LakePaths) -> Path:
    return paths.parquet / GAS.table / "index.json"


def ingest(paths: LakePaths, dataset: Dataset) -> None:
    with ingesting(paths, dataset, run="run 1"):
        pass


def killed(bucket: Bucket, run: str) -> None:
    """Leave what a launcher leaves that is killed: a lease that names its run and is renewed no more."""
    held, _ = acquire(bucket, "refresh", run=run)
    held._ended.set()
    held._thread.join()


def end_all_leases(patch: pytest.MonkeyPatch) -> None:
    """Let the time of every holder be up, as the store's clock says."""
    patch.setattr(lease, "_ROUNDING", -lease.DURATION - 1)


def test_two_data_sets_are_ingested_by_two_machines_and_one_is_not_twice(machines: Machines) -> None:
    one, other, third = machines
    with (
        refreshing(one, run="run 1"),
        ingesting(one, GAS, run="run 1"),
        ingesting(other, REAL_TIME, run="run 1"),
    ):
        with pytest.raises(BusyError, match=f"ingest/{GAS.id}"), ingesting(third, GAS, run="run 1"):
            pytest.fail("two hold it")
        with pytest.raises(BusyError, match="ingest/"), exclusive(third):
            pytest.fail("someone writes to the whole lake beside them")
    with exclusive(third):
        pass


def test_nothing_is_ingested_while_another_machine_writes_to_the_whole_lake(machines: Machines) -> None:
    one, other, third = machines
    refused = pytest.raises(BusyError, match="leases/write")
    with refreshing(one, run="run 1"), exclusive(other), refused, ingesting(third, GAS, run="run 1"):
        pytest.fail("both write")


def test_a_step_begins_with_what_other_machines_have_made_of_its_data_set(machines: Machines) -> None:
    one, other, _ = machines
    state, mark = f"state/{GAS.id}.json", f"raw/manifests/{GAS.id}/.pending"
    with refreshing(one, run="run 1"):
        for number, machine in enumerate([one, other, one]):
            with ingesting(machine, GAS, run="run 1"):
                if number:
                    assert read_json(index_of_gas(machine)) == {"tour": number - 1}
                    assert read_json(machine.root / state) == {"tour": number - 1}
                    assert (machine.root / mark).exists() == (number == 1)
                write_json(machine, index_of_gas(machine), {"tour": number})
                write_json(machine, machine.root / state, {"tour": number})
                (remove if number else touch)(machine.root / mark)


def test_what_a_step_of_another_data_set_has_under_way_on_this_machine_stays(machines: Machines) -> None:
    one, *_ = machines
    with refreshing(one, run="run 1"), ingesting(one, GAS, run="run 1"):
        write_json(one, index_of_gas(one), {"mois": 1})
        copy_at(one).expect(index_of_gas(one))
        index_of_gas(one).write_text('{"mois": 2}', encoding="utf-8")  # renamed into place, and not sent yet
        freshen(one)
        thread = threading.Thread(target=ingest, args=(one, REAL_TIME))  # as another process of this machine does
        thread.start()
        thread.join(30)
        assert read_json(index_of_gas(one)) == {"mois": 2}
        copy_at(one).send(f"parquet/{GAS.table}/index.json")


def test_who_writes_to_the_whole_lake_has_what_was_being_ingested_when_it_came(
    machines: Machines, bucket: Bucket
) -> None:
    one, other, _ = machines
    found: list[object] = []

    def build() -> None:
        with exclusive(other, wait_seconds=30):
            found.append(read_json(index_of_gas(other)))

    with refreshing(one, run="run 1"):
        with ingesting(one, GAS, run="run 1"):
            thread = threading.Thread(target=build)
            thread.start()
            until(lambda: holder_of(bucket, "write") is not None)  # it keeps new steps out, and waits for this one
            write_json(one, index_of_gas(one), {"mois": 1})
        thread.join(60)
    assert found == [{"mois": 1}]


def until(ask: Callable[[], bool]) -> None:
    for _ in range(2000):
        if ask():
            return
    pytest.fail("not after two thousand requests")


def test_a_step_of_a_dead_run_goes_on_until_another_takes_the_refresh(
    machines: Machines, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, _ = machines
    killed(bucket, "run 1")
    require_run(other, "run 1")
    with pytest.raises(BusyError), refreshing(one, run="run 2"):
        pytest.fail("its time is not up")
    end_all_leases(monkeypatch)  # now it is
    with refreshing(one, run="run 2"):
        assert run_of(other) == "run 2"
        for lock in (ingesting(other, GAS, run="run 1"), exclusive(other, run="run 1")):
            with pytest.raises(Superseded, match="run run 2 holds it"), lock:
                pytest.fail("a step of a run that has lost the refresh")
        with ingesting(other, GAS, run="run 2"):
            pass
    with pytest.raises(Superseded, match=f"{bucket.address}: it has ended"), ingesting(other, GAS, run="run 2"):
        pytest.fail("a step of a run that has ended")


def test_a_refresh_in_one_process_takes_the_name_away_too(
    machines: Machines, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, _ = machines
    killed(bucket, "run 1")
    end_all_leases(monkeypatch)
    with refreshing(one), pytest.raises(Superseded):
        require_run(other, "run 1")


@pytest.mark.parametrize(
    "lock",
    [
        lambda paths: ingesting(paths, GAS, run="run 1", wait_seconds=30),
        lambda paths: exclusive(paths, run="run 1", wait_seconds=30),
    ],
    ids=["ingesting", "exclusive"],
)
def test_a_step_that_has_waited_for_a_lease_looks_at_the_bucket_again(
    lock: Callable[[LakePaths], AbstractContextManager[None]],
    machines: Machines,
    bucket: Bucket,
) -> None:
    one, other, _ = machines
    killed(bucket, "run 1")
    looked = threading.Event()
    raised: list[Superseded] = []

    def look(paths: LakePaths, run: str | None) -> None:
        require_run(paths, run)
        if run is not None:
            looked.set()

    def step() -> None:
        with pytest.raises(Superseded) as refused, lock(other):
            pytest.fail("a step of a run that has lost the refresh")
        raised.append(refused.value)

    with exclusive(one), pytest.MonkeyPatch.context() as patch:
        patch.setattr(locks, "require_run", look)
        thread = threading.Thread(target=step)
        thread.start()
        assert looked.wait(30)  # the run was the right one, and the step waits for the lease of the writer
        taken = Holder(9, "another", "elsewhere", 60, run="run 2")
        bucket.put(lease_key("refresh"), json.dumps(asdict(taken)).encode())
    thread.join(30)
    assert len(raised) == 1


def test_a_dead_step_is_replaced_and_one_that_wakes_up_late_writes_no_more(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, _ = machines
    monkeypatch.setattr(lease, "DURATION", 3.0)
    with refreshing(one, run="run 1"), ingesting(one, GAS, run="run 1"):
        write_json(one, index_of_gas(one), {"de": "une"})
        (held,) = copy_at(one).leases._held
        end_all_leases(monkeypatch)
        with ingesting(other, GAS, run="run 1"):
            write_json(other, index_of_gas(other), {"de": "autre"})
            held._thread.join(10)
            with pytest.raises(LakeError, match=f"no longer holds .*ingest/{GAS.id}"):
                write_json(one, index_of_gas(one), {"de": "une, trop tard"})
    freshen(other)
    assert read_json(index_of_gas(other)) == {"de": "autre"}


def test_what_a_killed_step_holds_is_taken_from_it_by_who_writes_to_the_whole_lake(
    machines: Machines, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, *_ = machines
    held, _ = acquire(bucket, f"ingest/{GAS.id}")
    held._ended.set()
    held._thread.join()
    with pytest.raises(BusyError, match="ingest/"), exclusive(one):
        pytest.fail("its time is not up")
    end_all_leases(monkeypatch)
    with exclusive(one):
        assert holder_of(bucket, f"ingest/{GAS.id}") is None
    assert held.release() is None  # another one has had it


def test_who_failed_halfway_looks_at_the_bucket_again(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    one, *_ = machines
    pulls, pull = [], WorkingCopy.pull

    def counted(copy: WorkingCopy) -> None:
        pulls.append(copy)
        pull(copy)

    monkeypatch.setattr(WorkingCopy, "pull", counted)
    for fails in (False, True, False, False):
        try:
            with exclusive(one):
                assert not fails
        except AssertionError:
            continue
    assert len(pulls) == 2


def test_what_steps_hand_over_goes_through_the_bucket_and_goes_with_its_run(machines: Machines, bucket: Bucket) -> None:
    one, other, _ = machines
    for run in ("avant", "run 1", "parent"):
        hand_over(one, run, "ingest[gaz]/result", run.encode())
    hand_over(other, "run 1", "ingest[gaz]/result", b"encore")
    assert handed_over(one, "run 1", "ingest[gaz]/result") == b"encore"
    sweep(other, keep=("run 1", "parent"))
    assert handed_over(one, "parent", "ingest[gaz]/result") == b"parent"
    with pytest.raises(LakeError, match=f"{bucket.address}/handover/avant/.* is not there"):
        handed_over(one, "avant", "ingest[gaz]/result")
    assert not one.handover.exists()
