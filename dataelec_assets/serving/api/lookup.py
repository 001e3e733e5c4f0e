"""Codes that nobody knows: refused with the three that are most like them, never answered by silence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dataelec_assets.serving.api.execution import Engine
from dataelec_assets.serving.api.names import RELATION
from dataelec_assets.serving.api.problems import Problem
from dataelec_assets.serving.api.publication import Publication
from dataelec_assets.serving.api.queries import Codes
from dataelec_assets.serving.api.territories import GRAINS, NORMALISED, normalised

# As many as are read at a glance, as at the command line (dataelec_assets/nearest.py).
_SHOWN = 3

# What a code is of, and how a refusal says it.
A_GRAIN = {
    "nation": "la nation",
    "region": "une région",
    "departement": "un département",
    "epci": "un EPCI",
    "commune": "une commune",
}
_NO_GRAIN = {
    "nation": "pas de nation",
    "region": "pas de région",
    "departement": "pas de département",
    "epci": "pas d'EPCI",
    "commune": "pas de commune",
}

# Like a name or like a code, whichever is more. Jaro-Winkler favours what begins alike, as misspelt names and codes of
# the same département do.
_NEAREST = f"""
    SELECT code, nom FROM {RELATION} WHERE list_contains(?, sorte)
    ORDER BY greatest(
            jaro_winkler_similarity(lower(code), ?), jaro_winkler_similarity(trim({NORMALISED.format("nom")}), ?)
        ) DESC, starts_with(lower(code), left(?, 1)) DESC, length(code), code LIMIT {_SHOWN}
"""


async def refuse_unknown_codes(engine: Engine, publication: Publication, asked: Sequence[Codes]) -> None:
    """Look every code up.

    Raises:
        Problem: 404 for the first that does not exist; it names the three nearest.
    """
    for codes in asked:
        strange = [code for code in codes.values if not _is_listed(publication, codes, code)]
        if strange and codes.column is not None:
            # Codes of former communes, of CRTE, of the mainland: only the table itself has them.
            marks = ", ".join("?" * len(strange))
            there = await engine.rows(
                publication,
                f"SELECT DISTINCT {codes.column.sql} FROM {codes.relation} WHERE {codes.column.sql} IN ({marks})",
                strange,
            )
            strange = [code for code in strange if (code,) not in there]
        if strange:
            raise await _unknown(engine, publication, codes, strange[0])


def _is_listed(publication: Publication, codes: Codes, code: str) -> bool:
    if codes.of_indicators:
        return code in publication.indicators
    grains = publication.territories.get(code, ())
    return any(grain in grains for grain in codes.grains) if codes.grains else bool(grains)


async def _unknown(engine: Engine, publication: Publication, codes: Codes, code: str) -> Problem:
    kinds = ["indicateur"] if codes.of_indicators else list(codes.grains or GRAINS)
    near = await nearest(engine, publication, kinds, code)
    return unknown(codes.parameter, _reason(publication, codes, code[:80]), near)


def unknown(parameter: str, reason: str, near: Sequence[tuple[str, str]]) -> Problem:
    """Return the refusal of something unknown.

    Args:
        parameter: of the request.
        reason: what is unknown, in French.
        near: code and name of what was perhaps meant.
    """
    if near:
        reason += f" ; les plus proches : {', '.join(f'{code} ({name})' for code, name in near)}"
    return Problem(
        404,
        f"{parameter} : {reason}.",
        errors={parameter: reason},
        nearest=[{"code": code, "nom": name} for code, name in near],
    )


async def nearest(engine: Engine, publication: Publication, kinds: Sequence[str], text: str) -> list[tuple[str, str]]:
    """Return code and name of what is most like a text, the likeliest first.

    Args:
        engine: runs the statement.
        publication: the current one.
        kinds: of what: grains of territories, ``indicateur``.
        text: a code or a name, as typed.
    """
    plain = text.lower()[:80]
    rows: list[Any] = await engine.rows(publication, _NEAREST, [list(kinds), plain, normalised(text)[:80], plain])
    return [(code, name) for code, name in rows]


def _reason(publication: Publication, codes: Codes, code: str) -> str:
    if codes.of_indicators:
        return f"pas d'indicateur « {code} »"
    if not codes.grains:
        return f"pas de territoire « {code} »"
    found = " et ".join(A_GRAIN[grain] for grain in publication.territories.get(code, ()))
    wanted = [A_GRAIN[grain] for grain in codes.grains]
    if found:
        return f"{code} est {found}, et non {' ou '.join(wanted)}"
    return (
        f"{_NO_GRAIN[codes.grains[0]]} « {code} »" if len(wanted) == 1 else f"« {code} » n'est ni {' ni '.join(wanted)}"
    )
