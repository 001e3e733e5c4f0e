"""XLSX workbooks, with the standard library: the first sheet of one as texts, and a new one made of texts.

A formula is never evaluated: its cell has the value that the spreadsheet last computed.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from dataelec_assets.errors import FileRefused
from dataelec_assets.lake.workbooks import column_of

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

# Of the texts of all parts, unpacked: a sheet of a million lines has less than half of it.
MOST_BYTES = 1_000_000_000

# A cell far to the right, such as a stray space in XFD1, would make lines of thousands of empty cells.
_MOST_COLUMNS = 200

_DAMAGED = (
    OSError,
    KeyError,
    ValueError,
    IndexError,
    ET.ParseError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)


def sheet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each line of the first sheet.

    Raises:
        FileRefused: the file is not an XLSX workbook, or is too large.
    """
    try:
        with zipfile.ZipFile(path) as book:
            if sum(each.file_size for each in book.infolist()) > MOST_BYTES:
                raise FileRefused(f"{path.name} est trop grand.", advice="Enregistrez-le en CSV.")
            texts = _shared_texts(book)
            with book.open(_first_sheet(book)) as sheet:
                yield from _rows(sheet, texts)
    except _DAMAGED as error:
        raise FileRefused(
            f"{path.name} n'est pas un classeur XLSX lisible.",
            advice="Ouvrez-le dans le tableur, puis enregistrez-le en XLSX ou en CSV.",
        ) from error


def _elements(part: IO[bytes], name: str) -> Iterator[ET.Element]:
    """Yield the elements with a name, each forgotten once it was used.

    Raises:
        ValueError: the part declares a document type, which no workbook does: entities in it may grow without end.
    """
    if b"<!DOCTYPE" in part.read(1000):
        raise ValueError("document type")
    part.seek(0)
    tag = f"{_MAIN}{name}"
    for _, element in ET.iterparse(part):  # noqa: S314 - without a document type
        if element.tag == tag:
            yield element
            # The cells of a million lines would not fit into memory; the empty elements do.
            element.clear()


def _shared_texts(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    with book.open("xl/sharedStrings.xml") as part:
        return [_joined(each) for each in _elements(part, "si")]


def _joined(element: ET.Element) -> str:
    """Return the text of an element in several styles, without its phonetic guide."""
    guides = {id(text) for guide in element.iter(f"{_MAIN}rPh") for text in guide.iter(f"{_MAIN}t")}
    return "".join(text.text or "" for text in element.iter(f"{_MAIN}t") if id(text) not in guides)


def _first_sheet(book: zipfile.ZipFile) -> str:
    """Return the path of the first sheet, in the order of the tabs."""
    with book.open("xl/workbook.xml") as part:
        wanted = next(each.get(_RELATION) for each in _elements(part, "sheet"))
    with book.open("xl/_rels/workbook.xml.rels") as part:
        relations = ET.fromstring(part.read(1 << 20))  # noqa: S314 - a megabyte at most
    target = next(each.get("Target", "") for each in relations if each.get("Id") == wanted)
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _rows(sheet: IO[bytes], texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for row in _elements(sheet, "row"):
        number = int(row.get("r") or number + 1)
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            place = column_of(cell.get("r", "")) if cell.get("r") else len(cells)
            text = _content(cell, texts)
            if text and place < _MOST_COLUMNS:
                cells += [""] * (place + 1 - len(cells))
                cells[place] = text
            elif place < _MOST_COLUMNS and place >= len(cells):
                cells += [""] * (place + 1 - len(cells))
        yield number, cells


def _content(cell: ET.Element, texts: Sequence[str]) -> str:
    kind, value = cell.get("t", "n"), cell.findtext(f"{_MAIN}v")
    if kind == "inlineStr":
        return _joined(cell)
    if value is None:
        formula = cell.findtext(f"{_MAIN}f")
        return f"={formula}" if formula is not None else ""
    if kind == "s":
        return texts[int(value)]
    # Whole numbers may be written with decimals or an exponent: codes and years are such.
    return re.sub(r"[.]0+$", "", f"{float(value):.15g}" if "e" in value.lower() else value) if kind == "n" else value


_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN[1:-1]}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="indicateurs" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # The second style is text: a spreadsheet would drop the zero of 01001.
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN[1:-1]}"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>',
}


def write_workbook(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write a workbook of one sheet whose cells are texts; equal rows give equal bytes."""
    lines = (
        "".join(
            f'<c r="{chr(ord("A") + place)}{number}" s="1" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
            for place, text in enumerate(row)
        )
        for number, row in enumerate(rows, 1)
    )
    numbered = "".join(f'<row r="{number}">{line}</row>' for number, line in enumerate(lines, 1))
    columns = '<cols><col min="1" max="9" width="22" style="1" customWidth="1"/></cols>'
    sheet = f'<worksheet xmlns="{_MAIN[1:-1]}">{columns}<sheetData>{numbered}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            # Without the clock in it.
            book.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), _XML + content)
