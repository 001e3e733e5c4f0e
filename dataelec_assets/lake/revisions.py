"""Revisions as data: the published values that a publisher has changed, from one raw vintage to the next.

A pure function of the raw vintages of a partition. Vintages are compared pairwise, in the order of their arrival: one
row for each key and measure that both have and whose value differs. A first value (null before) is a publication, not a
revision; a value that becomes null is one; a row that leaves the portal is not. Different rows that share a key are
left out: nothing shows which of them became which.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import connect, literal
from dataelec_assets.disk import writable
from dataelec_assets.lake.atomic_files import move_into_place, read_as, read_json, temporary_path, write_json
from dataelec_assets.lake.partition_index import contract_digest
from dataelec_assets.lake.parts import drop_parts, part_name, sweep_parts
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.write_through import is_kept

if TYPE_CHECKING:
    import duckdb

# Name and type of each column of a revision, in order.
COLUMNS = {
    "mois": "VARCHAR",
    "jeu_de_donnees": "VARCHAR",
    "code_territoire": "VARCHAR",
    "date_locale": "DATE",
    "heure_locale": "VARCHAR",
    "instant_utc": "TIMESTAMPTZ",
    "precision_cle": "VARCHAR",
    "mesure": "VARCHAR",
    "valeur_avant": "DOUBLE",
    "valeur_apres": "DOUBLE",
    "statut_avant": "VARCHAR",
    "statut_apres": "VARCHAR",
    "delai_h": "DOUBLE",
    "version_avant": "VARCHAR",
    "version_apres": "VARCHAR",
    "connue_a": "TIMESTAMPTZ",
}

_EMPTY = "vide"


@dataclass(frozen=True, slots=True)
class RevisionInfo:
    """What is known of the revisions of one partition.

    Attributes:
        signature: identifies the contract and the vintages that were compared.
        vintages: their number.
        rows: number of revisions.
        content: digest of the file, which is named by it. The signature includes when each vintage arrived, which would
            set apart two lakes with the same content; builds therefore depend on this digest.
    """

    signature: str
    vintages: int
    rows: int
    content: str


def revision_signature(dataset: Dataset, names: Sequence[str]) -> str:
    """Return the signature of the revisions between the vintages with these manifests, oldest first."""
    return hashlib.sha256("\n".join([contract_digest(dataset), *names]).encode()).hexdigest()


class RevisionLake:
    """The revisions of a lake: ``revisions/<table>/<partition>/part-….parquet``, only where there are two vintages."""

    def __init__(self, paths: LakePaths) -> None:
        self.paths = paths

    def folder(self, dataset: Dataset) -> Path:
        """Return the folder of a data set."""
        return self.paths.parquet / "revisions" / dataset.table

    def part(self, dataset: Dataset, partition: str, content: str) -> Path:
        """Return the file of a partition with this digest; it need not be there."""
        return self.folder(dataset) / partition / part_name(content)

    def files(self, datasets: Iterable[Dataset]) -> list[Path]:
        """Return all files that readers open, in the order of data sets and partitions."""
        parts = [
            self.part(dataset, partition, info.content)
            for dataset in datasets
            for partition, info in self.index(dataset).items()
        ]
        return sorted([*parts, self._empty_part()])

    def drop(self, dataset: Dataset, partition: str) -> None:
        """Remove the files of a partition that the index no longer has."""
        drop_parts(self.folder(dataset) / partition)

    def sweep(self, dataset: Dataset, partitions: Iterable[str]) -> None:
        """Remove the former files of some partitions that no reader can still want, once the index names others."""
        index = self.index(dataset)
        for partition in partitions:
            if partition in index:
                sweep_parts(self.part(dataset, partition, index[partition].content))

    def _index(self, dataset: Dataset) -> Path:
        return self.folder(dataset) / "index.json"

    def _empty_part(self) -> Path:
        shape = hashlib.sha256(repr(COLUMNS).encode()).hexdigest()
        return self.paths.parquet / "revisions" / _EMPTY / part_name(shape)

    def index(self, dataset: Dataset) -> dict[str, RevisionInfo]:
        """Return what is known of each partition that may have revisions."""
        path = self._index(dataset)
        if not path.exists():
            return {}
        return {key: read_as(RevisionInfo, path, facts) for key, facts in read_json(path).items()}

    def write_index(self, dataset: Dataset, index: dict[str, RevisionInfo]) -> None:
        """Replace the index, after the files it describes."""
        write_json(self.paths, self._index(dataset), {key: asdict(info) for key, info in index.items()})

    def ensure_readable(self) -> None:
        """Make sure that a file exists: dbt reads an empty, typed table from a lake without revisions."""
        target = self._empty_part()
        if not is_kept(target):
            with connect() as connection:
                create_table(connection)
                move_into_place(self._draft(connection), target)
            sweep_parts(target)

    def write(self, connection: duckdb.DuckDBPyConnection, dataset: Dataset, partition: str) -> tuple[int, str]:
        """Write the temporary table ``revisions`` as the file of a partition; return its rows and its digest."""
        draft = self._draft(connection)
        with draft.open("rb") as written:
            content = hashlib.file_digest(written, "sha256").hexdigest()
        move_into_place(draft, self.part(dataset, partition, content))
        ((rows,),) = connection.execute("SELECT count(*) FROM revisions").fetchall()
        return int(rows), content

    def _draft(self, connection: duckdb.DuckDBPyConnection) -> Path:
        import pyarrow.parquet as pq

        draft = temporary_path(self.paths, ".parquet")
        # A total order: the bytes do not depend on how many vintages were compared at a time.
        table = connection.sql(f"SELECT * FROM revisions ORDER BY {', '.join(COLUMNS)}").to_arrow_table()
        with writable(draft):
            pq.write_table(table.combine_chunks(), draft, compression="zstd")
        return draft


def create_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty temporary table ``revisions``."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE revisions ({columns})")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A loaded vintage: its table, the SHA-256 of its bytes, and when it became knowable (UTC)."""

    table: str
    sha256: str
    known_at: datetime


