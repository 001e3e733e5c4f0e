"""data-fair's native API: metadata, lines, aggregates and the file itself.

Errors carry data-fair's own words; the application writes them as plain text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from dataelec_assets.portals.folder.fields import NUMERIC, Field, FieldType, quoted
from dataelec_assets.portals.folder.tables import State
from dataelec_assets.sample.portal import rendering
from dataelec_assets.sample.portal.compiled import Expression, Request
from dataelec_assets.sample.portal.datasets import PortalDataset
from dataelec_assets.sample.portal.lucene import compile_filters
from dataelec_assets.sample.portal.metadata import SYNTHETIC_TITLE
from dataelec_assets.sample.portal.queries import Query
from dataelec_assets.sample.portal.replies import refusal
from dataelec_assets.sample.portal.shapes import reply
from dataelec_assets.sample.portal.store import Store, datafair_id

API = "/data-fair/api/v1/datasets"

MAX_SIZE, DEFAULT_SIZE = 10_000, 12

MAX_VALUES, DEFAULT_VALUES = 1_000, 20

# Frozen: what follows the data is `dataUpdatedAt`.
_UPDATED_AT = "2021-06-23T15:00:02.656Z"

_TYPES: dict[FieldType, dict[str, str]] = {
    "text": {"type": "string"},
    "int": {"type": "integer"},
    "double": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "geo_point_2d": {"type": "string"},
}

_METRICS = ("sum", "avg", "min", "max")


class DataFair:
    """The native API over a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes below ``/<portal>``."""
        dataset = f"{API}/{{dataset}}"
        return [
            Route(dataset, self.dataset),
            Route(f"{dataset}/lines", self.lines),
            Route(f"{dataset}/values_agg", self.values_agg),
            Route(f"{dataset}/raw", self.raw),
        ]

    def _find(self, request: HttpRequest) -> PortalDataset:
        found = self.store.named(request.path_params["portal"], request.path_params["dataset"])
        if found is None:
            raise refusal(404, "Dataset not found")
        return found

    def dataset(self, request: HttpRequest) -> Response:
        """Serve the metadata."""
        dataset = self._find(request)
        state, entry = dataset.current(), dataset.entry
        title = entry.title if entry else dataset.id
        return reply(
            {
                "id": datafair_id(dataset.name),
                "slug": dataset.id,
                "title": title + (SYNTHETIC_TITLE if self.store.synthetic else ""),
                "status": "finalized",
                "schema": [*(_described(field) for field in state.fields), *_CALCULATED],
                "count": state.count,
                "dataUpdatedAt": f"{state.processed_at:%Y-%m-%dT%H:%M:%S}.000Z",
                "updatedAt": _UPDATED_AT,
                "license": {"title": entry.licence} if entry else None,
            }
        )

    def lines(self, request: HttpRequest) -> Response:
        """Serve a page of lines as JSON, with ``next``, or as CSV; both with a ``Link`` to the next page."""
        dataset, parameters = self._find(request), request.query_params
        state = dataset.current()
        form = parameters.get("format") or "json"
        if form not in ("json", "csv"):
            raise refusal(400, f"Le format {form} n'est pas supporté.")
        query = _selected(state, parameters)
        _filter(query, request)
        size, number = _page(parameters)
        line = rendering.json_line(query) if form == "json" else _csv_form(parameters).line(query)
        rows, total = self._rows(query, parameters, line, (size, number))
        link = self._next(request, dataset, size, rows)
        headers = {"Link": f"<{link}>; rel=next"} if link else {}
        if form == "csv":
            header = _csv_form(parameters).header(state.by_name[name].label for name in query.columns)
            headers["Content-Disposition"] = f'attachment; filename="{dataset.id}.csv"'
            body = header + "".join(row for _, row in rows).encode()
            return Response(body, headers=headers, media_type="text/csv; charset=utf-8")
        # Nulls are left out.
        found = [{key: value for key, value in json.loads(row).items() if value is not None} for _, row in rows]
        results = [{**row, "_i": place, "_id": str(place)} for row, (place, _) in zip(found, rows, strict=True)]
        counted = {} if total is None else {"total": total}
        answer = reply({**counted, **({"next": link} if link else {}), "results": results})
        answer.headers.update(headers)
        return answer

    def _rows(
        self, query: Query, parameters: Mapping[str, str], line: str, page: tuple[int, int]
    ) -> tuple[list[tuple[int, str]], int | None]:
        """Return place and text of the lines of a page, and how many there are in all; later pages do not count."""
        size, number = page
        order = ", ".join([*_sorting(query, parameters.get("sort") or ""), "_i"])
        numbered = (
            f"SELECT *, row_number() OVER (ORDER BY {order}) AS _n "
            f"FROM (SELECT *, rowid + 1 AS _i FROM {query.table}{query.where()})"
        )
        after = parameters.get("after")
        first = f"{(number - 1) * size}"
        if after:
            first = f"coalesce((SELECT _n FROM numbered WHERE _i = {query.request.bind(_after(after))}), 0)"
        page_of = f"FROM numbered WHERE _n > {first} ORDER BY _n LIMIT {size}"
        sql = f"WITH numbered AS ({numbered}) SELECT _i, {line} {page_of}"
        with self.store.cursor() as cursor:
            rows = cursor.execute(sql, query.request.used(sql)).fetchall() if size else []
            if after:
                return rows, None
            sql = query.counting()
            counted = cursor.execute(sql, query.request.used(sql)).fetchone()
        return rows, counted[0] if counted else 0

    def _next(self, request: HttpRequest, dataset: PortalDataset, size: int, rows: list[tuple[int, str]]) -> str | None:
        """Return the address of the next page, None on the last one; it holds the id, whatever name was asked for."""
        if not size or len(rows) < size:
            return None
        parameters = {name: value for name, value in request.query_params.items() if name != "page"}
        query = urlencode({**parameters, "after": str(rows[-1][0])})
        root = f"{str(request.base_url).rstrip('/')}/{dataset.portal}"
        return f"{root}{API}/{datafair_id(dataset.name)}/lines?{query}"

    def values_agg(self, request: HttpRequest) -> Response:
        """Serve the rows and metrics of each value of one field."""
        state, parameters = self._find(request).current(), request.query_params
        field = _grouped(state, parameters.get("field") or "")
        size = _number(parameters, "agg_size", DEFAULT_VALUES)
        if not 0 <= size <= MAX_VALUES:
            raise refusal(400, f'"agg_size" cannot be more than {MAX_VALUES}')
        query = _selected(state, {})
        _filter(query, request)
        metrics = _metrics(state, parameters)
        values = rendering.json_value(query.request, Expression(quoted(field), state.by_name[field].type))
        present = " AND ".join([*query.conditions, f"{quoted(field)} IS NOT NULL"])
        columns = "".join(f", {sql}" for sql in metrics.values())
        order = f"{'3 DESC, ' if 'metric' in metrics else ''}2 DESC, 1"
        sql = f"SELECT {values}, count(*){columns} FROM {state.table} WHERE {present} GROUP BY 1 ORDER BY {order}"
        with self.store.cursor() as cursor:
            groups = cursor.execute(sql, query.request.used(sql)).fetchall()
            sql = query.counting()
            counted = cursor.execute(sql, query.request.used(sql)).fetchone()
        aggregates = [
            {"total": rows, "value": value, "results": [], **dict(zip(metrics, measures, strict=True))}
            for value, rows, *measures in groups[:size]
        ]
        return reply(
            {
                "total": counted[0] if counted else 0,
                "total_values": len(groups),
                "total_other": sum(group[1] for group in groups[size:]),
                "aggs": aggregates,
            }
        )

    def raw(self, request: HttpRequest) -> Response:
        """Serve the newest file as it lies in the folder; edits do not show in it."""
        path = self._find(request).visible[-1].path
        return FileResponse(path, filename=path.name)


# Fields that data-fair adds to every data set.
_CALCULATED = [
    {"key": "_i", "type": "integer", "x-calculated": True, "title": "Numéro de ligne"},
    {"key": "_id", "type": "string", "x-calculated": True, "title": "Identifiant"},
]


def _described(field: Field) -> dict[str, Any]:
    return {"key": field.name, **_TYPES[field.type], "title": field.label, "x-originalName": field.label}


def _selected(state: State, parameters: Mapping[str, str]) -> Query:
    """Return the query of the fields of ``select``, all of them by default."""
    names = [name.strip() for name in (parameters.get("select") or ",".join(state.by_name)).split(",")]
    for name in names:
        if name not in state.by_name:
            raise refusal(400, f"Impossible de sélectionner le champ {name}, il n'existe pas dans le jeu de données.")
    columns = {name: Expression(quoted(name), state.by_name[name].type) for name in names}
    return Query(Request(state.by_name, ZoneInfo("UTC")), state.table, columns)


def _filter(query: Query, request: HttpRequest) -> None:
    query.conditions.extend(compile_filters(query.request, request.query_params))
    if request.scope.get("dataelec.empty"):
        query.conditions.append("FALSE")


def _page(parameters: Mapping[str, str]) -> tuple[int, int]:
    """Return the size and the number of the page that is asked for."""
    size, number = _number(parameters, "size", DEFAULT_SIZE), _number(parameters, "page", 1)
    if not 0 <= size <= MAX_SIZE:
        raise refusal(400, f'"size" cannot be more than {MAX_SIZE}')
    if size * number > MAX_SIZE:
        raise refusal(400, f'"size * page" cannot be more than {MAX_SIZE}')
    return size, number


def _number(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name)
    if not text:
        return default
    if not text.isdecimal():
        raise refusal(400, f'"{name}" n\'est pas un nombre : {text}')
    return int(text)


def _after(text: str) -> int:
    """Return the place of the last line of the page before: the last of the values of its sort."""
    try:
        return int(json.loads(f"[{text}]")[-1])
    except (ValueError, TypeError, IndexError):
        raise refusal(400, '"after" parameter is malformed') from None


def _sorting(query: Query, text: str) -> list[str]:
    """Return SQL terms of ``sort``: ``-annee,code_commune``."""
    terms = []
    for part in filter(None, text.split(",")):
        name = part.removeprefix("-")
        if name not in query.request.fields:
            raise refusal(400, f"Impossible de trier sur le champ {name}, il n'existe pas dans le jeu de données.")
        terms.append(f"{quoted(name)} {'DESC' if part.startswith('-') else 'ASC'} NULLS LAST")
    return terms


def _grouped(state: State, text: str) -> str:
    if not text:
        raise refusal(400, 'Le paramètre "field" est obligatoire')
    if text not in state.by_name:
        raise refusal(400, f'Le paramètre "field" référence un champ inconnu {text}')
    return text


def _metrics(state: State, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the SQL of each metric, by the name that it has in the reply."""
    wanted = {}
    if parameters.get("metric") and parameters.get("metric_field"):
        wanted["metric"] = (parameters["metric_field"], parameters["metric"])
    for part in filter(None, (parameters.get("extra_metrics") or "").split(",")):
        name, _, metric = part.partition(":")
        wanted[f"{name}_{metric}"] = (name, metric)
    for name, metric in wanted.values():
        if name not in state.by_name:
            reason = "il n'existe pas dans le jeu de données."
        elif metric not in _METRICS or state.by_name[name].type not in NUMERIC:
            reason = f"la métrique {metric} n'est pas possible."
        else:
            continue
        raise refusal(400, f"Impossible de calculer une métrique sur le champ {name}, {reason}")
    # A sum of nothing is zero there.
    return {key: f"coalesce({metric}({quoted(name)}), 0)" for key, (name, metric) in wanted.items()}


def _csv_form(parameters: Mapping[str, str]) -> rendering.CsvForm:
    """Return data-fair's form of CSV: a BOM, commas unless asked otherwise, every text quoted, plain line ends."""
    return rendering.CsvForm(delimiter=parameters.get("sep") or ",", quote_texts=True, line_end="\n")
