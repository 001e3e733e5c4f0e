"""The first sheet of a workbook (XLSX) that somebody imports."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from dataelec_assets import xlsx
from dataelec_assets.errors import FileRefused

# Of the texts of all parts, unpacked: a sheet of a million lines has less than half of it.
MOST_BYTES = 1_000_000_000


def sheet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each line of the first sheet.

    Raises:
        FileRefused: the file is not an XLSX workbook, or is too large.
    """
    try:
        with zipfile.ZipFile(path) as book:
            if sum(each.file_size for each in book.infolist()) > MOST_BYTES:
                raise FileRefused(f"{path.name} est trop grand.", advice="Enregistrez-le en CSV.")
            yield from xlsx.rows(book, next(iter(xlsx.sheets(book).values())))
    except (*xlsx.DAMAGED, OSError) as error:
        raise FileRefused(
            f"{path.name} n'est pas un classeur XLSX lisible.",
            advice="Ouvrez-le dans le tableur, puis enregistrez-le en XLSX ou en CSV.",
        ) from error
