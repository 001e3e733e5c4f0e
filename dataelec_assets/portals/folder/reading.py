"""The rows of a data set's files as one Parquet file, cut into partitions, with the fingerprint of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import connect
from dataelec_assets.errors import ContractViolation
from dataelec_assets.portals.client import DatasetMetadata, PortalField
from dataelec_assets.portals.fingerprints import Fingerprint, Survey, fingerprint_query, fingerprints
from dataelec_assets.portals.folder.fields import NUMERIC, Field, cast, literal, quoted
from dataelec_assets.portals.folder.stamps import SourceFile
from dataelec_assets.portals.folder.tables import State, build_state
from dataelec_assets.portals.partition_filters import ALL, UNDATED, partition_of
from dataelec_assets.portals.streams import Stored, store_csv, writing

# Data sets that are parsed at the same time, whatever the number of threads that ask: memory, not time, is the limit.
_parsing = threading.BoundedSemaphore(2)

_BLOCK = 1 << 20

_PARIS = "timezone('Europe/Paris', timezone('UTC', {}))"


@dataclass(frozen=True, slots=True)
class Look:
    """What a folder says of a data set."""

    metadata: DatasetMetadata
    survey: Survey


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
        state = build_state(con, dataset.id, dataset, files, stop)
        _refuse_missing(dataset, files, state)
        columns = ", ".join(quoted(field.name) for field in state.fields)
        partition = _partition(dataset, state)
        order = ", ".join(
            dict.fromkeys(["_partition", *(quoted(name) for name in dataset.key if name in state.by_name), columns])
        )
        con.execute(f"CREATE TABLE cut AS SELECT {partition} AS _partition, {columns} FROM {state.table}")
        con.execute(f"DROP TABLE {state.table}")
        metadata = DatasetMetadata(
            dataset_id=dataset.id,
            title=dataset.title,
            data_processed=state.processed_at,
            records_count=state.count,
            fields=tuple(PortalField(each.name, each.label, each.type) for each in state.fields),
            synthetic=synthetic,
            notices=state.notices,
        )
        survey = _survey(con, dataset, state, states)
        with writing(dataset.id, target):
            target.parent.mkdir(parents=True, exist_ok=True)
            form = "(FORMAT parquet, COMPRESSION zstd)"
            con.execute(f"COPY (SELECT * FROM cut ORDER BY {order}) TO {literal(str(target))} {form}")
    return Look(metadata, survey)


def _refuse_missing(dataset: Dataset, files: Sequence[SourceFile], state: State) -> None:
    """Refuse files without a column that every export of the portal has.

    Collected states hold the columns that their script chose, and RTE's own files those that RTE prints there.
    """
    if all(file.kind == "snapshot" or file.is_of_rte for file in files):
        return
    for name in state.missing:
        if dataset.column(name).required:
            there = ", ".join(field.name for field in state.fields if field.name not in state.missing)
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
    kind, name = state.by_name[on].type, quoted(on)
    if kind in ("int", "double", "text"):
        key = f"CASE WHEN TRY_CAST({name} AS INTEGER) IS NOT NULL THEN printf('%04d', TRY_CAST({name} AS INTEGER)) END"
    else:
        day = _PARIS.format(name) if kind == "datetime" else name
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
    # A number that comes as text, such as one beside `ND`, is summed all the same: a folder can do what portals cannot.
    numbers = {column.name for column in dataset.columns if column.type in NUMERIC}
    types = {each.name: "double" if each.name in numbers else each.type for each in state.fields}
    query, on = fingerprint_query(dataset, types), dataset.partitioning.on
    select = {"n": "count(*)"}
    if dataset.fingerprint:
        select["mesures"] = f"count({cast(dataset.fingerprint[0], 'double')})"
    select |= {alias: f"sum({cast(name, 'double')})" for alias, (name, _) in query.columns.items()}
    if on is not None:
        select["dernier"] = printed(state.by_name[on], f"max({quoted(on)})", zone="Europe/Paris")
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


def printed(field: Field, sql: str, *, zone: str = "UTC") -> str:
    """Return SQL of a value as an export prints it: instants in ISO 8601 with the offset of ``zone``."""
    if field.type == "datetime":
        local = f"timezone('{zone}', timezone('UTC', {sql}))"
        stamp = f"strftime({local}, '%Y-%m-%dT%H:%M:%S')"
        if zone == "UTC":
            return f"{stamp} || '+00:00'"
        minutes = f"date_diff('minute', {sql}, {local})"
        return f"{stamp} || format('+{{:02d}}:{{:02d}}', {minutes} // 60, {minutes} % 60)"
    if field.type == "date":
        return f"strftime({sql}, '%Y-%m-%d')"
    if field.type == "geo_point_2d":
        return f"({sql}).lat || ', ' || ({sql}).lon"
    return f"nullif({sql}, '')" if field.type == "text" else sql


def store_partition(
    con: duckdb.DuckDBPyConnection, rows: Path, partition: str, destination: Path, on_bytes: Callable[[int], None]
) -> Stored:
    """Store the rows of a partition as a CSV (``;``, UTF-8, technical names, instants in UTC), zstd-compressed.

    Raises:
        OSError, duckdb.Error: the file cannot be written.
    """
    source = f"read_parquet({literal(str(rows))})"
    described = con.execute(f"DESCRIBE FROM {source}").fetchall()
    fields = [Field(name, name, _KINDS.get(kind, "text")) for name, kind, *_ in described if name != "_partition"]
    columns = ", ".join(f"{printed(field, quoted(field.name))} AS {quoted(field.name)}" for field in fields)
    plain = destination.with_name(f"{destination.name}.plain")
    query = f"SELECT {columns} FROM {source} WHERE _partition = {literal(partition)}"
    try:
        con.execute(f"COPY ({query}) TO {literal(str(plain))} (FORMAT csv, DELIMITER ';', HEADER)")
        return store_csv(_pieces(plain), "text/csv", destination, on_bytes)
    finally:
        plain.unlink(missing_ok=True)


_KINDS: dict[str, Any] = {
    "TIMESTAMP": "datetime",
    "DATE": "date",
    "BIGINT": "int",
    "DOUBLE": "double",
    "BOOLEAN": "boolean",
    "STRUCT(lon DOUBLE, lat DOUBLE)": "geo_point_2d",
}


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(_BLOCK):
            yield piece
