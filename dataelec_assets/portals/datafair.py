"""A portal of data-fair (Agence ORE), as a refresh asks it.

Errors are plain French text. The Opendatasoft routes that it also has answer 410 to metadata, so the native API is
spoken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import ContractViolation, IncompleteExport, LakeError, UnexpectedContent
from dataelec_assets.portals.client import DatasetMetadata, Download, PortalField
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.replies import explain
from dataelec_assets.portals.streams import BrokenBody, NotData, plain_chunks, store_csv
from dataelec_assets.portals.windows import ALL

API = "/data-fair/api/v1"

# The most rows of a page, and the most values of an aggregate, that data-fair serves.
PAGE, VALUES = 10_000, 1_000

_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')

# JSON-schema types to those that the catalogue speaks.
_TYPES = {"integer": "int", "number": "double", "string": "text", "boolean": "text"}


class DataFairPortal(AbstractContextManager["DataFairPortal"]):
    """Implements :class:`~dataelec_assets.portals.client.PortalClient`.

    Args:
        connection: closed with this client.
    """

    survey_is_free = False

    def __init__(self, connection: Connection) -> None:
        self._portal = connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._portal.close()

    def cancel(self) -> None:
        """End all waits between attempts."""
        self._portal.cancel()

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return what the portal says of a data set, in one call; its version is ``dataUpdatedAt``."""
        url = self._url(dataset)
        document, headers = self._json(dataset, url, {})
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
                synthetic=headers.get("X-Dataelec-Synthetic", "").strip().lower() in ("1", "true"),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnexpectedContent(
                f"the metadata cannot be read ({type(error).__name__}: {error})", dataset_id=dataset.id, request=url
            ) from error

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:
        """Return rows and sum of the first principal measure of each year, in one aggregate.

        data-fair sums one measure a call: a revision that leaves the sum of the first one as it was goes unseen, so the
        catalogue names the total first.

        Raises:
            ContractViolation: the column of the year is not there.
            UnexpectedContent: the aggregate is not whole.
        """
        types = {each.name: each.type for each in metadata.fields}
        on = dataset.partitioning.on
        if on is None:
            return Survey(
                {ALL: Fingerprint(metadata.records_count, sums={"version": metadata.data_processed.isoformat()})}
            )
        for name in (on, *dataset.fingerprint[:1]):
            if name not in types:
                raise ContractViolation(
                    f"column {name!r} is missing; the portal has {', '.join(types)}.",
                    dataset_id=dataset.id,
                    column=name,
                )
        measure = dataset.fingerprint[0]
        is_weak = types[measure] not in ("int", "double")
        parameters = {"field": on, "agg_size": str(VALUES), "size": "0"}
        if not is_weak:
            parameters |= {"metric": "sum", "metric_field": measure}
        url = self._url(dataset, "/values_agg")
        document, _ = self._json(dataset, url, parameters)
        try:
            partitions = {
                f"{int(each['value']):04d}": Fingerprint(
                    int(each["total"]),
                    int(each["total"]),
                    str(each["value"]),
                    {} if is_weak else {measure: f"{float(each['metric'] or 0):.12g}"},
                )
                for each in document["aggs"]
            }
        except (KeyError, TypeError, ValueError) as error:
            raise UnexpectedContent(
                f"the aggregate cannot be read ({type(error).__name__}: {error})", dataset_id=dataset.id, request=url
            ) from error
        if document.get("total_other"):
            raise UnexpectedContent(
                f"the aggregate leaves out {document['total_other']} rows", dataset_id=dataset.id, request=url
            )
        return Survey(dict(sorted(partitions.items())), (measure,) if is_weak else ())

    def fetch(self, dataset: Dataset, partition: str, destination: Path, on_bytes: Callable[[int], None]) -> Download:
        """Store the lines of a partition as one CSV: the pages in the portal's order, their header once.

        Raises:
            IncompleteExport: a page broke in every attempt, or a later page has another header.
            UnexpectedContent: a page or an error object came instead of rows.
            LakeError: the file cannot be written.
        """
        url = self._url(dataset, "/lines")
        parameters = {"size": str(PAGE), "format": "csv", "sep": ";", **_filter(dataset, partition)}
        pages = self._pages(dataset, url, parameters)
        try:
            stored = store_csv(pages, "text/csv", destination, on_bytes)
        except BrokenBody as error:
            raise IncompleteExport(str(error), dataset_id=dataset.id, request=url) from error
        except NotData as error:
            raise UnexpectedContent(str(error), dataset_id=dataset.id, request=url) from error
        except OSError as error:
            raise LakeError(
                f"{dataset.id}: cannot write {destination}: {error.strerror or error}.",
                advice="Check the free space and the rights of the lake's folder; nothing was changed.",
            ) from error
        return Download(url, parameters, destination, stored.sha256, stored.size, stored.stored_size, "text/csv")

    def _pages(self, dataset: Dataset, url: str, parameters: Mapping[str, str]) -> Iterator[bytes]:
        """Yield the pages, without the header from the second on."""

        def read(response: httpx.Response) -> tuple[bytes, str | None]:
            body = b"".join(plain_chunks(response))
            if not body.endswith((b"\n", b"\r")):
                raise BrokenBody(f"the page stops in the middle of a line after {len(body):,} bytes")
            found = _NEXT.search(response.headers.get("Link", ""))
            return body, found[1] if found else None

        header: bytes | None = None
        asked: str | None = url
        given: Mapping[str, str] = parameters
        while asked is not None:
            body, following = self._portal.ask(
                asked,
                given,
                read,
                dataset_id=dataset.id,
                silence=self._portal.timeouts.export,
                broken=IncompleteExport,
            )
            line, _, rest = body.partition(b"\n")
            if header is None:
                header = line
                yield body
            elif line.strip().removeprefix(b"\xef\xbb\xbf") != header.strip().removeprefix(b"\xef\xbb\xbf"):
                raise IncompleteExport("a later page has another header", dataset_id=dataset.id, request=asked)
            else:
                yield rest
            asked, given = self._on_this_portal(dataset, following), {}

    def _on_this_portal(self, dataset: Dataset, following: str | None) -> str | None:
        """Return the address of the next page; never one of another host, whatever the portal says."""
        if following is None:
            return None
        address = httpx.URL(self._portal.base_url).join(following)
        if address.host != httpx.URL(self._portal.base_url).host:
            raise UnexpectedContent(
                f"the next page is said to be on another host ({address.host})",
                dataset_id=dataset.id,
                request=following,
            )
        return str(address)

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Compare the rows with the portal's total under the same filter."""
        url = self._url(dataset, "/lines")
        document, _ = self._json(dataset, url, {"size": "0", **_filter(dataset, partition)})
        total = document.get("total")
        if not isinstance(total, int):
            raise UnexpectedContent("no total in the reply", dataset_id=dataset.id, request=url)
        if total != rows:
            raise IncompleteExport(f"{rows:,} rows in the export, {total:,} on the portal", dataset_id=dataset.id)

    def _url(self, dataset: Dataset, path: str = "") -> str:
        return f"{self._portal.base_url}{API}/datasets/{quote(dataset.id, safe='')}{path}"

    def _json(self, dataset: Dataset, url: str, parameters: Mapping[str, str]) -> tuple[dict[str, Any], httpx.Headers]:
        def parse(response: httpx.Response) -> tuple[dict[str, Any], httpx.Headers]:
            body = b"".join(plain_chunks(response))
            try:
                document = json.loads(body)
            except ValueError:
                document = None
            if not isinstance(document, dict):
                said = explain(body).message or "an empty body"
                raise NotData(f"{said} instead of a JSON reply", body)
            return document, response.headers

        return self._portal.ask(url, parameters, parse, dataset_id=dataset.id, silence=self._portal.timeouts.export)


def _type(field: Mapping[str, Any]) -> str:
    if field.get("format") in ("date", "date-time"):
        return "date" if field["format"] == "date" else "datetime"
    return _TYPES.get(str(field.get("type")), "text")


def _filter(dataset: Dataset, partition: str) -> dict[str, str]:
    return {"qs": f"{dataset.partitioning.on}:{int(partition)}"} if dataset.partitioning.on else {}
