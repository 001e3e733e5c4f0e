"""Workbooks (XLSX) of publishers, one sheet of which holds the rows: read as the CSV that they should have been.

INSEE's have a few titles above the names of the columns.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dataelec_assets import xlsx
from dataelec_assets.catalog import Dataset, slug
from dataelec_assets.errors import ContractViolation, UnexpectedContent
from dataelec_assets.lake.file_formats import RawFile, inspect, plain_reader
from dataelec_assets.limits import LARGEST_REPLY


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
        except xlsx.DAMAGED as error:
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
    """Yield the lines of a sheet as texts; an empty cell is an empty text."""
    with plain_reader(raw.path) as read:
        content = read(LARGEST_REPLY)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        if any(each.file_size > LARGEST_REPLY for each in book.infolist()):
            raise UnexpectedContent(
                f"a part of the workbook is larger than {LARGEST_REPLY:,} bytes",
                dataset_id=dataset.id,
                request=raw.path.name,
            )
        sheets = xlsx.sheets(book)
        if sheet not in sheets:
            raise UnexpectedContent(
                f"the workbook has no sheet {sheet!r}; it has {', '.join(sheets)}",
                dataset_id=dataset.id,
                request=raw.path.name,
            )
        for _, cells in xlsx.rows(book, sheets[sheet]):
            yield [cell.strip() for cell in cells]
