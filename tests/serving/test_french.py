"""Numbers, dates and signs as they are written in French."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from markupsafe import Markup

from dataelec_assets.serving.report.french import day, interval, listed, measured, moment, number, typographic, weekday


@pytest.mark.parametrize(
    ("value", "digits", "unit", "text"),
    [
        (1234.5, 1, "", "1\u202f234,5"),
        (-1234567, 0, "MWh", "\u22121\u202f234\u202f567\u00a0MWh"),
        (-0.04, 1, "%", "0,0\u00a0%"),
        (0, 0, "", "0"),
        (None, 1, "MW", "n.d."),
        (float("nan"), 1, "MW", "n.d."),
        (float("inf"), 0, "", "n.d."),
    ],
)
def test_numbers(value: float | None, digits: int, unit: str, text: str) -> None:
    assert number(value, digits, unit) == text


def test_an_interval_without_one_end_is_none() -> None:
    assert interval(2337, 2424, 0, "MW/°C") == "2\u202f337 à 2\u202f424\u00a0MW/°C"
    assert interval(None, 1.0) == interval(1.0, float("nan")) == "n.d."


def test_dates() -> None:
    assert day(date(2026, 11, 26)) == "26\u00a0novembre\u00a02026"
    assert day(date(2026, 8, 1)) == "1er\u00a0août\u00a02026"
    assert weekday(date(2026, 11, 26)) == "jeudi\u00a026\u00a0novembre\u00a02026"
    assert moment(datetime(2026, 11, 26, 14, 5)) == "26\u00a0novembre\u00a02026 à 14\u00a0h\u00a005"  # noqa: DTZ001 - a clock
    assert day(None) == moment(None) == "n.d."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2023", "2023"),
        ("2023-04", "avril\u00a02023"),
        ("2022-10-31", "31\u00a0octobre\u00a02022"),
        ("2026-05-23T18:45:00+00:00", "23\u00a0mai\u00a02026 à 18\u00a0h\u00a045"),
        (None, "n.d."),
        ("2024-2025 (scolaire)", "2024-2025 (scolaire)"),
    ],
)
def test_last_measures_of_sources(text: str | None, said: str) -> None:
    assert measured(text) == said


def test_signs_do_not_leave_their_word() -> None:
    assert typographic("Oui ; « non » : 5 % !") == "Oui\u202f; «\u00a0non\u00a0»\u00a0: 5\u00a0%\u202f!"
    markup = Markup("<b> ; </b>")
    assert typographic(markup) is markup
    assert typographic(3) == 3


def test_lists_end_with_and() -> None:
    assert listed(["RTE"]) == "RTE"
    assert listed(["RTE", "NaTran", "Teréga"]) == "RTE, NaTran et Teréga"
    assert listed([]) == ""
