"""Natures and units are known as the published indicators are; counts of persons and homes are recognised."""

from __future__ import annotations

import pytest

from dataelec_assets.ingest.imports.words import adds_up, counts_people, nature_of, unit_of


@pytest.mark.parametrize(
    ("text", "nature"),
    [("Effectif", "effectif"), ("taux", "ratio"), ("Médianes", "mediane"), ("moyenne", "indice"), ("somme", None)],
)
def test_a_nature_is_known_by_its_words(text: str, nature: str | None) -> None:
    assert nature_of(text) == nature


def test_a_unit_is_written_as_the_warehouse_writes_it() -> None:
    assert [unit_of(each) for each in ("Habitants", "pourcent", "kWh", "arbres")] == ["hab", "%", "kWh", "arbres"]


@pytest.mark.parametrize("unit", ["%", "kWh/hab", "logements pour 100 hab", "kg par habitant", "jours", "‰"])
def test_a_quotient_does_not_add_up(unit: str) -> None:
    assert not adds_up(unit)


@pytest.mark.parametrize("unit", ["hab", "MWh", "arbres", "nombre"])
def test_a_count_adds_up(unit: str) -> None:
    assert adds_up(unit)


@pytest.mark.parametrize(
    ("unit", "label"),
    [("hab", ""), ("logements", ""), ("Ménages", ""), ("points de livraison", ""), ("nombre", "Bénéficiaires du RSA")],
)
def test_persons_and_homes_are_recognised(unit: str, label: str) -> None:
    assert counts_people(unit, label)


@pytest.mark.parametrize(("unit", "label"), [("arbres", "Arbres par habitant"), ("MWh", ""), ("nombre", "Bornes")])
def test_other_counts_are_not(unit: str, label: str) -> None:
    assert not counts_people(unit, label)