def compare(
    connection: duckdb.DuckDBPyConnection, dataset: Dataset, partition: str, before: Arrival, after: Arrival
) -> None:
    """Add the revisions between two vintages to the temporary table ``revisions``.

    Args:
        connection: holds both vintages as tables with the contract's columns.
        dataset: the contract; it has a key.
        partition: key of the partition.
        before: the older vintage.
        after: the newer one.
    """
    measures = [f"CAST({name} AS DOUBLE) AS {name}" for name in dataset.measures]
    status = dataset.status_column
    select = ", ".join([*dataset.key, *_time(dataset), *measures, *([status] if status else [])])
    differs = " OR ".join(f"(o.{name} IS NOT NULL AND o.{name} IS DISTINCT FROM n.{name})" for name in dataset.measures)
    pairs = ", ".join(f"o.{name} AS {name}_avant, n.{name} AS {name}_apres" for name in dataset.measures)
    old, new = (f"{side}.{status}" if status else "NULL" for side in "on")
    statuses = f"{old} AS statut_avant, {new} AS statut_apres"
    # Part of a key may be null, such as the activity of a household.
    same = " AND ".join(f"o.{name} IS NOT DISTINCT FROM n.{name}" for name in dataset.key)
    key = ", ".join(dataset.key)
    first, second = (
        f"(FROM (SELECT DISTINCT {select} FROM {each.table}) QUALIFY count(*) OVER (PARTITION BY {key}) = 1)"
        for each in (before, after)
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE moved AS "
        f"SELECT n.* EXCLUDE ({', '.join(dataset.measures)}), {pairs}, {statuses} "
        f"FROM {first} AS o INNER JOIN {second} AS n ON {same} WHERE {differs}"
    )
    known_at = f"TIMESTAMPTZ {literal(after.known_at.isoformat())}"
    for name in dataset.measures:
        connection.execute(
            f"INSERT INTO revisions SELECT {literal(partition)}, {literal(dataset.id)}, "
            f"{dataset.territories or literal('FR')}, date_civile, {_label(dataset)}, instant, {_rest(dataset)}, "
            f"{literal(name)}, {name}_avant, {name}_apres, statut_avant, statut_apres, "
            f"date_diff('second', instant, {known_at}) / 3600.0, {literal(before.sha256[:16])}, "
            f"{literal(after.sha256[:16])}, {known_at} FROM moved "
            f"WHERE {name}_avant IS NOT NULL AND {name}_avant IS DISTINCT FROM {name}_apres"
        )


def _time(dataset: Dataset) -> list[str]:
    """Return the civil day (Paris) and the instant of a row; both null for a data set without time."""
    on = dataset.time_column
    if on is None:
        return ["CAST(NULL AS DATE) AS date_civile", "CAST(NULL AS TIMESTAMPTZ) AS instant"]
    if dataset.column(on).type == "int":  # a year counts from its end
        return [
            f"make_date({on}, 12, 31) AS date_civile",
            f"(CAST(make_date({on}, 12, 31) AS TIMESTAMP) AT TIME ZONE 'Europe/Paris') AS instant",
        ]
    if dataset.column(on).type == "datetime":
        return [f"CAST({on} AT TIME ZONE 'Europe/Paris' AS DATE) AS date_civile", f"{on} AS instant"]
    return [f"{on} AS date_civile", f"(CAST({on} AS TIMESTAMP) AT TIME ZONE 'Europe/Paris') AS instant"]


def _label(dataset: Dataset) -> str:
    return "heure" if "heure" in dataset.key else "NULL"


def _rest(dataset: Dataset) -> str:
    """Return, as text, what distinguishes rows of the same territory and time, such as the name of a store."""
    said = {dataset.territories, dataset.time_column, "heure", "date"}
    parts = [f"{literal(name + '=')} || {name}" for name in dataset.key if name not in said]
    return f"concat_ws(', ', {', '.join(parts)})" if parts else "NULL"
