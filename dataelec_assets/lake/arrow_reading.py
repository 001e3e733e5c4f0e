"""Reads a plain CSV by contract with pyarrow, in a tenth of the time that DuckDB needs for a small file.

Only what both read alike is read here. Whatever is unusual (a value of another form, a quote inside a text, a null
where none may be, a day out of the span, a control character) is left to :mod:`dataelec_assets.lake.reading`, which
reads every format and alone says what is wrong: there is one wording of each fault, and one set of rules.

Longer than 300 lines because every limit of what is read here stands beside the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dataelec_assets.catalog import Column, Dataset
from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from dataelec_assets.lake.dates import bounded_columns, first_day, midnight
from dataelec_assets.lake.file_formats import RawFile, resolve_header
from dataelec_assets.limits import LONGEST_LINE

if TYPE_CHECKING:
    import pyarrow as pa

# Control characters that may occur; the others are those of `content_checks`.
_TAB, _LINE_FEED, _CARRIAGE_RETURN, _DELETE, _BLANK = b"\t\n\r\x7f "

_INSTANT = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([+-]\d\d:\d\d|Z)$"
_ISO_DAY = r"^\d{4}-\d\d-\d\d$"
_FRENCH_DAY = r"^\d\d/\d\d/\d{4}$"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a loaded table without reading its rows again.

    Attributes:
        rows: number of rows.
        first, last: smallest and largest value of the column of time (ISO; instants in UTC; a year as it is), None
            without one.
        last_measured: its largest value on a row where the first fingerprint measure is not null: future rows without a
            measure do not make a source fresh.
        notes: what was repaired while reading, for the user.
    """

    rows: int
    first: str | None
    last: str | None
    last_measured: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypedRows:
    """The rows of a published file.

    Attributes:
        table: with the contract's columns, types and order of rows.
        facts: of the table.
        is_doubled: whether some rows share a key; always true without a key.
    """

    table: pa.Table
    facts: Facts
    is_doubled: bool


def sort_columns(dataset: Dataset) -> tuple[str, ...]:
    """Return the key followed by the other columns: a total order up to identical rows."""
    return tuple(dict.fromkeys([*dataset.key, *dataset.column_names]))


