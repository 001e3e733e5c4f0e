"""A lease has one holder, is renewed, and is taken over from a holder whose time is up by the store's clock."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dataelec_assets.errors import BusyError, LakeError
from dataelec_assets.lake import lease as module
from dataelec_assets.lake.bucket import Bucket
from dataelec_assets.lake.lease import Lease, acquire, lease, lease_key

pytestmark = pytest.mark.beyond


def forget(held: Lease) -> None:
    """Let a holder die: it renews no more and gives nothing back."""
    held._ended.set()
    held._thread.join()


def test_of_twenty_racing_leases_one_is_held(bucket: Bucket) -> None:
    bucket.put("reveil", b"")

    def take(_: int) -> Lease | None:
        try:
            return acquire(bucket, "write")[0]
        except BusyError:
            return None

    with ThreadPoolExecutor(20) as pool:
        held = [each for each in pool.map(take, range(20)) if each is not None]
    assert [each.number for each in held] == [1]
    held[0].check()
    held[0].release()


def test_twenty_waiting_holders_are_one_at_a_time_with_growing_numbers(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK", 0.02)
    inside, most, numbers, lock = 0, 0, [], threading.Lock()

    def work(_: int) -> None:
        nonlocal inside, most
        with lease(bucket, "write", wait_seconds=60) as held:
            with lock:
                inside += 1
                most = max(most, inside)
                numbers.append(held.number)
            with lock:
                inside -= 1

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(20)))
    assert (most, numbers) == (1, list(range(1, 21)))


def test_a_held_lease_names_its_holder(bucket: Bucket) -> None:
    with lease(bucket, "refresh"), pytest.raises(BusyError, match="process"), lease(bucket, "refresh"):
        raise AssertionError("two hold it")
    with lease(bucket, "refresh") as again:
        assert again.number == 2


def test_leases_of_two_names_are_apart(bucket: Bucket) -> None:
    with lease(bucket, "write"), lease(bucket, "refresh") as other:
        assert other.number == 1


def test_a_dead_holder_is_replaced_once_its_time_is_up_and_notices_it(bucket: Bucket) -> None:
    dead, _ = acquire(bucket, "write", seconds=1)
    forget(dead)
    with pytest.raises(BusyError):
        acquire(bucket, "write")
    with lease(bucket, "write", wait_seconds=30) as heir:
        assert heir.number == dead.number + 1
        with pytest.raises(LakeError, match="no longer holds"):
            dead.check()
        assert dead.release() is None
        heir.check()


def test_a_living_holder_keeps_its_lease_beyond_its_time(bucket: Bucket) -> None:
    with lease(bucket, "write", seconds=1) as held:
        with pytest.raises(BusyError):
            acquire(bucket, "write", wait_seconds=5)
        held.check()


def test_a_holder_whose_lease_was_taken_by_force_finds_out_when_it_renews(bucket: Bucket) -> None:
    held, _ = acquire(bucket, "write", seconds=3)
    bucket.put(lease_key("write"), json.dumps({"number": 9, "holder": "x", "where": "y", "seconds": 60}).encode())
    held._thread.join(timeout=10)
    assert not held._thread.is_alive()
    with pytest.raises(LakeError, match="no longer holds"):
        held.check()


def test_a_release_says_whether_anybody_held_it_in_between(bucket: Bucket) -> None:
    first, before = acquire(bucket, "write")
    assert before is None
    released = first.release()
    second, before = acquire(bucket, "write")
    assert before == released
    second.release()
    third, before = acquire(bucket, "write")
    assert before != released
    third.release()


def test_a_damaged_lease_is_told(bucket: Bucket) -> None:
    bucket.put(lease_key("write"), b"{")
    with pytest.raises(LakeError, match="is damaged"):
        acquire(bucket, "write")
