"""A portal of Opendatasoft's Explore API, as a refresh asks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from dataelec_assets.catalog import Dataset
from dataelec_assets.portals.client import DatasetMetadata, Download
from dataelec_assets.portals.fingerprints import Fingerprint, Survey, fingerprint_query, fingerprints
from dataelec_assets.portals.opendatasoft import OpendatasoftClient
from dataelec_assets.portals.partition_filters import odsql_name, partition_of, where_of


class ExplorePortal(AbstractContextManager["ExplorePortal"]):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient` on a client of the API.

    Args:
        client: closed with this one.
    """

    survey_is_free = False

    def __init__(self, client: OpendatasoftClient) -> None:
        self._client = client

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._client.close()

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what the portal says of a data set, in one call."""
        return self._client.metadata(dataset.id)

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:
        """Return what the portal shows in each partition, in one grouped call for the whole history.

        Of a stamped data set: the day of the present state, without any call.

        Raises:
            ContractViolation: a column that the fingerprint needs is not there.
            SourceError: the portal cannot answer.
        """
        if dataset.stamped_by is not None:
            # One state, of now: its version and its size are all that there is to know of it.
            version = metadata.data_processed
            fingerprint = Fingerprint(metadata.records_count, last=version.isoformat())
            return Survey({partition_of(dataset, version): fingerprint})
        query = fingerprint_query(dataset, {each.name: each.type for each in metadata.fields})
        groups = self._client.grouped(dataset.id, select=query.select, group_by=query.group_by)
        return Survey(fingerprints(dataset, query, groups), query.weak)

    def survey_partition(self, dataset: Dataset, partition: str, metadata: DatasetMetadata) -> Fingerprint:
        """Return what the portal shows of one partition now, in one grouped call under the filter of its export."""
        if dataset.stamped_by is not None:
            return self.survey(dataset, metadata).partitions[partition]
        query = fingerprint_query(dataset, {each.name: each.type for each in metadata.fields})
        groups = self._client.grouped(
            dataset.id, select=query.select, group_by=query.group_by, where=where_of(dataset, partition)
        )
        return fingerprints(dataset, query, groups).get(partition, Fingerprint(0))

    def rows_by(self, dataset: Dataset, partition: str, columns: Sequence[str]) -> list[int] | None:
        """Return how many rows each group of a partition has, in one grouped call."""
        group_by = ", ".join(odsql_name(name) for name in columns)
        groups = self._client.grouped(
            dataset.id, select="count(*) as n", group_by=group_by, where=where_of(dataset, partition)
        )
        return sorted(int(str(group["n"])) for group in groups)

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Stream the CSV export of a partition to a zstd file."""
        return self._client.export(dataset.id, destination, where=where_of(dataset, partition), on_bytes=on_bytes)

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Compare the rows with the portal's count under the same filter: of a present state it tells nothing else."""
        self._client.verify_rows(dataset.id, where_of(dataset, partition), rows)

    def cancel(self) -> None:
        """End all waits between attempts."""
        self._client.cancel()
