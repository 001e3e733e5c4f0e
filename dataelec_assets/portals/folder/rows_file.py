"""The rows of a data set between two steps: one Arrow file, cut into partitions, in an order of its own.

It lives from the look at a folder until its partitions are fetched: each is read alone, without the rows of another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from dataelec_assets.lake.arrow_reading import has_twins

if TYPE_CHECKING:
    import duckdb

PARTITION = "_partition"

# Rows of a batch, at most: a month of the largest data set has 18,000.
_BATCH = 1 << 16


def write_rows(con: duckdb.DuckDBPyConnection, query: str, key: Sequence[str], target: Path) -> bool:
    """Write the rows of ``query``, which come by ``key``; return whether no two of them share one.

    Args:
        con: connection on which it is run.
        query: SQL; its first column is ``_partition``.
        key: names of columns, ``_partition`` the first; none: nobody asks.
        target: the file; when the answer is no, it is not whole.

    Raises:
        OSError, duckdb.Error: the rows cannot be read, or the file not be written.
    """
    reader = con.sql(query).to_arrow_reader(_BATCH)
    # Packing it tighter would cost more than it saves.
    form = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.OSFile(str(target), "wb") as file, pa.ipc.new_file(file, reader.schema, options=form) as writer:
        last = reader.schema.empty_table().select(key)
        for batch in reader:
            if key:
                keys = pa.concat_tables([last, pa.Table.from_batches([batch]).select(key)]).combine_chunks()
                if has_twins(keys, key):
                    return False
                last = keys.slice(keys.num_rows - 1)
            for start, length in _runs(batch.column(0)):
                writer.write_batch(batch.slice(start, length))
    return True


def _runs(values: pa.Array) -> Iterator[tuple[int, int]]:
    """Yield where each run of equal texts begins and how long it is."""
    import pyarrow.compute as pc

    start = 0
    for end in pc.run_end_encode(values).run_ends.to_pylist():
        yield start, end - start
        start = end


@dataclass(frozen=True)
class RowsFile:
    """A file that :func:`write_rows` has written; several threads may read it."""

    path: Path

    @cached_property
    def _batches(self) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        only_key = pa.ipc.IpcReadOptions(included_fields=[0], use_threads=False)
        with pa.memory_map(str(self.path)) as file, pa.ipc.open_file(file, options=only_key) as reader:
            for number in range(reader.num_record_batches):
                found[reader.get_batch(number).column(0)[0].as_py()].append(number)
        return dict(found)

    def read(self, key: str) -> tuple[list[str], list[pa.RecordBatch]]:
        """Return the names of the columns, in order, and the rows of a partition; none when it is not there.

        Raises:
            OSError, pyarrow.ArrowException: the file cannot be read.
        """
        form = pa.ipc.IpcReadOptions(use_threads=False)
        with pa.memory_map(str(self.path)) as file, pa.ipc.open_file(file, options=form) as reader:
            names = list(reader.schema.names[1:])
            return names, [reader.get_batch(number).select(names) for number in self._batches.get(key, ())]
