"""Names of licences, as portals write them."""

from __future__ import annotations

import pytest

from dataelec_assets.live.licences import same_licence

OURS = "Licence Ouverte v2.0 (Etalab)"


@pytest.mark.parametrize(
    "name", ["Licence Ouverte / Open Licence version 2.0", "Licence Ouverte v2.0 (Etalab)", "lov2", "Open licence 2.0"]
)
def test_one_licence_has_many_names(name: str) -> None:
    assert same_licence(name, OURS)


@pytest.mark.parametrize(
    "name", ["Open Database License (ODbL)", "CC BY 4.0", "Licence Ouverte v1.0", "Licence Producteur"]
)
def test_another_licence_or_version_differs(name: str) -> None:
    assert not same_licence(name, OURS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CC BY-SA 4.0", "CC BY 4.0"),
        ("CC BY-NC 4.0", "CC BY 4.0"),
        ("Creative Commons Attribution 4.0", "CC BY-NC 4.0"),
    ],
)
def test_a_further_condition_makes_another_licence(one: str, other: str) -> None:
    assert not same_licence(one, other)


def test_a_name_that_is_not_known_fits_itself_alone() -> None:
    assert same_licence("Conditions de l'API publique d'Infoclimat", "CONDITIONS DE L'API PUBLIQUE D'INFOCLIMAT")
