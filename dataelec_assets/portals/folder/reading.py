"""The rows of a data set's files as one file, cut into partitions, with the fingerprint of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dataelec_assets.catalog import Column, Dataset
from dataelec_assets.database import Database
from dataelec_assets.errors import ContractViolation
from dataelec_assets.portals.client import DatasetMetadata
from dataelec_assets.portals.fingerprints import Fingerprint, Survey, fingerprint_query, fingerprints
from dataelec_assets.portals.folder.fields import is_instant, literal, number, printed, quoted
from dataelec_assets.portals.folder.lines import lines_of
from dataelec_assets.portals.folder.looks import Look
from dataelec_assets.portals.folder.rows_file import PARTITION, RowsFile, write_rows
from dataelec_assets.portals.folder.stamps import SourceFile
from dataelec_assets.portals.folder.tables import TABLE, State, read_state
from dataelec_assets.portals.partition_filters import ALL, UNDATED, partition_of
from dataelec_assets.portals.streams import Stored, store_csv, writing

if TYPE_CHECKING:
    import duckdb

# Data sets that are parsed at the same time, whatever the number of threads that ask: memory, not time, is the limit.
_parsing = threading.BoundedSemaphore(2)

_BLOCK = 1 << 20

_PARIS = "timezone('Europe/Paris', timezone('UTC', {}))"


def read_tables(
    dataset: Dataset,
    files: Sequence[SourceFile],
    target: Path,
    *,
    states: Sequence[datetime] = (),
    stop: threading.Event,
    database: Database,
    synthetic: bool,
) -> Look:
    """Read the files of a data set into ``target``, sorted by partition and key, and sum up each partition.

    Args:
        dataset: the contract.
        files: oldest first.
        target: file of the rows; see :mod:`.rows_file`.
        states: instants of the states that the folder holds of a data set that shows the present one only.
        stop: ends the reading.
        database: in memory, for tables that are dropped at the end.
        synthetic: whether the data are invented.

    Raises:
        UnexpectedContent: a file cannot be read, or holds a day or an instant that is none.
        ContractViolation: a column is missing.
    """
    with _parsing, database.apart() as con:
        state = read_state(con, dataset, files, stop)
        _refuse_missing(dataset, files, state)
        metadata = DatasetMetadata(
            dataset_id=dataset.id,
            title=dataset.title,
            data_processed=state.processed_at,
            records_count=state.count,
            fields=state.fields,
            synthetic=synthetic,
            notices=state.notices,
        )
        cut = f"SELECT {_partition(dataset, state)} AS {PARTITION}, * FROM {TABLE}"
        con.execute(f"CREATE VIEW cut AS {cut}")
        survey = _survey(con, dataset, state, states)
        key = [PARTITION, *(name for name in dataset.key if name in state.names)]
        with writing(dataset.id, target):
            # By the key alone where no rows share one: to sort by fifty columns of text takes longer than to read them.
            if len(key) == 1 or not write_rows(con, f"FROM cut ORDER BY {_listed(key)}", key, target):
                kinds = con.execute("DESCRIBE cut").fetchall()
                every = ", ".join(
                    quoted(name) if kind == "TIMESTAMP" else printed(name, kind) for name, kind, *_ in kinds
                )
                write_rows(con, f"FROM cut ORDER BY {_listed(key)}, {every}", (), target)
    return Look(metadata, survey)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(quoted, names))


def _refuse_missing(dataset: Dataset, files: Sequence[SourceFile], state: State) -> None:
    """Refuse files without a column that every export of the portal has.

    Collected states hold the columns that their script chose, and RTE's own files those that RTE prints there.
    """
    if all(file.kind == "snapshot" or file.is_of_rte for file in files):
        return
    for name in state.missing:
        if dataset.column(name).required:
            there = ", ".join(each for each in state.names if each not in state.missing)
            raise ContractViolation(
                f"column {name!r} is missing; the files have {there}.",
                dataset_id=dataset.id,
                column=name,
                request=str(files[-1].path),
            )


def _partition(dataset: Dataset, state: State) -> str:
    """Return SQL of the key of the partition that a row belongs to."""
    on = dataset.partitioning.on
    if dataset.stamped_by is not None:
        return literal(partition_of(dataset, state.processed_at))
    if on is None:
        return literal(ALL)
    column = dataset.column(on)
    if column.type == "int":
        year = f"TRY_CAST({quoted(on)} AS INTEGER)"
        key = f"CASE WHEN {year} IS NOT NULL THEN printf('%04d', {year}) END"
    else:
        day = _PARIS.format(quoted(on)) if is_instant(column) else quoted(on)
        key = f"strftime({day}, {literal('%Y-%m' if dataset.partitioning.grain == 'month' else '%Y')})"
    return f"coalesce({key}, {literal(UNDATED)})"


def _survey(con: duckdb.DuckDBPyConnection, dataset: Dataset, state: State, states: Sequence[datetime]) -> Survey:
    """Sum up each partition as the grouped call of an Opendatasoft portal does: equal data, equal fingerprints."""
    if dataset.stamped_by is not None:
        version = state.processed_at
        # An earlier state that is put beside the others is news too.
        known = {"etats": " ".join(each.isoformat() for each in states)}
        fingerprint = Fingerprint(state.count, last=version.isoformat(), sums=known)
        return Survey({partition_of(dataset, version): fingerprint})
    # Every number is summed, also one that comes as text beside `ND`: a folder can do what portals cannot.
    numbers = {column.name for column in dataset.columns if column.type in ("int", "double")}
    types = {each.name: "double" if each.name in numbers else each.type for each in state.fields}
    query, on = fingerprint_query(dataset, types), dataset.partitioning.on
    kinds = {name: kind for name, kind, *_ in con.execute("DESCRIBE cut").fetchall()}
    select = {"n": "count(*)"}
    if dataset.fingerprint:
        select["mesures"] = f"count({number(dataset.fingerprint[0], kinds[dataset.fingerprint[0]])})"
    select |= {alias: f"sum({number(name, kinds[name])})" for alias, (name, _) in query.columns.items()}
    if on is not None:
        select["dernier"] = _last(dataset.column(on))
    if dataset.status_column:
        select[dataset.status_column] = quoted(dataset.status_column)
    keys = ["_partition", *([quoted(dataset.status_column)] if dataset.status_column else [])]
    columns = ", ".join(f"{sql} AS {quoted(alias)}" for alias, sql in select.items())
    found = con.execute(f"SELECT _partition, {columns} FROM cut GROUP BY {', '.join(keys)}").fetchall()
    groups = [{**_civil(key), **dict(zip(select, values, strict=True))} for key, *values in found]
    return Survey(fingerprints(dataset, query, groups))


def _civil(key: str) -> dict[str, Any]:
    if key in (ALL, UNDATED):
        return {"annee": None, "mois": None}
    year, _, month = key.partition("-")
    return {"annee": int(year), "mois": int(month or 1)}


def _last(column: Column) -> str:
    """Return SQL of the newest time of a column, as a portal prints it: instants with the offset of Paris."""
    newest = f"max({quoted(column.name)})"
    if not is_instant(column):
        return (
            f"max(TRY_CAST({quoted(column.name)} AS INTEGER))" if column.type == "int" else f"CAST({newest} AS VARCHAR)"
        )
    local = _PARIS.format(newest)
    hours = f"date_diff('hour', {newest}, {local})"
    return f"strftime({local}, '%Y-%m-%dT%H:%M:%S') || format('+{{:02d}}:00', {hours})"


def store_partition(
    connection: Callable[[], duckdb.DuckDBPyConnection],
    rows: RowsFile,
    partition: str,
    destination: Path,
    on_bytes: Callable[[int], None],
) -> Stored:
    """Store the rows of a partition as a CSV (``;``, UTF-8, technical names, instants in UTC), zstd-compressed.

    Args:
        connection: opens DuckDB, for the rows that only DuckDB prints.
        rows: of the data set.
        partition: its key.
        destination: the file.
        on_bytes: called with the number of plain bytes after each write.

    Raises:
        OSError, duckdb.Error: the file cannot be written.
    """

    def chunks() -> Iterator[bytes]:
        names, batches = rows.read(partition)
        yield f"{';'.join(names)}\n".encode()
        for batch in batches:
            lines = lines_of(batch)
            with memoryview(lines if lines is not None else _lines_by_duckdb(connection, batch, destination)) as view:
                for start in range(0, len(view), _BLOCK):
                    yield bytes(view[start : start + _BLOCK])

    return store_csv(chunks(), "text/csv", destination, on_bytes)


def _lines_by_duckdb(
    connection: Callable[[], duckdb.DuckDBPyConnection], batch: pa.RecordBatch, destination: Path
) -> bytes:
    plain = destination.with_name(f"{destination.name}.plain")
    try:
        with connection() as con:
            con.register("rows", pa.Table.from_batches([batch]))
            kinds = con.execute("DESCRIBE rows").fetchall()
            columns = ", ".join(f"{printed(name, kind)} AS {quoted(name)}" for name, kind, *_ in kinds)
            form = "(FORMAT csv, DELIMITER ';', HEADER false)"
            con.execute(f"COPY (SELECT {columns} FROM rows) TO {literal(str(plain))} {form}")
        return plain.read_bytes()
    finally:
        plain.unlink(missing_ok=True)
