"""Collections of cycles are rarer while dbt runs, and as they were before and after."""

from __future__ import annotations

import gc

import pytest

from dataelec_assets.collector import rare_collections


def test_a_while_of_rare_collections_ends_as_it_began_even_with_an_error() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    during = []

    def fail() -> None:
        with rare_collections():
            during.append((gc.get_threshold(), gc.get_freeze_count() > frozen))
            raise KeyError

    gc.set_threshold(701, 11, 12)
    try:
        with pytest.raises(KeyError):
            fail()
        assert during == [((20_000, 20, 20), True)]
        assert (gc.get_threshold(), gc.get_freeze_count()) == ((701, 11, 12), frozen)
    finally:
        gc.set_threshold(*before)
