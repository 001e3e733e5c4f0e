"""Published files as their publisher would have revised them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dataelec_assets.database import connect


def view_of(data: Path, folder: Path) -> Path:
    """Return a folder that holds links to every file of ``data``, so that one of them can be replaced."""
    for path in data.rglob("*"):
        if path.is_file():
            link = folder / path.relative_to(data)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    return folder


def revise_parquet(path: Path, where: str, values: Mapping[str, object]) -> None:
    """Give the rows of a Parquet file that satisfy an SQL condition other values, of the same types."""
    draft = path.with_suffix(".revised")
    columns = ", ".join(f"CASE WHEN {where} THEN {value!r} ELSE {name} END AS {name}" for name, value in values.items())
    with connect() as connection:
        types = {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE FROM '{path}'").fetchall()}
        casts = ", ".join(f"CAST({name} AS {types[name]}) AS {name}" for name in values)
        select = f"SELECT * REPLACE ({casts}) FROM (SELECT * REPLACE ({columns}) FROM '{path}')"
        connection.execute(f"COPY ({select}) TO '{draft}' (FORMAT parquet)")
    draft.replace(path)


def revise_records(path: Path, is_meant: Callable[[dict[str, Any]], bool], values: Mapping[str, object]) -> int:
    """Give records of a gzipped file of API v1 other values; return how many were meant."""
    records = json.loads(gzip.decompress(path.read_bytes()))
    meant = [each["fields"] for each in records if is_meant(each["fields"])]
    for fields in meant:
        fields.update(values)
    path.unlink()  # a link to the published file
    path.write_bytes(gzip.compress(json.dumps(records, ensure_ascii=False).encode(), compresslevel=1))
    return len(meant)
