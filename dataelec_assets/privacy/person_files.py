"""Rows of a CSV or Parquet file about persons, read and written a batch at a time.

What is refused is refused without a word of its content: messages hold numbers of records, never a field.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from dataelec_assets.errors import FileRefused
from dataelec_assets.privacy.personal import PERSONAL_VALUE

BATCH_ROWS = 10_000

_DELIMITERS = ";,\t"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an open file.

    Attributes:
        schema: of the batches; all text for a CSV.
        batches: rows in their order; an empty cell of a CSV is null.
        delimiter: between the fields of a CSV; None for Parquet.
    """

    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]
    delimiter: str | None


@contextmanager
def open_rows(source: Path) -> Iterator[Rows]:
    """Give the rows of a CSV (UTF-8 or cp1252; semicolons, commas or tabs; a line of names) or of a Parquet file.

    Raises:
        FileRefused: the file cannot be read, now or while the batches are.
    """
    try:
        with source.open("rb") as stream:
            is_parquet = stream.read(4) == b"PAR1"
    except OSError as error:
        raise FileRefused(
            f"{source} cannot be read: {error.strerror or error}.", advice="Check the path and its rights."
        ) from error
    with (_open_parquet if is_parquet else _open_csv)(source) as rows:
        yield rows


def write_rows(target: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], delimiter: str | None) -> None:
    """Write rows as CSV in UTF-8, or as Parquet when there is no delimiter."""
    if delimiter is None:
        with pq.ParquetWriter(target, schema, compression="zstd") as file:
            for batch in batches:
                file.write_batch(batch)
        return
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
        writer.writerow(schema.names)
        for batch in batches:
            writer.writerows(zip(*(column.to_pylist() for column in batch.columns), strict=True))


@contextmanager
def _open_parquet(source: Path) -> Iterator[Rows]:
    # The reason of a fault is left out: it may quote the file.
    damaged = FileRefused(f"{source} is a damaged Parquet file.", advice="Fetch or export it again.")
    try:
        file = pq.ParquetFile(source)
    except (pa.ArrowException, OSError):
        raise damaged from None

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            yield from file.iter_batches(BATCH_ROWS)
        except (pa.ArrowException, OSError):
            raise damaged from None

    with file:
        yield Rows(file.schema_arrow, batches(), None)


@contextmanager
def _open_csv(source: Path) -> Iterator[Rows]:
    with source.open(encoding=_encoding_of(source), newline="") as stream:
        delimiter = _delimiter_of(source, stream)
        records = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            names = [name.strip() for name in next(records)]
        except csv.Error:
            raise _not_csv(source, 1) from None
        _check_names(source, names)
        schema = pa.schema([pa.field(name, pa.string()) for name in names])
        yield Rows(schema, _csv_batches(source, records, schema), delimiter)


def _csv_batches(source: Path, records: Iterator[list[str]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    checked = _checked(source, records, len(schema))
    while rows := list(islice(checked, BATCH_ROWS)):
        columns = [pa.array([each or None for each in column], pa.string()) for column in zip(*rows, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _checked(source: Path, records: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    """Give the records; one with a field too many would carry a value past the column that is treated."""
    number = 1
    while True:
        number += 1
        try:
            record = next(records, None)
        except csv.Error:
            raise _not_csv(source, number) from None
        if record is None:
            return
        if record and len(record) != width:
            raise FileRefused(
                f"{source}: record {number} has {len(record)} fields, and the first line {width} names.",
                advice="Mend the record: its values may stand in the wrong columns. Nothing was written.",
            )
        if record:  # an empty line has none
            yield record


def _not_csv(source: Path, number: int) -> FileRefused:
    return FileRefused(
        f"{source}: record {number} is not CSV (a stray quote, or a field above 128 kB).",
        advice="Mend the record. Nothing was written.",
    )


def _encoding_of(source: Path) -> str:
    """Return the encoding, found on all of the file: an accent may come after a million lines."""
    for encoding in ("utf-8", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with source.open("rb") as stream:
                while block := stream.read(1 << 20):
                    decoder.decode(block)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return "utf-8-sig" if encoding == "utf-8" else encoding
    raise FileRefused(f"{source} is neither UTF-8 nor cp1252.", advice="Save it as UTF-8.")


def _delimiter_of(source: Path, stream: IO[str]) -> str:
    header = stream.readline(csv.field_size_limit())
    if not header.strip():
        raise FileRefused(f"{source} has no first line with the names of the columns.", advice="Add it.")
    stream.seek(0)
    return max(_DELIMITERS, key=header.count)


def _check_names(source: Path, names: Sequence[str]) -> None:
    if not all(names) or any(re.search(PERSONAL_VALUE, name) for name in names):
        raise FileRefused(
            f"{source}: the first line does not hold the names of the columns.",
            advice="Add a first line with a name for each column.",
        )
