"""A word that nobody knows is answered with the names that it was perhaps meant to be."""

from __future__ import annotations

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.nearest import did_you_mean, nearest


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("stock-quotidien-stockages-gas", "stock-quotidien-stockages-gaz"),
        ("gas", "stock-quotidien-stockages-gaz"),
        ("Temperature", "temperature-quotidienne-regionale"),
        ("consomation-quotidienne-brute-regionale", "consommation-quotidienne-brute-regionale"),
    ],
)
def test_a_misspelt_id_is_found(word: str, first: str) -> None:
    found = nearest(word, load_catalog())
    assert (found[0], len(found)) == (first, 3)


def test_names_that_hold_the_word_come_first() -> None:
    assert all("eco2mix" in each for each in nearest("eco2mix", load_catalog(), 4))
    assert nearest("ab", ["ba", "xxxxxxxxabxxxxxxxx"], 1) == ["xxxxxxxxabxxxxxxxx"]


def test_the_question_reads_well_whatever_is_known() -> None:
    assert did_you_mean("b", ["a"]) == "Did you mean a?"
    assert did_you_mean("ab", ["ab1", "ab2"]) == "Did you mean ab1 or ab2?"
    assert did_you_mean("ab", ["ab1", "ab2", "ab3", "zz"]) == "Did you mean ab1, ab2 or ab3?"
    assert did_you_mean("b", []) == did_you_mean("", ["a"]) == ""
