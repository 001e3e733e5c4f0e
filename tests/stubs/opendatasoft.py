"""Opendatasoft's Explore API v2.1, as far as our client asks it: metadata, a count, one grouped call, a CSV export.

A filter has one of four forms: ``x is null``, ``x = 2019``, instants between two bounds, days between two bounds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.stubs.replies import Refused, Reply, as_json
from tests.stubs.tables import CsvForm, Table, Tables, quoted

ADDRESS = re.compile(r"api/explore/v2\.1/catalog/datasets/([^/]+)(?:/(records|exports/csv))?")
KINDS = {None: "metadata", "records": "records", "exports/csv": "export"}

# offset + limit of a grouped call stays below.
WINDOW = 20_000
LARGEST_PAGE = 100

# `modified` is frozen: a client that relies on it never sees new data, as on the live portals.
FROZEN = "2021-06-23T14:59:57+00:00"

_NAME = r"(`?)(\w+)\1"
_CONDITION = re.compile(rf"{_NAME} (?:is (not )?null|(=|>=|<) (?:(\d+)|'([^']*)'|date'([^']*)'))")
_AGGREGATE = re.compile(rf"(count|sum|max|min)\((distinct )?(?:\*|{_NAME.replace('1', '3')})\) as (\w+)")
_KEY = re.compile(rf"(?:(year|month)\({_NAME.replace('1', '2')}\)|{_NAME.replace('1', '4')})(?: as (\w+))?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def answer(tables: Tables, table: Table, kind: str, asked: Mapping[str, str], *, is_empty: bool) -> Reply:
    """Answer a request.

    Args:
        tables: where the rows are.
        table: the data set asked for.
        kind: a value of ``KINDS``.
        asked: parameters.
        is_empty: whether no row is to be shown.

    Raises:
        Refused: the request is not one that the portal understands.
    """
    if kind == "metadata":
        return as_json(_metadata(tables, table))
    where = "FALSE" if is_empty else _where(table, asked.get("where"))
    if kind == "export":
        return _export(tables, table, where, asked)
    if "select" in asked or "group_by" in asked:
        return as_json(_grouped(tables, table, where, asked))
    if asked.get("limit") != "0":
        raise Refused(400, "only a count and groups are served here")
    return as_json({"total_count": tables.count(table, where), "results": []})


def _metadata(tables: Tables, table: Table) -> dict[str, Any]:
    fields: list[dict[str, Any]] = [
        {"name": name, "label": table.labels[name], "type": kind, "description": None, "annotations": {}}
        for name, kind in table.types.items()
    ]
    default = {
        "title": table.title,
        "modified": FROZEN,
        "metadata_processed": FROZEN,
        "data_processed": table.version.isoformat(timespec="seconds"),
        "records_count": tables.count(table),
        **({"license": table.licence} if table.licence else {}),
    }
    return {
        "dataset_id": table.id,
        "has_records": True,
        "fields": fields,
        "metas": {"default": default, "custom": {}},
    }


def _grouped(tables: Tables, table: Table, where: str | None, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return one row for each group, in no order that could be relied on."""
    zone = asked.get("timezone", "UTC")
    keys = [_key(table, part, zone) for part in _parts(asked.get("group_by"))]
    aggregates = [_aggregate(table, part) for part in _parts(asked.get("select"))]
    limit = int(asked.get("limit", "10"))
    most = WINDOW - 1 if keys else LARGEST_PAGE
    if not -1 <= limit <= most:
        raise Refused(
            400, f"Invalid value for limit API parameter: {limit} was found but -1 <= limit <= {most} is expected."
        )
    columns = [*keys, *aggregates]
    select = ", ".join(f"{sql} AS {quoted(alias)}" for alias, sql, _ in columns)
    by = f" GROUP BY {', '.join(sql for _, sql, _ in keys)} ORDER BY hash({keys[0][1]})" if keys else ""
    condition = f" WHERE {where}" if where else ""
    found = tables.query(f"SELECT {select} FROM {table.sql}{condition}{by} LIMIT {limit}")
    rows = [
        {alias: _shown(value, kind, zone) for (alias, _, kind), value in zip(columns, row, strict=True)}
        for row in found
    ]
    return {"total_count": len(rows), "results": rows}


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in text.split(",")] if text else []


