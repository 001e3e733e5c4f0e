"""Figures of the territories' pages computed again from facts, where the pages read the indicators made of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import duckdb

from tests.serving.printed import Printed
from tests.serving.recomputed import Value

# The energy and the name of the unit that are divided by inhabitants, by the label of the indicator.
_PER_HEAD = {"Consommation d'électricité par habitant": "electricite", "Consommation de gaz par habitant": "gaz"}
_TOTALS = {"Consommation d'électricité": "electricite", "Consommation de gaz": "gaz"}
_UNIT = re.compile(r" \([^()]*\)$")


Ask = Callable[[str, dict[str, Any]], Any]


def _own(figure: Printed) -> str:
    return figure.page.removeprefix("departement-")


def _named(ask: Ask, name: str) -> str:
    """Return the code of a département that a row or a column names."""
    found: str = ask("select code_departement from dim_departement where nom_departement = $name", {"name": name})
    return found


# Published by département, and where that edition is missing, by commune.
_PEOPLE = """
    coalesce(
        (select population_municipale_hab from fct_population
        where maille = 'departement' and code_territoire = $code and annee = $year),
        (select sum(p.population_municipale_hab) from fct_population as p
        inner join dim_commune as c on p.code_territoire = c.code_commune
        where p.maille = 'commune' and c.code_departement = $code and p.annee = $year)
    )
"""


def _per_head(ask: Ask, code: str, energy: str, year: int) -> Value:
    known = {"code": code, "indicator": f"conso_{energy}_par_hab", "year": year}
    people = ask(
        """
        select annee_denominateur from fct_indicateur where maille = 'departement' and code_territoire = $code
            and code_indicateur = $indicator and annee = $year and sous_champ is null
        """,
        known,
    )
    return Value(
        1000 * (_total(ask, code, energy, year).value or 0) / ask(f"select {_PEOPLE}", {"code": code, "year": people}),
        0,
    )


def _total(ask: Ask, code: str, energy: str, year: int) -> Value:
    value = ask(
        "select sum(energie_mwh) from fct_consommation_annuelle "
        "where maille = 'departement' and code_territoire = $code and annee = $year and energie = $energy",
        {"code": code, "year": year, "energy": energy},
    )
    return Value(value, 0)


def _of(label: str, ask: Ask, code: str, year: int) -> Value:
    if label in _PER_HEAD:
        return _per_head(ask, code, _PER_HEAD[label], year)
    if label in _TOTALS:
        return _total(ask, code, _TOTALS[label], year)
    return Value(ask(f"select {_PEOPLE}", {"code": code, "year": year}), 0)


def _around(ask: Ask, figure: Printed) -> Value:
    energy = "electricite" if "electricite" in figure.chart else "gaz"
    return _per_head(ask, _named(ask, figure.line), energy, figure.start.year)


def _year(ask: Ask, figure: Printed) -> Value:
    return _of(_UNIT.sub("", figure.column), ask, _own(figure), int(figure.line))


def _newest(ask: Ask, figure: Printed) -> Value:
    return _of(_UNIT.sub("", figure.line), ask, _named(ask, figure.column), figure.start.year)


def _sector(ask: Ask, figure: Printed) -> Value:
    value = ask(
        """
        select sum(c.energie_mwh) from fct_consommation_annuelle as c
        inner join dim_secteur as s on c.code_secteur = s.code_secteur
        where c.maille = 'departement' and c.code_territoire = $code and c.annee = $year and c.energie = 'electricite'
            and s.nom_secteur = $sector
        """,
        {"code": _own(figure), "year": figure.start.year, "sector": figure.line},
    )
    return Value(value, 0)


_WORDS = {"Année", "Rang", "Parmi", "Évolution (%)", "Depuis"}
_WAYS: dict[str, Callable[[Ask, Printed], Value]] = {
    "autour-conso_electricite_par_hab": _around,
    "autour-conso_gaz_par_hab": _around,
    "evolution": _year,
    "indicateurs": _newest,
    "secteurs": _sector,
}


def is_known(figure: Printed) -> bool:
    """Return whether a statement knows the figure: those of départements, of energy, inhabitants and their quotient."""
    label = _UNIT.sub("", {"evolution": figure.column, "indicateurs": figure.line}.get(figure.chart, ""))
    return (
        figure.chart in _WAYS
        and figure.column not in _WORDS
        and figure.text != "n.d."
        and (not label or label in {*_PER_HEAD, *_TOTALS, "Population municipale"})
        and "France" not in {figure.line, figure.column}
        and figure.page.startswith("departement-")
        and not figure.line.endswith("(région)")
        and (figure.chart != "indicateurs" or figure.column not in _REGIONS)
    )


_REGIONS = {
    "Auvergne-Rhône-Alpes", "Bourgogne-Franche-Comté", "Bretagne", "Centre-Val de Loire", "Corse", "Grand Est",
    "Guadeloupe", "Guyane", "Hauts-de-France", "La Réunion", "Martinique", "Mayotte", "Normandie",
    "Nouvelle-Aquitaine", "Occitanie", "Pays de la Loire", "Provence-Alpes-Côte d'Azur", "Île-de-France",
}  # fmt: skip


def recomputed(connection: duckdb.DuckDBPyConnection, figure: Printed) -> set[str]:
    """Return the texts that a known figure may have; a mark of what is partial is none of its text."""

    def ask(query: str, parameters: dict[str, Any]) -> Any:
        row = connection.execute(query, parameters).fetchone()
        return None if row is None else row[0]

    found = _WAYS[figure.chart](ask, figure)
    return {text for each in found.texts for text in (each, f"{each} *")}
