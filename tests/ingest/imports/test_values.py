"""Numbers are read as French files write them; what is secret or absent is never zero."""

from __future__ import annotations

import pytest

from dataelec_assets.ingest.imports.values import value_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *[("0", 0.0), ("12", 12.0), ("-3,5", -3.5), ("\u22123,5", -3.5), ("+4", 4.0), ("31.5", 31.5), (",5", 0.5)],
        *[("1 234", 1234.0), ("1\u202f234\u00a0567,8", 1234567.8), ("1'234", 1234.0), ("1.234,5", 1234.5)],
        *[("1,234.5", 1234.5), ("1,234", 1.234), ("2.5E-3", 0.0025)],
    ],
)
def test_a_number_is_read_in_every_form(text: str, number: float) -> None:
    assert value_of(text) == (number, None)


@pytest.mark.parametrize("text", ["s", "S", "secret", "c"])
def test_a_secret_is_null(text: str) -> None:
    assert value_of(text) == (None, "secret")


@pytest.mark.parametrize("text", ["", "NaN", "nd", "N/A", "...", "-"])
def test_what_is_absent_is_null(text: str) -> None:
    assert value_of(text) == (None, "absent")


@pytest.mark.parametrize("text", ["douze", "12 k", "1 2", "1,2,3", "1..2", "0x10", "inf", "1e999", "=1+1", "#N/A", "١"])
def test_anything_else_is_no_number(text: str) -> None:
    assert value_of(text) is None
