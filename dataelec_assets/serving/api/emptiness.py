"""Why an answer has no row, and for which years or days there are some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dataelec_assets.serving.api.execution import Engine
from dataelec_assets.serving.api.publication import Publication
from dataelec_assets.serving.api.queries import Condition, Question
from dataelec_assets.serving.api.schema import Kind

# Parameters that choose a time.
_TIMES = frozenset({"annee", "annee_min", "annee_max", "debut", "fin"})


async def why_empty(engine: Engine, publication: Publication, question: Question) -> dict[str, Any]:
    """Return the reason, in French, for which a question has no row, and the times at which it would have some.

    Each parameter is left out in turn: the one without which rows appear is the one to change.

    Raises:
        Problem: it takes too long.
    """
    asked = list(dict.fromkeys(each.given for each in question.conditions if each.given))
    leaving_out = [frozenset(asked), _TIMES, *(frozenset({name}) for name in asked)]
    counted = [[each for each in question.conditions if each.given not in names] for names in leaving_out]
    times = _Times(question)
    used = [*(("count(*)", kept) for kept in counted), *((time, counted[1]) for time in times.sql)]
    columns = [f"{what} {_filter(kept)}" for what, kept in used]
    parameters = [value for _, kept in used for each in kept for value in each.parameters]
    sql = f"SELECT {', '.join(columns)} FROM {question.relation}"
    (found,) = await engine.rows(publication, sql, [*parameters, *question.own_parameters])
    all_rows, at_other_times, *others = found[: len(counted)]
    whens = [_written(when) for when in found[len(counted) :]]
    if not all_rows:
        reason = f"{question.name} n'a aucune ligne dans cette publication."
    elif at_other_times and _TIMES & {*asked}:
        reason = times.in_words(whens)
    else:
        lines = [f"{rows} sans {name}" for name, rows in zip(asked, others, strict=True) if rows]
        reason = f"Aucune ligne ne réunit {_listed(asked)}"
        reason += f" ; il y en aurait {', '.join(lines)}." if lines else "."
    return {"raison": reason, **times.said(whens)}


def _filter(conditions: Sequence[Condition]) -> str:
    return f"FILTER (WHERE {' AND '.join(each.sql for each in conditions)})" if conditions else ""


class _Times:
    """All years of a question's rows, or their first and last day; nothing where rows have no time."""

    def __init__(self, question: Question) -> None:
        days = question.days
        self._years = bool(days) and days[0].kind is Kind.INTEGER
        if self._years:
            self.sql = [f"list(DISTINCT {days[0].sql} ORDER BY {days[0].sql})"]
        else:
            self.sql = [f"min({days[0].sql})", f"max({days[-1].sql})"] if days else []

    def said(self, found: Sequence[Any]) -> dict[str, Any]:
        if self._years:
            return {"annees": found[0], "debut": None, "fin": None}
        return {"annees": None, "debut": found[0] if found else None, "fin": found[1] if found else None}

    def in_words(self, found: Sequence[Any]) -> str:
        if self._years:
            return f"Rien à cette date ; années publiées : {', '.join(map(str, found[0]))}."
        return f"Rien à ces dates ; jours publiés : du {found[0]} au {found[1]}." if found else "Rien à ces dates."


def _written(when: Any) -> Any:
    return when.isoformat() if hasattr(when, "isoformat") else when


def _listed(names: Sequence[str]) -> str:
    return " et ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
