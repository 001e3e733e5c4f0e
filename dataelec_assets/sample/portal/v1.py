"""API v1, still answered by the portals: records wrapped in ``fields``, nulls left out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from dataelec_assets.portals.folder.tables import State
from dataelec_assets.sample.portal import rendering
from dataelec_assets.sample.portal.datasets import PortalDataset
from dataelec_assets.sample.portal.explore import MEDIA_TYPES, empty_if_asked, find_dataset, read_flag
from dataelec_assets.sample.portal.limits import MAX_WINDOW, read_integer
from dataelec_assets.sample.portal.queries import Query, check_field, compile_query
from dataelec_assets.sample.portal.replies import invalid_parameter, parameter_out_of_range
from dataelec_assets.sample.portal.shapes import reply
from dataelec_assets.sample.portal.store import Store, iso

_RANGE = re.compile(r"(\w+)\s*:\s*\[\s*(\S+)\s+TO\s+(\S+)\s*\]", re.IGNORECASE)
_COMPARISON = re.compile(r"(\w+)\s*(>=|<=|>|<|=|:)\s*(.+)")
_NULL = re.compile(r"(NOT\s+)?#null\(\s*(\w+)\s*\)", re.IGNORECASE)
_EXACT = re.compile(r"#exact\(\s*(\w+)\s*,\s*(\"[^\"]*\"|'[^']*'|[^)]*)\)", re.IGNORECASE)


class RecordsV1:
    """The v1 API over a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes below ``/<portal>``, with and without the closing slash."""
        pairs = [("/api/records/1.0/search", self.search), ("/api/records/1.0/download", self.download)]
        return [Route(path + slash, handler) for path, handler in pairs for slash in ("", "/")]

    def search(self, request: HttpRequest) -> Response:
        """Serve ``rows`` records from ``start`` on."""
        dataset, state, query = self._compile(request)
        rows = read_integer(request.query_params, "rows", 10)
        start = read_integer(request.query_params, "start", 0)
        if not 0 <= rows <= MAX_WINDOW - start:
            raise parameter_out_of_range("rows", rows, 0, MAX_WINDOW - start)
        with self.store.cursor() as cursor:
            sql = query.counting()
            found = cursor.execute(sql, query.request.used(sql)).fetchone()
        parameters = {"dataset": dataset.id, "rows": rows, "start": start, "format": "json"}
        parameters["timezone"] = query.request.timezone.key
        records = list(self._records(dataset, state, query, f" LIMIT {rows} OFFSET {start}"))
        return reply({"nhits": found[0] if found else 0, "parameters": parameters, "records": records})

    def download(self, request: HttpRequest) -> Response:
        """Stream every record, as CSV without byte-order mark by default, or as JSON."""
        dataset, state, query = self._compile(request)
        parameters = request.query_params
        form = parameters.get("format") or "csv"
        rows = read_integer(parameters, "rows", -1)
        tail = f" LIMIT {rows}" if rows >= 0 else ""
        if form == "json":
            return reply_list(list(self._records(dataset, state, query, tail)))
        if form != "csv":
            raise invalid_parameter("format", form, "csv or json")
        csv = rendering.CsvForm(delimiter=parameters.get("csv_separator") or ";", with_bom=False)
        labels = read_flag(parameters.get("use_labels_for_header"), default=False)
        names = [state.by_name[name].label if labels else name for name in query.columns]
        cursor = self.store.cursor()
        sql = query.selecting([csv.line(query)], _order(query) + tail)
        lines = rendering.stream_lines(cursor, sql, query.request)
        chunks = rendering.closing(cursor, rendering.after(csv.header(iter(names)), lines))
        return StreamingResponse(chunks, media_type=MEDIA_TYPES["csv"])

    def _compile(self, request: HttpRequest) -> tuple[PortalDataset, State, Query]:
        parameters = request.query_params
        dataset = find_dataset(self.store, request.path_params["portal"], parameters.get("dataset", ""))
        state = dataset.current()
        query = compile_query(state, _as_v21(state, parameters))
        empty_if_asked(request, query)
        return dataset, state, query

    def _records(self, dataset: PortalDataset, state: State, query: Query, tail: str) -> Iterator[dict[str, Any]]:
        sql = query.page(["rowid", rendering.json_line(query)], _order(query) + tail)
        with self.store.cursor() as cursor:
            rows = cursor.execute(sql, query.request.used(sql)).fetchall()
        for number, line in rows:
            yield {
                "datasetid": dataset.id,
                "recordid": hashlib.sha1(f"{dataset.name}/{number}".encode(), usedforsecurity=False).hexdigest(),
                "fields": {name: value for name, value in json.loads(line).items() if value is not None},
                "record_timestamp": iso(state.processed_at),
            }


def reply_list(records: list[dict[str, Any]]) -> Response:
    """Return a JSON array."""
    return Response(json.dumps(records, ensure_ascii=False), media_type=MEDIA_TYPES["json"])


def _order(query: Query) -> str:
    return f" ORDER BY {', '.join(query.order)}" if query.order else ""


def _as_v21(state: State, parameters: QueryParams) -> QueryParams:
    """Translate the parameters of v1; ``sort=f`` is descending there and ``sort=-f`` ascending."""
    translated = [("where", _as_odsql(part)) for part in _parts(parameters.get("q", ""))]
    if zone := parameters.get("timezone"):
        translated.append(("timezone", zone))
    if fields := parameters.get("fields"):
        translated.append(("select", fields))
    for text in filter(None, parameters.get("sort", "").split(",")):
        name = text.strip().removeprefix("-")
        check_field(state, name, "sort")
        translated.append(("order_by", f"`{name}` {'asc' if text.strip().startswith('-') else 'desc'}"))
    for name, value in parameters.multi_items():
        kind, _, field = name.partition(".")
        if kind in ("refine", "exclude") and field:
            translated.append((kind, f"{field}:{value}"))
    return QueryParams(translated)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\s+AND\s+", text, flags=re.IGNORECASE) if part.strip()]


def _as_odsql(part: str) -> str:
    """Translate one condition of ``q``; what is no condition is searched for in the texts."""
    if match := _NULL.fullmatch(part):
        return f"`{match[2]}` is {'not ' if match[1] else ''}null"
    if match := _EXACT.fullmatch(part):
        return f"`{match[1]}` = {_string(match[2])}"
    if match := _RANGE.fullmatch(part):
        return f"`{match[1]}` in [{_string(match[2])}..{_string(match[3])}]"
    if match := _COMPARISON.fullmatch(part):
        return f"`{match[1]}` {match[2]} {_string(match[3])}"
    return _string(part)


def _string(text: str) -> str:
    bare = text.strip().strip("\"'")
    escaped = bare.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
