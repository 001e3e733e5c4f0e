"""The rows of a data set's files as one Parquet file, cut into partitions, with the fingerprint of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataelec_assets.catalog import Column, Dataset
from dataelec_assets.database import connect
from dataelec_assets.errors import ContractViolation
from dataelec_assets.portals.client import DatasetMetadata
from dataelec_assets.portals.fingerprints import Fingerprint, Survey, fingerprint_query, fingerprints
from dataelec_assets.portals.folder.fields import is_instant, literal, number, quoted
from dataelec_assets.portals.folder.looks import Look
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
    spill: Path,
    synthetic: bool,
) -> Look:
    """Read the files of a data set into ``target``, sorted by partition and key, and sum up each partition.

    Args:
        dataset: the contract.
        files: oldest first.
        target: Parquet file, with a column ``_partition`` beside those of the files.
        states: instants of the states that the folder holds of a data set that shows the present one only.
        stop: ends the reading.
        spill: folder of what does not fit into memory.
        synthetic: whether the data are invented.

    Raises:
        UnexpectedContent: a file cannot be read, or holds a day or an instant that is none.
        ContractViolation: a column is missing.
    """
    with _parsing, connect(spill=spill) as con:
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
        con.execute(f"CREATE VIEW cut AS SELECT {_partition(dataset, state)} AS _partition, * FROM {TABLE}")
        survey = _survey(con, dataset, state, states)
        order = ", ".join(quoted(name) for name in _order(con, dataset, state))
        with writing(dataset.id, target):
            # It lives until its partitions are fetched: packing it tighter would cost more than it saves.
            form = "(FORMAT parquet, COMPRESSION lz4)"
            con.execute(f"COPY (SELECT * FROM cut ORDER BY {order}) TO {literal(str(target))} {form}")
    return Look(metadata, survey)


def _order(con: duckdb.DuckDBPyConnection, dataset: Dataset, state: State) -> list[str]:
    """Return columns that put the rows in one order, whatever that of the files is.

    The key alone where no rows share one: to sort by fifty columns of text takes longer than to read them.
    """
    key = ["_partition", *(name for name in dataset.key if name in state.names)]
    distinct = f"SELECT DISTINCT {', '.join(map(quoted, key))} FROM cut"
    ((count,),) = con.execute(f"SELECT count(*) FROM ({distinct})").fetchall()
    return key if count == state.count else [*key, *state.names]


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
    select = {"n": "count(*)"}
    if dataset.fingerprint:
        select["mesures"] = f"count({number(dataset.fingerprint[0])})"
    select |= {alias: f"sum({number(name)})" for alias, (name, _) in query.columns.items()}
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
    con: duckdb.DuckDBPyConnection, rows: Path, partition: str, destination: Path, on_bytes: Callable[[int], None]
) -> Stored:
    """Store the rows of a partition as a CSV (``;``, UTF-8, technical names, instants in UTC), zstd-compressed.

    Raises:
        OSError, duckdb.Error: the file cannot be written.
    """
    source = f"read_parquet({literal(str(rows))})"
    described = con.execute(f"DESCRIBE FROM {source}").fetchall()
    printed = {"TIMESTAMP": "strftime({}, '%Y-%m-%dT%H:%M:%S+00:00')"}
    columns = ", ".join(
        f"{printed.get(kind, '{}').format(quoted(name))} AS {quoted(name)}"
        for name, kind, *_ in described
        if name != "_partition"
    )
    plain = destination.with_name(f"{destination.name}.plain")
    query = f"SELECT {columns} FROM {source} WHERE _partition = {literal(partition)}"
    try:
        con.execute(f"COPY ({query}) TO {literal(str(plain))} (FORMAT csv, DELIMITER ';', HEADER)")
        return store_csv(_pieces(plain), "text/csv", destination, on_bytes)
    finally:
        plain.unlink(missing_ok=True)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_BLOCK):
            yield piece
