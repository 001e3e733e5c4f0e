"""The formats of an answer; CSV has a variant for French spreadsheets."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from dataelec_assets.serving.api import queries, workbooks
from dataelec_assets.serving.api.problems import Problem
from dataelec_assets.serving.api.schema import Column

# Rows per record batch and Parquet row group of a streamed table: about 5 MB of a wide table, held a few times over.
BATCH_ROWS = 25_000


class Format(StrEnum):
    """Formats, as ``?format=`` names them."""

    JSON = "json"
    CSV = "csv"
    CSV_FR = "csv-fr"
    PARQUET = "parquet"
    ARROW = "arrow"
    XLSX = "xlsx"
    GEOJSON = "geojson"


MEDIA_TYPES = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.CSV_FR: "text/csv; charset=utf-8; header=present",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.ARROW: "application/vnd.apache.arrow.stream",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.GEOJSON: "application/geo+json",
}

# Of those that are files of rows.
SUFFIXES = {
    Format.CSV: "csv",
    Format.CSV_FR: "csv",
    Format.PARQUET: "parquet",
    Format.ARROW: "arrows",
    Format.XLSX: "xlsx",
}

# Compressed already, or not worth it: their bytes are always the same.
COMPRESSED = {Format.PARQUET, Format.ARROW, Format.XLSX}
NEVER_GZIPPED = tuple(MEDIA_TYPES[each] for each in sorted(COMPRESSED))

_ACCEPTED = {
    "application/json": Format.JSON,
    "application/*": Format.JSON,
    "*/*": Format.JSON,
    "text/csv": Format.CSV,
    "text/*": Format.CSV,
    "application/vnd.apache.parquet": Format.PARQUET,
    "application/vnd.apache.arrow.stream": Format.ARROW,
    MEDIA_TYPES[Format.XLSX]: Format.XLSX,
    MEDIA_TYPES[Format.GEOJSON]: Format.GEOJSON,
}


def negotiate(asked: Format | None, accept: str | None) -> Format:
    """Return the format to answer in: ``?format=`` wins over the Accept header.

    Raises:
        Problem: the header accepts none of them.
    """
    if asked is not None:
        return asked
    if not accept or not accept.strip():
        return Format.JSON
    best: tuple[float, Format] | None = None
    for part in accept.split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = _quality(parameters)
        found = _ACCEPTED.get(media_type)
        if found is not None and quality > 0 and (best is None or quality > best[0]):
            best = quality, found
    if best is None:
        kinds = ", ".join(sorted({kind for kind in _ACCEPTED if "*" not in kind}))
        raise Problem(406, f"Accept ne permet aucun des formats proposés : {kinds}.")
    return best[1]


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def selection(chosen: Format, columns: Sequence[Column]) -> list[str]:
    """Return the SQL of the columns in this format."""
    if chosen in {Format.JSON, Format.GEOJSON}:
        return [queries.json_row(columns)]
    how = {Format.CSV: queries.written, Format.CSV_FR: queries.written_in_french}.get(chosen, queries.native)
    return [how(column) for column in columns]


def described(schema: pa.Schema, columns: Sequence[Column], about: dict[str, str]) -> pa.Schema:
    """Return the schema with units, meanings and the publication in its metadata."""
    known = {column.name: column for column in columns}
    fields = []
    for each in schema:
        column = known[each.name]
        notes = {"unite": column.unit, "description": column.description}
        fields.append(each.with_metadata({name: text for name, text in notes.items() if text}))
    return pa.schema(fields, metadata=about)


class Writer(Protocol):
    """Writes record batches into a sink."""

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Write one batch."""

    def close(self) -> None:
        """Write the end of the file."""


class _Sink(io.RawIOBase):
    """Collects what a writer writes until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _writer(chosen: Format, sink: _Sink, schema: pa.Schema) -> Writer:
    file: Writer
    if chosen is Format.PARQUET:
        file = pq.ParquetWriter(sink, schema, compression="zstd")
        return file
    if chosen is Format.ARROW:
        file = pa.ipc.new_stream(sink, schema)
        return file
    if chosen is Format.XLSX:
        return workbooks.Workbook(sink, schema)
    if chosen is Format.CSV_FR:
        sink.write("\N{ZERO WIDTH NO-BREAK SPACE}".encode())  # tells spreadsheets that it is UTF-8
    delimiter = ";" if chosen is Format.CSV_FR else ","
    file = pa_csv.CSVWriter(sink, schema, write_options=pa_csv.WriteOptions(delimiter=delimiter))
    return file


class Encoder:
    """Turns record batches into the bytes of a file.

    Args:
        chosen: any format but JSON.
        schema: of the batches.
        columns: with the same names.
        about: metadata of the file.
    """

    def __init__(self, chosen: Format, schema: pa.Schema, columns: Sequence[Column], about: dict[str, str]) -> None:
        self._schema = described(schema, columns, about)
        self._sink = _Sink()
        self._file = _writer(chosen, self._sink, self._schema)

    def encode(self, batch: pa.RecordBatch) -> bytes:
        """Return the bytes of this batch."""
        self._file.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=self._schema))
        return self._sink.take()

    def end(self) -> bytes:
        """Return the bytes that end the file."""
        self._file.close()
        return self._sink.take()


class TableStream:
    """All rows of a statement as the bytes of a file, part by part; never more than a batch in memory.

    Args:
        cursor: of its own; closed with the stream.
        sql, parameters: the statement.
        encoder: makes an encoder for a schema.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        sql: str,
        parameters: Sequence[Any],
        encoder: Callable[[pa.Schema], Encoder],
    ) -> None:
        self.cursor = cursor
        self._statement = sql, list(parameters)
        self._make_encoder = encoder
        self._open: tuple[Any, Encoder] | None = None  # Arrow's reader, which has no types
        self._ended = False

    def next_part(self) -> bytes:
        """Return the next bytes; none when the file has ended."""
        if self._ended:
            return b""
        if self._open is None:
            # A relation is read while it is computed; execute() first holds the whole result in memory.
            sql, parameters = self._statement
            reader: Any = self.cursor.sql(sql, params=parameters).to_arrow_reader(BATCH_ROWS)
            self._open = reader, self._make_encoder(reader.schema)
        reader, encoder = self._open
        part = b""
        while not part:
            try:
                part = encoder.encode(reader.read_next_batch())
            except StopIteration:
                self._ended = True
                return encoder.end()
        return part

    def close(self) -> None:
        """Release the statement, once nothing uses it any more."""
        self._open = None
        self.cursor.close()
