"""A subject offers several served tables, which name place and time differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dataelec_assets.serving.api.places import WITHIN, codes_of_column, within
from dataelec_assets.serving.api.problems import refused
from dataelec_assets.serving.api.publication import Publication
from dataelec_assets.serving.api.queries import Question, of_table
from dataelec_assets.serving.api.schema import Column, Kind, Value

# Parameters whose values are codes of territories.
_OF_PLACES = {"territoire", "commune", "arrondissement"}

Given = Value | Sequence[Value] | None


@dataclass(frozen=True, slots=True)
class Variant:
    """One table of a subject.

    Attributes:
        table: its name.
        equal: column by parameter, for filters on a value or on any of several.
        span: the column of days that ``debut`` and ``fin`` bound; two columns: a row's first and last day.
        fixed: values that rows must have.
    """

    table: str
    equal: Mapping[str, str] = field(default_factory=dict)
    span: tuple[str, ...] = ()
    fixed: Mapping[str, Value] = field(default_factory=dict)


def ask(
    publication: Publication,
    variant: Variant,
    given: Mapping[str, Given],
    debut: date | None = None,
    fin: date | None = None,
) -> Question:
    """Return the question to a variant.

    Args:
        publication: the current one.
        variant: the table.
        given: value by parameter; None filters nothing.
        debut: first day.
        fin: last day.

    Raises:
        Problem: the table is not there, or cannot be filtered so.
    """
    table = publication.table(variant.table)
    question = of_table(table).with_names()
    for name, wanted in variant.fixed.items():
        question = question.condition(f"{table.column(name).sql} = ?", wanted)
    for parameter, value in given.items():
        values = [value] if isinstance(value, str | int | float | date) else list(value or ())
        if not values:
            continue
        filtered = table.columns.get(variant.equal.get(parameter, ""))
        if filtered is not None:
            question = question.where(filtered, "=", *values, given=parameter)
            if parameter in _OF_PLACES:
                codes, grain = [str(each) for each in values], given.get("maille")
                question = question.requiring(codes_of_column(parameter, codes, table, filtered, _text(grain)))
        elif parameter in WITHIN:
            question = within(question, table, parameter, str(values[0]))
        else:
            raise refused(parameter, f"ne filtre pas {table.name}, qui répond à cette demande")
    if debut is None and fin is None:
        return question
    between = _between(question, [table.column(name) for name in variant.span], debut, fin)
    return replace(between, asked=(debut, fin))


def _text(value: Given) -> str | None:
    return value if isinstance(value, str) else None


def _between(question: Question, span: Sequence[Column], debut: date | None, fin: date | None) -> Question:
    for parameter, day in (("debut", debut), ("fin", fin)):
        if day is None:
            continue
        if not span:
            raise refused(parameter, f"ne filtre pas {question.name}, qui n'a pas de jours")
        # A row that lasts several days counts when it overlaps the span.
        column = span[-1] if parameter == "debut" else span[0]
        operator = ">=" if parameter == "debut" else "<="
        if column.kind is Kind.INSTANT:
            civil = f"CAST({column.sql} AT TIME ZONE 'Europe/Paris' AS DATE)"
            question = question.condition(f"{civil} {operator} ?", day, given=parameter)
        else:
            question = question.condition(f"{column.sql} {operator} ?", day, given=parameter)
    return question
