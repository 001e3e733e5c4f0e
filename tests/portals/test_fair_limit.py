"""Who may ask a portal next."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from dataelec_assets.portals.fair_limit import NoTurn, Turns, turns_at


def never() -> bool:
    return False


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(2000):
        if holds():
            return
        time.sleep(0.005)
    pytest.fail("it never came to this")


def test_a_turn_goes_to_who_has_the_fewest_under_way_and_then_to_who_came_first() -> None:
    turns, slow, quick, passed = Turns(2), "a source", "another", []
    ends = [Event() for _ in range(4)]

    def hold(end: Event) -> None:
        with turns.turn(slow, never):
            passed.append("slow")
            assert end.wait(10)

    def pass_by(number: int) -> None:
        with turns.turn(quick, never):
            passed.append(f"quick {number}")

    with ThreadPoolExecutor(7) as pool:
        for end in ends:
            pool.submit(hold, end)
        wait_until(lambda: passed == ["slow", "slow"] and len(turns._waiting) == 2)
        for number in range(3):
            pool.submit(pass_by, number)
            wait_until(lambda waiting=number: len(turns._waiting) == 3 + waiting)  # type: ignore[misc]
        # One of two slow requests ends: all of the other source pass, although the slow one has asked before them.
        ends[0].set()
        wait_until(lambda: len(passed) == 6)
        assert passed[2:] == ["quick 0", "quick 1", "quick 2", "slow"]
        for end in ends:
            end.set()
    assert passed[6:] == ["slow"]


def test_who_is_called_off_waits_no_longer_and_takes_no_turn() -> None:
    turns, called_off = Turns(1), Event()

    def ask() -> None:
        with turns.turn("x", called_off.is_set):
            pytest.fail("it had a turn")

    with ThreadPoolExecutor(1) as pool, turns.turn("y", never):
        asked = pool.submit(ask)
        called_off.set()
        assert isinstance(asked.exception(timeout=5), NoTurn)
    with turns.turn("z", never):
        pass


def test_the_limit_is_of_a_portal_not_of_a_client() -> None:
    one = turns_at("https://a.example", 4)
    assert turns_at("https://a.example", 4) is one
    assert turns_at("https://b.example", 4) is not one
