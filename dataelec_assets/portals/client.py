"""What a refresh asks of a portal, whatever its API.

One client per API: :mod:`~dataelec_assets.portals.opendatasoft`, :mod:`~dataelec_assets.portals.datafair`,
:mod:`~dataelec_assets.portals.files`, :mod:`~dataelec_assets.portals.open_meteo`, and one for a folder of published
files: :mod:`~dataelec_assets.portals.folder.client`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import SourceError
from dataelec_assets.portals.fingerprints import Fingerprint, Survey

if TYPE_CHECKING:
    from dataelec_assets.portals.error_replies import Quota


@dataclass(frozen=True, slots=True)
class PortalField:
    """One field as the portal declares it; the type cannot be trusted (numbers are often typed as text)."""

    name: str
    label: str
    type: str


@dataclass(frozen=True, slots=True)
class DatasetMetadata:
    """What the portal says of a data set.

    Attributes:
        dataset_id: identifier on the portal.
        title: title on the portal.
        data_processed: version of the data, UTC; it may move although no row changed.
        records_count: rows of the whole data set.
        fields: in the portal's order; empty when the portal declares none.
        synthetic: whether the data are invented.
        notices: what was mended or left out while files were read, for the user.
        publisher: who produces the data, where the portal says so.
        missing: editions that are not at their addresses.
        licence: as the portal names it, where it does.
        signature: of the files of a folder: equal text, equal content; None for a portal.
    """

    dataset_id: str
    title: str
    data_processed: datetime
    records_count: int
    fields: tuple[PortalField, ...]
    synthetic: bool = False
    notices: tuple[str, ...] = ()
    publisher: str | None = None
    missing: tuple[str, ...] = ()
    licence: str | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of a published file without reading it whole.

    Attributes:
        content: its first whole lines, plain; empty for a Parquet file.
        fields: columns of a Parquet file; empty for any other.
    """

    content: bytes = b""
    fields: tuple[PortalField, ...] = ()


@dataclass(frozen=True, slots=True)
class Download:
    """One file of a portal, as stored.

    Attributes:
        url: address, without parameters.
        parameters: of the request.
        path: the file, zstd.
        sha256: of the plain bytes as published.
        bytes: number of plain bytes.
        stored_bytes: size of the file.
        media_type: as announced by the portal.
    """

    url: str
    parameters: dict[str, str]
    path: Path
    sha256: str
    bytes: int
    stored_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Together:
    """What one request has brought of several partitions.

    Attributes:
        downloads: the partitions of which rows came, each as if it had been asked for alone; the request is the one
            that was sent. After a fault, the whole lines that had come before.
        strays: rows that lie outside of what was asked for, or whose time cannot be read.
        fault: what ended the request early; None: nothing did.
    """

    downloads: Mapping[str, Download]
    strays: int = 0
    fault: SourceError | None = None


@runtime_checkable
class PortalClient(AbstractContextManager["PortalClient"], Protocol):
    """A portal; several threads may share one client.

    Every method raises a ``SourceError`` that names the data set and the address asked.

    Attributes:
        survey_is_free: whether :meth:`survey` needs no call beyond that of :meth:`metadata`. Then a version that stands
            still is not trusted: what each partition shows is compared too.
    """

    survey_is_free: bool

    def __enter__(self) -> Self:
        """Return the client; it closes its connections at the end."""

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what the portal says of a data set; one call, or one for each edition."""

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:
        """Return what the portal shows in each partition."""

    def survey_partition(self, dataset: Dataset, partition: str, metadata: DatasetMetadata) -> Fingerprint:
        """Return what the portal shows of one partition now; used when an arrival is not what the survey announced."""

    def rows_by(self, dataset: Dataset, partition: str, columns: Sequence[str]) -> list[int] | None:
        """Return how many rows each group of a partition has, in ascending order; None where the portal does not say.

        Used when an arrival has a key twice: equal sums do not distinguish a doubled row from a replaced one.
        """

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store a partition as published, zstd-compressed.

        Args:
            dataset: the data set.
            partition: its key.
            destination: exact path of the file; nothing is left there after a failure.
            on_bytes: called with the number of plain bytes of each piece, and with a negative number when an attempt is
                discarded.
        """

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Prove that the rows read from a partition are all that the portal has, where it gives no sums of them.

        Raises:
            IncompleteExport: they are not.
        """

    def cancel(self) -> None:
        """End all waits, cut what is under way and retry no more."""


@runtime_checkable
class SpanPortal(PortalClient, Protocol):
    """A portal of which one request brings several partitions."""

    def fetch_together(self, dataset: Dataset, drafts: Mapping[str, Path], on_bytes: Callable[[int], None]) -> Together:
        """Ask for all rows from the first to the last of some partitions, and store each partition by itself.

        A fault of the source is in the result, not raised.

        Args:
            dataset: the data set, cut by time.
            drafts: exact path of the file of each partition; the caller removes them.
            on_bytes: see :meth:`fetch`.

        Raises:
            LakeError: a file cannot be written.
        """


class LivePortal(PortalClient, Protocol):
    """A portal over the network: what :mod:`dataelec_assets.live` asks beside what a refresh needs."""

    def extent(self, dataset: Dataset) -> tuple[str, str] | None:
        """Return the first and the last time of the rows (ISO; instants in UTC), in one call at most.

        None where the portal does not say.
        """

    def beginning(self, dataset: Dataset, edition: str) -> Beginning | None:
        """Return the beginning of an edition of plain files, in a few calls; None where there are no files.

        Raises:
            WholeFilesOnly: the server sends no part of a file.
        """

    def quota_of(self, dataset_id: str) -> Quota | None:
        """Return the calls left for a data set, as last announced; without any call."""
