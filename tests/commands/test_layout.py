"""What is printed fits its terminal, and no id is cut."""

from __future__ import annotations

import pytest

from dataelec_assets.commands.layout import table, width, wrapped

ID = "belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel"
HEADINGS = ["data set", "rows", "detail"]
ROWS = [["irve", "3,344", "all is well here, and has been for a long time"], [ID, "7", "the portal is away"]]


@pytest.mark.parametrize("columns", [20, 30, 40, 60, 80, 100, 200, None])
def test_every_word_is_there_whole_and_lines_fit(columns: int | None) -> None:
    lines = list(table(HEADINGS, ROWS, columns))
    words = " ".join(lines).replace(",", " ").split()
    for cell in ("irve", ID, "7", *["all", "is", "well", "here", "and", "has", "been", "for", "a", "long", "time"]):
        assert cell in words
    assert all(len(line) <= (columns or 999) or line == ID for line in lines)


def test_a_wide_terminal_gets_one_line_for_a_row() -> None:
    assert list(table(HEADINGS, ROWS, None)) == list(table(HEADINGS, ROWS, 200))
    lines = list(table(HEADINGS, ROWS, 200))
    assert len(lines) == 3
    assert len({line.index(word) for line, word in zip(lines, ("detail", "all", "the"), strict=True)}) == 1


def test_a_long_id_has_a_line_of_its_own_and_its_cells_stand_below_the_others() -> None:
    head, first, *_, name, second = list(table(HEADINGS, ROWS, 70))
    assert name == ID
    assert second.startswith(" ")
    assert head.index("detail") == first.index("all") == second.index("the")


def test_a_very_narrow_terminal_gets_a_paragraph_for_a_row() -> None:
    assert list(table(HEADINGS, ROWS[:1], 24)) == [
        "irve",
        "  rows: 3,344, detail:",
        "  all is well here, and",
        "  has been for a long",
        "  time",
    ]


def test_lines_are_broken_between_words_and_keep_their_indent() -> None:
    assert wrapped("  one two three", 9) == ["  one two", "    three"]
    assert wrapped(f"x {ID} y", 20) == ["x", f"  {ID}", "  y"]
    assert wrapped("short", 80) == ["short"]
    assert wrapped("a " * 200, None) == ["a " * 200]


def test_a_program_that_reads_gets_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert width() is None  # the output of a test is no terminal
    monkeypatch.setenv("COLUMNS", "40")
    assert width() == 40
    monkeypatch.setenv("COLUMNS", "wide")
    assert width() is None
