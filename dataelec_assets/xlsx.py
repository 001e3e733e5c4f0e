"""XLSX workbooks, with the standard library: a sheet of one as texts, and a new one made of texts.

A library for it would be a dependency of every user, for one file a year (docs/decisions/0052). A formula is never
evaluated: its cell has the value that the spreadsheet last computed.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

# A cell far to the right, such as a stray space in XFD1, would make lines of thousands of empty cells.
_MOST_COLUMNS = 200

# What reading raises of a file that is damaged, locked by a password, or no workbook.
DAMAGED = (
    EOFError,
    ET.ParseError,
    IndexError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def sheets(book: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the archive that each sheet is in, by its name, in the order of the tabs.

    Raises:
        DAMAGED: see there.
    """
    with book.open("xl/_rels/workbook.xml.rels") as part:
        targets = {each.get("Id"): each.get("Target", "") for each in _elements(part, None)}
    with book.open("xl/workbook.xml") as part:
        return {
            each.get("name", ""): posixpath.normpath(posixpath.join("/xl", targets[each.get(_RELATION)])).lstrip("/")
            for each in _elements(part, f"{_MAIN}sheet")
        }


def rows(book: zipfile.ZipFile, part: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each line of a sheet, as texts; an empty cell is an empty text.

    Raises:
        DAMAGED: see there.
    """
    texts: list[str] = []
    if "xl/sharedStrings.xml" in book.namelist():
        with book.open("xl/sharedStrings.xml") as shared:
            texts = [_joined(each) for each in _elements(shared, f"{_MAIN}si")]
    number = 0
    with book.open(part) as sheet:
        for row in _elements(sheet, f"{_MAIN}row"):
            number = int(row.get("r") or number + 1)
            cells: list[str] = []
            for cell in row.iter(f"{_MAIN}c"):
                # Cells that are empty may be left out: the others say where they stand.
                place = _column_of(cell.get("r", "")) if cell.get("r") else len(cells)
                text = _content(cell, texts)
                if place < _MOST_COLUMNS:
                    cells += [""] * (place + 1 - len(cells))
                    cells[place] = text
            yield number, cells


def _elements(part: IO[bytes], tag: str | None) -> Iterator[ET.Element]:
    """Yield the elements with a tag, each forgotten once it was used; all of them without one.

    Raises:
        ValueError: the part declares a document type, which no workbook does: entities in it may grow without end.
    """
    if b"<!DOCTYPE" in part.read(1000):
        raise ValueError("document type")
    part.seek(0)
    for _, element in ET.iterparse(part):  # noqa: S314 - without a document type
        if tag is None or element.tag == tag:
            yield element
            # The cells of a million lines would not fit into memory; the empty elements do.
            element.clear()


def _joined(element: ET.Element) -> str:
    """Return the text of an element in several styles, without its phonetic guide."""
    guides = {id(text) for guide in element.iter(f"{_MAIN}rPh") for text in guide.iter(f"{_MAIN}t")}
    return "".join(text.text or "" for text in element.iter(f"{_MAIN}t") if id(text) not in guides)


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


def _column_of(reference: str) -> int:
    """Return the position of a cell in its line.

    >>> _column_of("A1"), _column_of("AB12")
    (0, 27)
    """
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# A workbook holds this much at least: what it is, where its parts are, which sheets and styles it has.
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # The second style is text: a spreadsheet would drop the zero of 01001.
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN[1:-1]}"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>',
}


def write(path: Path, sheet: str, rows: Iterable[Sequence[str]]) -> None:
    """Write a workbook of one sheet whose cells, 26 a row at most, are texts; equal rows give equal bytes."""
    lines = (
        "".join(
            f'<c r="{chr(ord("A") + place)}{number}" s="1" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
            for place, text in enumerate(row)
        )
        for number, row in enumerate(rows, 1)
    )
    numbered = "".join(f'<row r="{number}">{line}</row>' for number, line in enumerate(lines, 1))
    columns = '<cols><col min="1" max="26" width="22" style="1" customWidth="1"/></cols>'
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN[1:-1]}" xmlns:r="{_OFFICE}">'
        f'<sheets><sheet name={quoteattr(sheet)} sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN[1:-1]}">{columns}'
        f"<sheetData>{numbered}</sheetData></worksheet>",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as book:
        for name, content in {**_PARTS, **parts}.items():
            # Without the clock in it.
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            book.writestr(member, _XML + content)
