"""What looks personal is recognised, and what only looks like it is left alone."""

from __future__ import annotations

import re

import duckdb
import pytest

from dataelec_assets.privacy.personal import EMAIL, PERSONAL_VALUE, TELEPHONE, is_personal_name
from dataelec_assets.warehouse.project import PROJECT_DIR

PERSONAL = (
    "0612345678",
    "06.12.34.56.78",
    "06 12 34 56 78",
    "01-44-55-66-77",
    "+33612345678",
    "+33 (0)6 12 34 56 78",
    "+32 2 555 12 12",
    "0033 1 44 55 66 77",
    "tel:0612345678",
    "tel.0612345678",
    ",0612345678",
    "Joindre Mme Martin (06 12 34 56 78) avant midi",
    "claire.martin@exemple.fr",
    "Claire <claire+bornes@mail.exemple.co.uk>",
)
HARMLESS = (
    "",
    "30001234567890",  # PDL
    "552081317",  # SIREN
    "55208131700018",  # SIRET
    "FRV75EPX114054",
    "FR*V75*EPX11*05*4",
    "FRS350612345678",
    "2023-01-30T09:59:00+01:00",
    "2023-01-30T09:59:00.123456+02:00",
    "12 rue de l'Exemple 75011 Paris",
    "75101",
    "0.1234567890",
    "[2.0612345678, 48.0687654321]",
    "48,0612345678",
    "24/7 @ Exemple",
    "k1:0612345678abcdef",
)


@pytest.mark.parametrize("value", PERSONAL)
def test_addresses_and_numbers_are_recognised(value: str) -> None:
    assert re.search(PERSONAL_VALUE, value)


@pytest.mark.parametrize("value", HARMLESS)
def test_codes_and_instants_are_left_alone(value: str) -> None:
    assert not re.search(PERSONAL_VALUE, value)


def test_duckdb_reads_the_pattern_as_python_does() -> None:
    found = [
        duckdb.execute("SELECT regexp_matches(?, ?)", [value, PERSONAL_VALUE]).fetchall()[0][0]
        for value in (*PERSONAL, *HARMLESS)
    ]
    assert found == [True] * len(PERSONAL) + [False] * len(HARMLESS)


def test_the_macro_that_masks_has_the_same_patterns() -> None:
    macro = (PROJECT_DIR / "macros" / "personnes.sql").read_text(encoding="utf-8")
    assert TELEPHONE in macro
    # Within quotes Jinja reads two backslashes as one.
    assert EMAIL.replace("\\", "\\\\") in macro


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("num_pdl", True),
        ("observations", True),
        ("nombre_observations", False),
        ("telephone_operateur", True),
        ("email", True),
        ("contact_amenageur", True),
        ("nom_operateur", False),
        ("part_contacts", False),
        ("telecommunications", False),
        ("mailles", False),
        ("moyenne_mobile_c", False),
    ],
)
def test_a_column_is_personal_by_declaration_or_by_a_word_of_its_name(name: str, *, expected: bool) -> None:
    assert is_personal_name(name, {"num_pdl", "observations"}) is expected
