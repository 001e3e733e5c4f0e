"""Type-check ODSQL expressions against the fields of a data set and compile them to parametrised DuckDB SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lark import Token, Tree

from dataelec_assets.portals.folder.fields import NUMERIC, TEMPORAL, quoted
from dataelec_assets.sample.portal import functions
from dataelec_assets.sample.portal.compiled import Expression, Request
from dataelec_assets.sample.portal.moments import Moment, read_moment
from dataelec_assets.sample.portal.odsql import RESERVED, Clause, Node, parse, source, unquoted
from dataelec_assets.sample.portal.replies import malformed, syntax_error, unknown_field

# Types that can be compared with each other.
_FAMILIES = (NUMERIC, TEMPORAL, frozenset({"boolean"}))

_FLIPPED = {"=": "=", ":": ":", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Compiler:
    """Compiles the expressions of one clause.

    Args:
        request: what the clauses share.
        clause: name of the clause, for messages.
        text: text of the clause, for messages and names.
        aliases: names that stand for expressions (``order_by`` of a grouped query).
    """

    def __init__(
        self, request: Request, clause: Clause, text: str, aliases: Mapping[str, Expression] | None = None
    ) -> None:
        self.request = request
        self.clause = clause
        self.text = text
        self.aliases = aliases or {}

    def compile(self, node: Node) -> Expression:
        """Return the compiled ``node``.

        Raises:
            PortalError: 400, with the portal's message.
        """
        compiled: Expression = getattr(self, f"_{node.data}")(node)
        return compiled

    def condition(self, node: Node) -> Expression:
        """Return ``node`` as a condition; a bare string is a full-text search."""
        compiled = self.compile(node)
        if compiled.type == "string":
            return functions.search_everywhere(self.request, str(compiled.value))
        if compiled.type != "boolean":
            raise self.wrong(f"Expected a boolean expression but found: {source(node, self.text)}.")
        return compiled

    def wrong(self, reason: str) -> Exception:
        """Return the semantic error ``reason`` of this clause."""
        return malformed(reason, self.clause)

    # Names and literals

    def _name(self, node: Node) -> Expression:
        token = _token(node)
        if token.lower() in RESERVED and token not in self.aliases:
            raise syntax_error(str(token), token.start_pos or 0, self.text)
        return self._field(str(token))

    def _quoted_name(self, node: Node) -> Expression:
        return self._field(unquoted(_token(node)))

    def _field(self, name: str) -> Expression:
        if name in self.aliases:
            return self.aliases[name]
        if name not in self.request.fields:
            raise unknown_field(name, self.clause)
        return Expression(quoted(name), self.request.fields[name].type)

    def _number(self, node: Node) -> Expression:
        text = str(_token(node))
        value: float = float(text) if "." in text else int(text)
        return Expression(self.request.bind(value), "double" if "." in text else "int", value)

    def _string(self, node: Node) -> Expression:
        value = unquoted(_token(node))
        return Expression(self.request.bind(value), "string", value)

    def _moment(self, node: Node) -> Expression:
        text = re.sub(r"(?i)^date\s*", "", str(_token(node)))[1:-1]
        return Expression("", "moment", self._read_moment(text))

    def _read_moment(self, text: str) -> Moment:
        moment = read_moment(text, self.request.timezone)
        if moment is None:
            raise self.wrong(f"Invalid date: {text}.")
        return moment

    def _true(self, _: Node) -> Expression:
        return Expression("TRUE", "boolean", value=True)

    def _false(self, _: Node) -> Expression:
        return Expression("FALSE", "boolean", value=False)

    def _null(self, _: Node) -> Expression:
        return Expression("NULL", "null")

    # Logic: a comparison with null is false, hence its negation true

    def _conjunction(self, node: Node) -> Expression:
        return self._logic(node, "AND")

    def _disjunction(self, node: Node) -> Expression:
        return self._logic(node, "OR")

    def _logic(self, node: Node, operator: str) -> Expression:
        left, right = (self.condition(child) for child in _nodes(node))
        return Expression(f"({left.sql} {operator} {right.sql})", "boolean")

    def _not_(self, node: Node) -> Expression:
        return _negated(self.condition(_nodes(node)[0]))

    def _group(self, node: Node) -> Expression:
        return self.compile(_nodes(node)[0])

    # Predicates

    def _comparison(self, node: Node) -> Expression:
        left, right = (self.compile(child) for child in _nodes(node))
        operator = str(next(child for child in node.children if isinstance(child, Token)))
        if left.value is not None and right.value is None:
            left, right, operator = right, left, _FLIPPED[operator]
        return self._compare(left, operator, right)

    def _compare(self, left: Expression, operator: str, right: Expression) -> Expression:
        equal = operator in "=:"
        if right.type == "null" or left.type == "null":
            return Expression("FALSE", "boolean")
        if left.type in TEMPORAL and right.type in ("string", "moment"):
            moment = right.value if right.type == "moment" else self._read_moment(str(right.value))
            return self._compare_moment(left, operator, moment)
        if left.type in ("text", "string"):
            if not equal:
                raise self.wrong(f"Operator '{operator}' is not supported on a text field, only '=' is.")
            return Expression(f"({left.sql} = {self._as_text(right)})", "boolean")
        if left.type in NUMERIC and right.type == "string":
            right = self._as_number(right)
        families = [next((f for f in _FAMILIES if side.type in f), None) for side in (left, right)]
        if families[0] is None or families[0] is not families[1]:
            raise self.wrong(f"Type {left.type} cannot be compared with type {right.type}.")
        return Expression(f"({left.sql} {'=' if equal else operator} {right.sql})", "boolean")

    def _compare_moment(self, left: Expression, operator: str, moment: Moment) -> Expression:
        # A `date` is compared as midnight UTC, which is how the portal's index holds it.
        value = f"CAST({left.sql} AS TIMESTAMP)" if left.type == "date" else left.sql
        low, high = self.request.bind(moment.low), self.request.bind(moment.high)
        sql = {
            "=": f"({value} >= {low} AND {value} < {high})",
            ">": f"({value} >= {high})",
            ">=": f"({value} >= {low})",
            "<": f"({value} < {low})",
            "<=": f"({value} < {high})",
        }["=" if operator == ":" else operator]
        return Expression(sql, "boolean")

    def _as_text(self, right: Expression) -> str:
        if right.type in ("string", "text"):
            return right.sql
        if right.type in NUMERIC and right.value is not None:
            return self.request.bind(str(right.value))
        raise self.wrong(f"Type text cannot be compared with type {right.type}.")

    def _as_number(self, right: Expression) -> Expression:
        try:
            value = float(str(right.value))
        except ValueError:
            raise self.wrong(f"Invalid number: {right.value}.") from None
        return Expression(self.request.bind(value), "double", value)

    def _is_(self, node: Node) -> Expression:
        value = self.compile(_nodes(node)[0])
        tokens = [child for child in node.children if isinstance(child, Token)]
        sql = f"({value.sql} IS {'NOT ' if len(tokens) > 1 else ''}{tokens[-1].upper()})"
        return Expression(sql, "boolean")

    def _like(self, node: Node) -> Expression:
        value = self.compile(_nodes(node)[0])
        if value.type != "text":
            raise self.wrong("Operator 'like' is only supported on a text field.")
        word = unquoted(next(child for child in node.children if isinstance(child, Token)))
        return functions.contains_word(self.request, value.sql, word)

    def _in_list(self, node: Node) -> Expression:
        value, *choices = (self.compile(child) for child in _nodes(node))
        sql = " OR ".join(self._compare(value, "=", choice).sql for choice in choices)
        return _negated_if(_is_negated(node), Expression(f"({sql})", "boolean"))

    def _in_range(self, node: Node) -> Expression:
        value, low, high = (self.compile(child) for child in _nodes(node))
        left, right = [child for child in node.children if isinstance(child, Token) and child.type in ("OPEN", "CLOSE")]
        if value.type == "text":
            raise self.wrong("A range is not supported on a text field.")
        above = self._compare(value, ">=" if left == "[" else ">", low)
        below = self._compare(value, "<=" if right == "]" else "<", high)
        return _negated_if(_is_negated(node), Expression(f"({above.sql} AND {below.sql})", "boolean"))

    def _in_field(self, node: Node) -> Expression:
        value, name = (self.compile(child) for child in _nodes(node))
        return _negated_if(_is_negated(node), self._compare(name, "=", value))

    # Values

    def _arithmetic(self, node: Node) -> Expression:
        left, right = (self.compile(child) for child in _nodes(node))
        operator = str(next(child for child in node.children if isinstance(child, Token)))
        if left.type not in NUMERIC or right.type not in NUMERIC:
            raise self.wrong(f"Operator '{operator}' only supports numeric expressions.")
        kind = "int" if operator != "/" and left.type == right.type == "int" else "double"
        divisor = f"nullif({right.sql}, 0)" if operator == "/" else right.sql
        return Expression(f"({left.sql} {operator} {divisor})", kind, aggregate=left.aggregate or right.aggregate)

    def _minus(self, node: Node) -> Expression:
        value = self.compile(_nodes(node)[0])
        if value.type not in NUMERIC:
            raise self.wrong("Operator '-' only supports numeric expressions.")
        return Expression(
            f"(- {value.sql})",
            value.type,
            None if value.value is None else -value.value,
            aggregate=value.aggregate,
        )

    def _call(self, node: Node) -> Expression:
        arguments = _nodes(node)
        return functions.call(self, str(_token(node)), arguments[0] if arguments else None, node)


def compile_condition(request: Request, text: str) -> str:
    """Return the SQL of a ``where`` clause.

    Raises:
        PortalError: 400, the clause is wrong.
    """
    tree = parse(text, "where")
    return Compiler(request, "where", text).condition(_nodes(tree)[0]).sql


def _token(node: Node) -> Token:
    return next(child for child in node.children if isinstance(child, Token))


def _nodes(node: Node) -> list[Node]:
    return [child for child in node.children if isinstance(child, Tree)]


def _is_negated(node: Node) -> bool:
    return any(isinstance(child, Token) and child.type == "NOT_" for child in node.children)


def _negated(condition: Expression) -> Expression:
    return Expression(f"(NOT coalesce({condition.sql}, FALSE))", "boolean")


def _negated_if(negated: bool, condition: Expression) -> Expression:  # noqa: FBT001 - the word NOT, present or not
    return _negated(condition) if negated else condition
