"""Shares of the production side by side: only whole periods are drawn, the table has all of them."""

from __future__ import annotations

from dataelec_assets.serving.report import theme
from dataelec_assets.serving.report.charts import stacked
from dataelec_assets.serving.report.components import Chart, Table
from dataelec_assets.serving.report.figures import Basis, Prose
from dataelec_assets.serving.report.french import number
from dataelec_assets.serving.report.periods import Period
from dataelec_assets.serving.report.reading import Row, Served

BY_FILIERE, BALANCE = "mart_mix_periode", "mart_mix_bilan_periode"
NOTHING_LIKE = "Aucune période n’est entière : rien n’est comparé. Le tableau donne ce qui est mesuré."


def shares_chart(
    served: Served,
    rows: list[Row],
    key: str,
    title: Prose,
    summary: Prose,
    *,
    first: str,
    source: str = BY_FILIERE,
    missing: Prose = NOTHING_LIKE,
) -> Chart:
    """Return stacked shares of rows that have ``groupe``, ``filiere``, ``part_pct`` and a period.

    Only whole periods are drawn side by side; the table has all, each with its days.
    """
    names = {
        row["filiere"]: row["libelle"] for row in served.rows("select filiere, libelle from dim_filiere order by ordre")
    }
    labels = {code: text.split(" (")[0] for code, text in names.items()}
    groups: dict[str, dict[str, Row]] = {}
    for row in rows:
        groups.setdefault(row["groupe"], {})[row["filiere"]] = row
    order = [code for code in names if any(code in parts for parts in groups.values())]
    whole = [name for name, parts in groups.items() if all(Period.of(row).is_complete for row in parts.values())]
    drawn = [
        {
            "groupe": row["groupe"],
            "serie": row["filiere"],
            "part": row["part_pct"],
            "texte": number(row["part_pct"], 1, "%"),
        }
        for name in whole
        for row in groups[name].values()
        if row["part_pct"] is not None
    ]
    lines_of_table: list[list[Prose]] = []
    for name, parts in groups.items():
        at = Basis(Period.of(next(iter(parts.values()))), source)
        lines_of_table.append(
            [name, *(at.figure(parts[code]["part_pct"] if code in parts else None, 1, "%") for code in order)]
        )
    colours = {code: theme.FILIERES.get(code, theme.MUTED)[0] for code in order}
    return Chart(
        key,
        title,
        summary,
        stacked(drawn, colours, labels, tops=whole) if drawn else None,
        Table(title, (first, *(labels[code] for code in order)), lines_of_table),
        missing="" if drawn else missing,
    )
