"""What the clients of every API over HTTP share: a connection that they close, and replies of one JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

import httpx

from dataelec_assets.catalog import Dataset
from dataelec_assets.portals.client import Beginning
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.error_replies import Quota, explain
from dataelec_assets.portals.streams import NotData, whole_body


class HttpPortal(AbstractContextManager["HttpPortal"]):
    """A client that closes its connection.

    Args:
        connection: closed with this client.

    Attributes:
        is_synthetic: whether what it gives is invented: never what a portal gives, but what a folder may hold.
    """

    is_synthetic = False

    def __init__(self, connection: Connection) -> None:
        self._portal = connection

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._portal.close()

    def cancel(self) -> None:
        """End all waits, cut what is under way and retry no more."""
        self._portal.cancel()

    def extent(self, dataset: Dataset) -> tuple[str, str] | None:  # noqa: ARG002 - clients that can tell replace it
        """Return None: this portal does not say how far its rows reach."""
        return None

    def beginning(self, dataset: Dataset, edition: str) -> Beginning | None:  # noqa: ARG002 - of plain files only
        """Return None: this portal has no files."""
        return None

    def quota_of(self, dataset_id: str) -> Quota | None:
        """Return the calls left for a data set, or for the whole portal where it announces these, as last announced."""
        return self._portal.dataset_quotas.get(dataset_id) or self._portal.quota

    def _json(self, dataset_id: str, url: str, parameters: Mapping[str, str], silence: float) -> dict[str, Any]:
        """Return the reply as an object."""

        def parse(response: httpx.Response) -> dict[str, Any]:
            body = whole_body(response.iter_bytes())
            try:
                document = json.loads(body)
            except ValueError:
                document = None
            if not isinstance(document, dict) or "error_code" in document or "errorcode" in document:
                shown = explain(body).message or "an empty body"
                raise NotData(f"{shown} instead of a JSON reply", body)
            return document

        return self._portal.ask(url, parameters, parse, dataset_id=dataset_id, silence=silence)
