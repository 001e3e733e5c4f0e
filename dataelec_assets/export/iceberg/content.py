"""What a catalogue is to hold: the tables of the publication and of the lake, each with its files.

The files get a second name below ``iceberg/`` (a hard link, or a copy where there are no links) under which nothing
replaces or sweeps them: snapshots name files for as long as they are kept.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from dataelec_assets.disk import writable
from dataelec_assets.errors import DataElecError
from dataelec_assets.lake.atomic_files import read_json
from dataelec_assets.lake.calendar import TABLES as CALENDAR_TABLES
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.build import lake_signatures, warehouse_signatures
from dataelec_assets.warehouse.parquet_tables import read_index

# Namespaces of the catalogue: what is served, and the typed copies of what publishers publish.
PUBLICATION, COPIES = "publication", "copies"

# Characters of a digest in the name of a file; 2^64 of them.
_SHORT = 16


@dataclass(frozen=True, slots=True)
class File:
    """A Parquet file of a table.

    Attributes:
        path: where it lies, or may be replaced.
        name: under which a snapshot knows it; another content has another name.
        partition: value of the table's partition column, which is not in the file; None: the table has none.
    """

    path: Path
    name: str
    partition: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A table as it is to be.

    Attributes:
        namespace, name: in the catalogue.
        schema: of its files, with ``doc`` on the fields that are described, and the partition column last.
        files: those with rows.
        partitioned_by: name of a column that is not in the files; None: none.
        about: properties of the table, such as its description.
    """

    namespace: str
    name: str
    schema: pa.Schema
    files: Sequence[File]
    partitioned_by: str | None
    about: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Digest of its columns and its files: a table that has it is not looked at."""
        fields = [f"{field.name} {field.type} {field.metadata}" for field in self.schema]
        names = sorted(file.name for file in self.files)
        return hashlib.sha256("\n".join([*fields, *names, *sorted(map(str, self.about.items()))]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Contents:
    """All tables of a publication.

    Attributes:
        publication: its id.
        tables: of it and of the lake.
        is_lake_ahead: whether copies have moved since: they are not those of the publication.
    """

    publication: str
    tables: Sequence[Content]
    is_lake_ahead: bool


def folder_of(paths: LakePaths, namespace: str, name: str) -> Path:
    """Return the folder of a table: ``data/`` with its files, ``metadata/`` with what Iceberg writes."""
    return paths.root / "iceberg" / namespace / name


def linked_contents(ctx: RunContext) -> Contents:
    """Return what is published and in the lake, with every file under its lasting name.

    The lake's writer lock is held meanwhile, so that all is of one moment.

    Raises:
        BusyError: a refresh holds the lake for too long.
        DataElecError: nothing is published.
    """
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        identifier, published = _published(ctx.paths)
        tables = [*published, *_copies(ctx)]
        for table in tables:
            folder = folder_of(ctx.paths, table.namespace, table.name) / "data"
            folder.mkdir(parents=True, exist_ok=True)
            for file in table.files:
                _link(file.path, folder / file.name)
        built, _ = warehouse_signatures(ctx)
        return Contents(identifier, tables, is_lake_ahead=built != lake_signatures(ctx))


def _link(source: Path, target: Path) -> None:
    if target.exists():
        return
    with writable(target):
        try:
            os.link(source, target)
        except FileNotFoundError as error:
            raise _lost(source) from error
        except OSError:  # a file system without links
            draft = target.with_name(f".{target.name}")
            shutil.copyfile(source, draft)
            draft.replace(target)


def _lost(path: Path) -> DataElecError:
    return DataElecError(
        f"{path} is in the index and not on the disk.",
        advice="Run `dataelec refresh --thorough`, which writes it again; the catalogue is as it was.",
    )


def _schema(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except FileNotFoundError as error:
        raise _lost(path) from error


def _published(paths: LakePaths) -> tuple[str, list[Content]]:
    folder = (paths.serving / "parquet").resolve()
    index = read_index(folder)
    if index is None:
        raise DataElecError("Nothing is published.", advice="Run `dataelec refresh`, then `dataelec iceberg`.")
    package = read_json(folder / "datapackage.json")
    found = []
    for about in package["resources"]:
        name, table = about["name"], index.tables[about["name"]]
        files = [
            File(folder / part.file, f"{quote(month, safe='') or 'tout'}-{part.sha256[:_SHORT]}.parquet")
            for month, part in table.parts.items()
            if part.rows
        ]
        first = next(iter(table.parts.values()))
        docs = {each["name"]: _doc(each) for each in about["schema"]["fields"]}
        schema = _described(_schema(folder / first.file), docs)
        found.append(Content(PUBLICATION, name, schema, files, None, {"comment": about["description"]}))
    return package["id"], found


def _doc(about: Mapping[str, Any]) -> str:
    unit = f" ({about['unit']})" if about.get("unit") else ""
    return f"{about.get('description', '')}{unit}"


def _copies(ctx: RunContext) -> Iterator[Content]:
    """Yield the lake's tables; those without a partition are left out."""
    for dataset in ctx.catalog.values():
        index, key = ctx.parquet.index(dataset), dataset.partitioning.hive_key
        if not index:
            continue
        files = [
            File(
                ctx.parquet.part(dataset, partition, info.signature),
                f"{quote(partition, safe='')}-{info.signature[:_SHORT]}.parquet",
                partition,
            )
            for partition, info in index.items()
            if info.rows
        ]
        docs = {each.name: _doc({"description": each.description, "unit": each.unit}) for each in dataset.columns}
        schema = _schema(ctx.parquet.file(dataset, next(iter(index))))
        schema = _described(schema, docs).append(pa.field(key, pa.string()))
        about = {"comment": dataset.title, "publisher": dataset.publisher, "licence": dataset.licence}
        yield Content(COPIES, dataset.table, schema, files, key, about)
    ctx.calendar.ensure_current()  # a lake of an earlier version has none until its next refresh
    for table in CALENDAR_TABLES:  # two tables with columns of their own in one folder
        path = ctx.calendar.file(table)
        yield Content(COPIES, table, _described(_schema(path), {}), [File(path, path.name)], None, {})
    yield from _revisions(ctx)


def _revisions(ctx: RunContext) -> Iterator[Content]:
    files = [
        File(
            ctx.revisions.part(dataset, partition, info.content),
            f"{dataset.table}-{quote(partition, safe='')}-{info.content[:_SHORT]}.parquet",
        )
        for dataset in ctx.catalog.values()
        for partition, info in ctx.revisions.index(dataset).items()
        if info.rows
    ]
    if files:
        yield Content(COPIES, "revisions", _described(_schema(files[0].path), {}), files, None, {})


def _described(schema: pa.Schema, docs: Mapping[str, str]) -> pa.Schema:
    """Return a schema with the descriptions of its columns where Iceberg looks for them, and nothing else."""
    return pa.schema(
        [
            pa.field(field.name, field.type, metadata={"doc": docs[field.name]} if docs.get(field.name) else None)
            for field in schema
        ]
    )
