"""Typed Parquet copies: a pure function of the raw vintages of a partition.

The newest vintage decides what a partition holds. Where rows may leave the portal and must stay with us (real-time
sets), each key takes its rows from the newest vintage that has the key.

Longer than 300 lines because every way to the same bytes is here.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dataelec_assets.catalog import Column, Dataset
from dataelec_assets.database import literal
from dataelec_assets.disk import writable
from dataelec_assets.lake.arrow_reading import Facts, TypedRows, arrow_types, read_rows, sort_columns
from dataelec_assets.lake.atomic_files import move_into_place, read_as, read_json, temporary_path, write_json
from dataelec_assets.lake.file_formats import RawFile
from dataelec_assets.lake.partition_index import Head, PartitionInfo, contract_digest, digest_of, signatures_of, span_of
from dataelec_assets.lake.parts import drop_parts, part_name, sweep_parts
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.reading import facts_of, load
from dataelec_assets.lake.write_through import brought, is_kept

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Task = TypeVar("Task")

# A partition that always exists and has no row: a data set without data reads as an empty, typed table.
EMPTY_PARTITION = "vide"

# Rows that are in memory together while a copy is written; the largest row group that pyarrow makes by itself.
_ROW_GROUP = 1 << 20

# Vintages of a partition that are in memory together. A month of real time has more than a thousand, which are all read
# again when its contract changes: side by side they would take 20 MB each.
_FOLDED_AT_ONCE = 8


def schema_of(dataset: Dataset) -> pa.Schema:
    """Return the Arrow schema of the contract, with unit and description on each field."""
    import pyarrow as pa

    types = arrow_types()

    def described(column: Column) -> dict[str, str]:
        facts = {"description": column.description, "unit": column.unit or ""}
        return {key: value for key, value in facts.items() if value}

    return pa.schema(
        [pa.field(c.name, types[c.type], metadata=described(c)) for c in dataset.columns],
        metadata={"dataset": dataset.id, "publisher": dataset.publisher, "licence": dataset.licence},
    )


@dataclass(frozen=True, slots=True)
class TypedFile:
    """A vintage that was typed when it arrived, so that its copy need not read it again.

    Attributes:
        content: text of the content that it holds; see :class:`~dataelec_assets.lake.raw.Content`.
        path: Parquet file in the lake's temporary folder, as :meth:`ParquetLake.build` writes it.
        facts: of its rows.
        is_doubled: whether some rows may share a key.
    """

    content: str
    path: Path
    facts: Facts
    is_doubled: bool


# Text of the content of a vintage, and what gives its file: of a thousand vintages of a month, most are not read.
Vintage = tuple[str, Callable[[], RawFile | TypedFile]]


class ParquetLake:
    """The Parquet side of a lake: one folder per data set, one sub-folder per partition."""

    def __init__(self, paths: LakePaths) -> None:
        self.paths = paths

    def folder(self, dataset: Dataset) -> Path:
        """Return the folder of a data set."""
        return self.paths.parquet / dataset.table

    def _partition(self, dataset: Dataset, partition: str) -> Path:
        return self.folder(dataset) / f"{dataset.partitioning.hive_key}={partition}"

    def part(self, dataset: Dataset, partition: str, signature: str) -> Path:
        """Return the file of a partition that was made from what the signature identifies; it need not be there."""
        return self._partition(dataset, partition) / part_name(signature)

    def file(self, dataset: Dataset, partition: str) -> Path:
        """Return the file of a partition that the index names.

        Raises:
            KeyError: the index has no such partition.
        """
        return self.part(dataset, partition, self.index(dataset)[partition].signature)

    def empty_part(self, dataset: Dataset) -> Path:
        """Return the file of the partition without rows."""
        return self.part(dataset, EMPTY_PARTITION, contract_digest(dataset))

    def files(self, dataset: Dataset) -> list[Path]:
        """Return all files that readers of the data set open, in the order of their partitions."""
        parts = [self.part(dataset, each, info.signature) for each, info in self.index(dataset).items()]
        return sorted([*parts, self.empty_part(dataset)])

    def sweep(self, dataset: Dataset, partitions: Iterable[str]) -> None:
        """Remove the former files of some partitions that no reader can still want, once the index names others."""
        index = self.index(dataset)
        for partition in partitions:
            if partition in index:
                sweep_parts(self.part(dataset, partition, index[partition].signature))

    def index(self, dataset: Dataset) -> dict[str, PartitionInfo]:
        """Return what is known of every partition of a data set, by partition key."""
        path = self.folder(dataset) / "index.json"
        if not path.exists():
            return {}
        return {key: read_as(PartitionInfo, path, facts) for key, facts in read_json(path).items()}

    def write_index(self, dataset: Dataset, index: dict[str, PartitionInfo]) -> None:
        """Replace the index, after the files it describes."""
        content = {key: {name: getattr(info, name) for name in info.__slots__} for key, info in index.items()}
        write_json(self.paths, self.folder(dataset) / "index.json", content)

    def head(self, dataset: Dataset) -> Head | None:
        """Return the summary of the copies; None while they have never been found to match their vintages."""
        path = self.folder(dataset) / "head.json"
        return read_as(Head, path, read_json(path)) if path.exists() else None

    def write_head(self, dataset: Dataset, signatures: Mapping[str, str]) -> None:
        """Write the summary of the copies, once they are known to match their vintages.

        Args:
            dataset: the data set.
            signatures: of everything that the warehouse reads of it, by partition.
        """
        index = self.index(dataset)
        first, last = span_of(dataset, index)
        head = Head(
            contract_digest(dataset),
            digest_of(signatures),
            len(index),
            sum(info.rows for info in index.values()),
            first,
            last,
        )
        if head != self.head(dataset):
            write_json(self.paths, self.folder(dataset) / "head.json", asdict(head))

    def ensure_readable(self, dataset: Dataset) -> None:
        """Make sure that the data set has its empty partition, with the contract's columns."""
        import pyarrow.parquet as pq

        target = self.empty_part(dataset)
        if not is_kept(target) or not pq.read_schema(brought(target)).equals(schema_of(dataset), check_metadata=True):
            self._write(dataset, target, [schema_of(dataset).empty_table()])
            sweep_parts(target)

    def build(
        self,
        cursor: Callable[[], duckdb.DuckDBPyConnection],
        dataset: Dataset,
        partition: str,
        vintages: Sequence[Vintage],
        known: PartitionInfo | None,
    ) -> PartitionInfo:
        """Write the Parquet file of one partition from its raw vintages.

        Args:
            cursor: opens a cursor of DuckDB, for what is not in Arrow.
            dataset: the contract.
            partition: its key, such as ``2026-03``.
            vintages: text of the content of each, and what gives its file; oldest first; at least one.
            known: what the index says of the present file. When it was made from the first vintages of the list, only
                the later ones are read; the bytes are the same as from scratch.

        Returns:
            The facts for the index.

        Raises:
            ContractViolation: a vintage does not respect the contract.
        """
        made_from = signatures_of(dataset, [content for content, _ in vintages])
        target = self.part(dataset, partition, made_from[-1])
        facts = None
        if not dataset.keep_vanished or len(vintages) == 1:
            facts = self._copy(cursor, dataset, target, vintages[-1][1]())
        if facts is None:
            # The vintages behind the present file need not be read again.
            before = self.part(dataset, partition, known.signature) if known is not None else None
            is_prefix = before is not None and known is not None and known.signature in made_from and is_kept(before)
            start = made_from.index(known.signature) + 1 if known is not None and is_prefix else 0
            folding = cursor()
            facts = _fold(
                folding,
                dataset,
                [opened for _, opened in vintages[start:]],
                brought(before) if start and before else None,
            )
            self._write(dataset, target, _row_groups(folding, "content"))
        return PartitionInfo.of(made_from[-1], facts)

    def _copy(
        self,
        cursor: Callable[[], duckdb.DuckDBPyConnection],
        dataset: Dataset,
        target: Path,
        file: RawFile | TypedFile,
    ) -> Facts | None:
        """Write the rows of one vintage as they are; None when some of them are to be left out, which only share a key.

        Raises:
            ContractViolation: the vintage does not respect the contract.
        """
        if isinstance(file, TypedFile):
            if dataset.keep_vanished and file.is_doubled:
                return None
            move_into_place(file.path, target)
            return file.facts
        typed = read_rows(dataset, file)
        if dataset.keep_vanished and (typed is None or typed.is_doubled):
            return None
        if typed is not None:
            self._write(dataset, target, _slices(typed.table))
            return typed.facts
        loading = cursor()
        facts = load(loading, dataset, file, "content")
        self._write(dataset, target, _row_groups(loading, "content"))
        return facts

    def keep_typed(self, dataset: Dataset, content: str, rows: TypedRows) -> TypedFile:
        """Write the rows of an arrival beside the lake, for the copy that is to be made of them."""
        return self._kept(dataset, content, _slices(rows.table), rows.facts, is_doubled=rows.is_doubled)

    def keep_loaded(
        self, dataset: Dataset, content: str, cursor: duckdb.DuckDBPyConnection, table: str, facts: Facts
    ) -> TypedFile:
        """Write the rows of an arrival that DuckDB has read, as :meth:`keep_typed` does."""
        ordered = f"(FROM {table} ORDER BY {', '.join(sort_columns(dataset))})"
        return self._kept(dataset, content, _row_groups(cursor, ordered), facts, is_doubled=True)

    def _kept(
        self, dataset: Dataset, content: str, groups: Iterable[pa.Table], facts: Facts, *, is_doubled: bool
    ) -> TypedFile:
        draft = temporary_path(self.paths, ".parquet")
        self._write_draft(dataset, draft, groups)
        return TypedFile(content, draft, facts, is_doubled)

    def drop(self, dataset: Dataset, partition: str) -> None:
        """Remove the files of a partition that the index no longer has; its vintages stay in raw."""
        drop_parts(self._partition(dataset, partition))

    def _write(self, dataset: Dataset, target: Path, groups: Iterable[pa.Table]) -> None:
        draft = temporary_path(self.paths, ".parquet")
        self._write_draft(dataset, draft, groups)
        move_into_place(draft, target)

    def _write_draft(self, dataset: Dataset, draft: Path, groups: Iterable[pa.Table]) -> None:
        import pyarrow.parquet as pq

        schema = schema_of(dataset)
        # Numbers and times hardly repeat within a month: lists of their values cost time, and bytes.
        texts = [column.name for column in dataset.columns if column.type == "text"]
        options: dict[str, Any] = {"compression": "zstd", "use_dictionary": texts}
        with writable(self.folder(dataset), dataset.id), pq.ParquetWriter(draft, schema, **options) as writer:
            for group in groups:
                # One chunk per column and a schema from the contract alone: equal rows give equal bytes.
                writer.write_table(group.combine_chunks().cast(schema))


