"""The filters of data-fair: ``qs`` (the part of Lucene's syntax that clients use) and ``<field>_eq`` and the like."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dataelec_assets.portals.folder.fields import NUMERIC, SQL_TYPES, TEMPORAL, Field, quoted
from dataelec_assets.sample.portal.compiled import Request
from dataelec_assets.sample.portal.replies import PortalError, refusal

_TERM = re.compile(
    r"""\s*(?P<not>NOT\s+|-)?(?P<field>\w+)\s*:\s*
    (?: "(?P<quoted>(?:[^"\\]|\\.)*)"
      | \[\s*(?P<low>[^\s\]]+)\s+TO\s+(?P<high>[^\s\]]+)\s*\]
      | (?P<bare>[^\s()\[\]"]+)
    )\s*""",
    re.VERBOSE,
)
_AND = re.compile(r"(?:AND\b|&&)\s*")

_OPERATORS = {"eq": "=", "gte": ">=", "gt": ">", "lte": "<=", "lt": "<", "neq": "<>"}

_EXISTS = "_exists_"


def compile_filters(request: Request, parameters: Mapping[str, str]) -> list[str]:
    """Return the SQL conditions of a request: ``qs``, ``<field>_in`` and ``<field>_eq``, ``_gte`` and so on.

    Raises:
        PortalError: 400, with the portal's words.
    """
    conditions = _compile_qs(request, parameters["qs"]) if parameters.get("qs") else []
    for name, text in parameters.items():
        column, _, suffix = name.rpartition("_")
        if column not in request.fields:
            continue
        field = request.fields[column]
        if suffix == "in":
            values = [f"({_compare(request, field, '=', value)})" for value in text.split(",")]
            conditions.append(f"({' OR '.join(values)})")
        elif suffix in _OPERATORS:
            conditions.append(_compare(request, field, _OPERATORS[suffix], text))
    return conditions


def _compile_qs(request: Request, text: str) -> list[str]:
    """Compile ``field:value``, ``field:"value"``, ``field:[low TO high]`` and ``_exists_:field``, joined by AND."""
    conditions, position = [], 0
    while True:
        term = _TERM.match(text, position)
        if term is None:
            raise _malformed(text, position)
        condition = _compile_term(request, term)
        conditions.append(f"NOT coalesce({condition}, FALSE)" if term["not"] else f"({condition})")
        position = term.end()
        if position == len(text):
            return conditions
        joint = _AND.match(text, position)
        if joint is None:
            raise _malformed(text, position)
        position = joint.end()


def _compile_term(request: Request, term: re.Match[str]) -> str:
    if term["field"] == _EXISTS:
        return f"{quoted(_known(request, term['bare'] or '').name)} IS NOT NULL"
    field = _known(request, term["field"])
    if term["low"] is not None:
        bounds = [(">=", term["low"]), ("<=", term["high"])]
        parts = [_compare(request, field, operator, value) for operator, value in bounds if value != "*"]
        return " AND ".join(parts) or f"{quoted(field.name)} IS NOT NULL"
    value = term["bare"] if term["quoted"] is None else re.sub(r"\\(.)", r"\1", term["quoted"])
    return _compare(request, field, "=", value)


def _known(request: Request, name: str) -> Field:
    if name not in request.fields:
        reason = "il n'existe pas dans le jeu de données."
        raise refusal(400, f"Impossible d'appliquer un filtre sur le champ {name}, {reason}")
    return request.fields[name]


def _compare(request: Request, field: Field, operator: str, text: str) -> str:
    """Return SQL that compares a field with a text read as the field's type."""
    column, value = quoted(field.name), request.bind(text)
    if field.type in NUMERIC:
        try:
            float(text)
        except ValueError:
            raise refusal(400, f'failed to create query: For input string: "{text}"') from None
        return f"{column} {operator} CAST({value} AS DOUBLE)"
    if field.type in TEMPORAL or field.type == "boolean":
        return f"{column} {operator} TRY_CAST({value} AS {SQL_TYPES[field.type]})"
    return f"CAST({column} AS VARCHAR) {operator} {value}"


def _malformed(text: str, position: int) -> PortalError:
    reason = f"inattendu à la position {position}"
    words = f'la syntaxe du paramètre "qs" n\'est pas respectée : requête = "{text}", erreur = "{reason}"'
    return refusal(400, f"Impossible d'effectuer cette recherche, {words}")
