"""The functions of ODSQL, scalar and aggregate, less the geographic ones."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lark import Token, Tree

from dataelec_assets.portals.folder.fields import NUMERIC, TEMPORAL, quoted
from dataelec_assets.sample.portal.compiled import Expression, Request
from dataelec_assets.sample.portal.moments import Moment
from dataelec_assets.sample.portal.odsql import Node, source
from dataelec_assets.sample.portal.replies import odsql_error

if TYPE_CHECKING:
    from dataelec_assets.sample.portal.expressions import Compiler

_PARTS = ("year", "month", "day", "hour", "minute", "second", "millisecond", "dayofweek", "quarter")

# Letters of date_format, longest first, and what strftime calls them.
_LETTERS = {
    "yyyy": "%Y",
    "YYYY": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%-m",
    "dd": "%d",
    "d": "%-d",
    "EEEE": "%A",
    "EEE": "%a",
    "E": "%a",
    "HH": "%H",
    "H": "%-H",
    "mm": "%M",
    "ss": "%S",
    "DDD": "%j",
    "ww": "%V",
}


def call(compiler: Compiler, name: str, arguments: Node | None, node: Node) -> Expression:
    """Compile the call ``name(arguments)``.

    Raises:
        PortalError: 400, unknown function or arguments of another type.
    """
    function = name.lower()
    if function in _AGGREGATES:
        if compiler.clause == "where":
            raise compiler.wrong(f"Aggregations are not supported here: {source(node, compiler.text)}.")
        return _AGGREGATES[function](compiler, function, arguments)
    if function == "now":
        return _now(compiler, arguments, node)
    everywhere = arguments is not None and arguments.data == "everywhere" and function in ("search", "suggest")
    plain = _nodes(arguments) if everywhere else _plain(arguments)
    if not plain or function not in _SCALARS:
        # The documentation's own example of an error: the text of the call, nothing more.
        raise compiler.wrong(source(node, compiler.text))
    return _SCALARS[function](compiler, function, [compiler.compile(each) for each in plain])


def _plain(arguments: Node | None) -> list[Node] | None:
    if arguments is None or arguments.data != "plain":
        return None
    return _nodes(arguments)


def _nodes(node: Node | None) -> list[Node]:
    return [child for child in node.children if isinstance(child, Tree)] if node else []


# Aggregates


def _count(compiler: Compiler, _: str, arguments: Node | None) -> Expression:
    if arguments is None or arguments.data == "all_rows":
        return Expression("count(*)", "int", aggregate=True)
    value = compiler.compile(_nodes(arguments)[0])
    distinct = "DISTINCT " if arguments.data == "distinct" else ""
    return Expression(f"count({distinct}{value.sql})", "int", aggregate=True)


def _statistic(compiler: Compiler, function: str, arguments: Node | None) -> Expression:
    plain = _plain(arguments)
    if not plain:
        raise compiler.wrong(f"Function {function} needs an argument.")
    value = compiler.compile(plain[0])
    dates_too = function in ("min", "max")
    if value.type not in NUMERIC and not (dates_too and value.type in TEMPORAL):
        raise odsql_error("ODSQL query is malformed: StatAggregation only supports numeric or date expression.")
    if dates_too:
        return Expression(f"{function}({value.sql})", value.type, aggregate=True)
    if function == "percentile":
        rank = compiler.compile(plain[1]).value if len(plain) > 1 else None
        if not isinstance(rank, int | float) or not 0 <= rank <= 100:  # noqa: PLR2004 - a percentage
            raise compiler.wrong("Function percentile needs a number between 0 and 100.")
        return Expression(f"quantile_cont({value.sql}, {rank / 100})", "double", aggregate=True)
    if function == "median":
        return Expression(f"median({value.sql})", "double", aggregate=True)
    # Exact, so that the same rows give the same sum whatever the order in which threads add them.
    total = f"CAST(sum(CAST({value.sql} AS DECIMAL(38, 9))) AS DOUBLE)"
    sql = total if function == "sum" else f"({total} / nullif(count({value.sql}), 0))"
    return Expression(sql, "double", aggregate=True)


_AGGREGATES: dict[str, Callable[[Compiler, str, Node | None], Expression]] = {
    "count": _count,
    **dict.fromkeys(("sum", "avg", "min", "max", "median", "percentile"), _statistic),
}


# Scalars


def _part(compiler: Compiler, function: str, values: list[Expression]) -> Expression:
    value = _temporal(compiler, function, values)
    sql = {
        "dayofweek": f"(isodow({value}) - 1)",
        "millisecond": f"(millisecond({value}) % 1000)",
    }.get(function, f"{function}({value})")
    return Expression(f"CAST({sql} AS BIGINT)", "int")


def _temporal(compiler: Compiler, function: str, values: list[Expression]) -> str:
    if values[0].type not in TEMPORAL:
        raise compiler.wrong(f"Function {function} only supports date expressions.")
    # The time zone of the request changes the parts of an instant, never those of a date.
    return compiler.request.local(values[0].sql) if values[0].type == "datetime" else values[0].sql


def _date_format(compiler: Compiler, function: str, values: list[Expression]) -> Expression:
    value = _temporal(compiler, function, values)
    if len(values) < 2 or values[1].type != "string":  # noqa: PLR2004 - field and pattern
        raise compiler.wrong("Function date_format needs a pattern.")
    pattern = str(values[1].value).replace("%", "%%")
    letters = "|".join(_LETTERS)
    form = re.sub(rf"'([^']*)'|{letters}", _strftime, pattern)
    return Expression(f"strftime({value}, {compiler.request.bind(form)})", "text")


def _strftime(match: re.Match[str]) -> str:
    """Return the strftime code of one run of letters, or the text within simple quotes."""
    return str(match[1]) if match[1] is not None else _LETTERS[str(match[0])]


def _ifnull(compiler: Compiler, _: str, values: list[Expression]) -> Expression:
    if len(values) != 2:  # noqa: PLR2004 - value and replacement
        raise compiler.wrong("Function ifnull needs two arguments.")
    kind = "text" if values[0].type == "string" else values[0].type
    return Expression(f"ifnull({values[0].sql}, {values[1].sql})", kind, aggregate=values[0].aggregate)


def _text_function(compiler: Compiler, function: str, values: list[Expression]) -> Expression:
    if values[0].type not in ("text", "string"):
        raise compiler.wrong(f"Function {function} only supports text expressions.")
    return Expression(f"{function}({values[0].sql})", "int" if function == "length" else "text")


def _startswith(compiler: Compiler, _: str, values: list[Expression]) -> Expression:
    if len(values) != 2 or values[0].type != "text" or values[1].type != "string":  # noqa: PLR2004
        raise compiler.wrong("Function startswith needs a text field and a string.")
    return Expression(f"starts_with({values[0].sql}, {values[1].sql})", "boolean")


def _search(compiler: Compiler, function: str, values: list[Expression]) -> Expression:
    *fields, wanted = values
    if wanted.type != "string" or any(field.type != "text" for field in fields):
        raise compiler.wrong(f"Function {function} needs text fields and a string.")
    if not fields:
        return search_everywhere(compiler.request, str(wanted.value))
    words = str(wanted.value).split()
    sql = " OR ".join(_holds_prefixes(compiler.request, field.sql, words) for field in fields)
    return Expression(f"({sql})", "boolean")


_SCALARS: dict[str, Callable[[Compiler, str, list[Expression]], Expression]] = {
    **dict.fromkeys(_PARTS, _part),
    "date_format": _date_format,
    "ifnull": _ifnull,
    "lower": _text_function,
    "upper": _text_function,
    "length": _text_function,
    "startswith": _startswith,
    "search": _search,
    "suggest": _search,
}


def search_everywhere(request: Request, text: str) -> Expression:
    """Return the condition that some text field holds words that start like those of ``text``."""
    names = [quoted(field.name) for field in request.fields.values() if field.type == "text"]
    sql = " OR ".join(_holds_prefixes(request, name, text.split()) for name in names)
    return Expression(f"({sql or 'FALSE'})", "boolean")


def contains_word(request: Request, sql: str, word: str) -> Expression:
    """Return the condition that the text ``sql`` holds ``word`` (``*`` at its end: any continuation)."""
    tail = "" if word.endswith("*") else r"($|[^\p{L}\p{N}])"
    pattern = rf"(?i)(^|[^\p{{L}}\p{{N}}]){re.escape(word.rstrip('*'))}{tail}"
    return Expression(f"regexp_matches({sql}, {request.bind(pattern)})", "boolean")


def _holds_prefixes(request: Request, sql: str, words: list[str]) -> str:
    patterns = [rf"(?i)(^|[^\p{{L}}\p{{N}}]){re.escape(word)}" for word in words]
    tests = [f"regexp_matches(strip_accents({sql}), strip_accents({request.bind(pattern)}))" for pattern in patterns]
    return f"({' AND '.join(tests) or 'TRUE'})"


def _now(compiler: Compiler, arguments: Node | None, node: Node) -> Expression:
    moment = datetime.now(UTC).replace(tzinfo=None)
    for argument in _plain(arguments) or []:
        name, amount = _setting(compiler, argument, node)
        try:
            moment = _moved(moment, name, amount)
        except (ValueError, OverflowError, TypeError):
            raise compiler.wrong(source(node, compiler.text)) from None
    return Expression("", "moment", Moment(moment, moment + timedelta(microseconds=1)))


def _moved(moment: datetime, name: str, amount: int) -> datetime:
    """Shift (``years=-1``) or replace (``year=2024``) one part of ``moment``."""
    if name in ("years", "months"):
        months = moment.year * 12 + moment.month - 1 + amount * (12 if name == "years" else 1)
        year, month = divmod(months, 12)
        return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
    if name in ("year", "month", "day", "hour", "minute", "second"):
        return datetime.combine(moment.date(), moment.time()).replace(**{name: amount})  # type: ignore[arg-type]
    return moment + timedelta(**{name: amount})


def _setting(compiler: Compiler, argument: Node, node: Node) -> tuple[str, int]:
    """Read ``days=-1``, which the grammar sees as a comparison."""
    sides = _nodes(argument)
    names = [child for child in sides[0].children if isinstance(child, Token)] if sides else []
    if argument.data != "comparison" or not names:
        raise compiler.wrong(source(node, compiler.text))
    value = compiler.compile(sides[1]).value
    if not isinstance(value, int):
        raise compiler.wrong(source(node, compiler.text))
    return str(names[0]).lower(), value
