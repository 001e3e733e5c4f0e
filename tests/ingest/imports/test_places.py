"""Territories are those of the served file."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataelec_assets.errors import FileRefused, LakeError
from dataelec_assets.ingest.imports.places import Ended, code_of, read_places
from tests.ingest.imports.support import PLACES, write_places


def test_the_territories_of_the_served_file_are_known(tmp_path: Path) -> None:
    write_places(tmp_path / "served.duckdb")
    found = read_places(tmp_path / "served.duckdb")
    assert found.names["commune"] == {"33063": "Bordeaux", "33281": "Mérignac"}
    assert found.names["epci"] == {"243300316": "Bordeaux Métropole"}
    assert found.names["departement"] == {"33": "Gironde"}
    assert found.ended == {"33009": Ended("Ambarès", "33281"), "33010": Ended("Coupée", None)}
    assert found.districts == {"75101": "75056"}
    assert found.parents["commune", "33063"][0] == ("epci", "243300316")
    assert found.parents["departement", "33"] == (("region", "75"), ("nation", "FR"))
    assert found.vintage == 2026


def test_without_a_publication_codes_cannot_be_checked(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"rien n'est encore servi.*dataelec refresh"):
        read_places(tmp_path / "served.duckdb")
    (tmp_path / "served.duckdb").write_bytes(b"nothing of DuckDB")
    with pytest.raises(LakeError, match="cannot be read"):
        read_places(tmp_path / "served.duckdb")


@pytest.mark.parametrize(
    ("grain", "text", "code"),
    [
        *[("commune", "1001", "01001"), ("commune", "2a004", "2A004"), ("commune", "971101", "97101")],
        *[("departement", "1", "01"), ("departement", "971", "971"), ("region", "1", "01"), ("nation", "", "FR")],
        *[("metropole", "x", "FM"), ("epci", "243 300 316", "243300316"), ("commune", "101", "101")],
    ],
)
def test_a_code_gets_back_what_a_spreadsheet_took(grain: str, text: str, code: str) -> None:
    assert code_of(grain, text) == code


def test_the_nearest_code_is_of_the_same_grain() -> None:
    assert PLACES.nearest("commune", "33062") == "33063 (Bordeaux)"
    assert PLACES.nearest("commune", "zzzzz") is None
