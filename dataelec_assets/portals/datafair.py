"""Client of data-fair (Agence ORE).

Errors are plain French text. It also has Opendatasoft routes, but they answer metadata with 410; so this client speaks
the native API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import ContractViolation, IncompleteExport, RequestRejected, UnexpectedContent
from dataelec_assets.portals.client import DatasetMetadata, Download, PortalField
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.http_portal import HttpPortal
from dataelec_assets.portals.partition_filters import ALL, UNDATED
from dataelec_assets.portals.streams import (
    media_type_of,
    plain_chunks,
    refuse_what_is_not_csv,
    require_line_end,
    store_csv,
    whole_body,
    writing,
)

API = "/data-fair/api/v1"

# The most rows of a page, and the most values of an aggregate, that data-fair serves.
PAGE, VALUES = 10_000, 1_000

_BOM = b"\xef\xbb\xbf"

# JSON-schema types, by the catalogue's names.
_TYPES = {"integer": "int", "number": "double"}


class DataFairPortal(HttpPortal):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`."""

    survey_is_free = False

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what the portal says of a data set, in one call; its version is ``dataUpdatedAt``."""
        url = self._url(dataset)
        document = self._json(dataset.id, url, {}, self._portal.timeouts.read)
        try:
            updated = datetime.fromisoformat(document["dataUpdatedAt"])
            return DatasetMetadata(
                dataset_id=dataset.id,
                title=document.get("title") or dataset.id,
                data_processed=updated.replace(tzinfo=UTC) if updated.tzinfo is None else updated.astimezone(UTC),
                records_count=int(document["count"]),
                fields=tuple(
                    PortalField(
                        each["key"], each.get("title") or each.get("x-originalName") or each["key"], _type(each)
                    )
                    for each in document["schema"]
                    if not each["key"].startswith("_")  # data-fair's own
                ),
                licence=(document.get("license") or {}).get("title"),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnexpectedContent(
                f"the metadata cannot be read ({type(error).__name__}: {error})", dataset_id=dataset.id, request=url
            ) from error

    def extent(self, dataset: Dataset) -> tuple[str, str] | None:
        """Return the first and the last year of the rows; None when they have none."""
        on = dataset.partitioning.on
        years = sorted(self._aggregate(dataset, on, ()).keys() - {UNDATED}) if on else []
        return (years[0], years[-1]) if years else None

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:
        """Return rows and sums of the principal measures of each year, in one aggregate.

        data-fair sums the first one by ``metric`` and the others by ``extra_metrics``, which older versions ignore: so
        the catalogue names the total first. A measure that is typed as text, or that the portal refuses to sum, is
        reported as weak.

        Raises:
            ContractViolation: the column of the year or a principal measure is missing.
            UnexpectedContent: the aggregate is incomplete.
        """
        on = dataset.partitioning.on
        if on is None:
            version = {"version": metadata.data_processed.isoformat()}
            return Survey({ALL: Fingerprint(metadata.records_count, sums=version)})
        types = {each.name: each.type for each in metadata.fields}
        for name in (on, *dataset.fingerprint):
            if name not in types:
                raise ContractViolation(
                    f"column {name!r} is missing; the portal has {', '.join(types)}.",
                    dataset_id=dataset.id,
                    column=name,
                )
        summed = tuple(name for name in dataset.fingerprint if types[name] in ("int", "double"))
        try:
            partitions = self._aggregate(dataset, on, summed)
        except RequestRejected:
            if not summed:
                raise
            # The publisher may have switched off sums on a column: its rows are still wanted.
            summed, partitions = (), self._aggregate(dataset, on, ())
        return Survey(partitions, tuple(name for name in dataset.fingerprint if name not in summed))

    def survey_partition(self, dataset: Dataset, partition: str, metadata: DatasetMetadata) -> Fingerprint:
        """Return what the portal shows of one year now; the aggregate of all years costs no more."""
        return self.survey(dataset, metadata).partitions.get(partition, Fingerprint(0))

    def _aggregate(self, dataset: Dataset, on: str, summed: tuple[str, ...]) -> dict[str, Fingerprint]:
        """Return the fingerprint of each year."""
        parameters = {"field": on, "agg_size": str(VALUES), "size": "0"}
        if summed:
            parameters |= {"metric": "sum", "metric_field": summed[0]}
        if summed[1:]:
            parameters["extra_metrics"] = ",".join(f"{name}:sum" for name in summed[1:])
        url = self._url(dataset, "/values_agg")
        document = self._json(dataset.id, url, parameters, self._portal.timeouts.export)
        try:
            partitions = {f"{int(each['value']):04d}": _fingerprint(each, summed) for each in document["aggs"]}
            left_out, undated = int(document.get("total_other") or 0), 0
            if "total" in document:
                undated = int(document["total"]) - left_out - sum(each.rows for each in partitions.values())
        except (KeyError, TypeError, ValueError) as error:
            raise UnexpectedContent(
                f"the aggregate cannot be read ({type(error).__name__}: {error})", dataset_id=dataset.id, request=url
            ) from error
        if left_out or document.get("timed_out"):
            reason = f"the aggregate leaves out {left_out} rows" if left_out else "the aggregate was cut short"
            raise UnexpectedContent(reason, dataset_id=dataset.id, request=url)
        return dict(sorted(partitions.items())) | ({UNDATED: Fingerprint(undated)} if undated > 0 else {})

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store the lines of a partition as one CSV: the pages in the portal's order, their header once.

        One page is in memory at a time.

        Raises:
            IncompleteExport: a page broke off in every attempt, or a later page has another header.
            UnexpectedContent: HTML or an error object came instead of rows in every attempt, or the pages do not end.
            LakeError: the file cannot be written.
        """
        url = self._url(dataset, "/lines")
        parameters = {"size": str(PAGE), "format": "csv", "sep": ";", **_filter(dataset, partition)}
        with writing(dataset.id, destination):
            stored = store_csv(self._pages(dataset, url, parameters), "text/csv", destination, on_bytes)
        return Download(url, parameters, destination, stored.sha256, stored.size, stored.stored_size, "text/csv")

    def _pages(self, dataset: Dataset, url: str, parameters: Mapping[str, str]) -> Iterator[bytes]:
        """Yield the pages, without the header from the second on."""
        header: bytes | None = None
        asked, given = url, parameters
        known: set[str] = set()
        while True:
            body, following = self._portal.ask(
                asked,
                given,
                _page,
                dataset_id=dataset.id,
                silence=self._portal.timeouts.export,
                broken=IncompleteExport,
            )
            end = body.find(b"\n") + 1
            line = body[:end].removeprefix(_BOM).strip()
            if header is not None and line != header:
                raise IncompleteExport("a later page has another header", dataset_id=dataset.id, request=asked)
            yield body if header is None else body[end:]
            header, body = line, b""  # not kept while the next page comes
            if following is None:
                return
            asked, given = self._next_page(dataset, url, following), {}
            if asked in known:
                raise UnexpectedContent("the pages go in circles", dataset_id=dataset.id, request=asked)
            known.add(asked)

    def _next_page(self, dataset: Dataset, url: str, following: str) -> str:
        """Return the address of the next page: only the parameters are taken from the portal."""
        own, said = httpx.URL(url), httpx.URL(url).join(following)
        if said.host != own.host:
            raise UnexpectedContent(
                f"the next page is said to be on another host ({said.host})", dataset_id=dataset.id, request=following
            )
        return str(own.copy_with(query=said.query))

    def rows_by(self, dataset: Dataset, partition: str, columns: Sequence[str]) -> list[int] | None:
        """Return None: the portal counts nothing that finely."""

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Compare the rows with the portal's total under the same filter.

        On a difference it asks again, because the first count may meet the portal while it processes the data.
        """
        if self._total(dataset, partition) == rows:
            return
        total = self._total(dataset, partition)
        if total != rows:
            raise IncompleteExport(
                f"{rows:,} rows in the export of {partition}, {total:,} on the portal", dataset_id=dataset.id
            )

    def _total(self, dataset: Dataset, partition: str) -> int:
        url = self._url(dataset, "/lines")
        parameters = {"size": "0", **_filter(dataset, partition)}
        document = self._json(dataset.id, url, parameters, self._portal.timeouts.read)
        total = document.get("total")
        if not isinstance(total, int):
            raise UnexpectedContent("no total in the reply", dataset_id=dataset.id, request=url)
        return total

    def _url(self, dataset: Dataset, path: str = "") -> str:
        return f"{self._portal.base_url}{API}/datasets/{quote(dataset.id, safe='')}{path}"


def _page(response: httpx.Response) -> tuple[bytes, str | None]:
    """Return one page of lines and the address of the next, None on the last one."""
    body = whole_body(plain_chunks(response))
    refuse_what_is_not_csv(body, iter(()), media_type_of(response))
    require_line_end(body, len(body))
    return body, response.links.get("next", {}).get("url")


def _fingerprint(group: Mapping[str, Any], summed: tuple[str, ...]) -> Fingerprint:
    rows = int(group["total"])
    sums = {summed[0]: group["metric"]} if summed else {}
    sums |= {name: group[f"{name}_sum"] for name in summed[1:] if f"{name}_sum" in group}
    # Twelve digits: data-fair adds up over shards in any order.
    digits = {name: f"{float(value or 0):.12g}" for name, value in sums.items()}
    return Fingerprint(rows, rows, str(int(group["value"])), digits)


def _type(field: Mapping[str, Any]) -> str:
    if field.get("format") in ("date", "date-time"):
        return "date" if field["format"] == "date" else "datetime"
    return _TYPES.get(str(field.get("type")), "text")


def _filter(dataset: Dataset, partition: str) -> dict[str, str]:
    return {"qs": f"{dataset.partitioning.on}:{int(partition)}"} if dataset.partitioning.on else {}
