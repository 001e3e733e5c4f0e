"""Files in the shapes in which the portal's exports are found: CSV of several kinds, JSON, API v1 records, Parquet.

The bytes depend on the rows alone: no clock, no machine, no path enters a file.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from dataelec_assets.catalog import Dataset

# The platform's own writer cuts its exports into groups of 20,000 rows; groups of 100,000 are faster to read and write,
# and nothing depends on their size.
_ROW_GROUP = 100_000
_ARROW = {
    "text": pa.string(),
    "int": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "datetime": pa.timestamp("ms", tz="UTC"),
}


def repeated(values: Sequence[str], chosen: NDArray[Any], *, null: NDArray[np.bool_] | None = None) -> Any:
    """Return an Arrow text array that picks from a few ``values``; ``chosen`` holds their positions."""
    mask = None if null is None else null.ravel()
    positions = pa.array(chosen.ravel().astype(np.int32), mask=mask)
    return pa.DictionaryArray.from_arrays(positions, pa.array(values, pa.string()))


def positions(shape: tuple[int, ...]) -> list[NDArray[np.int64]]:
    """Return, for each axis, where an element is along it, as views of the whole ``shape``."""
    return [
        np.broadcast_to(np.expand_dims(np.arange(size), [other for other in range(len(shape)) if other != axis]), shape)
        for axis, size in enumerate(shape)
    ]


def assemble(dataset: Dataset, columns: Mapping[str, Any]) -> Any:
    """Return an Arrow table with the catalogue's names, order and portal types.

    Args:
        dataset: the catalogue entry.
        columns: Arrow arrays by name. Optional columns of the catalogue may be left out.

    Raises:
        KeyError: a required column is missing, or a column is unknown to the catalogue.
    """
    unknown = columns.keys() - set(dataset.column_names)
    missing = {column.name for column in dataset.columns if column.required} - columns.keys()
    if unknown or missing:
        raise KeyError(f"{dataset.id}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    arrays = {}
    for column in dataset.columns:
        if column.name in columns:
            array, wanted = columns[column.name], _ARROW[column.portal_type]
            is_text = pa.types.is_dictionary(array.type) and column.portal_type == "text"
            arrays[column.name] = array if is_text or array.type == wanted else array.cast(wanted)
    return pa.table(arrays)


def with_first(table: Any, *names: str) -> Any:
    """Return the columns with ``names`` first, in the order of the published files rather than of the catalogue."""
    return table.select([*names, *(name for name in table.column_names if name not in names)])


def two_runs(table: Any) -> Any:
    """Return the rows with the second half first: published exports are several sorted runs, not one."""
    half = table.num_rows // 2
    return pa.concat_tables([table.slice(half), table.slice(0, half)])


class ParquetFile:
    """A Parquet export that is written table after table, so that a long history needs little memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._writer: Any = None

    def write(self, table: Any) -> None:
        """Append the rows of ``table``; nothing happens when it has none."""
        if table.num_rows == 0:
            return
        if self._writer is None:
            # Without the Arrow schema in the footer, texts held as dictionaries are read back as plain texts.
            self._writer = pq.ParquetWriter(self.path, table.schema, compression="snappy", store_schema=False)
        self._writer.write_table(table, row_group_size=_ROW_GROUP)
        self.rows += int(table.num_rows)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()


def write_csv(
    path: Path, dataset: Dataset, table: Any, *, encoding: str = "utf-8", end: str = "\n", labels: bool = True
) -> None:
    """Write a ``;`` CSV.

    Args:
        path: file.
        dataset: entry that gives the labels.
        table: rows; instants are printed in UTC.
        encoding: ``utf-8``, ``utf-8-sig`` (with BOM) or ``latin-1``.
        end: end of lines.
        labels: whether the header holds labels, else technical names.
    """
    names = [(dataset.column(name).labels or (name,))[0] if labels else name for name in table.column_names]
    body = io.BytesIO()
    plain = pa.table({name: _printable(table[name]) for name in table.column_names})
    # Quotes are never needed: no published text holds a semicolon, a quote or a line end.
    pacsv.write_csv(plain, body, pacsv.WriteOptions(include_header=False, delimiter=";", quoting_style="none"))
    text = ";".join(names) + "\n" + body.getvalue().decode()
    path.write_bytes(text.replace("\n", end).encode(encoding))


def _printable(column: Any) -> Any:
    if pa.types.is_dictionary(column.type):
        return column.cast(pa.string())
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column.cast(pa.timestamp("s", tz="UTC")), format="%Y-%m-%dT%H:%M:%S+00:00")
    return column.cast(pa.string()) if pa.types.is_date(column.type) else column


def _dictionaries(table: Any) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows in chunks, so that a long history needs little memory."""
    plain = pa.table({name: _printable(table[name]) for name in table.column_names})
    for batch in plain.to_batches(max_chunksize=20_000):
        columns = [column.to_pylist() for column in batch.columns]
        yield [dict(zip(plain.column_names, row, strict=True)) for row in zip(*columns, strict=True)]


def write_json(path: Path, table: Any) -> None:
    """Write one JSON array of flat objects, as the export does; dates are ISO texts."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        before = "["
        for rows in _dictionaries(table):
            file.write(before + json.dumps(rows, ensure_ascii=False, separators=(",", ":"))[1:-1])
            before = ","
        file.write("]" if before == "," else "[]")


def write_records(path: Path, dataset: Dataset, table: Any, processed: datetime) -> None:
    """Write the gzip of one JSON array of API v1 records; a null is an absent key."""
    records = [
        {
            "datasetid": dataset.id,
            "recordid": hashlib.sha1(repr(sorted(row.items())).encode(), usedforsecurity=False).hexdigest(),
            "fields": {name: value for name, value in row.items() if value is not None},
            "record_timestamp": processed.isoformat(),
        }
        for rows in _dictionaries(table)
        for row in rows
    ]
    text = json.dumps(records, ensure_ascii=False, separators=(",", ":"))
    # A fixed time in the gzip header: the same rows give the same bytes.
    path.write_bytes(gzip.compress(text.encode(), compresslevel=6, mtime=0))
