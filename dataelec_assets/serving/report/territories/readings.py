"""The values of the series by territory and year, with ranks and evolutions, read at once for all territories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dataelec_assets.serving.report.reading import Served
from dataelec_assets.serving.report.territories.headlines import Series

FACTS = "fct_indicateur"
COMPARED = "mart_indicateur_compare"


class Reading(NamedTuple):
    """The value of a series in a year.

    Attributes:
        year: civil year.
        value: None where it is secret, unknown or covers too little.
        is_minimum: whether a part is missing or secret.
        reason: why it is null.
        rank: among the territories of the grain, 1 for the largest.
        peers: how many of them have a value that year.
        change: evolution since the row before, in per cent; null across a break.
        since: year of the row before.
        break_reason: why it does not compare with the row before.
    """

    year: int
    value: float | None
    is_minimum: bool = False
    reason: str = ""
    rank: int | None = None
    peers: int | None = None
    change: float | None = None
    since: int | None = None
    break_reason: str = ""


# Readings of a territory: by series, in the order of the years.
Known = dict[str, tuple[Reading, ...]]


def wanted_rows(series: Sequence[Series]) -> tuple[str, list[str]]:
    """Return the series as rows of a VALUES clause (number, code, part), and its parameters."""
    rows = ", ".join(f"({at}, ?, ?)" for at in range(len(series)))
    return rows, [text for each in series for text in (each.code, each.part)]


def read_readings(served: Served, series: Sequence[Series]) -> dict[tuple[str, str], Known]:
    """Return the readings of the nation, régions, départements and EPCI, by grain and code.

    Raises:
        Unavailable: the file has none.
    """
    rows, parameters = wanted_rows(series)
    found: dict[tuple[str, str], dict[str, list[Reading]]] = {}
    for row in served.rows(
        f"""
        with voulues(serie, code_indicateur, partie) as (values {rows})
        select v.serie, i.maille, i.code_territoire, i.annee, i.valeur, i.est_incomplet, i.motif, c.rang,
            c.nombre_pairs, c.evolution_pct, c.annee_precedente, c.motif_rupture
        from fct_indicateur as i
        inner join voulues as v on i.code_indicateur = v.code_indicateur and coalesce(i.sous_champ, '') = v.partie
        left join mart_indicateur_compare as c
            on i.code_indicateur = c.code_indicateur and i.maille = c.maille
            and i.code_territoire = c.code_territoire and i.annee = c.annee
            and coalesce(i.sous_champ, '') = coalesce(c.sous_champ, '') and c.maille <> 'commune'
        where i.maille in ('nation', 'region', 'departement', 'epci')
        order by i.maille, i.code_territoire, v.serie, i.annee
        """,
        parameters,
    ):
        by_series = found.setdefault((row["maille"], row["code_territoire"]), {})
        by_series.setdefault(series[row["serie"]].key, []).append(
            Reading(
                row["annee"],
                row["valeur"],
                bool(row["est_incomplet"]),
                row["motif"] or "",
                row["rang"],
                row["nombre_pairs"],
                row["evolution_pct"],
                row["annee_precedente"],
                row["motif_rupture"] or "",
            )
        )
    return {place: {key: tuple(each) for key, each in known.items()} for place, known in found.items()}


def newest(readings: Sequence[Reading]) -> Reading | None:
    """Return the newest reading with a value; without one, the newest, which says why; None without any."""
    return next((each for each in reversed(readings) if each.value is not None), readings[-1] if readings else None)


def in_year(readings: Sequence[Reading], year: int) -> Reading | None:
    """Return the reading of a year; None without a row for it."""
    return next((each for each in readings if each.year == year), None)
