"""Pseudonyms cannot be guessed back, cannot be made without a key, and nothing shows a secret."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets

import pyarrow as pa
import pytest

from dataelec_assets.errors import SettingsError
from dataelec_assets.privacy.pseudonyms import Keyring, Pseudonymiser
from dataelec_assets.settings import load_settings

FIRST = bytes(range(1, 33)).hex()
SECOND = bytes(range(101, 133)).hex()
MARTIN = "06 12 34 56 78"


def made(key: str = f"k1:{FIRST}", old_keys: str | None = None) -> Pseudonymiser:
    return Pseudonymiser(Keyring.parse(key, old_keys))


def test_a_pseudonym_is_the_keyed_digest_of_purpose_field_and_value_with_their_lengths() -> None:
    message = b"".join(
        len(part).to_bytes(8, "big") + part for part in (b"dataelec pseudonym 1", b"telephone", MARTIN.encode())
    )
    expected = hmac.new(bytes.fromhex(FIRST), message, hashlib.sha256).hexdigest()
    assert made().pseudonym(MARTIN, "telephone") == f"k1:{expected}"


def test_the_keys_come_from_the_environment_and_no_setting_shows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATAELEC_PSEUDONYM_KEY", raising=False)
    with pytest.raises(SettingsError, match="DATAELEC_PSEUDONYM_KEY is not set"):
        Pseudonymiser.of(load_settings())
    monkeypatch.setenv("DATAELEC_PSEUDONYM_KEY", f"k2:{SECOND}")
    monkeypatch.setenv("DATAELEC_PSEUDONYM_OLD_KEYS", f"k1:{FIRST}")
    settings = load_settings()
    expected = made(f"k2:{SECOND}", f"k1:{FIRST}").pseudonyms(MARTIN, "telephone")
    assert Pseudonymiser.of(settings).pseudonyms(MARTIN, "telephone") == expected
    assert FIRST not in repr(settings)
    assert SECOND not in repr(settings)


def test_another_key_or_another_field_gives_another_pseudonym() -> None:
    found = made().pseudonym(MARTIN, "telephone")
    assert made(f"k1:{SECOND}").pseudonym(MARTIN, "telephone") != found
    assert made().pseudonym(MARTIN, "contact") != found


def test_what_belongs_to_the_field_is_never_read_as_the_value() -> None:
    assert made().pseudonym("b-c", "a") != made().pseudonym("-c", "ab")
    assert made().pseudonym("c", "ab") != made().pseudonym("bc", "a")


def test_accents_typed_in_two_ways_are_one_person() -> None:
    assert made().pseudonym("Ren\u00e9e", "nom") == made().pseudonym("Rene\u0301e", "nom")
    # NFKC would also make one of these two.
    assert made().pseudonym("\ufb01lle", "nom") != made().pseudonym("fille", "nom")


def test_no_plain_digest_of_the_value_is_in_its_pseudonym() -> None:
    found = made().pseudonym(MARTIN, "telephone")
    assert not any(hashlib.new(name, MARTIN.encode()).hexdigest() in found for name in ("md5", "sha1", "sha256"))


@pytest.mark.parametrize("key", [None, "", "   "])
def test_without_a_key_nothing_is_made(key: str | None) -> None:
    with pytest.raises(SettingsError, match=r"DATAELEC_PSEUDONYM_KEY is not set.*token_hex"):
        Keyring.parse(key)


@pytest.mark.parametrize(
    "key",
    [
        FIRST,  # no id
        f"k1:{FIRST[:-2]}",  # 31 bytes
        f"k1:{FIRST}0",  # half a byte
        "k1:" + "ab" * 32,  # one byte again and again
        "k1:motdepasse",
        f"K 1:{FIRST}",
    ],
)
def test_a_key_that_is_too_weak_or_misspelt_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(SettingsError, match="DATAELEC_PSEUDONYM_KEY") as caught:
        Keyring.parse(key)
    assert key.rpartition(":")[2][:12] not in str(caught.value)


def test_random_keys_are_accepted() -> None:
    for _ in range(2000):
        Keyring.parse(f"k1:{secrets.token_hex(32)}")


def test_after_a_rotation_new_pseudonyms_bear_the_new_key_and_old_ones_are_still_found() -> None:
    before = made().pseudonym(MARTIN, "telephone")
    rotated = made(f"k2:{SECOND}", f"k1:{FIRST}")
    assert rotated.pseudonym(MARTIN, "telephone").startswith("k2:")
    assert rotated.pseudonyms(MARTIN, "telephone") == {
        "k1": before,
        "k2": made(f"k2:{SECOND}").pseudonym(MARTIN, "telephone"),
    }


@pytest.mark.parametrize("old", [f"k2:{FIRST}", f"k1:{SECOND}"])
def test_a_key_is_not_known_twice(old: str) -> None:
    with pytest.raises(SettingsError, match="known already"):
        Keyring.parse(f"k2:{SECOND}", old)


def test_a_column_keeps_its_nulls_and_its_order() -> None:
    values = pa.chunked_array([["b", None], ["a", "b"]], pa.string())
    found = made().column(values, "nom").to_pylist()
    assert found == [made().pseudonym(each, "nom") if each else None for each in ("b", None, "a", "b")]
    assert made().column(pa.array([None, None], pa.string()), "nom").to_pylist() == [None, None]
    assert made().column(pa.array([], pa.large_string()), "nom").to_pylist() == []


def test_an_empty_text_is_a_value_and_not_a_null() -> None:
    assert made().column(pa.array([""]), "nom").to_pylist() == [made().pseudonym("", "nom")]


def test_an_older_key_makes_what_can_be_joined_with_older_tables() -> None:
    keyring = Keyring.parse(f"k2:{SECOND}", f"k1:{FIRST}")
    assert Pseudonymiser(keyring, "k1").pseudonym(MARTIN, "telephone") == made().pseudonym(MARTIN, "telephone")
    with pytest.raises(SettingsError, match=r"'k3' is not among those of .*: k1, k2"):
        Pseudonymiser(keyring, "k3")


def test_numbers_have_no_pseudonym() -> None:
    with pytest.raises(TypeError, match="telephone"):
        made().column(pa.array([612345678]), "telephone")


def test_nothing_shows_the_key_or_the_value(caplog: pytest.LogCaptureFixture) -> None:
    keyring = Keyring.parse(f"k1:{FIRST}", f"k0:{SECOND}")
    with caplog.at_level(logging.DEBUG):
        Pseudonymiser(keyring).column(pa.array([MARTIN]), "telephone")
    assert caplog.records == []
    for shown in (repr(keyring), repr(Pseudonymiser(keyring)), str(keyring)):
        assert FIRST not in shown
        assert repr(bytes.fromhex(FIRST)) not in shown
