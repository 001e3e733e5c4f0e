"""Revise a data set in place: rows changed or deleted, columns dropped, renamed, retyped or added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast, get_args
from zoneinfo import ZoneInfo

import duckdb

from dataelec_assets.portals.folder.fields import SQL_TYPES, Field, FieldType, quoted
from dataelec_assets.portals.folder.fields import cast as read_as
from dataelec_assets.portals.folder.tables import State
from dataelec_assets.sample.portal.compiled import Request
from dataelec_assets.sample.portal.datasets import Edit
from dataelec_assets.sample.portal.expressions import compile_condition
from dataelec_assets.sample.portal.queries import check_field
from dataelec_assets.sample.portal.replies import invalid_parameter


def row_edit(payload: dict[str, Any], changed: Callable[[int], None]) -> Edit:
    """Return the edit ``{"set": {column: value}}``, ``{"delete": true}`` or ``{"copies": n}``, of some rows.

    ``"where": ODSQL`` says of which. ``copies`` makes each distinct row appear ``n`` times, as a publisher does by
    mistake; with 1 it mends that.

    Args:
        payload: the request; without ``where`` every row is concerned.
        changed: told the number of rows concerned.

    Raises:
        PortalError: 400, not exactly one of them; when applied: unknown column, wrong ``where``.
    """
    values: dict[str, Any] = payload.get("set") or {}
    copies = int(payload.get("copies") or 0)
    if bool(values) + bool(payload.get("delete")) + bool(copies) != 1:
        raise invalid_parameter("rows", str(payload), "one of set, delete and copies")

    def apply(con: duckdb.DuckDBPyConnection, state: State) -> State:
        request = Request(state.by_name, ZoneInfo(payload.get("timezone") or "UTC"))
        text = payload.get("where")
        where = f" WHERE {compile_condition(request, text)}" if text else ""
        if values:
            settings = [
                f"{quoted(name)} = {_value(request, check_field(state, name, 'set'), value)}"
                for name, value in values.items()
            ]
            sql = f"UPDATE {state.table} SET {', '.join(settings)}{where}"
        elif copies:
            select = f"SELECT DISTINCT * FROM {state.table}{where}"
            con.execute(f"CREATE OR REPLACE TEMP TABLE copied AS {select}", request.used(select))
            sql = f"DELETE FROM {state.table}{where}"
            con.execute(sql, request.used(sql))
            sql = f"INSERT INTO {state.table} SELECT copied.* FROM copied, range({copies})"
        else:
            sql = f"DELETE FROM {state.table}{where}"
        row = con.execute(sql, request.used(sql)).fetchone()
        changed(row[0] if row else 0)
        count = con.execute(f"SELECT count(*) FROM {state.table}").fetchone()
        return replace(state, count=count[0] if count else 0)

    return apply


def _value(request: Request, field: Field, value: object) -> str:
    """Return SQL for ``value``, read as a file's text would be."""
    text = None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"(SELECT {read_as('v', field.type)} FROM (SELECT CAST({request.bind(text)} AS VARCHAR) AS v))"


def column_edit(payload: dict[str, Any]) -> Edit:
    """Return the edit ``{"drop": name}``, ``{"rename": {old: new}}``, ``{"retype": {name: type}}`` or ``{"add": {…}}``.

    ``add`` takes ``name``, ``type``, ``label`` and ``value`` (null unless given).

    Raises:
        PortalError: 400, none of these; when applied: unknown column or type.
    """
    chosen = [verb for verb in _VERBS if verb in payload]
    if not chosen:
        raise invalid_parameter("columns", str(payload), f"one of {', '.join(_VERBS)}")

    def apply(con: duckdb.DuckDBPyConnection, state: State) -> State:
        for verb in chosen:
            state = _VERBS[verb](con, state, payload[verb])
        return state

    return apply


def _drop(con: duckdb.DuckDBPyConnection, state: State, names: str | list[str]) -> State:
    for name in [names] if isinstance(names, str) else names:
        check_field(state, name, "drop")
        con.execute(f"ALTER TABLE {state.table} DROP COLUMN {quoted(name)}")
        state = replace(state, fields=tuple(field for field in state.fields if field.name != name))
    return state


def _rename(con: duckdb.DuckDBPyConnection, state: State, names: dict[str, str]) -> State:
    for old, new in names.items():
        field = replace(check_field(state, old, "rename"), name=new)
        con.execute(f"ALTER TABLE {state.table} RENAME COLUMN {quoted(old)} TO {quoted(new)}")
        state = replace(state, fields=tuple(field if each.name == old else each for each in state.fields))
    return state


def _retype(con: duckdb.DuckDBPyConnection, state: State, types: dict[str, str]) -> State:
    for name, text in types.items():
        kind = _field_type(text)
        field = replace(check_field(state, name, "retype"), type=kind)
        value = read_as("v", kind).replace('"v"', f"CAST({quoted(name)} AS VARCHAR)")
        con.execute(f"ALTER TABLE {state.table} ALTER COLUMN {quoted(name)} TYPE {SQL_TYPES[kind]} USING {value}")
        state = replace(state, fields=tuple(field if each.name == name else each for each in state.fields))
    return state


def _add(con: duckdb.DuckDBPyConnection, state: State, column: dict[str, Any]) -> State:
    name, kind = column["name"], _field_type(column.get("type", "text"))
    con.execute(f"ALTER TABLE {state.table} ADD COLUMN {quoted(name)} {SQL_TYPES[kind]}")
    field = Field(name, column.get("label", name), kind)
    if column.get("value") is not None:
        request = Request(state.by_name, ZoneInfo("UTC"))
        sql = f"UPDATE {state.table} SET {quoted(name)} = {_value(request, field, column['value'])}"
        con.execute(sql, request.used(sql))
    return replace(state, fields=(*state.fields, field))


def _field_type(text: str) -> FieldType:
    if text not in get_args(FieldType):
        raise invalid_parameter("type", text, ", ".join(get_args(FieldType)))
    return cast("FieldType", text)


_VERBS: dict[str, Callable[[duckdb.DuckDBPyConnection, State, Any], State]] = {
    "drop": _drop,
    "rename": _rename,
    "retype": _retype,
    "add": _add,
}
