"""Client of the Opendatasoft Explore API v2.1: metadata, counts, grouped records, exports."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from dataelec_assets.errors import IncompleteExport, RequestRejected, UnexpectedContent
from dataelec_assets.portals.client import DatasetMetadata, Download, PortalField
from dataelec_assets.portals.connection import Connection, Timeouts
from dataelec_assets.portals.error_replies import Quota, explain
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.portals.streams import NotData, plain_chunks, store_csv, whole_body, writing

API = "/api/explore/v2.1"

# The documentation wants offset + limit below 20 000 with group_by. One call of that size needs no paging, which
# would be unstable anyway: groups come in no guaranteed order.
GROUPS = 19_999


class OpendatasoftClient(AbstractContextManager["OpendatasoftClient"]):
    """Speaks to one portal; several threads may share one client.

    Every method raises a ``SourceError`` that names the data set and the URL: ``DatasetAbsent`` (404, 410),
    ``RequestRejected`` (other 4xx), ``QuotaExceeded``, and after all retries ``PortalUnreachable`` or
    ``UnexpectedContent``.

    Args:
        base_url: root of the portal, such as ``https://odre.opendatasoft.com``.
        api_key: sent in a header only, never shown.
        max_connections: polite limit; further threads wait for a connection.
        retries: how often and how patiently to ask again.
        timeouts: of each attempt.
        transport: replaces the network in tests.
        sleep: replaces the wait between attempts in tests; by default ``cancel`` ends it.
        deadline: seconds from now that the work with the portal may take in all; None: no limit.

    Raises:
        SettingsError: the address or the key cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        max_connections: int = 4,
        retries: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] | None = None,
        deadline: float | None = None,
    ) -> None:
        self._portal = Connection(
            base_url,
            api_key=api_key,
            max_connections=max_connections,
            policy=retries,
            timeouts=timeouts,
            transport=transport,
            sleep=sleep,
            deadline=deadline,
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._portal.close()

    def cancel(self) -> None:
        """End all waits, cut what is under way and retry no more."""
        self._portal.cancel()

    @property
    def quota(self) -> Quota | None:
        """Calls left for this user or domain, as last announced; None as long as the portal announced none."""
        return self._portal.quota

    @property
    def dataset_quotas(self) -> Mapping[str, Quota]:
        """Calls left by data set, where the portal announces that."""
        return dict(self._portal.dataset_quotas)

    def metadata(self, dataset_id: str) -> DatasetMetadata:
        """Return what the portal says of a data set, in one call."""
        url = self._url(dataset_id)
        document, headers = self._json(dataset_id, url, {}, self._portal.timeouts.read)
        try:
            return _metadata(dataset_id, document, headers)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnexpectedContent(
                f"the metadata cannot be read ({type(error).__name__}: {error})",
                dataset_id=dataset_id,
                request=url,
            ) from error

    def count(self, dataset_id: str, where: str | None) -> int:
        """Return the number of rows that satisfy ``where`` (None: all), in one call."""
        url = self._url(dataset_id, "/records")
        parameters = {"limit": "0", "timezone": "UTC", **_given(where=where)}
        document, _ = self._json(dataset_id, url, parameters, self._portal.timeouts.read)
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
        document, _ = self._json(dataset_id, url, parameters, self._portal.timeouts.export)
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

        Rows come in no particular order. The caller parses the file and then proves it whole with ``verify_rows``.

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
        url = self._url(dataset_id, "/exports/csv")
        parameters = {
            "delimiter": ";",
            "with_bom": "false",
            "timezone": "UTC",
            "use_labels": "false",
            **_given(where=where, limit=None if limit is None else str(limit)),
        }

        def store(response: httpx.Response) -> Download:
            media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            chunks = plain_chunks(response)
            with writing(dataset_id, destination):
                stored = store_csv(chunks, media_type, destination, on_bytes or (lambda _: None))
            return Download(url, parameters, destination, stored.sha256, stored.size, stored.stored_size, media_type)

        return self._portal.ask(
            url,
            parameters,
            store,
            dataset_id=dataset_id,
            silence=self._portal.timeouts.export,
            broken=IncompleteExport,
        )

    def verify_rows(
        self, dataset_id: str, expected_where: str | None, parsed_rows: int, *, tolerance_rows: int = 0
    ) -> int:
        """Prove that an export is whole: as many rows as the portal counts under the same ``where``.

        Counted again on a difference, because the first count may meet the portal in the middle of a processing.

        Args:
            dataset_id: the data set.
            expected_where: the filter of the export.
            parsed_rows: rows read from the file.
            tolerance_rows: difference allowed, for sets that move between the export and the count.

        Returns:
            The portal's count.

        Raises:
            IncompleteExport: the numbers differ by more; the message names both.
        """
        counted = self.count(dataset_id, expected_where)
        if abs(counted - parsed_rows) > tolerance_rows:
            counted = self.count(dataset_id, expected_where)
        if abs(counted - parsed_rows) > tolerance_rows:
            raise IncompleteExport(
                f"{parsed_rows:,} rows in the export, {counted:,} on the portal"
                + (f" where {expected_where}" if expected_where else ""),
                dataset_id=dataset_id,
            )
        return counted

    def _url(self, dataset_id: str, path: str = "") -> str:
        return f"{self._portal.base_url}{API}/catalog/datasets/{quote(dataset_id, safe='')}{path}"

    def _json(
        self, dataset_id: str, url: str, parameters: Mapping[str, str], silence: float
    ) -> tuple[dict[str, Any], httpx.Headers]:
        """Return the reply as an object, and its headers."""

        def parse(response: httpx.Response) -> tuple[dict[str, Any], httpx.Headers]:
            body = whole_body(response.iter_bytes())
            try:
                document = json.loads(body)
            except ValueError:
                document = None
            if not isinstance(document, dict) or "error_code" in document or "errorcode" in document:
                said = explain(body).message or "an empty body"
                raise NotData(f"{said} instead of a JSON reply", body)
            return document, response.headers

        return self._portal.ask(url, parameters, parse, dataset_id=dataset_id, silence=silence)


def _metadata(dataset_id: str, document: dict[str, Any], headers: httpx.Headers) -> DatasetMetadata:
    metas = document["metas"]
    default = metas["default"]
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
        synthetic=(metas.get("custom") or {}).get("synthetic") is True
        or headers.get("X-Dataelec-Synthetic", "").strip().lower() in ("1", "true"),
        publisher=default.get("publisher") or None,
    )


def _given(**parameters: str | None) -> dict[str, str]:
    """Return the parameters that have a value."""
    return {name: value for name, value in parameters.items() if value}
