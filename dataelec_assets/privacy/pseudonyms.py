"""Pseudonyms: keyed digests that nobody can reverse without the key.

A plain digest of a telephone number protects nobody: all French mobile numbers can be hashed in minutes. With
HMAC-SHA256 and a secret of 32 bytes a dictionary is useless. This is still pseudonymisation, not anonymisation (GDPR,
article 4(5)): whoever holds the key can recognise the persons (docs/confidentialite.md).

A pseudonym reads ``<key id>:<64 hexadecimal digits>``. Equal values of one field have equal pseudonyms under one key,
so that tables can be joined on them; two fields never share any.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from dataelec_assets.errors import SettingsError, WrongUsage
from dataelec_assets.settings import Settings

KEY_VARIABLE = "DATAELEC_PSEUDONYM_KEY"
OLD_KEYS_VARIABLE = "DATAELEC_PSEUDONYM_OLD_KEYS"

# As long as the digest: a shorter key weakens HMAC-SHA256, a longer one adds nothing (RFC 2104, section 3).
KEY_BYTES = 32

# Of 32 random bytes about 30 differ. Fewer than 16 occur less than once in 1e10 keys: such a key was typed by hand.
_FEWEST_DIFFERENT_BYTES = 16

# What a pseudonym looks like.
PSEUDONYM = re.compile(r"[a-z][a-z0-9]{0,15}:[0-9a-f]{64}")

_KEY = re.compile(r"(?P<id>[a-z][a-z0-9]{0,15}):(?P<hex>(?:[0-9a-fA-F]{2})+)")

# Every signed message starts with it: the same key gives other digests in another program.
_PURPOSE = b"dataelec pseudonym 1"

_MAKE_ONE = (
    "Make one with `python -c \"import secrets; print('k1:' + secrets.token_hex(32))\"` and keep it out of the lake."
)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The known keys: the active one, and those in use before it, whose pseudonyms older tables hold.

    Attributes:
        active: id of the key in use.
        keys: secret by key id; never shown.
    """

    active: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, key: str | None, old_keys: str | None = None) -> Keyring:
        """Return the keys of the two environment variables.

        Args:
            key: ``<id>:<hexadecimal digits>``, at least 32 bytes; None when it is not set.
            old_keys: keys that were in use before, separated by commas.

        Raises:
            SettingsError: there is no key, or one cannot be used; no message holds any part of a secret.
        """
        if not (key or "").strip():
            raise SettingsError(f"{KEY_VARIABLE} is not set: nothing was pseudonymised.", advice=_MAKE_ONE)
        active, secret = _parse(KEY_VARIABLE, key or "")
        keys = {active: secret}
        for text in filter(str.strip, (old_keys or "").split(",")):
            name, secret = _parse(OLD_KEYS_VARIABLE, text)
            if name in keys or secret in keys.values():
                raise SettingsError(
                    f"{OLD_KEYS_VARIABLE}: key {name!r} is known already, by its id or by its secret.",
                    advice="Give every new key a new id and a new secret.",
                )
            keys[name] = secret
        return cls(active, keys)


def _parse(variable: str, text: str) -> tuple[str, bytes]:
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise SettingsError(f"{variable} must read <id>:<hexadecimal digits>, such as k1:9f…", advice=_MAKE_ONE)
    secret = bytes.fromhex(match["hex"])
    if len(secret) < KEY_BYTES:
        raise SettingsError(
            f"{variable}: key {match['id']!r} has {len(secret)} bytes, at least {KEY_BYTES} are needed.",
            advice=_MAKE_ONE,
        )
    if len(set(secret)) < _FEWEST_DIFFERENT_BYTES:
        raise SettingsError(f"{variable}: key {match['id']!r} is not random.", advice=_MAKE_ONE)
    return match["id"], secret


class Pseudonymiser:
    """Makes pseudonyms under one key of a keyring.

    Args:
        keyring: the known keys.
        key: id of the key to use; None: the active one. An older key makes what can be joined with older tables.

    Raises:
        WrongUsage: no such key is known.
    """

    def __init__(self, keyring: Keyring, key: str | None = None) -> None:
        if key is not None and key not in keyring.keys:
            raise WrongUsage(
                f"Key {key!r} is not among those of {KEY_VARIABLE} and {OLD_KEYS_VARIABLE}: "
                f"{', '.join(sorted(keyring.keys))}.",
                advice="Set it, or use another one.",
            )
        self._keyring = keyring
        self.key = key or keyring.active

    @classmethod
    def of(cls, settings: Settings, key: str | None = None) -> Pseudonymiser:
        """Return one with the keys of the environment.

        Raises:
            SettingsError: there is no key, or one cannot be used.
        """
        secrets = (settings.pseudonym_key, settings.pseudonym_old_keys)
        return cls(Keyring.parse(*(each.get_secret_value() if each else None for each in secrets)), key)

    def pseudonym(self, value: str, field_name: str) -> str:
        """Return the pseudonym of ``value`` in ``field_name``.

        Args:
            value: compared in Unicode's form NFC. Case and spaces count: unify them first where they should not.
            field_name: what the value is, such as ``telephone``: equal texts of two fields are not linked.
        """
        return self._digest(self.key, value, field_name)

    def pseudonyms(self, value: str, field_name: str) -> dict[str, str]:
        """Return the pseudonym of ``value`` under each known key, by key id: for tables made before a rotation."""
        return {name: self._digest(name, value, field_name) for name in sorted(self._keyring.keys)}

    def column(self, values: pa.ChunkedArray | pa.Array, field_name: str) -> pa.ChunkedArray | pa.Array:
        """Return the pseudonyms of a column of text; null stays null.

        Raises:
            TypeError: the column is not text: numbers have more than one spelling (``0612…``, ``612…``).
        """
        if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
            raise TypeError(f"{field_name}: only text has pseudonyms, this column is {values.type}")
        known = pc.unique(values).drop_null()
        made = pa.array([self.pseudonym(each.as_py(), field_name) for each in known], pa.string())
        return pc.take(made, pc.index_in(values, value_set=known))

    def _digest(self, key: str, value: str, field_name: str) -> str:
        # Lengths first: ("ab", "c") and ("a", "bc") must not be one message.
        parts = (_PURPOSE, *(unicodedata.normalize("NFC", text).encode() for text in (field_name, value)))
        message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return f"{key}:{hmac.digest(self._keyring.keys[key], message, 'sha256').hex()}"
