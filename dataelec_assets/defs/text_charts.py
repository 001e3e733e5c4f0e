"""Charts made of text, shown with the tables that answer a question in the Dagster UI.

Drawing a picture takes a second of each refresh, and many bytes of Dagster's event log; a bar of characters takes none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

_WIDTH = 40
_MOST_BARS = 24
_WHOLE_FROM = 100


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn of a table.

    Attributes:
        title: French, with the unit.
        query: label and value, a row for each bar; a null value has no bar.
    """

    title: str
    query: str


def _relation(table: str) -> str:
    return f"""
        select y.serie_x || ' → ' || y.serie_y || ', ' || y.decalage_jours || ' j' as label, y.effet
        from {table} as y
        where y.transformation = 'desaisonnalisee' and y.methode = 'pearson'
        qualify row_number() over (
            partition by y.serie_x, y.serie_y order by abs(y.effet) desc nulls last, y.forme, y.decalage_jours
        ) = 1
        order by abs(y.effet) desc nulls last, label
    """


_EFFECT = "Corrélation des séries désaisonnalisées, au décalage où elle est la plus forte"

CHARTS = {
    "mart_thermosensibilite": Chart(
        "Gradient de chauffage, électricité, toute la période (MW/°C)",
        """
        select nom_territoire, gradient_chauffage_mw_par_c from mart_thermosensibilite
        where energie = 'electricite' and periode = 'ensemble' and maille = 'region'
        order by gradient_chauffage_mw_par_c desc nulls last, code_territoire
        """,
    ),
    "mart_priorite_isolation": Chart(
        "Gradient de chauffage relatif (% de la consommation moyenne par °C)",
        "select nom_region, gradient_chauffage_pct_par_c from mart_priorite_isolation order by rang, code_region",
    ),
    "mart_degres_jours": Chart(
        "Degrés-jours de la France, base 18 (°C·jour)",
        """
        select annee::varchar, max(degres_jours_c) from mart_degres_jours
        where maille = 'nation' and base_c = 18 group by annee order by annee
        """,
    ),
    "mart_mix_saison": Chart(
        "Mix national de la dernière saison complète (%)",
        """
        select filiere, part_pct from mart_mix_saison where maille = 'nation' and est_complete
        qualify dense_rank() over (order by annee_saison desc, saison) = 1 order by part_pct desc nulls last, filiere
        """,
    ),
    "mart_mix_periode": Chart(
        "Mix national de la dernière année complète (%)",
        """
        select filiere, part_pct from mart_mix_periode
        where maille = 'nation' and type_periode = 'annee' and est_complete
        qualify dense_rank() over (order by debut desc) = 1 order by part_pct desc nulls last, filiere
        """,
    ),
    "mart_mix_bilan_periode": Chart(
        "Part bas carbone de la production nationale, par an (%)",
        """
        select year(debut)::varchar, part_bas_carbone_pct from mart_mix_bilan_periode
        where maille = 'nation' and type_periode = 'annee' order by debut
        """,
    ),
    "mart_decomposition_consommation": Chart(
        "Part de la variance de l'électricité, moyenne des régions (%)",
        """
        select facteur, avg(contribution_part_variance_pct) from mart_decomposition_consommation
        where energie = 'electricite' and est_fiable group by facteur order by min(ordre)
        """,
    ),
    "mart_prevision": Chart(
        "Prévision publiée des jours à venir, France (MW)",
        """
        select date::varchar, prevision_mw from mart_prevision
        where maille = 'nation' and pas = 'jour' and est_a_venir and est_publiee
        qualify row_number() over (partition by date order by meteo desc) = 1 order by date
        """,
    ),
    "mart_prevision_scores": Chart(
        "Erreur moyenne de la veille, jours, France (MAPE, %)",
        """
        select modele || ', météo ' || meteo as label, mape_pct from mart_prevision_scores
        where maille = 'nation' and pas = 'jour' and decoupe = 'ensemble' and horizon_jours = 1
        order by mape_pct nulls last, label
        """,
    ),
    "mart_question_saisons": Chart(
        "Écart de l'hiver aux autres saisons (MWh par jour)",
        """
        select serie_y, effet from mart_question_saisons
        where serie_x = 'est_hiver' and transformation = 'brute' and methode = 'pente'
        order by abs(effet) desc nulls last, serie_y
        """,
    ),
    **{
        table: Chart(_EFFECT, _relation(table))
        for table in (
            "mart_question_stock_temperature",
            "mart_question_filieres_temperature",
            "mart_question_filieres_stock",
            "mart_question_echanges_stock",
        )
    },
}


def chart_of(connection: duckdb.DuckDBPyConnection, table: str) -> str | None:
    """Return the chart of a table as Markdown; None when it has none, or nothing to draw."""
    chart = CHARTS.get(table)
    if chart is None:
        return None
    rows = [(str(label), value) for label, value in connection.execute(chart.query).fetchall() if value is not None]
    return f"{chart.title}\n\n{bars(rows)}" if rows else None


def bars(rows: Iterable[tuple[str, float]]) -> str:
    """Return bars as a block of Markdown, longest for the greatest absolute value; ``░`` is below zero."""
    shown = list(rows)[:_MOST_BARS]
    width = max(len(label) for label, _ in shown)
    greatest = max(abs(value) for _, value in shown) or 1.0
    lines = [
        f"{label:<{width}} {('░' if value < 0 else '█') * round(_WIDTH * abs(value) / greatest)} {_number(value)}"
        for label, value in ((label, float(value)) for label, value in shown)
    ]
    return "\n".join(["```", *lines, "```"])


def _number(value: float) -> str:
    # Three significant digits, whole where there are more; French groups by spaces.
    text = f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:.3g}"
    return text.replace(",", " ").replace(".", ",")
