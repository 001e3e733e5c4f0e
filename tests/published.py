"""What a folder or a text holds, published by stubs of the portals under the types and labels of the catalogue.

The stubs know nothing of the catalogue; this is where tests bring the two together.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from dataelec_assets.catalog import PORTALS, Catalog, Dataset, load_catalog
from dataelec_assets.errors import DatasetAbsent
from dataelec_assets.portals.folder.layout import WEATHER, Layout
from dataelec_assets.portals.rte_archives import archives_of
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.portals.support import plain
from tests.stubs import Stub
from tests.stubs.tables import PUBLISHED


def stub() -> Stub:
    """Return stubs of every portal of the catalogue, which have nothing yet."""
    # RTE's archives and Météo-France's stations are files, whatever the clients make of them.
    apis = {name: "files" if info.api in ("rte", "meteo-france") else info.api for name, info in PORTALS.items()}
    return Stub({name: api for name, api in apis.items() if api != "local"})


def read_csv(text: str) -> pa.Table:
    """Return the texts of a CSV by semicolons."""
    names = text.lstrip("\ufeff").partition("\n")[0].rstrip("\r").split(";")
    return pa_csv.read_csv(
        io.BytesIO(text.lstrip("\ufeff").encode()),
        parse_options=pa_csv.ParseOptions(delimiter=";"),
        convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )


def publish(
    portals: Stub,
    dataset: Dataset,
    rows: pa.Table | Sequence[Mapping[str, object]] | str,
    version: datetime = PUBLISHED,
) -> None:
    """Publish rows of a data set of tables.

    Args:
        portals: where.
        dataset: entry of the catalogue, which gives types and labels.
        rows: a table, rows, or the text of a CSV by semicolons; their columns have technical names or labels. Required
            columns that they lack are published without a value, and columns that the catalogue does not know as text.
        version: when the portal processed them, UTC.
    """
    if isinstance(rows, pa.Table):
        table = rows
    else:
        table = read_csv(rows) if isinstance(rows, str) else pa.Table.from_pylist(list(rows))
    names = {label: column.name for column in dataset.columns for label in column.labels}
    table = table.rename_columns([names.get(name, name) for name in table.column_names])
    types = {
        column.name: column.portal_type
        for column in dataset.columns
        if column.name in table.column_names or (column.required and column.name != dataset.stamped_by)
    }
    types |= {name: "text" for name in table.column_names if name not in types}
    labels = {column.name: column.labels[0] for column in dataset.columns if column.labels and column.name in types}
    portals.publish(
        dataset.portal,
        dataset.id,
        types,
        table,
        labels=labels,
        title=dataset.title,
        version=version,
        licence=dataset.licence,
    )


def publish_edition(
    portals: Stub, dataset: Dataset, key: str, content: bytes | str, modified: datetime | None = None
) -> None:
    """Publish a file as an edition of plain files, at its address; a member's name loses its asterisks."""
    edition = next(each for each in dataset.editions if each.key == key)
    body = content.encode() if isinstance(content, str) else content
    member = (edition.member or "").replace("*", "")
    portals.files[dataset.portal].put(edition.path, body, dataset=dataset.id, member=member, modified=modified)


def publish_archives(
    portals: Stub, dataset: Dataset, content: bytes | str, modified: datetime | None = None, *, name: str = ""
) -> None:
    """Publish the archives of a data set of RTE's, each with this text in it.

    Args:
        portals: where.
        dataset: entry of the catalogue.
        content: of the ``.xls`` in each; a text is encoded as RTE does.
        modified: when, UTC; None: a minute after what lay there.
        name: of the only archive to publish; empty: all of this year.
    """
    body = content.encode("cp1252") if isinstance(content, str) else content
    for archive in archives_of(dataset, datetime.now(UTC).year):
        if name in ("", archive.name):
            member = archive.name.replace(".zip", ".xls")
            portals.files[dataset.portal].put(
                archive.paths[0], body, dataset=dataset.id, member=member, modified=modified
            )


def withdraw_edition(portals: Stub, dataset: Dataset, key: str) -> None:
    """Take an edition away."""
    edition = next(each for each in dataset.editions if each.key == key)
    portals.files[dataset.portal].take_out(edition.path, (edition.member or "").replace("*", ""))


@contextmanager
def serving(folder: Path, catalog: Catalog | None = None) -> Iterator[Stub]:
    """Serve the tables of a folder ``<portal>/<data set>/<file>``: one file each, CSV by semicolons or Parquet."""
    known = load_catalog() if catalog is None else catalog
    with stub() as portals:
        for file in sorted(folder.glob("*/*/*")):
            dataset = known[file.parent.name]
            publish(portals, dataset, pq.read_table(file) if file.suffix == ".parquet" else file.read_text("utf-8"))
        yield portals


def publish_folder(portals: Stub, folder: Path, scratch: Path) -> None:
    """Publish whatever a folder holds, read as the folder source reads it.

    Args:
        portals: where.
        folder: published files in any shape, as ``refresh --from`` takes them.
        scratch: folder for what is read.
    """
    ctx = RunContext(Settings(lake=scratch, folder=folder))
    editions: dict[tuple[str, str], bytes] = {}
    for dataset in ctx.catalog.values():
        if dataset.archives or dataset.info.api == "meteo-france":
            continue  # what stands in for another is published by the tests that need it
        with ctx.client(dataset) as client:
            try:
                metadata = client.metadata(dataset)
            except DatasetAbsent:
                continue
            if dataset.info.api in WEATHER:
                newest = Layout(folder).files(dataset)[-1]
                places = json.loads(newest.path.read_text(encoding="utf-8"))
                portals.publish_weather(dataset.portal, dataset.id, places, newest.processed_at)
                continue
            file = scratch / dataset.id
            parts = {}
            for partition in client.survey(dataset, metadata).partitions:
                client.fetch(dataset, partition, file, lambda _: None)
                parts[partition] = plain(file)
        if dataset.info.api == "files":
            editions |= {(dataset.id, partition): content for partition, content in parts.items()}
        else:
            portals.publish(
                dataset.portal,
                dataset.id,
                {each.name: each.type for each in metadata.fields},
                pa.concat_tables([read_csv(content.decode()) for content in parts.values()]),
                labels={each.name: each.label for each in metadata.fields},
                title=metadata.title,
                version=metadata.data_processed,
                licence=dataset.licence,
            )
    for (dataset_id, key), content in editions.items():
        dataset = ctx.catalog[dataset_id]
        path = next(each.path for each in dataset.editions if each.key == key)
        beside = [
            (each.id, edition.key) for each in ctx.catalog.values() for edition in each.editions if edition.path == path
        ]
        # A publisher's archive is complete: one of which the folder has some members only is not published.
        if all(each in editions for each in beside):
            publish_edition(portals, dataset, key, content)