def _aggregate(table: Table, text: str) -> tuple[str, str, str]:
    """Return alias, SQL and type of an aggregate."""
    found = _AGGREGATE.fullmatch(text)
    if not found:
        raise _malformed(f"{text!r} is no aggregate", "select")
    function, distinct, _, name, alias = found.groups()
    if name is None:
        return alias, "count(*)", "int"
    kind = _type(table, name, "select")
    if function == "sum" and kind not in ("int", "double"):
        raise _malformed(f"sum cannot be applied to {name}, of type {kind}", "select")
    if function in ("max", "min"):
        return alias, f"{function}({_comparable(name, kind)})", kind
    return alias, f"{function}({distinct or ''}{quoted(name)})", "double" if function == "sum" else "int"


def _key(table: Table, text: str, zone: str) -> tuple[str, str, str]:
    """Return alias, SQL and type of a group key."""
    found = _KEY.fullmatch(text)
    if not found:
        raise _malformed(f"{text!r} is no group", "group_by")
    function, _, inner, _, plain, alias = found.groups()
    name = inner or plain
    kind = _type(table, name, "group_by")
    if function is None:
        return alias or name, _comparable(name, kind), kind
    if kind not in ("date", "datetime"):
        raise _malformed(f"{function} cannot be applied to {name}, of type {kind}", "group_by")
    local = f"timezone('{zone}', {quoted(name)})" if kind == "datetime" else quoted(name)
    return alias or text, f"{function}({local})", "int"


def _comparable(name: str, kind: str) -> str:
    return f"epoch_us({quoted(name)})" if kind == "datetime" else quoted(name)


def _shown(value: Any, kind: str, zone: str) -> Any:
    if value is None:
        return None
    if kind == "datetime":
        return (_EPOCH + timedelta(microseconds=value)).astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _export(tables: Tables, table: Table, where: str | None, asked: Mapping[str, str]) -> Reply:
    """Return a CSV: not sorted, though the same each time; with a BOM unless asked otherwise; without length."""
    if asked.get("timezone", "UTC") != "UTC":
        raise Refused(400, "only instants in UTC are served here")
    form = CsvForm(asked.get("delimiter", ";"), "\r\n", with_bom=asked.get("with_bom", "true") == "true")
    condition = f"WHERE {where} " if where else ""
    lines = [line for _, line in tables.csv(table, f"{condition}ORDER BY hash(rowid)", form)]
    return Reply(form.document(list(table.types), lines), "text/csv; charset=utf-8", is_streamed=True)


def _where(table: Table, text: str | None) -> str | None:
    """Return SQL for a filter."""
    if not text:
        return None
    conditions = []
    for part in text.split(" and "):
        found = _CONDITION.fullmatch(part)
        if not found:
            raise _malformed(f"{part!r} is no condition", "where")
        _, name, negation, operator, number, instant, day = found.groups()
        _type(table, name, "where")
        value = number or (f"TIMESTAMPTZ '{instant}'" if instant else f"DATE '{day}'")
        conditions.append(
            f"{quoted(name)} {operator} {value}" if operator else f"{quoted(name)} IS {negation or ''}NULL"
        )
    return " AND ".join(conditions)


def _type(table: Table, name: str, clause: str) -> str:
    if name not in table.types:
        raise _malformed(f"Unknown field: {name}.", clause)
    return table.types[name]


def _malformed(reason: str, clause: str) -> Refused:
    message = f"ODSQL query is malformed: {reason} Clause(s) containing the error(s): {clause}."
    return Refused(400, message, "ODSQLError")
