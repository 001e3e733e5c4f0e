"""A table is brought up to date in one transaction: its columns, its files, the publication's tag, what is forgotten.

A transaction that is killed has changed nothing; a table that is as it is to be is not touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.io.pyarrow import parquet_file_to_data_file, pyarrow_to_schema
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table, TableProperties, Transaction
from pyiceberg.table.update.snapshot import ExpireSnapshots, ManageSnapshots
from pyiceberg.typedef import Record

from dataelec_assets.export.iceberg.content import Content

# Properties of a table: digest of what it holds, and its publications, oldest first.
DIGEST, PUBLICATIONS = "dataelec.content", "dataelec.publications"

# In the name of a table that was renamed, between its name and the publication before which it was the present one.
FORMER = "__avant_"

# Position of the partition in pyiceberg's record of a data file. It takes the partition from the rows, which do not
# have it.
_PARTITION = 3

# A replaced file leaves a manifest that says so, and nothing else takes it away: 200 are read in a tenth of a second.
_MANY_MANIFESTS = 200

# Beside the present one, for readers that have just looked it up.
_METADATA_FILES = 10


@dataclass(frozen=True, slots=True)
class Done:
    """A table that was brought up to date.

    Attributes:
        table: as it is now.
        added, removed: files.
        is_new_snapshot: whether its rows or columns have changed.
        has_moved: whether anything was written, be it a tag.
    """

    table: Table
    added: int = 0
    removed: int = 0
    is_new_snapshot: bool = False
    has_moved: bool = False


def tag_of(publication: str) -> str:
    """Return the name of a publication's tag."""
    return f"publication-{publication}"


def bring_up_to_date(catalog: SqlCatalog, content: Content, folder: Path, publication: str | None, keep: int) -> Done:
    """Make a table hold what it is to hold, under the tag of the publication.

    Args:
        catalog: opened.
        content: the table as it is to be; its files lie in ``folder/data``.
        folder: of the table.
        publication: its id; None: no tag is set.
        keep: how many publications can be read.
    """
    table = _table(catalog, content, folder, publication)
    properties = table.properties
    known = [each for each in properties.get(PUBLICATIONS, "").split(",") if each]
    is_same = properties.get(DIGEST) == content.digest
    wanted = [*(each for each in known if each != publication), *([publication] if publication else [])]
    if is_same and wanted == known and len(known) <= keep:
        return Done(table)
    forgotten, kept = wanted[:-keep], wanted[-keep:]
    added = removed = 0
    with table.transaction() as change:
        if not is_same:
            added, removed = _renew(table, change, content, folder)
        current = change.table_metadata.current_snapshot_id
        if publication is not None and current is not None:
            ManageSnapshots(change).create_tag(current, tag_of(publication)).commit()
        change.set_properties({DIGEST: content.digest, PUBLICATIONS: ",".join(kept), **content.about})
        _forget(change, forgotten)
    return Done(table.refresh(), added, removed, is_new_snapshot=not is_same, has_moved=True)


def retire(table: Table, keep: Sequence[str]) -> Done | None:
    """Leave no row in a table that the publication no longer has, and only these tags; None: no tag is left.

    Args:
        table: that nothing feeds any more.
        keep: ids of publications that can be read.
    """
    known = [each for each in table.properties.get(PUBLICATIONS, "").split(",") if each]
    kept = [each for each in known if each in keep]
    if not kept:
        return None
    files = _files(table)
    if not files and kept == known:
        return Done(table)
    with table.transaction() as change:
        if files:
            _replace(change, [], list(files.values()))
        change.set_properties({DIGEST: "", PUBLICATIONS: ",".join(kept)})
        _forget(change, [each for each in known if each not in kept])
    return Done(table.refresh(), 0, len(files), is_new_snapshot=bool(files), has_moved=True)


def _table(catalog: SqlCatalog, content: Content, folder: Path, publication: str | None) -> Table:
    """Return a table whose columns can become those that are wanted; one with which they cannot is renamed."""
    identifier = (content.namespace, content.name)
    try:
        table = catalog.load_table(identifier)
    except NoSuchTableError:
        return _created(catalog, content, folder)
    if _can_become(table, content.schema):
        return table
    catalog.rename_table(identifier, (content.namespace, f"{content.name}{FORMER}{publication or content.digest[:16]}"))
    return _created(catalog, content, folder)


