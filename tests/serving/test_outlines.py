"""Who borders whom, from outlines that are rounded and simplified."""

from __future__ import annotations

import pytest

from dataelec_assets.serving.outlines import Kind, geometries, neighbours

# As any map shows them; borders of a few kilometres and near misses among them.
KNOWN = {
    "33": "17 24 40 47",
    "75": "92 93 94",
    "59": "02 62 80",
    "2A": "2B",
    "84": "04 07 13 26 30 83",
    "90": "25 68 70 88",
    "60": "02 27 76 77 80 95",
    "17": "16 24 33 79 85",
    "35": "22 44 49 50 53 56",
}


@pytest.mark.parametrize(("code", "expected"), KNOWN.items())
def test_a_departement_has_the_neighbours_that_it_has(code: str, expected: str) -> None:
    assert " ".join(neighbours("departements")[code]) == expected


def test_neighbours_are_mutual_and_only_corse_has_none_among_regions() -> None:
    kinds: tuple[Kind, ...] = ("departements", "regions")
    for kind in kinds:
        found = neighbours(kind)
        assert found.keys() == geometries(kind).keys()
        assert all(code in found[other] for code, others in found.items() for other in others)
    assert len(neighbours("departements")) == 96
    assert all(neighbours("departements").values())
    assert [code for code, others in neighbours("regions").items() if not others] == ["94"]
    assert neighbours("regions")["53"] == ("28", "52")
