"""From the parameters of a request to one DuckDB query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from lark import Token, Tree
from starlette.datastructures import QueryParams

from dataelec_assets.portals.folder.fields import NUMERIC, TEMPORAL, Field, quoted
from dataelec_assets.portals.folder.tables import State
from dataelec_assets.sample.portal.compiled import Expression, Request
from dataelec_assets.sample.portal.expressions import Compiler, compile_condition
from dataelec_assets.sample.portal.moments import read_moment
from dataelec_assets.sample.portal.odsql import Node, parse, source, unquoted
from dataelec_assets.sample.portal.replies import invalid_parameter, malformed, odsql_error, unknown_field


@dataclass(slots=True)
class Query:
    """A compiled request.

    Attributes:
        request: fields, time zone and parameters.
        columns: what is returned, by name, in order.
        table: the table.
        conditions: SQL conditions, all of them to be met.
        groups: SQL of the group keys.
        order: SQL terms of ``order_by``.
        grouped: whether rows are groups (with ``group_by``, or aggregates alone).
    """

    request: Request
    table: str
    columns: dict[str, Expression] = field(default_factory=dict)
    conditions: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    grouped: bool = False

    def where(self) -> str:
        """Return the WHERE clause, if any."""
        return f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""

    def counting(self) -> str:
        """Return the query that counts the rows that meet the conditions."""
        return f"SELECT count(*) FROM {self.table}{self.where()}"

    def page(self, outputs: Sequence[str], tail: str) -> str:
        """Return the query of ``outputs`` for the rows that ``tail`` (order and limit) leaves.

        Rows are chosen before they are written: writing half a million of them to keep ten takes seconds.
        """
        if self.grouped:
            return self.selecting(outputs, tail)
        return f"SELECT {', '.join(outputs)} FROM (SELECT *, rowid FROM {self.table}{self.where()}{tail})"

    def selecting(self, outputs: Sequence[str], tail: str) -> str:
        """Return the query of ``outputs`` (SQL over the columns' own SQL), ended by ``tail`` (order and limit)."""
        groups = f" GROUP BY {', '.join(self.groups)}" if self.groups else ""
        return f"SELECT {', '.join(outputs)} FROM {self.table}{self.where()}{groups}{tail}"


def compile_query(state: State, parameters: QueryParams) -> Query:
    """Compile ``select``, ``where``, ``group_by``, ``order_by``, ``refine``, ``exclude`` and ``timezone``.

    Raises:
        PortalError: 400, with the portal's message.
    """
    query = Query(Request(state.by_name, read_timezone(parameters)), state.table)
    for text in parameters.getlist("where"):
        if text.strip():
            query.conditions.append(compile_condition(query.request, text))
    for name in ("refine", "exclude"):
        query.conditions.extend(_facet_condition(query.request, name, text) for text in parameters.getlist(name))
    groups = _group_by(query, _joined(parameters, "group_by"))
    _select(query, _joined(parameters, "select"), groups)
    _order_by(query, _joined(parameters, "order_by"))
    return query


def read_timezone(parameters: QueryParams) -> ZoneInfo:
    """Return the zone of the request, UTC by default.

    Raises:
        PortalError: 400, there is no such zone.
    """
    name = parameters.get("timezone") or "UTC"
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise invalid_parameter("timezone", name, "a time zone such as Europe/Paris") from None


def _joined(parameters: QueryParams, name: str) -> str:
    return ", ".join(text for text in parameters.getlist(name) if text.strip())


def _select(query: Query, text: str, groups: dict[str, Expression]) -> None:
    query.columns = dict(groups)
    if not text:
        if not groups:
            query.columns = {name: Expression(quoted(name), each.type) for name, each in query.request.fields.items()}
        return
    aliases = set(groups)
    compiler = Compiler(query.request, "select", text)
    for item in _nodes(parse(text, "select")):
        if item.data in ("star", "pattern"):
            query.columns |= _matching(query.request.fields, item)
            continue
        name, expression, aliased = _aliased(compiler, item)
        if aliased and name in aliases:
            raise odsql_error(f"Alias '{name}' is declared several times")
        if aliased:
            aliases.add(name)
        if groups and not expression.aggregate and expression.sql not in query.groups and name not in groups:
            raise malformed(f"Field {name} is neither aggregated nor in group_by.", "select")
        if name not in groups:
            query.columns[name] = expression
    aggregates = [each.aggregate for name, each in query.columns.items() if name not in groups]
    query.grouped = bool(groups) or any(aggregates)
    if not groups and any(aggregates) and not all(aggregates):
        raise malformed("Aggregations and fields cannot be mixed without group_by.", "select")


def _group_by(query: Query, text: str) -> dict[str, Expression]:
    if not text:
        return {}
    compiler = Compiler(query.request, "group_by", text)
    groups: dict[str, Expression] = {}
    for item in _nodes(parse(text, "group_by")):
        name, expression, _ = _aliased(compiler, item)
        if expression.aggregate:
            raise malformed(f"Aggregations are not supported here: {name}.", "group_by")
        if name in groups:
            raise odsql_error(f"Alias '{name}' is declared several times")
        groups[name] = expression
    query.groups = [each.sql for each in groups.values()]
    query.grouped = True
    return groups


def _order_by(query: Query, text: str) -> None:
    if not text:
        return
    compiler = Compiler(query.request, "order_by", text, aliases=query.columns if query.grouped else _aliases(query))
    for item in _nodes(parse(text, "order_by")):
        node = _nodes(item)[0]
        descending = any(isinstance(child, Token) and child.type == "DESC" for child in item.children)
        sql = _random(compiler, node) or compiler.compile(node).sql
        query.order.append(f"{sql} {'DESC' if descending else 'ASC'} NULLS LAST")


def _aliases(query: Query) -> Mapping[str, Expression]:
    return {name: each for name, each in query.columns.items() if name not in query.request.fields}


def _random(compiler: Compiler, node: Node) -> str | None:
    """Return the SQL of ``random(seed)``, an order that only the seed decides."""
    if node.data != "call" or str(node.children[0]).lower() != "random" or compiler.aliases:
        return None
    seeds = [compiler.compile(seed).value for seed in _nodes(_nodes(node)[0])] if _nodes(node) else []
    return f"hash(rowid, {compiler.request.bind(str(seeds))})"


def _aliased(compiler: Compiler, item: Node) -> tuple[str, Expression, bool]:
    """Return name, expression and whether the name is an alias; without alias it is the text itself."""
    node = _nodes(item)[0]
    expression = compiler.compile(node)
    if expression.type in ("string", "moment", "null"):
        raise malformed(f"{source(node, compiler.text)} is no expression.", compiler.clause)
    alias = next((child for child in item.children if isinstance(child, Token)), None)
    if alias is not None:
        return unquoted(alias) if alias.type == "QUOTED_NAME" else str(alias), expression, True
    if node.data == "quoted_name":
        return source(node, compiler.text)[1:-1], expression, False
    return source(node, compiler.text), expression, False


def _matching(fields: Mapping[str, Field], item: Node) -> dict[str, Expression]:
    """Return the fields of ``*``, ``include(pat*)`` or ``exclude(pat*)``."""
    verb, pattern = "include", "*"
    if item.data == "pattern":
        verb, pattern = (part.strip() for part in str(item.children[0]).rstrip(") ").lower().split("(", 1))
    matcher = re.compile(re.escape(pattern).replace(r"\*", ".*"))
    names = [name for name in fields if bool(matcher.fullmatch(name)) == (verb == "include")]
    return {name: Expression(quoted(name), fields[name].type) for name in names}


def _facet_condition(request: Request, parameter: str, text: str) -> str:
    """Compile ``refine=field:value``; a date is refined by year, month or day, as in ``2024/12/04``."""
    name, _, value = text.partition(":")
    value = value.strip("\"'")
    if name not in request.fields:
        raise malformed(f"Unknown field: {name}.", parameter)
    kind, column = request.fields[name].type, quoted(name)
    if kind in TEMPORAL:
        moment = read_moment(value, request.timezone if kind == "datetime" else ZoneInfo("UTC"))
        if moment is None:
            raise invalid_parameter(parameter, text, "a date such as 2024/12/04")
        sql = f"({column} >= {request.bind(moment.low)} AND {column} < {request.bind(moment.high)})"
    elif kind in NUMERIC:
        sql = f"({column} = TRY_CAST({request.bind(value)} AS DOUBLE))"
    else:
        sql = f"(CAST({column} AS VARCHAR) = {request.bind(value)})"
    return sql if parameter == "refine" else f"(NOT coalesce({sql}, FALSE))"


def check_field(state: State, name: str, clause: str) -> Field:
    """Return the field called ``name``.

    Raises:
        PortalError: 400, the data set has no such field.
    """
    if name not in state.by_name:
        raise unknown_field(name, clause)
    return state.by_name[name]


def _nodes(node: Node) -> list[Node]:
    return [child for child in node.children if isinstance(child, Tree)]