def arrow_types() -> dict[str, pa.DataType]:
    """Return the Arrow type of each type of the contract."""
    import pyarrow as pa

    return {
        "text": pa.string(),
        "int": pa.int32(),
        "double": pa.float64(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us", tz="UTC"),
    }


def read_rows(dataset: Dataset, raw: RawFile, last: date | None = None) -> TypedRows | None:
    """Return the rows of a plain CSV: typed, checked, sorted by the key, then by every other column.

    Args:
        dataset: the contract.
        raw: the file.
        last: last possible day of a row; see :func:`~dataelec_assets.lake.reading.load`.

    Returns:
        None when the file is to be read by :func:`~dataelec_assets.lake.reading.load`, which may refuse it.

    Raises:
        ContractViolation: a column is missing.
    """
    is_plain = raw.format == "csv" and raw.new_line == "\n" and not dataset.summed and dataset.years_in_columns is None
    if not is_plain or len(raw.header) <= 1 or (dataset.stamped_by is not None and raw.stamp is None):
        return None
    body = _body(raw)
    if body is None:
        return None
    found = resolve_header(dataset, raw)
    import pyarrow as pa

    try:
        table = _typed(dataset, raw, found, body)
        if table is None or not _is_sound(dataset, table, last):
            return None
    except pa.ArrowException:
        return None
    facts = facts_of(dataset, table)
    if dataset.key and is_ascending(table, dataset.key):
        return TypedRows(table, facts, is_doubled=False)
    by_key = table.sort_by([(name, "ascending") for name in dataset.key]) if dataset.key else table
    is_doubled = not dataset.key or has_twins(by_key, dataset.key)
    if is_doubled:
        by_key = table.sort_by([(name, "ascending") for name in sort_columns(dataset)])
    return TypedRows(by_key, facts, is_doubled)


def _body(raw: RawFile) -> bytes | None:
    """Return the lines below the header as UTF-8; None when some byte may be read in two ways."""
    content = raw.content
    if content is not None and raw.encoding != "utf-8":
        try:
            content = content.decode(raw.encoding).encode()
        except UnicodeDecodeError:
            return None
    if content is None:
        return None
    header, _, body = content.partition(b"\n")
    is_regular = (
        not header.removeprefix(b"\xef\xbb\xbf")[:1].isspace()
        and len(set(raw.header)) == len(raw.header)
        and header.count(b'"') % 2 == 0
        and _lines_are_regular(content, has_quotes=b'"' in body)
        and (b'"' not in body or _quotes_are_regular(body, raw.delimiter))
    )
    return body if is_regular else None


def _lines_are_regular(content: bytes, *, has_quotes: bool) -> bool:
    """Return whether all lines end alike, none is too long, and no control character is in them.

    In numpy, which lets other threads work meanwhile.
    """
    import numpy as np

    every = np.frombuffer(content, np.uint8)
    places = np.flatnonzero((every < _BLANK) | (every == _DELETE))
    controls = every[places]
    ends, returns = places[controls == _LINE_FEED], places[controls == _CARRIAGE_RETURN]
    if len(places) > len(ends) + len(returns) + np.count_nonzero(controls == _TAB):
        return False
    if len(returns) and not np.array_equal(returns + 1, ends):
        return False
    if len(content) <= LONGEST_LINE:
        return True
    # A quote may join several lines to one.
    return not has_quotes and int(np.diff(ends, prepend=-1, append=len(content)).max()) <= LONGEST_LINE + 1


def _quotes_are_regular(body: bytes, delimiter: str) -> bool:
    """Return whether every quote encloses a whole field, or is doubled inside one."""
    edge = re.escape(delimiter.encode())
    enclosed = rb'(?<![^%b\r\n])"[^"]*(?:""[^"]*)*"(?![^%b\r\n])' % (edge, edge)
    return b'"' not in re.sub(enclosed, b"", body)


def _typed(dataset: Dataset, raw: RawFile, found: Mapping[str, str], body: bytes) -> pa.Table | None:
    """Return the contract's columns; None when some day or instant has an unusual form."""
    import pyarrow as pa
    import pyarrow.csv as pc_csv

    names = {header: name for name, header in found.items()}
    if len(names) < len(found):
        return None
    kinds = arrow_types()
    # Days and instants are read by their form.
    read_as = {
        name: pa.string() if dataset.column(name).type in ("date", "datetime") else kinds[dataset.column(name).type]
        for name in found
    }
    table = pc_csv.read_csv(
        pa.BufferReader(body),
        read_options=pc_csv.ReadOptions(
            column_names=[names.get(header, f"extra_{position}") for position, header in enumerate(raw.header)],
            use_threads=False,
            block_size=2 * LONGEST_LINE,
        ),
        parse_options=pc_csv.ParseOptions(
            delimiter=raw.delimiter, newlines_in_values=b'"' in body, ignore_empty_lines=False
        ),
        convert_options=pc_csv.ConvertOptions(
            column_types=read_as,
            include_columns=list(found),
            null_values=["", *sorted({marker for column in dataset.columns for marker in column.null_markers})],
            strings_can_be_null=True,
            check_utf8=False,  # the encoding was found on the whole file
        ),
    ).combine_chunks()
    # DuckDB reads hexadecimal numbers nowhere, pyarrow does where a whole number is expected.
    if any(dataset.column(name).type == "int" for name in found) and re.search(rb"0[xX]", body):
        return None
    columns: list[Any] = []
    for column in dataset.columns:
        if column.name == dataset.stamped_by:
            stamp = datetime.fromisoformat(raw.stamp or "").astimezone(UTC)
            columns.append(pa.repeat(pa.scalar(stamp, kinds["datetime"]), table.num_rows))
        elif column.name not in found:
            columns.append(pa.nulls(table.num_rows, kinds[column.type]))
        elif (values := _converted(column, table.column(column.name))) is not None:
            columns.append(values)
        else:
            return None
    return pa.table(columns, names=list(dataset.column_names))


def _converted(column: Column, values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return the values of a column in the type of the contract; None when some have an unusual form."""
    import pyarrow.compute as pc

    if column.type == "text":
        return pc.utf8_lpad(values, column.width, "0") if column.width else values
    if column.type not in ("date", "datetime"):
        return values
    target = arrow_types()[column.type]
    if _all_match(values, _INSTANT if column.type == "datetime" else _ISO_DAY):
        return values.cast(target)
    if column.type == "date" and _all_match(values, _FRENCH_DAY):
        day, month, year = (pc.utf8_slice_codeunits(values, *place) for place in ((0, 2), (3, 5), (6, 10)))
        return pc.binary_join_element_wise(year, month, day, "-").cast(target)
    return None


def _all_match(values: pa.ChunkedArray, pattern: str) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(pc.match_substring_regex(values, pattern), min_count=0).as_py())


def _is_sound(dataset: Dataset, table: pa.Table, last: date | None) -> bool:
    """Return whether the rows pass every check of content."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if any(table.column(column.name).null_count for column in dataset.columns if not column.nullable):
        return False
    checks = [pc.is_finite(table.column(column.name)) for column in dataset.columns if column.type == "double"]
    if dataset.territories:
        checks.append(pc.is_in(table.column(dataset.territories), pa.array(METROPOLITAN_REGIONS)))
    return all(pc.all(check, min_count=0).as_py() for check in checks) and all(
        _is_within(dataset, column, table.column(column.name), last) for column in bounded_columns(dataset)
    )


def _is_within(dataset: Dataset, column: Column, values: pa.ChunkedArray, last: date | None) -> bool:
    """Return whether all days, instants or years of a column are possible."""
    smallest, largest = span_of_values(values)
    first = first_day(dataset, column)
    if smallest is None:
        return True
    if column.type == "int":
        return bool(smallest >= first.year and (last is None or largest <= last.year))
    if column.type == "date":
        return bool(smallest >= first and (last is None or largest <= last))
    end = None if last is None else midnight(last + timedelta(days=1))
    return bool(smallest >= midnight(first) and (end is None or largest < end))


def span_of_values(values: pa.ChunkedArray) -> tuple[Any, Any]:
    """Return the smallest and the largest value as Python's; instants in UTC; None without any."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # Python's form of an Arrow instant needs a database of time zones, which an offset in microseconds does not.
    is_instant = pa.types.is_timestamp(values.type)
    bounds = pc.min_max(values.cast(pa.int64()) if is_instant else values).as_py()
    first, last = bounds["min"], bounds["max"]
    if is_instant and first is not None:
        return _EPOCH + timedelta(microseconds=first), _EPOCH + timedelta(microseconds=last)
    return first, last


def is_ascending(table: pa.Table, key: Sequence[str]) -> bool:
    """Return whether every row comes after the one before it, by a key without nulls: then no two share one.

    A folder hands its rows out by their key. To see that costs a tenth of sorting them again.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rows, comes_after = table.num_rows, None
    for name in reversed(key):
        values = table.column(name).combine_chunks()
        if isinstance(values, pa.ChunkedArray) or values.null_count:
            return False
        one, other = values.slice(0, max(rows - 1, 0)), values.slice(1)
        less = pc.less(one, other)
        comes_after = less if comes_after is None else pc.or_(less, pc.and_(pc.equal(one, other), comes_after))
    return bool(pc.all(comes_after, min_count=0).as_py())


def has_twins(table: pa.Table, key: Sequence[str]) -> bool:
    """Return whether two neighbours share a key."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = table.num_rows
    if rows < 2:  # noqa: PLR2004 - a neighbour needs two
        return False
    same = None
    for name in key:
        values = table.column(name).combine_chunks()
        if isinstance(values, pa.ChunkedArray):  # of several chunks of texts beyond two gigabytes
            return True
        one, other = values.slice(0, rows - 1), values.slice(1)
        equal = pc.equal(one, other)
        if values.null_count:
            equal = pc.or_(pc.fill_null(equal, fill_value=False), pc.and_(pc.is_null(one), pc.is_null(other)))
        same = equal if same is None else pc.and_(same, equal)
    return bool(pc.any(same).as_py())


def facts_of(dataset: Dataset, table: pa.Table) -> Facts:
    """Return the facts of rows that have the contract's columns."""
    import pyarrow.compute as pc

    on = dataset.time_column
    if on is None:
        return Facts(table.num_rows, None, None, None)
    times = table.column(on)
    first, last = span_of_values(times)
    measured = table.column(dataset.fingerprint[0]) if dataset.fingerprint else times
    _, last_measured = span_of_values(times.filter(pc.is_valid(measured)))
    return Facts(table.num_rows, _text(first), _text(last), _text(last_measured))


def _text(moment: datetime | date | int | None) -> str | None:
    if isinstance(moment, datetime):
        return f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"
    return None if moment is None else str(moment)
