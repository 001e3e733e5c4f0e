"""Text that fits its terminal: lines and tables are broken between words, never within an id."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

_GAP = "  "

# A terminal that says nothing of itself, such as that of a container, has this many columns, as everywhere.
_USUAL = 80

# Of a last column that is broken over several lines: less is a column of single words.
_NARROWEST = 24


def width() -> int | None:
    """Return the columns of the terminal, or of ``COLUMNS``; None when what is printed is read by a program."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL
    except (OSError, ValueError):  # no terminal; `ValueError`: no file at all, as in tests
        return None


def wrapped(line: str, columns: int | None, hanging: str = _GAP) -> list[str]:
    """Return a line as one or several, none longer than ``columns`` unless a word is; further ones are indented."""
    if columns is None or len(line) <= columns:
        return [line]
    from textwrap import wrap

    indent = line[: len(line) - len(line.lstrip())]
    return wrap(
        line.strip(),
        columns,
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [line]


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], columns: int | None) -> Iterator[str]:
    """Yield the lines of a table.

    The last column is broken between words. Where the first one, of ids, leaves no room for the others, each long id
    has a line of its own; in a terminal that is too narrow even for that, a row is a paragraph.

    Args:
        headings: one per column, at least two.
        rows: as many texts each.
        columns: of the terminal; None: as wide as the rows are.
    """
    cells = [list(headings), *([cell.replace("\n", " ") for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    fixed = sum(widths[1:-1]) + len(_GAP) * (len(widths) - 1)
    if columns is None or widths[0] + fixed + widths[-1] <= columns:
        for row in cells:
            yield _line(row, widths)
        return
    last = min(widths[-1], max(columns - fixed - widths[0], _NARROWEST))
    first = min(widths[0], columns - fixed - last)
    if first < len(_GAP) or any(len(heading) > first for heading in headings[:1]):
        yield from _paragraphs(headings, rows, columns)
        return
    for row in cells:
        name = row[0]
        if len(name) > first:
            yield name
            name = ""
        for part in wrapped(row[-1], last, hanging=""):
            yield _line([name, *row[1:-1], part], [first, *widths[1:-1], last])
            name, row = "", [""] * len(row)  # noqa: PLW2901 - the further lines of this row


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True)).rstrip()


def _paragraphs(headings: Sequence[str], rows: Sequence[Sequence[str]], columns: int) -> Iterator[str]:
    for row in rows:
        yield row[0]
        told = [f"{heading}: {cell}" for heading, cell in zip(headings[1:], row[1:], strict=True) if cell]
        yield from wrapped(_GAP + ", ".join(told), columns, hanging="")
