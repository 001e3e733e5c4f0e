"""Invented texts of RTE's archives, in their form: TAB, cp1252, one TAB too many in each line, a notice at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from dataelec_assets.catalog import Dataset

NOTICE = "RTE ne pourra être tenu responsable de l'usage qui pourrait être fait des données.\n\n"
REAL_TIME, CONSOLIDATED, DEFINITIVE = "Données temps réel", "Données consolidées", "Données définitives"

# As RTE prints some labels otherwise than ODRÉ.
_LABELS = {
    "heure": "Heures",
    "taux_co2": "Taux de Co2",
    "fioul_cogen": "Fioul - Cogén.",
    "gaz_cogen": "Gaz - Cogén.",
    "hydraulique_fil_eau_eclusee": "Hydraulique - Fil de l?eau + éclusée",
    "stockage_batterie": " Stockage batterie",
}
_AHEAD = ("perimetre", "nature", "date", "heure")
NEWEST = ("stockage_batterie", "destockage_batterie", "eolien_terrestre", "eolien_offshore")

Value = Callable[[date, str, str], str]


def quarters() -> list[str]:
    """Return the 96 labels of every day."""
    return [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 15, 30, 45)]


def text_of(
    dataset: Dataset,
    days: Sequence[date],
    value: Value,
    *,
    nature: str = REAL_TIME,
    perimetre: str = "France",
    without: Sequence[str] = (),
) -> str:
    """Return the text of an archive.

    Args:
        dataset: of RTE's; its columns are those of the text.
        days: 96 lines each.
        value: text of a measure, from day, label and name of the column.
        nature: of every line.
        perimetre: of every line.
        without: columns that this generation of the file does not have.
    """
    measures = [each.name for each in dataset.columns if each.unit and each.name not in (*NEWEST, *without)]
    measures += [each for each in NEWEST if each in dataset.column_names and each not in without]
    labels = {each.name: each.labels[-1] for each in dataset.columns if each.labels}
    header = ["Périmètre", "Nature", "Date", "Heures", *(_LABELS.get(each, labels[each]) for each in measures)]
    lines = ["\t".join(header)]
    lines += [
        "\t".join([perimetre, nature, str(day), label, *(value(day, label, each) for each in measures), ""])
        for day in days
        for label in quarters()
    ]
    return "\n".join(lines) + "\n" + NOTICE


def days_from(first: date, count: int) -> list[date]:
    """Return so many days, in order."""
    return [first + timedelta(days=each) for each in range(count)]
