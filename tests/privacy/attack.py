"""An attacker with a dictionary: who is in this file?

Persons are sought as written, in other spellings, and by their plain digests; a block of mobile numbers by digests.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

_DIGESTS = ("md5", "sha1", "sha256")
_HEXADECIMAL = re.compile(r"[0-9a-f]{32,64}")

# Shorter forms are found by accident.
_SHORTEST = 6

# 06 12 34 00 00 to 06 12 34 99 99: the other 19,999 blocks are as quick.
MOBILE_NUMBERS = tuple(f"061234{number:04d}" for number in range(10_000))


def spellings(value: str) -> set[str]:
    """Return the ways in which somebody may have written a value before hashing it."""
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    forms = {value, value.strip(), plain, re.sub(r"\s+", "", plain)}
    digits = re.sub(r"\D", "", value)
    if len(digits) >= _SHORTEST:
        forms |= {digits, digits.lstrip("0"), f"+33{digits[1:]}", f"0033{digits[1:]}"}
    return {form for each in forms for form in (each, each.lower(), each.upper()) if len(form) >= _SHORTEST}


class Dictionary:
    """What the attacker knows."""

    def __init__(self, persons: Iterable[str], mobile_numbers: Iterable[str] = MOBILE_NUMBERS) -> None:
        self._plain = {form.lower() for each in persons for form in spellings(each)}
        numbers = {form for each in mobile_numbers for form in (each, f"+33{each[1:]}")}
        self._digests = {
            hashlib.new(kind, form.encode()).hexdigest()
            for form in {form for each in persons for form in spellings(each)} | numbers
            for kind in _DIGESTS
        }
        self._any = re.compile("|".join(map(re.escape, sorted(self._plain))))

    def knows(self, text: str) -> bool:
        """Return whether a text tells one of the persons."""
        lower = text.lower()
        return self._any.search(lower) is not None or any(
            found in self._digests for found in _HEXADECIMAL.findall(lower)
        )


def attack(connection: duckdb.DuckDBPyConnection, dictionary: Dictionary) -> list[str]:
    """Return the columns, of any table or view, that hold somebody whom the dictionary knows."""
    columns = connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = current_database() AND NOT internal ORDER BY ALL"
    ).fetchall()
    return [
        f"{table}.{column}"
        for schema, table, column in columns
        if any(map(dictionary.knows, _texts(connection, f'"{schema}"."{table}"', f'"{column}"')))
    ]


def attack_file(path: Path, dictionary: Dictionary) -> list[str]:
    """Do the same to a DuckDB file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return attack(connection, dictionary)


def attack_bytes(path: Path, persons: Iterable[str]) -> list[str]:
    """Return the persons who stand in a file as written; compressed pages hide theirs."""
    content = path.read_bytes()
    return [each for each in persons if len(each) >= _SHORTEST and each.encode() in content]


def _texts(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> Iterator[str]:
    # Numbers too: a telephone number may have been read as one.
    for (text,) in connection.execute(
        f"SELECT DISTINCT CAST({column} AS VARCHAR) FROM {table} WHERE {column} IS NOT NULL"
    ).fetchall():
        yield text
