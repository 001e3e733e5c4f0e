"""The handlers of Explore API v2.1. They are plain functions: Starlette runs them in its thread pool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from duckdb import DuckDBPyConnection
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from dataelec_assets.errors import SettingsError
from dataelec_assets.portals.folder.fields import quoted
from dataelec_assets.portals.folder.tables import State
from dataelec_assets.sample.portal import rendering
from dataelec_assets.sample.portal.datasets import PortalDataset
from dataelec_assets.sample.portal.limits import read_export_limit, read_page
from dataelec_assets.sample.portal.metadata import describe
from dataelec_assets.sample.portal.queries import Query, check_field, compile_query
from dataelec_assets.sample.portal.replies import PortalError, invalid_parameter, not_found, unknown_dataset
from dataelec_assets.sample.portal.shapes import JSON, reply
from dataelec_assets.sample.portal.store import Store

# What data-fair answers; the content types of Opendatasoft were not recorded.
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": JSON,
    "jsonl": "application/jsonl; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass(slots=True)
class Settings:
    """What differs between portals, or is not known for sure.

    Attributes:
        grouped_window: largest offset + limit of a grouped query (20,000 documented, 30,000 measured elsewhere).
        parquet_datetime: how an export writes instants in Parquet.
        exports_sorted: whether exports obey ``order_by``; the live portal was measured not to. With a ``limit``,
            ``order_by`` always decides which rows are exported.
    """

    grouped_window: int = 20_000
    parquet_datetime: rendering.ParquetDatetime = "utc"
    exports_sorted: bool = False


class Explore:
    """The v2.1 API over a store."""

    # Whole numbers of a Parquet export have 32 bits instead of 64.
    narrow_integers = False

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes below ``/<portal>/api/explore/v2.1``."""
        dataset = "/catalog/datasets/{dataset}"
        return [
            Route("/catalog/datasets", self.datasets),
            Route(dataset, self.dataset),
            Route(f"{dataset}/records", self.records),
            Route(f"{dataset}/exports", self.formats),
            Route(f"{dataset}/exports/{{format}}", self.export),
            Route(f"{dataset}/facets", self.facets),
            Route(f"{dataset}/attachments", self.attachments),
        ]

    def find(self, request: HttpRequest) -> PortalDataset:
        """Return the data set that the address names.

        Raises:
            PortalError: 404, there is none.
        """
        return find_dataset(self.store, request.path_params["portal"], request.path_params["dataset"])

    def datasets(self, request: HttpRequest) -> Response:
        """Serve a page of the catalogue."""
        portal = self.store.portals.get(request.path_params["portal"])
        if portal is None:
            raise not_found(request.url.path)
        limit, offset = read_page(request.query_params, grouped=False, grouped_window=0)
        described = []
        for dataset in portal.values():
            try:
                described.append(describe(dataset, dataset.current(), synthetic=self.store.synthetic))
            except (PortalError, SettingsError):
                continue  # not published yet at the instant shown, or unreadable, which the start-up notice told
        return reply({"total_count": len(described), "results": described[offset : offset + limit]})

    def dataset(self, request: HttpRequest) -> Response:
        """Serve the metadata of one data set."""
        dataset = self.find(request)
        return reply(describe(dataset, dataset.current(), synthetic=self.store.synthetic))

    def records(self, request: HttpRequest) -> Response:
        """Serve a page of records."""
        state = self.find(request).current()
        query = compile_query(state, request.query_params)
        empty_if_asked(request, query)
        window = self.settings.grouped_window
        limit, offset = read_page(request.query_params, grouped=query.grouped, grouped_window=window)
        # Without a total order two pages are two shuffles: rows come twice or never, as on the live portals.
        order = [*query.order, *(query.groups if query.grouped else [f"hash(rowid, {offset})"])]
        tail = f" ORDER BY {', '.join(order)}" if order else ""
        with self.store.cursor() as cursor:
            lines = []
            if limit:
                sql = query.page([rendering.json_line(query)], f"{tail} LIMIT {limit} OFFSET {offset}")
                lines = [line for (line,) in cursor.execute(sql, query.request.used(sql)).fetchall()]
            total = len(lines)
            if not query.grouped:
                sql = query.counting()
                row = cursor.execute(sql, query.request.used(sql)).fetchone()
                total = row[0] if row else 0
        return Response(f'{{"total_count":{total},"results":[{",".join(lines)}]}}', media_type=JSON)

    def formats(self, request: HttpRequest) -> Response:
        """Serve the links to the exports."""
        self.find(request)
        here = str(request.url.replace(query=""))
        links = [{"href": here, "rel": "self"}] + [{"href": f"{here}/{name}", "rel": name} for name in MEDIA_TYPES]
        return reply({"_links": links})

    def export(self, request: HttpRequest) -> Response:
        """Stream a whole export: no length, no validator, no order that can be relied on."""
        dataset = self.find(request)
        form = request.path_params["format"]
        if form not in MEDIA_TYPES:
            raise not_found(request.url.path)
        # Asked for once: a step of the replay in between would give another state.
        state = dataset.current()
        query = compile_query(state, request.query_params)
        empty_if_asked(request, query)
        limit = read_export_limit(request.query_params)
        tail = ""
        if query.order and (self.settings.exports_sorted or limit >= 0):
            tail = f" ORDER BY {', '.join(query.order)}"
        elif query.grouped and query.groups:
            tail = f" ORDER BY {', '.join(query.groups)}"
        if limit >= 0:
            tail += f" LIMIT {limit}"
        cursor = self.store.cursor()
        chunks = self._chunks(request, state, cursor, query, tail)
        return self._streamed(request, dataset, rendering.closing(cursor, chunks))

    def _chunks(
        self, request: HttpRequest, state: State, cursor: DuckDBPyConnection, query: Query, tail: str
    ) -> Iterator[bytes]:
        form, parameters = request.path_params["format"], request.query_params
        names = self.headers(request, state, query)
        if form == "parquet":
            compression = parameters.get("parquet_compression") or "snappy"
            if compression not in ("snappy", "zstd"):
                raise invalid_parameter("parquet_compression", compression, "snappy or zstd")
            return rendering.stream_parquet(
                cursor,
                query,
                tail,
                names=names,
                compression=compression,
                datetimes=self.parquet_datetime,
                narrow_integers=self.narrow_integers,
            )
        if form == "csv":
            csv = self.csv_form(request)
            chunks = rendering.stream_lines(cursor, query.selecting([csv.line(query)], tail), query.request)
            return rendering.after(csv.header(iter(names)), chunks)
        line = rendering.json_line(query)
        if form == "jsonl":
            return rendering.stream_lines(cursor, query.selecting([f"{line} || chr(10)"], tail), query.request)
        lines = rendering.stream_lines(cursor, query.selecting([f"',' || chr(10) || {line}"], tail), query.request)
        return rendering.as_array(lines)

    @property
    def parquet_datetime(self) -> rendering.ParquetDatetime:
        """How instants are written in Parquet."""
        return self.settings.parquet_datetime

    def headers(self, request: HttpRequest, state: State, query: Query) -> list[str]:
        """Return the headers of a CSV or Parquet export: technical names unless labels are asked for."""
        if read_flag(request.query_params.get("use_labels"), default=False):
            return labels_of(state, query)
        return list(query.columns)

    def csv_form(self, request: HttpRequest) -> rendering.CsvForm:
        """Return how CSV is written."""
        return read_csv_form(request)

    def _streamed(self, request: HttpRequest, dataset: PortalDataset, chunks: Iterator[bytes]) -> Response:
        form = request.path_params["format"]
        suffix, media_type, headers = form, MEDIA_TYPES[form], {}
        if read_flag(request.query_params.get("compressed"), default=False):
            chunks, suffix, media_type = rendering.gzipped(chunks), f"{form}.gzip", "application/gzip"
        if "gzip" in request.headers.get("accept-encoding", ""):
            chunks, headers = rendering.gzipped(chunks), {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        headers["Content-Disposition"] = f'attachment; filename="{dataset.id}.{suffix}"'
        return StreamingResponse(chunks, media_type=media_type, headers=headers)

    def facets(self, request: HttpRequest) -> Response:
        """Serve the values of the facets with their counts."""
        state = self.find(request).current()
        query = compile_query(state, request.query_params)
        wanted = request.query_params.getlist("facet") or [each.name for each in state.fields if each.type == "text"]
        facets = []
        with self.store.cursor() as cursor:
            for name in wanted:
                check_field(state, name, "facet")
                value = f"CAST({quoted(name)} AS VARCHAR)"
                present = " AND ".join([*query.conditions, f"{quoted(name)} IS NOT NULL"])
                sql = f"SELECT {value}, count(*) FROM {state.table} WHERE {present} GROUP BY 1 ORDER BY 2 DESC, 1"
                rows = cursor.execute(sql, query.request.used(sql)).fetchall()
                values = [{"name": text, "count": n, "value": text, "state": "displayed"} for text, n in rows]
                facets.append({"name": name, "facets": values})
        return reply({"_links": [], "facets": facets})

    def attachments(self, request: HttpRequest) -> Response:
        """Serve the attachments: there are none."""
        self.find(request)
        return reply({"_links": [], "attachments": []})


def find_dataset(store: Store, portal: str, dataset_id: str) -> PortalDataset:
    """Return one data set of one portal.

    Raises:
        PortalError: 404, there is none.
    """
    dataset = store.portals.get(portal, {}).get(dataset_id)
    if dataset is None:
        raise unknown_dataset(dataset_id)
    return dataset


def labels_of(state: State, query: Query) -> list[str]:
    """Return the labels of what a query returns; an expression has none but its name."""
    return [state.by_name[name].label if name in state.by_name else name for name in query.columns]


def empty_if_asked(request: HttpRequest, query: Query) -> None:
    """Leave every row out when the fault ``empty`` is due."""
    if request.scope.get("dataelec.empty"):
        query.conditions.append("FALSE")


def read_flag(text: str | None, *, default: bool) -> bool:
    """Return a boolean parameter."""
    return default if text is None else text.lower() in ("true", "1", "yes")


def read_csv_form(request: HttpRequest) -> rendering.CsvForm:
    """Return the CSV parameters of an export.

    Raises:
        PortalError: 400, the delimiter is none of the four.
    """
    parameters = request.query_params
    delimiter = parameters.get("delimiter") or ";"
    if delimiter not in (";", ",", "\t", "|"):
        raise invalid_parameter("delimiter", delimiter, "one of ; , TAB |")
    return rendering.CsvForm(
        delimiter=delimiter,
        quote_all=read_flag(parameters.get("quote_all"), default=False),
        with_bom=read_flag(parameters.get("with_bom"), default=True),
    )
