"""What a portal shows of one data set now, found with a few small calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from dataelec_assets.catalog import Column, Dataset, slug
from dataelec_assets.errors import DataElecError, DatasetAbsent, UnexpectedContent
from dataelec_assets.lake.file_formats import RawFile, inspect, resolve_header
from dataelec_assets.lake.reading import load
from dataelec_assets.lake.workbooks import as_table
from dataelec_assets.lake.year_columns import melted_columns
from dataelec_assets.portals.beginnings import WholeFilesOnly
from dataelec_assets.portals.client import LivePortal, PortalField
from dataelec_assets.portals.error_replies import Quota

State = Literal["answers", "absent", "silent", "off"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a portal shows of a data set.

    Attributes:
        state: whether it answers, does not have the data set, cannot be reached or read, or is not asked (``off``).
        message: why it does not answer, or why its columns could not be looked at.
        title, publisher, licence: in the portal's words; None where it says nothing.
        version: of the data (ISO, UTC).
        rows: of the whole data set; None where the portal counts none.
        first, last: time of the first and the last row (ISO; instants in UTC); None where it does not say.
        columns: names, labels and types that the portal declares; empty where it declares none.
        raw: beginning of the newest edition, for its header; None where there are no files.
        unreadable: what is wrong with the first rows of that edition; None when they are as the contract says.
        editions: whether the portal has each edition that is listed, by key.
        quota: calls that are left; None where the portal announces none.
    """

    state: State
    message: str | None = None
    title: str | None = None
    publisher: str | None = None
    licence: str | None = None
    version: str | None = None
    rows: int | None = None
    first: str | None = None
    last: str | None = None
    columns: tuple[PortalField, ...] = ()
    raw: RawFile | None = None
    unreadable: str | None = None
    editions: Mapping[str, bool] = field(default_factory=dict)
    quota: Quota | None = None


def show(client: LivePortal, dataset: Dataset) -> Shown:
    """Return what a portal shows of a data set.

    Two calls of a portal of tables, one of a weather service; of plain files one for each edition, and four at most for
    the beginning of the newest. Nothing is downloaded whole and nothing is kept.
    """
    try:
        shown = _described(client, dataset)
    except DatasetAbsent as error:
        shown = Shown("absent", str(error))
    except DataElecError as error:
        shown = Shown("silent", str(error))
    return replace(shown, quota=client.quota_of(dataset.id))


def _described(client: LivePortal, dataset: Dataset) -> Shown:
    metadata = client.metadata(dataset)
    shown = Shown(
        "answers",
        title=metadata.title,
        publisher=metadata.publisher,
        licence=metadata.licence,
        version=metadata.data_processed.isoformat(),
        rows=metadata.records_count or (0 if metadata.fields else None),
        columns=metadata.fields,
    )
    if dataset.editions:
        return _with_files(client, dataset, shown, client.survey(dataset, metadata).partitions)
    extent = client.extent(dataset)
    return shown if extent is None else replace(shown, first=extent[0], last=extent[1])


def _with_files(client: LivePortal, dataset: Dataset, shown: Shown, present: Mapping[str, object]) -> Shown:
    """Return the same with the editions, and the columns of the newest one."""
    editions = {each.key: each.key in present for each in dataset.editions}
    newest = max(present)
    shown = replace(shown, editions=editions, title=None)
    try:
        beginning = client.beginning(dataset, newest)
    except WholeFilesOnly:
        return replace(shown, message="the server sends whole files only: columns were not looked at")
    except UnexpectedContent as error:
        return replace(shown, unreadable=str(error))
    if beginning is None or beginning.fields:
        return shown if beginning is None else replace(shown, columns=beginning.fields)
    with TemporaryDirectory(prefix="dataelec-") as folder:
        file = Path(folder) / f"{dataset.id}-{newest}"
        file.write_bytes(beginning.content)
        try:
            with as_table(dataset, inspect(dataset.id, file)) as raw:
                shown = replace(shown, raw=raw)
                resolve_header(dataset, raw)
                return replace(shown, unreadable=_fault_of(dataset, raw))
        except DataElecError as error:
            # A missing column is reported with the other columns.
            is_reported = shown.raw is not None and missing_columns(dataset, shown.raw)
            return shown if is_reported else replace(shown, unreadable=str(error))


def _fault_of(dataset: Dataset, raw: RawFile) -> str | None:
    """Return what the contract refuses in the first rows of a file; None when nothing."""
    from dataelec_assets.database import connect

    try:
        with connect() as connection:
            load(connection.cursor(), dataset, raw, "premieres_lignes")
    except DataElecError as error:
        return str(error)
    return None


def missing_columns(dataset: Dataset, raw: RawFile) -> tuple[Column, ...]:
    """Return the required columns that no header of a file holds."""
    printed = {slug(name) for name in raw.header}
    of_years = melted_columns(dataset, raw.header)
    return tuple(
        column
        for column in dataset.columns
        if column.required
        and column.name not in of_years
        and column.name != dataset.stamped_by
        and printed.isdisjoint(column.header_slugs)
    )
