"""What stands at the foot of every page: how far the measures reach, who published them, under which licence."""

from __future__ import annotations

import re
from datetime import date

from markupsafe import Markup, escape

from dataelec_assets.serving.report.figures import Basis, Part, on
from dataelec_assets.serving.report.french import listed, typographic
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.reading import Served, Unavailable

_MEASURES = {
    "consommation_electricite": "la consommation d’électricité",
    "consommation_gaz": "celle de gaz",
    "production": "la production",
    "stock_gaz": "le gaz en stock",
    "echanges": "les échanges",
    "temperature": "les températures",
}


def ages(served: Served) -> list[Part]:
    """Return how far the measures of France reach, and how old that was at the publication; empty if unknown."""
    try:
        rows = served.rows(
            """
            select mesure, max(fin) as fin from mart_periode
            where type_periode = '30_jours' and code_territoire = 'FR' group by 1
            """
        )
        published = served.published_on()
    except Unavailable:
        return []
    ends: dict[date, list[str]] = {}
    for row in sorted(rows, key=lambda row: row["fin"], reverse=True):
        ends.setdefault(row["fin"], []).append(row["mesure"])
    at = Basis(Period.one_day(published), "mart_periode")
    found: list[Part] = []
    for end, measures in ends.items():
        age = (published - end).days
        named = listed([words for name, words in _MEASURES.items() if name in measures])
        found += [" ; " if found else "Derniers jours entièrement mesurés : ", "le ", on(end), " (", at.figure(age)]
        found += [f" {'jour' if age < 2 else 'jours'} avant la publication) pour {named}"]  # noqa: PLR2004
    return [*found, "."]


def sources(served: Served) -> dict[str, str]:
    """Return producers, licences and what binds the use of what is loaded, as the footer prints them."""
    try:
        rows = served.rows("select distinct producteur, licence from meta_sources where lignes > 0 order by 1, 2")
    except Unavailable:
        return {"producers": "aucune source chargée", "licences": "leur licence propre", "conditions": ""}
    return {
        "conditions": _conditions(served),
        "producers": listed(list(dict.fromkeys(name for row in rows for name in row["producteur"].split(", ")))),
        "licences": listed(list(dict.fromkeys(row["licence"] for row in rows))),
    }


def _conditions(served: Served) -> str:
    """Return what binds the use of data that is loaded, by producer; empty when nothing does."""
    try:
        rows = served.rows(
            "select distinct producteur, conditions from meta_sources "
            "where lignes > 0 and conditions is not null order by 1, 2"
        )
    except Unavailable:
        return ""
    return ". ".join(f"{row['producteur']} : {row['conditions']}" for row in rows)


# As conditions write it; a name such as Open-Meteo.com is not an address.
_ADDRESS = re.compile(r"(https://[^\s)]+)")


def linked(text: str) -> Markup:
    """Return a text whose addresses can be followed."""
    link = Markup('<a href="{0}" rel="noopener">{0}</a>')
    parts = _ADDRESS.split(typographic(text))
    return Markup("").join(link.format(part) if at % 2 else escape(part) for at, part in enumerate(parts))
