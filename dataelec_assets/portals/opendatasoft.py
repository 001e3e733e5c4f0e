"""A portal of Opendatasoft's Explore API v2.1: metadata, counts, grouped records, exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import IncompleteExport, RequestRejected, SourceError, UnexpectedContent
from dataelec_assets.portals.client import DatasetMetadata, Download, PortalField, Together
from dataelec_assets.portals.cutting import Cut
from dataelec_assets.portals.fingerprints import Fingerprint, Survey, fingerprint_query, fingerprints
from dataelec_assets.portals.http_portal import HttpPortal
from dataelec_assets.portals.partition_filters import (
    odsql_name,
    partition_of,
    place_in_span,
    where_of,
    where_of_span,
)
from dataelec_assets.portals.streams import media_type_of, plain_chunks, store_csv, writing

T = TypeVar("T")

API = "/api/explore/v2.1"

# The documentation wants offset + limit below 20 000 with group_by. One call of that size needs no paging, which
# would be unstable anyway: groups come in no guaranteed order.
GROUPS = 19_999


class OpendatasoftPortal(HttpPortal):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`; several threads may share one client.

    Every method raises a ``SourceError`` that names the data set and the URL: ``DatasetAbsent`` (404, 410),
    ``RequestRejected`` (other 4xx), ``QuotaExceeded``, and after all retries ``PortalUnreachable`` or
    ``UnexpectedContent``.
    """

    survey_is_free = False

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what the portal says of a data set, in one call."""
        return self.describe(dataset.id)

    def describe(self, dataset_id: str) -> DatasetMetadata:
        """Return the same of a data set that the catalogue may not have yet."""
        url = self._url(dataset_id)
        document = self._json(dataset_id, url, {}, self._portal.timeouts.read)
        try:
            return _metadata(dataset_id, document)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnexpectedContent(
                f"the metadata cannot be read ({type(error).__name__}: {error})",
                dataset_id=dataset_id,
                request=url,
            ) from error

    def extent(self, dataset: Dataset) -> tuple[str, str] | None:
        """Return the first and the last time of the measured rows; None when there are none, or it is a text.

        Real time has rows for tomorrow that hold nothing but a forecast.
        """
        on = dataset.time_column
        if on is None or on == dataset.stamped_by or dataset.column(on).portal_type == "text":
            return None
        name = odsql_name(on)
        select = f"min({name}) as premier, max({name}) as dernier"
        where = f"{odsql_name(dataset.fingerprint[0])} is not null" if dataset.fingerprint else None
        (group,) = self.grouped(dataset.id, select=select, group_by="", where=where, timezone="UTC") or ({},)
        first, last = group.get("premier"), group.get("dernier")
        return None if first is None or last is None else (str(first), str(last))

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:
        """Return what the portal shows in each partition, in one grouped call for the whole history.

        Of a stamped data set: the day of the present state, without any call.

        Raises:
            ContractViolation: a column that the fingerprint needs is missing.
            SourceError: the portal cannot answer.
        """
        if dataset.stamped_by is not None:
            # One state, of now: its version and its size are all that there is to know of it.
            version = metadata.data_processed
            fingerprint = Fingerprint(metadata.records_count, last=version.isoformat())
            return Survey({partition_of(dataset, version): fingerprint})
        query = fingerprint_query(dataset, {each.name: each.type for each in metadata.fields})
        groups = self.grouped(dataset.id, select=query.select, group_by=query.group_by)
        return Survey(fingerprints(dataset, query, groups), query.weak)

    def survey_partition(self, dataset: Dataset, partition: str, metadata: DatasetMetadata) -> Fingerprint:
        """Return what the portal shows of one partition now, in one grouped call under the filter of its export."""
        if dataset.stamped_by is not None:
            return self.survey(dataset, metadata).partitions[partition]
        query = fingerprint_query(dataset, {each.name: each.type for each in metadata.fields})
        where = where_of(dataset, partition)
        groups = self.grouped(dataset.id, select=query.select, group_by=query.group_by, where=where)
        return fingerprints(dataset, query, groups).get(partition, Fingerprint(0))

    def rows_by(self, dataset: Dataset, partition: str, columns: Sequence[str]) -> list[int] | None:
        """Return how many rows each group of a partition has, in one grouped call."""
        group_by = ", ".join(odsql_name(name) for name in columns)
        where = where_of(dataset, partition)
        groups = self.grouped(dataset.id, select="count(*) as n", group_by=group_by, where=where)
        return sorted(int(str(group["n"])) for group in groups)

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Stream the CSV export of a partition to a zstd file."""
        return self.export(dataset.id, destination, where=where_of(dataset, partition), on_bytes=on_bytes)

    def fetch_together(self, dataset: Dataset, drafts: Mapping[str, Path], on_bytes: Callable[[int], None]) -> Together:
        """Stream one CSV export, from the first partition to the last, and cut it on the way.

        Raises:
            LakeError: a file cannot be written.
        """
        on = dataset.partitioning.on or ""
        url, parameters = self._export(dataset.id, where_of_span(dataset, min(drafts), max(drafts)))
        place, cut, media_type = place_in_span(dataset, drafts), None, ""

        def store(response: httpx.Response) -> None:
            nonlocal cut, media_type
            cut, media_type = Cut(dataset.id, on, place, drafts), media_type_of(response)
            with writing(dataset.id, next(iter(drafts.values()))):
                cut.read(plain_chunks(response), media_type, on_bytes)

        fault = None
        try:
            self._ask_export(dataset.id, url, parameters, store)
        except SourceError as error:
            fault = error
        stored = cut.stored if cut is not None else {}
        downloads = {
            key: Download(url, parameters, drafts[key], each.sha256, each.size, each.stored_size, media_type)
            for key, each in stored.items()
        }
        return Together(downloads, cut.strays if cut is not None else 0, fault)

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Compare the rows of an export with the portal's count under the same filter.

        It is counted again on a difference, because the first count may meet the portal in the middle of a processing.
        """
        where = where_of(dataset, partition)
        if self.count(dataset.id, where) == rows:
            return
        counted = self.count(dataset.id, where)
        if counted != rows:
            raise IncompleteExport(
                f"{rows:,} rows in the export, {counted:,} on the portal" + (f" where {where}" if where else ""),
                dataset_id=dataset.id,
            )

    def count(self, dataset_id: str, where: str | None) -> int:
        """Return the number of rows that satisfy ``where`` (None: all), in one call."""
        url = self._url(dataset_id, "/records")
        parameters = {"limit": "0", "timezone": "UTC", **_given(where=where)}
        document = self._json(dataset_id, url, parameters, self._portal.timeouts.read)
        total = document.get("total_count")
        if not isinstance(total, int):
            raise UnexpectedContent("no total_count in the reply", dataset_id=dataset_id, request=url)
        return total

    def grouped(
        self,
        dataset_id: str,
        *,
        select: str,
        group_by: str,
        where: str | None = None,
        timezone: str = "Europe/Paris",
    ) -> list[dict[str, object]]:
        """Return one row per group, in no particular order, in one call.

        Args:
            dataset_id: the data set.
            select: aggregates with their aliases; the group keys come by themselves.
            group_by: group keys with their aliases; empty for one row over everything.
            where: filter; None for all rows.
            timezone: in which ``year()``, ``month()`` and the like read an instant.

        Raises:
            RequestRejected: there may be more groups than the portal serves; nothing is cut in silence.
        """
        url = self._url(dataset_id, "/records")
        limit = GROUPS if group_by else 1
        parameters = {
            "select": select,
            **_given(group_by=group_by, where=where),
            "limit": str(limit),
            "timezone": timezone,
        }
        document = self._json(dataset_id, url, parameters, self._portal.timeouts.export)
        rows = document.get("results")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UnexpectedContent("no list of results in the reply", dataset_id=dataset_id, request=url)
        if group_by and len(rows) >= limit:
            raise RequestRejected(
                f"{limit:,} groups or more, which is all that the portal serves",
                dataset_id=dataset_id,
                request=url,
                advice="Group by fewer keys, or give a where clause.",
            )
        return rows

    def export(
        self,
        dataset_id: str,
        destination: Path,
        *,
        where: str | None,
        on_bytes: Callable[[int], None] | None = None,
        limit: int | None = None,
    ) -> Download:
        """Stream a CSV export (``;``, UTF-8 without BOM, instants in UTC, technical names) to a zstd file.

        Rows come in no particular order. The caller parses the file and then proves it whole with ``verify``.

        Args:
            dataset_id: the data set.
            destination: exact path of the file, best a temporary name; nothing is left there after a failure.
            where: filter; None for all rows.
            on_bytes: called with the number of plain bytes of each piece, and with a negative number when an
                attempt is thrown away.
            limit: most rows that are wanted, for a sample; None for all.

        Raises:
            IncompleteExport: the body broke or stopped short in every attempt.
            UnexpectedContent: a page or an error object came instead of rows in every attempt.
            LakeError: the file cannot be written.
        """
        url, parameters = self._export(dataset_id, where, limit)

        def store(response: httpx.Response) -> Download:
            media_type = media_type_of(response)
            chunks = plain_chunks(response)
            with writing(dataset_id, destination):
                stored = store_csv(chunks, media_type, destination, on_bytes or (lambda _: None))
            return Download(url, parameters, destination, stored.sha256, stored.size, stored.stored_size, media_type)

        return self._ask_export(dataset_id, url, parameters, store)

    def _export(self, dataset_id: str, where: str | None, limit: int | None = None) -> tuple[str, dict[str, str]]:
        """Return the address and the parameters of an export."""
        return self._url(dataset_id, "/exports/csv"), {
            "delimiter": ";",
            "with_bom": "false",
            "timezone": "UTC",
            "use_labels": "false",
            **_given(where=where, limit=None if limit is None else str(limit)),
        }

    def _ask_export(
        self, dataset_id: str, url: str, parameters: Mapping[str, str], use: Callable[[httpx.Response], T]
    ) -> T:
        return self._portal.ask(
            url,
            parameters,
            use,
            dataset_id=dataset_id,
            silence=self._portal.timeouts.export,
            broken=IncompleteExport,
        )

    def _url(self, dataset_id: str, path: str = "") -> str:
        return f"{self._portal.base_url}{API}/catalog/datasets/{quote(dataset_id, safe='')}{path}"


def _metadata(dataset_id: str, document: dict[str, Any]) -> DatasetMetadata:
    default = document["metas"]["default"]
    processed = datetime.fromisoformat(default["data_processed"])
    # The API prints an offset; without one the documentation's default holds.
    processed = processed.replace(tzinfo=UTC) if processed.tzinfo is None else processed.astimezone(UTC)
    return DatasetMetadata(
        dataset_id=dataset_id,
        title=default.get("title") or dataset_id,
        data_processed=processed,
        records_count=int(default["records_count"]),
        fields=tuple(
            PortalField(each["name"], each.get("label") or each["name"], each["type"]) for each in document["fields"]
        ),
        publisher=default.get("publisher") or None,
        licence=default.get("license") or None,
    )


def _given(**parameters: str | None) -> dict[str, str]:
    """Return the parameters that have a value."""
    return {name: value for name, value in parameters.items() if value}
