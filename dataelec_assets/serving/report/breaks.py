"""The breaks in a series, as a chart over time draws them: ``meta_ruptures``."""

from __future__ import annotations

from datetime import date

from dataelec_assets.serving.report.figures import Part, Quoted, on
from dataelec_assets.serving.report.french import day
from dataelec_assets.serving.report.reading import Row, Served, Unavailable


def breaks_between(served: Served, table: str, measure: str, first: date, last: date) -> list[Row]:
    """Return the breaks of a measure that part the days drawn: rows of ``x`` (first day of the new series), ``dit``.

    Args:
        served: the file.
        table: of the measure.
        measure: its column.
        first: day that is drawn first; a break on it parts nothing.
        last: day that is drawn last.
    """
    try:
        rows = served.rows(
            """
            select date_rupture as x, motif from meta_ruptures
            where nom_table = ? and mesure = ? and date_rupture > ? and date_rupture <= ? order by date_rupture
            """,
            [table, measure, first, last],
        )
    except Unavailable:
        return []
    return [{**row, "dit": f"Rupture de série, {day(row['x'])} : {row['motif']}"} for row in rows]


def told(breaks: list[Row]) -> tuple[Part, ...]:
    """Return what a chart's note says of its breaks; nothing where there is none."""
    return tuple(
        part for row in breaks for part in (" Trait vertical : rupture du ", on(row["x"]), ". ", Quoted(row["motif"]))
    )
