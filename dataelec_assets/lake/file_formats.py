"""Recognises a published file: its format, its encoding, and the header of each contracted column.

Longer than 300 lines because all that decides how a file is read stands together, each question after the one before.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from dataelec_assets.catalog import Dataset, slug
from dataelec_assets.errors import ContractViolation, IncompleteExport, UnexpectedContent
from dataelec_assets.lake.year_columns import melted_columns, year_headers
from dataelec_assets.limits import LONGEST_HEADER, MOST_COLUMNS

FileFormat = Literal["csv", "json", "records-v1", "parquet", "workbook"]

# Enough for the first line, and for the first object of a JSON array.
_HEAD_BYTES = LONGEST_HEADER

# Plain bytes that are held in memory: the largest month of the catalogue has 10 MB; a larger file is streamed.
MOST_BYTES = 64 * 1024**2

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class RawFile:
    """A published file: where it is and how it is written.

    Attributes:
        path: the file, possibly compressed (``.gz``, ``.zst``).
        format: ``csv``, ``json`` (array of flat objects), ``records-v1`` (array of API v1
            records), ``parquet``, or ``workbook`` (XLSX; :mod:`dataelec_assets.lake.workbooks`).
        encoding: ``utf-8``, ``latin-1``, or ``cp1252`` where some byte exists in that one alone (CSV only).
        header: names as printed in the file; empty where the format has no header.
        delimiter: between the fields of a CSV line.
        stamp: the portal's version of this state (ISO), for a data set that is stamped by it.
        new_line: how the lines of a CSV end: LF, with or without CR, or CR alone.
        content: its plain bytes, of a CSV that is small enough to be held in memory; None: they are in the file only.
    """

    path: Path
    format: FileFormat
    encoding: str = "utf-8"
    header: tuple[str, ...] = ()
    delimiter: str = ";"
    stamp: str | None = None
    new_line: str = "\n"
    content: bytes | None = field(default=None, repr=False, compare=False)


@contextmanager
def plain_reader(path: Path) -> Iterator[Callable[[int], bytes]]:
    """Give a function that reads a number of plain bytes of a file, which may be compressed."""
    if path.suffix == ".zst":
        import pyarrow as pa

        with pa.input_stream(str(path), compression="zstd") as stream:
            yield lambda size: bytes(stream.read(size))
    elif path.suffix == ".gz":
        with gzip.open(path) as unzipped:
            yield unzipped.read
    else:
        with path.open("rb") as plain:
            yield plain.read


def _whole(path: Path) -> bytes | None:
    """Return the plain bytes of a file; None when there are more than ``MOST_BYTES``."""
    blocks, size = [], 0
    with plain_reader(path) as read:
        while block := read(_BLOCK):
            blocks.append(block)
            size += len(block)
            if size > MOST_BYTES:
                return None
    return b"".join(blocks)


# Whole byte order marks: a single one of their bytes may begin a letter.
_BEFORE_CONTENT = re.compile(rb"\A(?:\xef\xbb\xbf|[ \t\r\n])+")

# What bytes that are not UTF-8 become.
_STRAY = re.compile("[\udc80-\udcff]")
# Among them, letters and quotes of cp1252 (``œ``, ``’``) that latin-1 does not print.
_WINDOWS = re.compile("[\udc80-\udc9f]")


def _is_utf8(path: Path, content: bytes | None) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        if content is not None:
            return content.isascii() or bool(content.decode("utf-8"))
        with plain_reader(path) as read:
            while block := read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def encoding_of(dataset_id: str, path: Path, new_line: str, content: bytes | None = None) -> str:
    """Return the encoding of a CSV, found on all of it: an accent may come after a million lines.

    A text in cp1252 hardly ever holds two bytes that form a letter of UTF-8, and a text in UTF-8 holds nothing else.

    Args:
        dataset_id: its data set.
        path: the file.
        new_line: how its lines end.
        content: its plain bytes, where they have been read.

    Raises:
        ContractViolation: it is UTF-8 except for a few bytes; in another encoding all of its accents would be wrong.
    """
    if _is_utf8(path, content):
        return "utf-8"
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    letters = strays = lines = 0
    is_windows = False
    first = ""
    with plain_reader(path) as read:
        while block := read(_BLOCK):
            text = decoder.decode(block)
            if not text.isascii():
                found = _STRAY.findall(text)
                if found and not strays:
                    line = lines + text.count(new_line, 0, text.index(found[0])) + 1
                    first = f"byte 0x{ord(found[0]) - 0xDC00:02X} of line {line}"
                strays += len(found)
                is_windows = is_windows or _WINDOWS.search(text) is not None
                letters += len(text) - len(text.encode("ascii", "ignore")) - len(found)
            lines += text.count(new_line)
    # A letter cut by the end of the file is a stray byte too.
    strays += len(decoder.decode(b"", final=True))
    if strays and letters >= strays:
        raise ContractViolation(
            f"{strays} byte(s) are not UTF-8, as the rest of the file is; the first is {first or 'the last one'}",
            dataset_id=dataset_id,
            request=path.name,
        )
    return ("cp1252" if is_windows else "latin-1") if strays else "utf-8"


@contextmanager
def in_a_known_encoding(dataset_id: str, raw: RawFile) -> Iterator[RawFile]:
    """Give a file that the engine can decode: itself, or a UTF-8 copy of one in cp1252, which the engine cannot read.

    Raises:
        ContractViolation: a byte does not exist in cp1252.
    """
    if raw.encoding != "cp1252":
        yield raw
        return
    with TemporaryDirectory(prefix="dataelec-") as folder:
        copy = Path(folder) / raw.path.name.removesuffix(".zst").removesuffix(".gz")
        with plain_reader(raw.path) as read, copy.open("wb") as written:
            try:
                while block := read(_BLOCK):
                    written.write(block.decode("cp1252").encode())
            except UnicodeDecodeError as error:
                raise ContractViolation(
                    f"byte 0x{error.object[error.start]:02X} is neither UTF-8 nor cp1252, as the rest of the file is",
                    dataset_id=dataset_id,
                    request=raw.path.name,
                ) from error
        yield replace(raw, path=copy, encoding="utf-8", content=None)


def inspect(dataset_id: str, path: Path) -> RawFile:
    """Return what kind of file ``path`` is, from its first bytes; the encoding of a CSV from all of them.

    Raises:
        ContractViolation: a CSV is UTF-8 except for a few bytes.
        UnexpectedContent: the file is HTML, a JSON error object, or unknown.
        IncompleteExport: the file is empty.
    """
    with plain_reader(path) as read:
        head = read(_HEAD_BYTES)
    start = _BEFORE_CONTENT.sub(b"", head)
    if not start:
        raise IncompleteExport("the file is empty", dataset_id=dataset_id, request=path.name)
    if start.startswith(b"PAR1"):
        return RawFile(path, "parquet")
    if start.startswith(b"PK\x03\x04"):
        return RawFile(path, "workbook")
    if start.startswith(b"<"):
        raise UnexpectedContent("HTML where data was expected", dataset_id=dataset_id, request=path.name)
    if start.startswith(b"{"):
        raise UnexpectedContent(
            f"a JSON object where data was expected: {start[:200].decode('utf-8', 'replace')}",
            dataset_id=dataset_id,
            request=path.name,
        )
    if start.startswith(b"["):
        is_v1 = b'"fields"' in start and b'"recordid"' in start
        return RawFile(path, "records-v1" if is_v1 else "json", header=() if is_v1 else _first_keys(start))
    # Macintosh programs end lines with CR alone.
    new_line = "\r" if b"\n" not in head and b"\r" in head else "\n"
    first_line = start.split(new_line.encode(), 1)[0].rstrip(b"\r")
    if len(head) == _HEAD_BYTES and len(first_line) >= len(start.rstrip(b"\r")):
        raise ContractViolation(
            f"its first line, the names of the columns, is longer than {LONGEST_HEADER:,} bytes",
            dataset_id=dataset_id,
            request=path.name,
        )
    content = _whole(path)
    encoding = encoding_of(dataset_id, path, new_line, content)
    printed = first_line.decode(encoding, "replace")
    # INSEE separates by commas, data-fair by either.
    delimiter = max(";,", key=printed.count)
    try:
        header = tuple(name.strip().strip('"') for name in next(csv.reader([printed], delimiter=delimiter)))
    except csv.Error as error:
        raise ContractViolation(
            f"its first line does not hold the names of the columns ({error})",
            dataset_id=dataset_id,
            request=path.name,
        ) from error
    _check_width(dataset_id, path, header)
    return RawFile(path, "csv", encoding, header, delimiter, new_line=new_line, content=content)


def _first_keys(start: bytes) -> tuple[str, ...]:
    """Return the keys of the first object of a JSON array (exports print every key, nulls included)."""
    try:
        first, _ = json.JSONDecoder().raw_decode(start[1:].decode("utf-8", "ignore").lstrip())
    except (ValueError, RecursionError):
        return ()
    return tuple(first) if isinstance(first, dict) else ()


def resolve_header(dataset: Dataset, raw: RawFile) -> dict[str, str]:
    """Return which header of the file holds each contracted column: ``{column: header}``.

    Raises:
        ContractViolation: a required column is missing, or the columns belong to no known generation or to several; the
        message lists those of the file.
    """
    by_slug = {slug(name): name for name in raw.header}
    found: dict[str, str] = {}
    of_years = melted_columns(dataset, raw.header)
    for column in dataset.columns:
        if column.name == dataset.stamped_by:
            continue
        header = next((by_slug[each] for each in column.header_slugs if each in by_slug), None)
        if header is not None:
            found[column.name] = header
        elif column.required and column.name not in of_years:
            raise ContractViolation(
                f"column {column.name!r} is missing; the file has {', '.join(raw.header)}.",
                dataset_id=dataset.id,
                column=column.name,
                request=raw.path.name,
            )
    if dataset.header_sets:
        _check_generation(dataset, raw, set(found))
    return found


def _check_generation(dataset: Dataset, raw: RawFile, found: set[str]) -> None:
    missing = [[name for name in names if name not in found] for names in dataset.header_sets]
    if missing.count([]) == 1:
        return
    lacks = " or ".join(", ".join(map(repr, names)) for names in missing)
    reason = "two generations of headers are mixed" if [] in missing else f"missing: {lacks}"
    raise ContractViolation(
        f"the columns are those of none of {len(missing)} known generations ({reason}); "
        f"the file has {', '.join(raw.header)}.",
        dataset_id=dataset.id,
        request=raw.path.name,
    )


def parquet_header(dataset: Dataset, path: Path) -> tuple[str, ...]:
    """Return the names of the columns of a Parquet file.

    Raises:
        IncompleteExport: its end is damaged.
        ContractViolation: it has too many columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = tuple(pq.read_schema(path).names)
    except (OSError, ValueError, pa.ArrowException) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise IncompleteExport(
            f"the Parquet file is damaged: {reason}", dataset_id=dataset.id, request=path.name
        ) from error
    _check_width(dataset.id, path, names)
    return names


def _check_width(dataset_id: str, path: Path, names: Sequence[str]) -> None:
    if len(names) > MOST_COLUMNS:
        raise ContractViolation(
            f"it has {len(names):,} columns; {MOST_COLUMNS:,} at most are read",
            dataset_id=dataset_id,
            request=path.name,
        )


def unknown_headers(dataset: Dataset, raw: RawFile) -> tuple[str, ...]:
    """Return the headers that no contracted column claims: new columns cause a warning and stay in raw."""
    if "*" in dataset.left_in_raw:
        return ()
    known = {header for column in dataset.columns for header in column.header_slugs}
    known |= {slug(name) for name in (*dataset.left_in_raw, *dataset.personal)}
    years = year_headers(dataset, raw.header)
    return tuple(name for name in raw.header if slug(name) not in known and name not in years)