def _created(catalog: SqlCatalog, content: Content, folder: Path) -> Table:
    return catalog.create_table(
        (content.namespace, content.name),
        content.schema,
        location=str(folder),
        properties={
            TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED: "true",
            TableProperties.METADATA_PREVIOUS_VERSIONS_MAX: str(_METADATA_FILES),
            **content.about,
        },
    )


def _can_become(table: Table, wanted: pa.Schema) -> bool:
    """Return whether columns can be added and removed until a table has these, and every older snapshot still be read.

    A name stands for one column in all snapshots, since the files do not number their columns. So it has one type, and
    a column that was removed does not come back.
    """
    present = table.schema()
    types = {field.name: field.field_type for field in present.fields}
    former = {field.name for schema in table.schemas().values() for field in schema.fields} - types.keys()
    found = _iceberg(wanted)
    return not any(
        field.name in former or types.get(field.name, field.field_type) != field.field_type for field in found
    )


def _iceberg(schema: pa.Schema) -> Sequence[Any]:
    """Return the fields of a schema as Iceberg has them; their numbers say nothing."""
    numbered = [field.with_metadata({"PARQUET:field_id": str(each)}) for each, field in enumerate(schema, 1)]
    return tuple(pyarrow_to_schema(pa.schema(numbered)).fields)


def _renew(table: Table, change: Transaction, content: Content, folder: Path) -> tuple[int, int]:
    """Give a table its columns and its files; return how many files it gained and lost."""
    if change.table_metadata.name_mapping() is None:
        mapping = change.table_metadata.schema().name_mapping.model_dump_json()
        change.set_properties({TableProperties.DEFAULT_NAME_MAPPING: mapping})
    names = {field.name for field in content.schema}
    with change.update_schema() as columns:
        columns.union_by_name(content.schema)
        for field in table.schema().fields:
            if field.name not in names:
                columns.delete_column(field.name)
    if content.partitioned_by is not None and not change.table_metadata.spec().fields:
        with change.update_spec() as spec:
            spec.add_identity(content.partitioned_by)
    there, wanted = _files(table), {file.name: file for file in content.files}
    gone = [file for name, file in there.items() if name not in wanted]
    new = []
    for name, file in wanted.items():
        if name not in there:
            path = str(folder / "data" / name)
            data = parquet_file_to_data_file(io=table.io, table_metadata=change.table_metadata, file_path=path)
            if file.partition is not None:
                data[_PARTITION] = Record(file.partition)
            new.append(data)
    _replace(change, new, gone)
    return len(new), len(gone)


def _replace(change: Transaction, new: Sequence[DataFile], gone: Sequence[DataFile]) -> None:
    """Take files out of a table and put others in, as one snapshot."""
    overwrite = change.update_snapshot().overwrite()
    for file in gone:
        overwrite.delete_data_file(file)
    for file in new:
        overwrite.append_data_file(file)
    overwrite.commit()
    snapshot = change.table_metadata.current_snapshot()
    if snapshot is not None and len(snapshot.manifests(change._table.io)) > _MANY_MANIFESTS:  # noqa: SLF001
        change.update_snapshot().merge_append().commit()


def _forget(change: Transaction, publications: Sequence[str]) -> None:
    """Remove tags, and the snapshots that are then neither tagged nor current."""
    refs = change.table_metadata.refs
    for each in publications:
        if tag_of(each) in refs:
            ManageSnapshots(change).remove_tag(tag_of(each)).commit()
    named = {ref.snapshot_id for ref in change.table_metadata.refs.values()}
    loose = [each.snapshot_id for each in change.table_metadata.snapshots if each.snapshot_id not in named]
    if loose:
        ExpireSnapshots(change).by_ids(loose).commit()


def _files(table: Table) -> Mapping[str, DataFile]:
    """Return the files of the current snapshot by name."""
    if table.current_snapshot() is None:
        return {}
    return {Path(task.file.file_path).name: task.file for task in table.scan().plan_files()}
