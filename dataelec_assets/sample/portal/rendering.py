"""How values are written: JSON, CSV and Parquet, made by DuckDB, a whole line or batch at a time."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import duckdb
import pyarrow as pa
from pyarrow import parquet

from dataelec_assets.portals.folder.fields import literal
from dataelec_assets.sample.portal.compiled import Expression, Request
from dataelec_assets.sample.portal.queries import Query

ParquetDatetime = Literal["naive", "utc", "timezone"]

# Rows per batch of text and per Parquet row group: the row groups of a genuine export hold 20,000 rows.
BATCH_ROWS = 20_000

# Kind of a whole number that is written with 32 bits.
_NARROW = "int32"

# Fast rather than small: the wire is a loopback interface.
_GZIP_LEVEL = 1
_GZIP_WINDOW = 31  # 15 bits of window and a gzip header


def text_of_instant(request: Request, sql: str) -> str:
    """Return SQL for the instant ``sql`` as ISO 8601 with the offset of the request's zone, no fraction."""
    local = request.local(sql)
    stamp = f"strftime({local}, '%Y-%m-%dT%H:%M:%S')"
    if request.timezone.key == "UTC":
        return f"{stamp} || '+00:00'"
    offset = f"date_diff('minute', {sql}, {local})"
    sign = f"CASE WHEN {offset} < 0 THEN '-' ELSE '+' END"
    return f"{stamp} || {sign} || format('{{:02d}}:{{:02d}}', abs({offset}) // 60, abs({offset}) % 60)"


def json_value(request: Request, value: Expression) -> str:
    """Return SQL for ``value`` as DuckDB's ``to_json`` should write it."""
    if value.type == "datetime":
        return text_of_instant(request, value.sql)
    if value.type == "date":
        return f"strftime({value.sql}, '%Y-%m-%d')"
    return value.sql


def json_line(query: Query) -> str:
    """Return SQL for one row as a JSON object, nulls included."""
    members = (f"{literal(name)}: {json_value(query.request, each)}" for name, each in query.columns.items())
    return f"CAST(to_json({{{', '.join(members)}}}) AS VARCHAR)"


@dataclass(frozen=True, slots=True)
class CsvForm:
    """The CSV parameters of an export."""

    delimiter: str = ";"
    quote_all: bool = False
    with_bom: bool = True
    quote_texts: bool = False
    line_end: str = "\r\n"

    def cell(self, text: str) -> str:
        """Return ``text`` as a cell, quoted when it has to be."""
        if self.quote_all or self.quote_texts or any(mark in text for mark in (self.delimiter, '"', "\n", "\r")):
            return '"' + text.replace('"', '""') + '"'
        return text

    def header(self, names: Iterator[str]) -> bytes:
        """Return the header line, after the byte-order mark."""
        bom = "\ufeff" if self.with_bom else ""
        return (bom + self.delimiter.join(self.cell(name) for name in names) + self.line_end).encode()

    def value(self, request: Request, value: Expression) -> str:
        """Return SQL for ``value`` as a cell; a null is left out by ``concat``, which makes it empty."""
        if value.type == "geo_point_2d":
            sql = f"({value.sql}).lat || ', ' || ({value.sql}).lon"
        elif value.type in ("text", "string"):
            sql = value.sql
        else:
            sql = f"CAST({json_value(request, value)} AS VARCHAR)"
        quoting = f"'\"' || replace({sql}, '\"', '\"\"') || '\"'"
        if self.quote_all:
            return f"coalesce({quoting}, '\"\"')"
        if self.quote_texts and value.type in ("text", "string", "date", "datetime"):
            return quoting
        if value.type in ("text", "string", "geo_point_2d"):
            marks = " OR ".join(
                f"contains({sql}, {mark})" for mark in (literal(self.delimiter), "'\"'", "chr(10)", "chr(13)")
            )
            sql = f"CASE WHEN {marks} THEN {quoting} ELSE {sql} END"
        return sql

    def line(self, query: Query) -> str:
        """Return SQL for one row as a line."""
        separator = f", {literal(self.delimiter)}, "
        cells = separator.join(self.value(query.request, each) for each in query.columns.values())
        ends = ", ".join(f"chr({ord(character)})" for character in self.line_end)
        return f"concat({cells}, {ends})"


def stream_lines(cursor: duckdb.DuckDBPyConnection, sql: str, request: Request) -> Iterator[bytes]:
    """Return the single text column of ``sql``, rows joined, in batches; a wrong query fails here, not midway."""
    return _joined(cursor.sql(sql, params=request.used(sql)))


