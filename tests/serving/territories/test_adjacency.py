"""Départements touch where their outlines share a border."""

from __future__ import annotations

from dataelec_assets.serving.report.territories.adjacency import neighbours


def test_gironde_touches_the_four_departements_around_it() -> None:
    assert neighbours()["33"] == ("17", "24", "40", "47")


def test_paris_touches_the_three_of_its_inner_ring_and_corsica_nothing_of_the_continent() -> None:
    assert neighbours()["75"] == ("92", "93", "94")
    assert neighbours()["2A"] == ("2B",)


def test_what_touches_is_touched_and_every_metropolitan_departement_has_a_neighbour() -> None:
    found = neighbours()
    assert len(found) == 96
    assert all(code in found[other] for code, others in found.items() for other in others)
    assert all(found.values())