def _slices(rows: pa.Table) -> Iterator[pa.Table]:
    """Yield rows one row group at a time; at least once."""
    for start in range(0, max(rows.num_rows, 1), _ROW_GROUP):
        yield rows.slice(start, _ROW_GROUP)


def _row_groups(cursor: duckdb.DuckDBPyConnection, table: str) -> Iterator[pa.Table]:
    """Yield a temporary table in its order, one row group at a time; at least once.

    Groups have a fixed size instead of DuckDB's, so that equal rows give equal bytes.
    """
    import pyarrow as pa

    reader = cursor.sql(f"FROM {table}").to_arrow_reader(_ROW_GROUP)
    pending = reader.schema.empty_table()
    is_first = True
    for batch in reader:
        pending = pa.concat_tables([pending, pa.Table.from_batches([batch])])
        while pending.num_rows >= _ROW_GROUP:
            yield pending.slice(0, _ROW_GROUP)
            pending, is_first = pending.slice(_ROW_GROUP), False
    if pending.num_rows or is_first:
        yield pending


def _fold(
    cursor: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    vintages: Sequence[Callable[[], RawFile | TypedFile]],
    before: Path | None,
) -> Facts:
    """Fill the temporary table ``content``: for each key, the rows of the newest vintage that has it.

    Args:
        cursor: the table is its own.
        dataset: the contract; it has a key.
        vintages: what gives the file of each, oldest first.
        before: Parquet file that older vintages gave, if any.
    """
    names, key = ", ".join(dataset.column_names), ", ".join(dataset.key)
    older = _parquet(before) if before is not None else None
    for start in range(0, max(len(vintages), 1), _FOLDED_AT_ONCE):
        selects = [f"SELECT {names}, -1 AS vintage FROM {older}"] if older else []
        for position, opened in enumerate(vintages[start : start + _FOLDED_AT_ONCE]):
            file, source = opened(), f"vintage_{position}"
            if isinstance(file, TypedFile):
                source = _parquet(file.path)
            else:
                load(cursor, dataset, file, source, order=False)
            selects.append(f"SELECT {names}, {position} AS vintage FROM {source}")
        cursor.execute(
            f"CREATE OR REPLACE TEMP TABLE content AS SELECT DISTINCT {names} FROM (SELECT * FROM "
            f"({' UNION ALL '.join(selects)}) QUALIFY vintage = max(vintage) OVER (PARTITION BY {key})) "
            f"ORDER BY {', '.join(sort_columns(dataset))}"
        )
        older = "content"
    return facts_of(cursor, dataset, "content")


def _parquet(file: Path) -> str:
    return f"read_parquet({literal(str(file))}, hive_partitioning = false)"


def build_side_by_side(build: Callable[[Task], PartitionInfo], tasks: Sequence[Task]) -> list[PartitionInfo]:
    """Run ``build`` on every task, one thread per core: decompressing, parsing and writing release Python's lock."""
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2, thread_name_prefix="parquet") as pool:
        infos = pool.map(build, tasks)
        # The threads parse first and write last: pyarrow's import (a third of a second) happens meanwhile.
        importlib.import_module("pyarrow.parquet")
        return list(infos)