def _joined(relation: duckdb.DuckDBPyRelation) -> Iterator[bytes]:
    """Yield batches: the rows of an Arrow text column lie one after the other, so each is one copy, not a loop."""
    for batch in relation.to_arrow_reader(BATCH_ROWS):
        column = batch.column(0)
        offsets = memoryview(column.buffers()[1]).cast("i")
        first, last = offsets[column.offset], offsets[column.offset + len(column)]
        yield bytes(memoryview(column.buffers()[2])[first:last]) if last > first else b""


def as_array(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a JSON array, one object a line, of rows that each start with a comma."""
    yield b"["
    is_first = True
    for chunk in chunks:
        yield chunk[1:] if is_first else chunk
        is_first = False
    yield b"\n]"


class _Sink(io.RawIOBase):
    """A file that forgets what was taken from it, but not how much was written."""

    def __init__(self) -> None:
        self.written = 0
        self.pending: list[bytes] = []

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.written

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]
        self.pending.append(piece)
        self.written += len(piece)
        return len(piece)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        taken, self.pending = b"".join(self.pending), []
        return taken


def stream_parquet(
    cursor: duckdb.DuckDBPyConnection,
    query: Query,
    tail: str,
    *,
    names: list[str],
    compression: str,
    datetimes: ParquetDatetime,
    narrow_integers: bool = False,
) -> Iterator[bytes]:
    """Return a Parquet file in row groups of 20,000 rows.

    Text is String, int is INT64 (INT32 when narrow), date is Date, an instant is a timestamp in milliseconds, naive
    (UTC), UTC or in the zone of the request; a point is WKB.
    """
    sql = query.selecting([f"{each.sql} AS c{n}" for n, each in enumerate(query.columns.values())], tail)
    relation = cursor.sql(sql, params=query.request.used(sql))
    zone = {"naive": None, "utc": "UTC", "timezone": query.request.timezone.key}[datetimes]
    kinds = [each.type for each in query.columns.values()]
    if narrow_integers:
        kinds = [_NARROW if kind == "int" else kind for kind in kinds]
    return _parquet_bytes(relation, names, kinds, compression, zone)


def _parquet_bytes(
    relation: duckdb.DuckDBPyRelation, names: list[str], kinds: list[str], compression: str, zone: str | None
) -> Iterator[bytes]:
    reader = relation.to_arrow_reader(BATCH_ROWS)
    schema = pa.schema(
        [
            (name, _arrow_type(kind, field.type, zone))
            for name, kind, field in zip(names, kinds, reader.schema, strict=True)
        ]
    )
    sink = _Sink()
    with parquet.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, version="2.6", compression=compression) as writer:
        for group in _row_groups(reader):
            arrays = [
                _arrow_array(column, kind, field.type)
                for column, kind, field in zip(group.columns, kinds, schema, strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema), row_group_size=BATCH_ROWS)
            yield sink.take()
    yield sink.take()


def _row_groups(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Yield tables of exactly ``BATCH_ROWS`` rows, the last one shorter; the reader's batches are of any size."""
    pending: list[pa.RecordBatch] = []
    for batch in reader:
        pending.append(batch)
        while sum(each.num_rows for each in pending) >= BATCH_ROWS:
            table = pa.Table.from_batches(pending)
            yield table.slice(0, BATCH_ROWS)
            pending = table.slice(BATCH_ROWS).to_batches()
    if any(batch.num_rows for batch in pending):
        yield pa.Table.from_batches(pending)


def _arrow_type(kind: str, found: pa.DataType, zone: str | None) -> pa.DataType:
    if kind == "datetime":
        return pa.timestamp("ms", tz=zone)
    if kind == _NARROW:
        return pa.int32()
    return pa.binary() if kind == "geo_point_2d" else found


def _arrow_array(column: pa.ChunkedArray, kind: str, wanted: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if kind == "geo_point_2d":
        points = [
            None if point is None else struct.pack("<BIdd", 1, 1, point["lon"], point["lat"])
            for point in column.to_pylist()
        ]
        return pa.array(points, pa.binary())
    if kind == _NARROW:
        return column.cast(wanted)
    return column.cast(pa.timestamp("ms")).cast(wanted) if kind == "datetime" else column


def gzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Compress ``chunks`` as one gzip member, without time stamp: equal data gives equal bytes."""
    packer = zlib.compressobj(_GZIP_LEVEL, wbits=_GZIP_WINDOW)
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()


def after(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield ``first``, then ``chunks``."""
    yield first
    yield from chunks


def closing(cursor: duckdb.DuckDBPyConnection, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield ``chunks``, then close the cursor that they come from."""
    with cursor:
        yield from chunks
