"""A CSV or Parquet file of persons, rewritten with pseudonyms in place of some columns, a batch of rows at a time.

Memory does not grow with the file. No message and no report holds a value: the names of columns are shown only where
the caller typed them or where the first line is clearly a line of names.
"""

from __future__ import annotations

import heapq
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from dataelec_assets.catalog import slug
from dataelec_assets.errors import FileRefused
from dataelec_assets.privacy.person_files import open_rows, write_rows
from dataelec_assets.privacy.personal import PERSONAL_VALUE, is_personal_name
from dataelec_assets.privacy.pseudonyms import PSEUDONYM, Pseudonymiser

# Distinct values that are counted exactly; beyond, the count is estimated from as many of the smallest digests, to
# within 1 % (a relative standard error of 1 / sqrt(65,536) = 0.4 %).
EXACT_DISTINCT = 2**16


@dataclass(frozen=True, slots=True)
class TreatedColumn:
    """A column that now holds pseudonyms.

    Attributes:
        name: of the column.
        field: to which its pseudonyms belong; columns that share one can be joined.
        values: rows that have a value.
        distinct: different values among them.
        is_estimated: whether ``distinct`` is an estimate (within 1 %).
    """

    name: str
    field: str
    values: int
    distinct: int
    is_estimated: bool


