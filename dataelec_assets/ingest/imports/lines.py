"""The lines of a CSV or XLSX file as texts, by the headers of its first line; nothing is interpreted here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dataelec_assets.errors import FileRefused
from dataelec_assets.limits import LONGEST_LINE

# A value for each of the 35,000 communes over thirty years. All lines are held in memory, half a kilobyte each.
MOST_LINES = 1_000_000

_DELIMITERS = ";,\t"


@dataclass(frozen=True, slots=True)
class Line:
    """A line below the headers.

    Attributes:
        number: as a text editor or spreadsheet shows it; the headers are on the first line.
        cells: without the spaces around them, as many as the line has.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A file.

    Attributes:
        headers: of its columns.
        lines: those that are not blank.
    """

    headers: tuple[str, ...]
    lines: tuple[Line, ...]


def read_lines(path: Path) -> Lines:
    """Return the lines of a file.

    Raises:
        FileRefused: it is neither CSV nor XLSX, cannot be read, or has no line below its headers.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileRefused(f"{path} ne peut pas être lu : {error.strerror}.", advice="Vérifiez le chemin.") from error
    if content.startswith(b"PK\x03\x04"):
        from dataelec_assets.ingest.imports.workbook import sheet_rows

        rows = sheet_rows(path)
    elif b"\x00" in content[:1000]:
        raise FileRefused(
            f"{path.name} n'est ni un CSV ni un classeur XLSX.",
            advice="Dans le tableur, enregistrez-le sous l'un de ces deux formats.",
        )
    else:
        rows = _csv_rows(path.name, _text(content))
    return _collected(path.name, rows)


def _collected(name: str, rows: Iterable[tuple[int, list[str]]]) -> Lines:
    headers: tuple[str, ...] | None = None
    lines = []
    for number, cells in rows:
        cleaned = tuple(_spaced(cell) for cell in cells)
        if not any(cleaned):
            continue
        if headers is None:
            headers = cleaned
            continue
        # Spreadsheets leave empty cells at the end of a line.
        while len(cleaned) > len(headers) and not cleaned[-1]:
            cleaned = cleaned[:-1]
        lines.append(Line(number, cleaned))
        if len(lines) > MOST_LINES:
            raise FileRefused(
                f"{name} a plus de {MOST_LINES:,} lignes.".replace(",", "\u202f"),
                advice="Coupez-le en plusieurs fichiers.",
            )
    if headers is None or not lines:
        raise FileRefused(
            f"{name} n'a aucune ligne sous ses en-têtes.",
            advice="`dataelec import-indicators --template FICHIER` en écrit un modèle.",
        )
    return Lines(headers, tuple(lines))


def _spaced(text: str) -> str:
    """Return a text without spaces around it and without control characters, line ends within a cell included."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip(" \u00a0\u202f")


def _text(content: bytes) -> str:
    """Return UTF-8, with or without its mark, or else Windows-1252, in which every French letter can be told."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Five bytes are no character of it: `replace` keeps their line, which is refused if it matters.
        return content.decode("cp1252", errors="replace")


def _csv_rows(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    before = csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused(
            f"{name} ne se lit pas comme un CSV à partir de la ligne {number} : un guillemet y est sans doute mal "
            "fermé.",
            advice="Corrigez cette ligne, ou enregistrez le fichier de nouveau depuis le tableur.",
        ) from error
    finally:
        csv.field_size_limit(before)
