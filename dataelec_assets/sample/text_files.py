"""CSV files row by row, as publishers of yearly data write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

# Data set, file, rows.
Written = tuple[str, Path, int]


def write_text(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ";",
    end: str = "\n",
    bom: bool = False,
) -> int:
    """Write a CSV file, quoted where it must be; return the number of its rows."""
    body = io.StringIO()
    writer = csv.writer(body, delimiter=delimiter, lineterminator=end)
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow(["" if value is None else value for value in row])
        count += 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body.getvalue().encode("utf-8-sig" if bom else "utf-8"))
    return count