@dataclass(frozen=True, slots=True)
class SuspectColumn:
    """A column that was left as it is although it looks personal.

    Attributes:
        name: of the column.
        has_personal_name: whether its name says so (``telephone``, or a column that the catalogue declares).
        personal_values: rows that hold an e-mail address or a telephone number.
    """

    name: str
    has_personal_name: bool
    personal_values: int


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was done to a file, and what was not.

    Attributes:
        rows: of the file.
        key: id of the key of the pseudonyms.
        treated: columns that were pseudonymised.
        suspects: columns that look personal and were not.
        unexamined: columns whose type (list, struct, bytes) was not looked into.
    """

    rows: int
    key: str
    treated: tuple[TreatedColumn, ...]
    suspects: tuple[SuspectColumn, ...]
    unexamined: tuple[str, ...]


def pseudonymise_file(
    source: Path, target: Path, fields: Mapping[str, str], make: Pseudonymiser, declared: Iterable[str] = ()
) -> FileReport:
    """Write ``target``: the rows of ``source`` in their order, with pseudonyms in the columns of ``fields``.

    Args:
        source: a CSV or Parquet file, as :func:`.person_files.open_rows` reads it.
        target: file to write, in the same format; a CSV is written in UTF-8. It appears whole or not at all, and only
            its owner can read it.
        fields: column → field of its pseudonyms. An empty cell of a CSV has no value, and stays empty.
        make: the keys.
        declared: further names of personal columns, as unaccented snake_case.

    Raises:
        FileRefused: the file cannot be read, lacks a column, has one that is not text or already holds pseudonyms, or
            the target exists. Nothing is written.
    """
    if target.exists():
        raise FileRefused(f"{target} exists already.", advice="Delete it, or choose another file with --to.")
    with open_rows(source) as rows, _appearing(target) as draft:
        treatment = _Treatment(source, rows.schema, fields, make, frozenset(declared))
        write_rows(draft, treatment.schema, map(treatment.apply, rows.batches), rows.delimiter)
    return treatment.report()


class _Distinct:
    """Counts different pseudonyms: exactly up to a number, then by the smallest of them, which are spread evenly."""

    def __init__(self) -> None:
        self._smallest: set[int] = set()
        self._largest_first: list[int] = []
        self.is_estimated = False

    def add(self, pseudonyms: Iterable[str]) -> None:
        for each in pseudonyms:
            number = int(each[-16:], 16)
            if number in self._smallest:
                continue
            if len(self._smallest) < EXACT_DISTINCT:
                heapq.heappush(self._largest_first, -number)
                self._smallest.add(number)
            else:
                self.is_estimated = True
                if number < -self._largest_first[0]:
                    self._smallest.remove(-heapq.heapreplace(self._largest_first, -number))
                    self._smallest.add(number)

    @property
    def number(self) -> int:
        if not self.is_estimated:
            return len(self._smallest)
        return round((EXACT_DISTINCT - 1) * 2**64 / -self._largest_first[0])


@dataclass
class _Counts:
    values: int = 0
    distinct: _Distinct = field(default_factory=_Distinct)


class _Treatment:
    """Pseudonymises the batches of one file and counts what it sees."""

    def __init__(
        self,
        source: Path,
        schema: pa.Schema,
        fields: Mapping[str, str],
        make: Pseudonymiser,
        declared: frozenset[str],
    ) -> None:
        _check_columns(source, schema, fields)
        self._source, self._fields, self._make, self._declared = source, fields, make, declared
        self._rows = 0
        self._treated = {name: _Counts() for name in fields}
        self._personal = {each.name: 0 for each in schema if each.name not in fields and _is_text(each.type)}
        self._others = tuple(each for each in schema if each.name not in fields)
        # Without the file's metadata, which may hold anything.
        self.schema = pa.schema(
            [pa.field(each.name, pa.string() if each.name in fields else each.type) for each in schema]
        )

    def apply(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the rows with pseudonyms."""
        self._rows += batch.num_rows
        columns = []
        for each in batch.schema:
            column = batch.column(each.name)
            if each.name in self._fields:
                columns.append(self._pseudonyms(each.name, column))
                continue
            if each.name in self._personal:
                found = pc.match_substring_regex(column.cast(pa.string()), PERSONAL_VALUE)
                self._personal[each.name] += pc.sum(found).as_py() or 0
            columns.append(column)
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _pseudonyms(self, name: str, column: pa.Array) -> pa.Array:
        values = column.cast(pa.string())
        if any(PSEUDONYM.fullmatch(each) for each in pc.unique(values).drop_null().to_pylist()):
            raise FileRefused(
                f"{self._source}: column {name!r} holds pseudonyms already.",
                advice="Start from the original file: pseudonyms of pseudonyms can be joined with nothing.",
            )
        made = self._make.column(values, self._fields[name])
        counts = self._treated[name]
        counts.values += len(made) - made.null_count
        counts.distinct.add(pc.unique(made).drop_null().to_pylist())
        return made

    def report(self) -> FileReport:
        """Return what was done and seen."""
        treated = (
            TreatedColumn(name, self._fields[name], each.values, each.distinct.number, each.distinct.is_estimated)
            for name, each in self._treated.items()
        )
        suspects = (
            SuspectColumn(
                each.name, is_personal_name(slug(each.name), self._declared), self._personal.get(each.name, 0)
            )
            for each in self._others
        )
        return FileReport(
            self._rows,
            self._make.key,
            tuple(treated),
            tuple(each for each in suspects if each.has_personal_name or each.personal_values),
            tuple(each.name for each in self._others if not (_is_text(each.type) or _is_plain(each.type))),
        )


def _check_columns(source: Path, schema: pa.Schema, fields: Mapping[str, str]) -> None:
    for name in fields:
        positions = schema.get_all_field_indices(name)
        if len(positions) != 1:
            # Names are not listed: without a line of names, the first row would be.
            raise FileRefused(
                f"{source} has {len(positions) or 'no'} column{'s' if positions else ''} {name!r} "
                f"among its {len(schema)}.",
                advice="Give the name as it stands in the first line, which must hold the names of the columns.",
            )
        if not _is_text(schema.field(name).type):
            raise FileRefused(
                f"{source}: column {name!r} is {schema.field(name).type}, not text.",
                advice="Write it as text first: a number has several spellings (0612…, 612…), each its own pseudonym.",
            )


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_plain(kind: pa.DataType) -> bool:
    """Return whether a type can hold no text."""
    return bool(pa.types.is_primitive(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind))


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """Give a draft beside ``target`` that takes its name at the end, and that is removed when something fails."""
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise FileRefused(
            f"{target} cannot be written: {error.strerror or error}.", advice="Choose another file with --to."
        ) from error
    os.close(descriptor)
    draft = Path(name)
    try:
        yield draft
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
