"""Read a data file, whatever its shape, into a DuckDB table of texts.

Everything is read as text: the same column is a number in one file and a text in the next.
"""

from __future__ import annotations

import csv
import gzip
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, cast

import duckdb
import pyarrow as pa
from pyarrow import csv as arrow_csv

from dataelec_assets.errors import ContractViolation, SourceError, UnexpectedContent
from dataelec_assets.lake.file_formats import encoding_of
from dataelec_assets.portals.folder.fields import literal, quoted

# What DuckDB, pyarrow, and Python's own readers raise of files that are not what they seem.
_UNREADABLE = (
    duckdb.Error,
    pa.ArrowException,
    OSError,
    EOFError,
    ValueError,
    csv.Error,
    zlib.error,
    zipfile.BadZipFile,
)


# Texts that an archive may hold.
_ZIPPED = (".csv", ".tsv", ".xls")

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Staged:
    """What was read of one file.

    Attributes:
        query: SQL that yields its rows, every column a text, headers as printed.
        headers: the headers, in the order of the file.
        source: SQL that yields its rows as they lie in the file; empty where they are texts there.
        kinds: of each header, the type (DuckDB's) in ``source``; None where all are texts.
    """

    query: str
    headers: tuple[str, ...]
    source: str = ""
    kinds: Mapping[str, str] | None = None


def stage_file(con: duckdb.DuckDBPyConnection, dataset_id: str, path: Path) -> Staged:
    """Prepare ``path`` for reading on ``con``.

    CSV: any of ``; , TAB |``, UTF-8 with or without BOM, else Windows-1252. ``.xls``: the tab-separated texts of RTE.
    JSON: an array of flat objects, or of API v1 records (``fields`` with nulls left out), or one object per line.
    All but Parquet may be gzipped; texts may also be zipped, one in each archive, as RTE publishes them.

    Raises:
        UnexpectedContent: the file cannot be read; the message names it.
    """
    try:
        if path.suffix == ".parquet":
            return _stage_parquet(con, path)
        if path.name.removesuffix(".gz").endswith((".json", ".jsonl")):
            return _stage_json(con, path)
        if path.suffix == ".zip":
            with TemporaryDirectory() as folder:
                return _stage_csv(con, dataset_id, _unpacked(path, Path(folder)))
        return _stage_csv(con, dataset_id, path)
    except SourceError:
        raise
    except (*_UNREADABLE, StopIteration) as error:
        raise _unreadable(dataset_id, path, f"{error}") from error


def _unreadable(dataset_id: str, path: Path, reason: str) -> UnexpectedContent:
    return UnexpectedContent(
        f"{path.name} cannot be read: {reason}",
        dataset_id=dataset_id,
        request=str(path),
        advice="Remove or repair the file; the other data sets are not affected.",
    )


def _stage_parquet(con: duckdb.DuckDBPyConnection, path: Path) -> Staged:
    source = f"read_parquet({literal(str(path))})"
    kinds = {str(name): str(kind) for name, kind, *_ in con.execute(f"DESCRIBE FROM {source}").fetchall()}
    columns = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in kinds)
    return Staged(f"SELECT {columns} FROM {source}", tuple(kinds), source, kinds)


def _stage_json(con: duckdb.DuckDBPyConnection, path: Path) -> Staged:
    form = "newline_delimited" if ".jsonl" in path.name else "array"
    objects = f"read_json_objects({literal(str(path))}, format='{form}')"
    first = con.execute(f"SELECT json_keys(json), json_keys(json->'fields') FROM {objects} LIMIT 1").fetchone()
    if first is None:
        return Staged("SELECT 1 WHERE false", ())
    is_v1 = "fields" in first[0] and "recordid" in first[0]
    holder = "json->'fields'" if is_v1 else "json"
    # A v1 record leaves nulls out: only the whole file tells which fields there are.
    found = con.execute(f"SELECT DISTINCT unnest(json_keys({holder})) FROM {objects} ORDER BY 1").fetchall()
    keys = list(dict.fromkeys([*first[1 if is_v1 else 0], *(str(key) for (key,) in found)]))
    # One extraction of all the values costs half of what `read_json` needs to build a struct of them.
    paths = ", ".join(literal(f'$.{"fields." if is_v1 else ""}"{key}"') for key in keys)
    columns = ", ".join(f"v[{number}] AS {quoted(key)}" for number, key in enumerate(keys, 1))
    query = f"SELECT {columns} FROM (SELECT json_extract_string(json, [{paths}]) AS v FROM {objects})"
    return Staged(query, tuple(keys))


def _stage_csv(con: duckdb.DuckDBPyConnection, dataset_id: str, path: Path) -> Staged:
    encoding = _encoding(dataset_id, path)
    with _opened(path) as stream:
        first_line = stream.readline().decode(encoding)
    delimiter = max(";,\t|", key=first_line.count)
    printed = next(csv.reader([first_line], delimiter=delimiter))
    # The data lines of RTE's .xls have one TAB more than their header.
    names = [f"{number}:{header}" for number, header in enumerate(printed)]
    padding = [f"{len(names)}:"] if path.name.removesuffix(".gz").endswith(".xls") else []
    with _opened(path) as stream:
        table = arrow_csv.read_csv(
            stream,
            read_options=arrow_csv.ReadOptions(
                column_names=names + padding, skip_rows=1, encoding="utf8" if encoding == "utf-8-sig" else encoding
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=_skip_legal_notice
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names + padding, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        )
    con.register("staged_csv", table)
    kept = {name: header for name, header in zip(names, printed, strict=True) if header.strip()}
    if not kept:
        raise ValueError("its first line names no column")
    columns = ", ".join(f"{quoted(name)} AS {quoted(header)}" for name, header in _unique(kept).items())
    return Staged(f"SELECT {columns} FROM staged_csv", tuple(_unique(kept).values()))


def _unique(kept: dict[str, str]) -> dict[str, str]:
    """Number the headers that come twice; the first stays as it is."""
    seen: dict[str, int] = {}
    unique = {}
    for name, header in kept.items():
        count = seen[header.lower()] = seen.get(header.lower(), 0) + 1
        unique[name] = header if count == 1 else f"{header} {count}"
    return unique


def _skip_legal_notice(row: arrow_csv.InvalidRow) -> str:
    """Skip a line of another width: the legal notice that closes RTE's files."""
    return "skip" if row.actual_columns == 1 else "error"


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def _unpacked(path: Path, folder: Path) -> Path:
    """Return the one text of an archive, unpacked into ``folder``."""
    with zipfile.ZipFile(path) as archive:
        names = [info for info in archive.infolist() if info.filename.lower().endswith(_ZIPPED)]
        if len(names) != 1:
            raise ValueError(
                f"the archive holds {len(names) or 'no'} files that end in {', '.join(_ZIPPED)}; one is wanted"
            )
        target = folder / Path(names[0].filename).name
        with archive.open(names[0]) as member, target.open("wb") as text:
            shutil.copyfileobj(member, text, _BLOCK)
    return target


def _encoding(dataset_id: str, path: Path) -> str:
    """Return ``utf-8-sig`` when the whole file is UTF-8, else ``cp1252``, which holds all of French latin-1.

    Raises:
        UnexpectedContent: it is UTF-8 but for a few bytes; read otherwise, all of its accents would be wrong.
    """
    try:
        return "utf-8-sig" if encoding_of(dataset_id, path, "\n") == "utf-8" else "cp1252"
    except ContractViolation as error:
        raise _unreadable(dataset_id, path, error.what) from error
