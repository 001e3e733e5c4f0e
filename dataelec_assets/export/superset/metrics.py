"""Metrics of Superset from rules of aggregation: an expression that cannot add up what does not.

A metric gives nothing, rather than a wrong figure, where a rule does not say how to aggregate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dataelec_assets.warehouse.semantics import Aggregation, Meaning

_PREFIXES: Mapping[Aggregation, str] = {
    "somme": "somme",
    "somme_territoires": "somme",
    "somme_temps": "somme",
    "moyenne": "moyenne",
    "ponderee": "moyenne",
    "maximum": "maximum",
    "minimum": "minimum",
    "aucune": "valeur",
}

_SAID: Mapping[Aggregation, str] = {
    "somme": "S’additionne, sur les territoires comme dans le temps.",
    "somme_territoires": "S’additionne sur les territoires ; dans le temps, c’est la moyenne.",
    "somme_temps": "S’additionne dans le temps ; sur les territoires, c’est la moyenne.",
    "moyenne": "Moyenne : un niveau ne s’additionne pas.",
    "ponderee": "Moyenne pondérée par « {weight} ».",
    "maximum": "Le plus haut.",
    "minimum": "Le plus bas.",
    "aucune": "Se lit ligne par ligne : vide dès que plusieurs lignes se mêlent.",
}

# Territories of different grains overlap: the sum over France and over its régions counts each twice.
_OVERLAPPING = "maille"
_ONE_GRAIN = (
    "Filtrez sur une seule maille, ou groupez par maille : les mailles se recouvrent. Sinon, la valeur est vide."
)

# What stands side by side, besides columns whose role is `identifiant`.
_SIDE_BY_SIDE = frozenset({_OVERLAPPING, "frontiere"})

# How numbers are read, by unit; the others without decimals.
_TENTHS = frozenset({"%", "°C", "m/s", "mm", "h", "%/°C"})
_HUNDREDTHS = frozenset({"1", "kWh/(jour.°C.logement)", "celle de unite", "sans unité", "écart type"})
# A share is between 0 and 1.
_SHARES = ("part_", "taux_", "disponibilite")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of a dataset.

    Attributes:
        name: ``<how>_<column>``; never that of a column, which Superset would confuse with it.
        expression: SQL of DuckDB.
        label: in French, with the unit.
        description: what the column is and how it is aggregated.
        warning: when it gives nothing; None when it always gives something.
        format: of numbers, as d3 writes it.
    """

    name: str
    expression: str
    label: str
    description: str
    warning: str | None
    format: str


def metric_of(meaning: Meaning, key: Sequence[str], times: Collection[str], identifiers: Collection[str]) -> Metric:
    """Return the metric of a measure.

    Args:
        meaning: what the column is; its rule is known.
        key: columns that identify a row of the table.
        times: those columns of the table that are times.
        identifiers: those that are codes.

    Raises:
        ValueError: the column is not a measure.
    """
    if meaning.rule is None:
        raise ValueError(f"{meaning.table}.{meaning.column} is not a measure")
    places = _SIDE_BY_SIDE | set(identifiers)
    expression = _expression(meaning, meaning.rule, key, places, set(times))
    overlaps = _OVERLAPPING in key and meaning.rule in ("somme", "somme_territoires", "somme_temps", "ponderee")
    if overlaps:
        expression = f"CASE WHEN COUNT(DISTINCT {_OVERLAPPING}) = 1 THEN {expression} END"
    said = _SAID[meaning.rule].format(weight=meaning.weight)
    warning = said if meaning.rule == "aucune" else _ONE_GRAIN if overlaps else None
    return Metric(
        f"{_PREFIXES[meaning.rule]}_{meaning.column}",
        expression,
        meaning.label,
        f"{meaning.description.rstrip('.')}. {said}".lstrip(". "),
        warning,
        _format(meaning),
    )


def _format(meaning: Meaning) -> str:
    if meaning.unit == "1" and meaning.column.startswith(_SHARES):
        return ",.0%"
    return ",.1f" if meaning.unit in _TENTHS else ",.2f" if meaning.unit in _HUNDREDTHS else ",.0f"


def _expression(
    meaning: Meaning, rule: Aggregation, key: Sequence[str], places: Collection[str], times: Collection[str]
) -> str:
    name = meaning.column
    weight = f"SUM({meaning.weight}) FILTER (WHERE {name} IS NOT NULL)"
    expressions: dict[Aggregation, str] = {
        "somme": f"SUM({name})",
        "somme_territoires": _sum_per(name, [each for each in key if each not in places]),
        "somme_temps": _sum_per(name, [each for each in key if each not in times]),
        "moyenne": f"AVG({name})",
        "ponderee": f"SUM({name} * {meaning.weight}) / NULLIF({weight}, 0)",
        "maximum": f"MAX({name})",
        "minimum": f"MIN({name})",
        "aucune": f"CASE WHEN COUNT(*) = 1 THEN MAX({name}) END",
    }
    return expressions[rule]


def _sum_per(name: str, columns: Sequence[str]) -> str:
    """Return the sum over some columns of a key, averaged over the others: those that are given."""
    if not columns:
        return f"SUM({name})"
    distinct = columns[0] if len(columns) == 1 else f"ROW({', '.join(columns)})"
    return f"SUM({name}) / NULLIF(COUNT(DISTINCT {distinct}) FILTER (WHERE {name} IS NOT NULL), 0)"
