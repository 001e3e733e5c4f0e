"""The attack finds who is planted, so that finding nobody means something."""

from __future__ import annotations

import hashlib

import duckdb
import pytest

from dataelec_assets.privacy.pseudonyms import Keyring, Pseudonymiser
from tests.privacy.attack import Dictionary, attack

CLAIRE, TELEPHONE = "Claire Martin-Dupré", "06 12 34 56 78"
DICTIONARY = Dictionary([CLAIRE, TELEPHONE, "claire@exemple.fr"])


def _hashed(kind: str, text: str) -> str:
    return hashlib.new(kind, text.encode()).hexdigest()


@pytest.mark.parametrize(
    "planted",
    [
        CLAIRE,
        "station tenue par claire martin-dupre",
        "CLAIRE@EXEMPLE.FR",
        "0612345678",
        "612345678",
        "+33612345678",
        _hashed("sha256", TELEPHONE),
        _hashed("sha256", "0612345678"),
        _hashed("sha1", "+33612345678").upper(),
        _hashed("md5", CLAIRE),
        f"id:{_hashed('sha256', 'claire martin-dupre')}",
        # Of somebody of whom nothing is known but that the number is French.
        _hashed("sha256", "0612340042"),
    ],
)
def test_whoever_is_planted_is_found(planted: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE dim_station AS SELECT 'Gare' AS nom_station, 'rien' AS autre")
        assert attack(connection, DICTIONARY) == []
        connection.execute("INSERT INTO dim_station VALUES ('Port', ?)", [planted])
        assert attack(connection, DICTIONARY) == ["dim_station.autre"]


def test_a_number_read_as_a_number_is_found() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE dim_station AS SELECT 612345678 AS appel")
        assert attack(connection, DICTIONARY) == ["dim_station.appel"]


def test_pseudonyms_withstand_the_same_attack() -> None:
    make = Pseudonymiser(Keyring.parse("k1:" + bytes(range(32)).hex()))
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE abonnes (qui VARCHAR)")
        for value in (CLAIRE, TELEPHONE, "0612345678", "claire@exemple.fr"):
            connection.execute("INSERT INTO abonnes VALUES (?)", [make.pseudonym(value, "contact")])
        assert attack(connection, DICTIONARY) == []
