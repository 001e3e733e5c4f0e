"""From a question to a response: unchanged, a page, or all rows as a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.utils import format_datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import duckdb
import pyarrow as pa
from fastapi import Request
from starlette.responses import Response

from dataelec_assets.serving.api.emptiness import why_empty
from dataelec_assets.serving.api.execution import Engine
from dataelec_assets.serving.api.formats import (
    COMPRESSED,
    MEDIA_TYPES,
    SUFFIXES,
    Encoder,
    Format,
    TableStream,
    selection,
)
from dataelec_assets.serving.api.head_and_ranges import WANTS_FILE
from dataelec_assets.serving.api.lookup import refuse_unknown_codes
from dataelec_assets.serving.api.maps import feature, place_sql
from dataelec_assets.serving.api.page_parameters import DEFAULT_LIMIT, Asked
from dataelec_assets.serving.api.paging import Order, question_digest, read_cursor, write_cursor
from dataelec_assets.serving.api.problems import Problem, refused
from dataelec_assets.serving.api.publication import Publication
from dataelec_assets.serving.api.queries import Question
from dataelec_assets.serving.api.schema import Kind
from dataelec_assets.serving.api.service import Service, base_headers, is_known, is_other, service_of
from dataelec_assets.serving.api.whole_tables import FileAnswer, RowStream, StreamedAnswer
from dataelec_assets.serving.api.workbooks import refuse_without_writer


async def reply(request: Request, how: Asked, ask: Callable[[Publication], Question]) -> Response:
    """Answer a question about the current publication."""
    service = service_of(request)
    publication = await service.publications.acquire()
    kept = False
    try:
        if how.chosen is Format.XLSX:
            refuse_without_writer()
        question = ask(publication)
        await refuse_unknown_codes(service.engine, publication, question.codes)
        as_file = WANTS_FILE in request.scope and how.chosen in SUFFIXES
        headers = base_headers(publication, how.chosen, is_file=as_file or how.chosen in COMPRESSED)
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        if is_other(request, headers["ETag"]):
            raise Problem(412, "La publication a été remplacée depuis : reprendre la lecture du fichier.")
        if how.chosen is Format.GEOJSON:
            return await _map(request, publication, question, how, headers)
        if how.chosen is Format.JSON or how.limit is not None:
            return await _page(request, publication, question, how, headers)
        response = await _whole(service, publication, question, how, headers, as_file=as_file)
        kept = True
        return response
    finally:
        if not kept:
            publication.release()


async def _page(
    request: Request, publication: Publication, question: Question, how: Asked, headers: dict[str, str]
) -> Response:
    engine = service_of(request).engine
    order = Order(question.key, how.descending)
    digest = question_digest(question, how.descending)
    offset = 0 if how.cursor is None else read_cursor(how.cursor, publication.identifier, digest)
    limit = how.limit or DEFAULT_LIMIT
    # One row more tells whether a page follows.
    columns = selection(how.chosen, question.shown)
    sql, parameters = question.page_sql(columns, order, limit=limit + 1, offset=offset)
    next_page = _page_url(request, write_cursor(publication.identifier, digest, offset + limit))
    if how.chosen is Format.JSON:
        rows = await engine.rows(publication, sql, parameters)
        has_more = len(rows) > limit
        period = await _period(engine, publication, question, digest)
        shown = [row[0] for row in rows[:limit]]
        empty = await _emptiness(engine, publication, question, digest) if not rows and offset == 0 else None
        about = {"periode": period, "vide": empty}
        body = _json_page(publication, question, shown, next_page if has_more else None, about)
    else:
        encoder = _encoder(publication, question, how.chosen)
        body, has_more = await engine.run(publication, partial(_file_page, (sql, parameters), limit, encoder))
        headers = {**headers, **_attachment(question, how.chosen)}
    if has_more:
        headers = {**headers, "Link": f'<{next_page}>; rel="next"'}
    return Response(body, headers=headers, media_type=MEDIA_TYPES[how.chosen])


async def _map(
    request: Request, publication: Publication, question: Question, how: Asked, headers: dict[str, str]
) -> Response:
    """Return every row as a feature, since maps do not turn pages."""
    engine = service_of(request).engine
    if how.cursor is not None:
        raise refused("curseur", "ne vaut pas pour geojson, qui vient en une fois")
    columns = [*selection(how.chosen, question.shown), *place_sql(question)]
    limit = how.limit or engine.limits.sheet_rows
    order = Order(question.key, how.descending)
    sql, parameters = question.page_sql(columns, order, limit=limit + 1, offset=0)
    rows = await engine.rows(publication, sql, parameters)
    if len(rows) > limit and how.limit is None:
        raise Problem(413, f"Plus de {limit} lignes pour une carte : restreindre par des filtres.")
    about = {
        "nombre": min(len(rows), limit),
        "publication": publication.summary(),
        "unites": {column.name: column.unit for column in question.shown if column.unit},
    }
    features = ",".join(feature(*row) for row in rows[:limit])
    body = f'{{"type":"FeatureCollection","features":[{features}],{_dumps(about)[1:]}'.encode()
    return Response(body, headers=headers, media_type=MEDIA_TYPES[how.chosen])


def _page_url(request: Request, cursor: str) -> str:
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "curseur"]
    return f"{quote(request.url.path)}?{urlencode([*others, ('curseur', cursor)])}"


async def _period(engine: Engine, publication: Publication, question: Question, digest: str) -> dict[str, Any] | None:
    """Return the days of all rows of an answer, and how many of those expected are there; None without a time.

    It is the same for all pages of an answer, so it is computed for the first of them.
    """
    if not question.days:
        return None
    key = ("periode", digest, question.asked)
    if key not in publication.remembered:
        ((first, last, expected, present, whole),) = await engine.rows(
            publication, question.period_sql(), question.parameters
        )
        if len(question.days) == 1 and question.days[0].kind is Kind.DATE and first is not None:
            first, last = question.asked[0] or first, question.asked[1] or last
            expected = (last - first).days + 1
        if expected is not None and whole is None:
            whole = present >= expected
        publication.remember(
            key,
            {
                "debut": first and first.isoformat(),
                "fin": last and last.isoformat(),
                "jours_attendus": expected,
                "jours_presents": None if expected is None else present,
                "est_complete": whole,
            },
        )
    found: dict[str, Any] = publication.remembered[key]
    return found


async def _emptiness(engine: Engine, publication: Publication, question: Question, digest: str) -> dict[str, Any]:
    """Return why an answer has no rows; computed once per publication."""
    key = ("vide", digest)
    if key not in publication.remembered:
        publication.remember(key, await why_empty(engine, publication, question))
    found: dict[str, Any] = publication.remembered[key]
    return found


def _json_page(
    publication: Publication,
    question: Question,
    rows: list[str],
    next_page: str | None,
    about: dict[str, Any],
) -> bytes:
    meta = {
        "sujet": question.name,
        **about,
        "publication": publication.summary(),
        "unites": {column.name: column.unit for column in question.shown if column.unit},
        "avertissements": warnings_of(question.warnings),
    }
    tail = _dumps({"nombre": len(rows), "liens": {"suivant": next_page}, "meta": meta})
    return f'{{"donnees":[{",".join(rows)}],{tail[1:]}'.encode()


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def warnings_of(warnings: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    """Return known limits in the form of an answer."""
    return [{"colonne": column, "texte": text} for column, text in warnings]


def _file_page(
    statement: tuple[str, list[Any]],
    limit: int,
    make_encoder: Callable[[pa.Schema], Encoder],
    cursor: duckdb.DuckDBPyConnection,
) -> tuple[bytes, bool]:
    """Return the bytes of a page, and whether more rows follow."""
    sql, parameters = statement
    table: Any = cursor.sql(sql, params=parameters).to_arrow_table()
    shown = table.slice(0, limit).combine_chunks()
    encoder = make_encoder(shown.schema)
    body = b"".join([*(encoder.encode(batch) for batch in shown.to_batches()), encoder.end()])
    return body, table.num_rows > limit


def _encoder(publication: Publication, question: Question, chosen: Format) -> Callable[[pa.Schema], Encoder]:
    about = {name: str(value) for name, value in publication.summary().items()}
    return lambda schema: Encoder(chosen, schema, question.shown, {**about, "sujet": question.name})


def _attachment(question: Question, chosen: Format) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{question.name}.{SUFFIXES[chosen]}"'}


async def _whole(
    service: Service,
    publication: Publication,
    question: Question,
    how: Asked,
    headers: dict[str, str],
    *,
    as_file: bool,
) -> Response:
    engine = service.engine
    if how.cursor is not None:
        raise refused("curseur", "exige le paramètre limite")
    ((count,),) = await engine.rows(publication, question.count_sql(), question.parameters)
    limits = engine.limits
    if count > limits.export_rows:
        raise Problem(413, f"{count} lignes, plus que {limits.export_rows} : restreindre par des filtres.")
    if how.chosen is Format.XLSX and count > limits.sheet_rows:
        raise Problem(413, f"{count} lignes, plus que {limits.sheet_rows} pour un classeur : restreindre, ou csv-fr.")
    # Sorting holds every row in memory, so a large table comes in its stored order.
    order = Order(question.key, how.descending) if count <= limits.sorted_rows else None
    if order is None and how.descending:
        raise refused("ordre", f"plus de {limits.sorted_rows} lignes ne sont pas triées : restreindre par des filtres")
    sql = question.whole_sql(selection(how.chosen, question.shown), order)
    encoder = _encoder(publication, question, how.chosen)

    def begin() -> RowStream:
        thread = engine.begin_stream()
        table = TableStream(publication.connection.cursor(), sql, question.parameters, encoder)
        return RowStream(table, thread, limits.stream_seconds)

    headers = {**headers, **_attachment(question, how.chosen), "X-Nombre-Lignes": str(count)}
    headers |= {
        "Content-Type": MEDIA_TYPES[how.chosen],
        "Last-Modified": format_datetime(publication.published_at, usegmt=True),
    }
    if as_file:
        key = publication.identifier, how.chosen, question_digest(question, question.named, how.descending)
        return FileAnswer(service.kept_files, key, begin, publication, headers)
    return StreamedAnswer(begin(), publication, headers)
