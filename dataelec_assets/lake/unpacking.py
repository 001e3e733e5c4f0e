"""Files that raw keeps compressed and that cannot be read sequentially."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dataelec_assets.lake.file_formats import RawFile

if TYPE_CHECKING:
    import duckdb


@contextmanager
def readable(cursor: duckdb.DuckDBPyConnection, raw: RawFile) -> Iterator[RawFile]:
    """Give a Parquet file of raw uncompressed while it is read; any other file as it is.

    A Parquet file has its index at its end, which cannot be reached in a compressed stream. The plain copy lies in the
    folder into which the connection spills.
    """
    if raw.format != "parquet" or raw.path.suffix != ".zst":
        yield raw
        return
    import pyarrow as pa

    ((spill,),) = cursor.execute("SELECT current_setting('temp_directory')").fetchall()
    beside = Path(spill).parent
    with TemporaryDirectory(dir=beside if beside.is_absolute() and beside.is_dir() else None) as folder:
        plain = Path(folder) / "plain.parquet"
        with pa.input_stream(str(raw.path), compression="zstd") as packed, plain.open("wb") as target:
            shutil.copyfileobj(packed, target, 1 << 20)
        yield replace(raw, path=plain)
