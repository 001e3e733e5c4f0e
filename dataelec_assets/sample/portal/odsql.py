"""Parse ODSQL clauses into trees (``odsql.lark`` holds the grammar)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from dataelec_assets.sample.portal.replies import syntax_error, unexpected_end

Clause = Literal["where", "select", "group_by", "order_by"]
Node = Tree[Token]

# Names that must be back-quoted to stand for a field.
RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        and as asc avg by count date_format day dayofweek desc distinct equi false group hour ifnull or limit lower max
        millisecond min minute month not null quarter range search second select sum top true upper where year
        """,
    )
)


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("odsql.lark").read_text("utf-8")
    return Lark(
        grammar,
        parser="lalr",
        start=["where", "select", "group_by", "order_by"],
        propagate_positions=True,
        maybe_placeholders=True,
    )


def parse(text: str, clause: Clause) -> Node:
    """Return the tree of ``text``.

    Raises:
        PortalError: 400 ``ODSQLSyntaxError``, with the position of what was not expected.
    """
    try:
        return _parser().parse(text, start=clause)
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise unexpected_end(text) from error
        raise syntax_error(str(error.token), error.token.start_pos or 0, text) from error
    except UnexpectedCharacters as error:
        raise syntax_error(error.char, error.pos_in_stream or 0, text) from error
    except UnexpectedInput as error:
        raise unexpected_end(text) from error


def source(node: Node, text: str) -> str:
    """Return the part of ``text`` that ``node`` was parsed from: the name of an expression without alias."""
    return text[node.meta.start_pos : node.meta.end_pos]


def unquoted(token: Token) -> str:
    """Return the text of a string or a back-quoted name, escapes resolved."""
    return unescaped(str(token)[1:-1])


def unescaped(body: str) -> str:
    r"""Resolve the escapes of a string: ``\x`` stands for ``x``."""
    return re.sub(r"\\(.)", r"\1", body)
