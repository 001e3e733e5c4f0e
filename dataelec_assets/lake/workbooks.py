"""Workbooks (XLSX) of publishers, one sheet of which holds the rows: read as the CSV that they should have been.

INSEE's have a few titles above the names of the columns. A workbook is an archive of XML texts, so the standard
library reads it; a library for it would be a dependency of every user, for one file a year.
"""

from __future__ import annotations

import csv
import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from dataelec_assets.catalog import Dataset, slug
from dataelec_assets.errors import ContractViolation, UnexpectedContent
from dataelec_assets.lake.file_formats import RawFile, inspect, plain_reader
from dataelec_assets.limits import LARGEST_REPLY

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    IndexError,
    ET.ParseError,
    NotImplementedError,
)


@contextmanager
def as_table(dataset: Dataset, raw: RawFile) -> Iterator[RawFile]:
    """Give the sheet of a workbook as a CSV while it is read; any other file as it is.

    Raises:
        UnexpectedContent: the workbook cannot be read, is too large, or has no such sheet.
        ContractViolation: no line of the sheet holds the names of the columns.
    """
    if raw.format != "workbook":
        yield raw
        return
    if dataset.sheet is None:
        raise UnexpectedContent("a zip archive where data was expected", dataset_id=dataset.id, request=raw.path.name)
    with TemporaryDirectory(prefix="dataelec-") as folder:
        table = Path(folder) / f"{raw.path.name.partition('.')[0]}.csv"
        try:
            with table.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, delimiter=";", lineterminator="\n").writerows(_table(dataset, raw, dataset.sheet))
        except _BROKEN as error:
            raise UnexpectedContent(
                f"the workbook cannot be read ({error})", dataset_id=dataset.id, request=raw.path.name
            ) from error
        yield inspect(dataset.id, table)


def _table(dataset: Dataset, raw: RawFile, sheet: str) -> Iterator[list[str]]:
    """Yield the header and the rows below it; titles above and empty lines are left out."""
    width = 0
    for row in _rows(dataset, raw, sheet):
        if not width and _is_header(dataset, row):
            width = len(row)
        if width and any(row):
            yield [*row, *[""] * (width - len(row))][:width]
    if not width:
        wanted = ", ".join(column.name for column in dataset.columns if column.required)
        raise ContractViolation(
            f"no line of sheet {sheet!r} holds the names of the columns {wanted}",
            dataset_id=dataset.id,
            request=raw.path.name,
        )


def _is_header(dataset: Dataset, row: list[str]) -> bool:
    printed = {slug(cell) for cell in row}
    return all(not printed.isdisjoint(column.header_slugs) for column in dataset.columns if column.required)


def _rows(dataset: Dataset, raw: RawFile, sheet: str) -> Iterator[list[str]]:
    """Yield the lines of a sheet as texts, numbers as they are written; an empty cell is an empty text."""
    with plain_reader(raw.path) as read:
        content = read(LARGEST_REPLY)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        if any(each.file_size > LARGEST_REPLY for each in book.infolist()):
            raise UnexpectedContent(
                f"a part of the workbook is larger than {LARGEST_REPLY:,} bytes",
                dataset_id=dataset.id,
                request=raw.path.name,
            )
        sheets = _sheets(book)
        if sheet not in sheets:
            raise UnexpectedContent(
                f"the workbook has no sheet {sheet!r}; it has {', '.join(sheets)}",
                dataset_id=dataset.id,
                request=raw.path.name,
            )
        shared = _shared(book)
        with book.open(sheets[sheet]) as stream:
            for _, element in ET.iterparse(stream):  # noqa: S314 - expat refuses entities that expand
                if element.tag == f"{_MAIN}row":
                    yield _cells(element, shared)
                    element.clear()


def _sheets(book: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the archive that each sheet is in, by its name."""
    relations = ET.fromstring(book.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    named = ET.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")  # noqa: S314
    return {
        each.get("name", ""): posixpath.normpath(posixpath.join("/xl", targets[each.get(_RELATION)])).lstrip("/")
        for each in named
    }


def _shared(book: zipfile.ZipFile) -> list[str]:
    """Return the texts that cells refer to by number."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    with book.open("xl/sharedStrings.xml") as stream:
        return [
            "".join(text.text or "" for text in element.iter(f"{_MAIN}t"))
            for _, element in ET.iterparse(stream)  # noqa: S314
            if element.tag == f"{_MAIN}si"
        ]


def _cells(row: ET.Element, shared: list[str]) -> list[str]:
    found: list[str] = []
    for cell in row.iter(f"{_MAIN}c"):
        # Cells that are empty may be left out: the others say where they stand.
        place = column_of(cell.get("r", "")) if cell.get("r") else len(found)
        found += [""] * (place + 1 - len(found))
        value = cell.findtext(f"{_MAIN}v") or ""
        if cell.get("t") == "s":
            value = shared[int(value)]
        elif cell.get("t") == "inlineStr":
            value = "".join(text.text or "" for text in cell.iter(f"{_MAIN}t"))
        found[place] = value.strip()
    return found


def column_of(reference: str) -> int:
    """Return the position of a cell in its line.

    >>> column_of("A1"), column_of("AB12")
    (0, 27)
    """
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
