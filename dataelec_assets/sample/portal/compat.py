"""The Opendatasoft routes of data-fair: records and exports, and 410 for everything else."""

from __future__ import annotations

from dataclasses import replace
from email.utils import format_datetime

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from dataelec_assets.portals.folder.tables import State
from dataelec_assets.sample.portal import rendering
from dataelec_assets.sample.portal.datasets import PortalDataset
from dataelec_assets.sample.portal.explore import Explore, labels_of
from dataelec_assets.sample.portal.queries import Query
from dataelec_assets.sample.portal.replies import refusal

_GONE = "Cette couche de compatibilité pour la version d'API précédente ne supporte pas cette requête."


class CompatibleExplore(Explore):
    """What data-fair keeps of the v2.1 API, with its own ways."""

    narrow_integers = True

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes below ``/<portal>``."""
        dataset = "/api/explore/v2.1/catalog/datasets/{dataset}"
        return [
            Route(f"{dataset}/records", self.records),
            Route(f"{dataset}/exports/{{format}}", self.export),
            Mount("/api", routes=[Route("/{rest:path}", self.gone)]),
        ]

    @property
    def parquet_datetime(self) -> rendering.ParquetDatetime:
        """Instants are UTC without a zone, whatever the settings say of Opendatasoft."""
        return "naive"

    def find(self, request: HttpRequest) -> PortalDataset:
        """Return the data set that the address names by its slug or its id.

        Raises:
            PortalError: 404, there is none.
        """
        found = self.store.named(request.path_params["portal"], request.path_params["dataset"])
        if found is None:
            raise refusal(404, "Dataset not found")
        return found

    def records(self, request: HttpRequest) -> Response:
        """Serve a page of records, or say that nothing has changed since."""
        modified = format_datetime(self.find(request).current().processed_at, usegmt=True)
        headers = {"Last-Modified": modified}
        if request.headers.get("if-modified-since") == modified:
            return Response(status_code=304, headers=headers)
        answer = super().records(request)
        answer.headers.update(headers)
        return answer

    def export(self, request: HttpRequest) -> Response:
        """Stream a whole export.

        Raises:
            PortalError: 400, an offset is given.
        """
        if request.query_params.get("offset"):
            raise refusal(400, "offset parameter is not supported for exports")
        return super().export(request)

    def headers(self, request: HttpRequest, state: State, query: Query) -> list[str]:
        """Return the headers of a CSV export, which are labels always; those of Parquet are technical names."""
        return list(query.columns) if request.path_params["format"] == "parquet" else labels_of(state, query)

    def csv_form(self, request: HttpRequest) -> rendering.CsvForm:
        """Return how CSV is written: with plain line ends."""
        return replace(super().csv_form(request), line_end="\n")

    def gone(self, _: HttpRequest) -> Response:
        """Refuse what the layer never had: metadata, facets, attachments, v1.

        Raises:
            PortalError: 410, always.
        """
        raise refusal(410, _GONE)
