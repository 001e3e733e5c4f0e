"""Rows of the school calendar as its portal publishes them, and changes of what the packages say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import duckdb

from dataelec_assets.lake.calendar import CALENDAR, CalendarLake
from tests.dbt.lakes import PARIS, TinyLake

SCHOOL = "fr-en-calendrier-scolaire"

# What is built from the calendar alone.
SELECT = ("+dim_date", "+fct_vacances_scolaires", "+pont_region_zone_scolaire", "dim_region")

# What the paths of its models and tests contain.
WORDS = ("calendrier", "vacances", "zone_scolaire", "dim_date")

ACADEMIES = {"Zone A": ("Dijon", "Lyon", "Poitiers"), "Zone B": ("Lille", "Nantes"), "Zone C": ("Paris",)} | {
    "Corse": ("Corse",)
}

# School year 2018-2019 as published: start and end of each holiday; winter and spring by zone.
_COMMON = {
    "Vacances de la Toussaint": (date(2018, 10, 20), date(2018, 11, 5)),
    "Vacances de Noël": (date(2018, 12, 22), date(2019, 1, 7)),
    "Pont de l'Ascension": (date(2019, 5, 29), date(2019, 6, 3)),
}
_BY_ZONE = {
    "Zone A": {
        "Vacances d'Hiver": (date(2019, 2, 16), date(2019, 3, 4)),
        "Vacances de Printemps": (date(2019, 4, 13), date(2019, 4, 29)),
    },
    "Zone B": {
        "Vacances d'Hiver": (date(2019, 2, 9), date(2019, 2, 25)),
        "Vacances de Printemps": (date(2019, 4, 6), date(2019, 4, 23)),
    },
    "Zone C": {
        "Vacances d'Hiver": (date(2019, 2, 23), date(2019, 3, 11)),
        "Vacances de Printemps": (date(2019, 4, 20), date(2019, 5, 6)),
    },
    "Corse": {
        "Vacances d'Hiver": (date(2019, 2, 25), date(2019, 3, 11)),
        "Vacances de Printemps": (date(2019, 4, 22), date(2019, 5, 6)),
    },
}


def school_row(zone: str, academie: str, description: str, start: date, end: date, **other: Any) -> dict[str, Any]:
    """Return one published row of 2018-2019; other columns may be given."""
    row = {
        "annee_scolaire": "2018-2019",
        "zones": zone,
        "location": academie,
        "description": description,
        "population": "-",
        "start_date": midnight(start),
        "end_date": midnight(end),
    }
    return row | other


def school_year() -> Iterator[dict[str, Any]]:
    """Yield the rows of 2018-2019, for pupils and, in summer, for teachers."""
    summer = (date(2019, 7, 6), date(2019, 9, 2))
    for zone, academies in ACADEMIES.items():
        for academie in academies:
            for description, (start, end) in {**_COMMON, **_BY_ZONE[zone]}.items():
                yield school_row(zone, academie, description, start, end)
            yield school_row(zone, academie, "Vacances d'Été", *summer, population="Élèves")
            yield school_row(zone, academie, "Vacances d'Été", summer[0], date(2019, 8, 30), population="Enseignants")


def midnight(day: date) -> datetime:
    """Return midnight in Paris."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)


def change_package(lake: TinyLake, table: str, where: str) -> None:
    """Leave only the days of a package that satisfy ``where``; the next empty lake has them all again."""
    calendar = CalendarLake(lake.paths)
    file, draft = calendar.file(table), calendar.file(table).with_suffix(".draft")
    with duckdb.connect() as connection:
        connection.execute(f"COPY (FROM '{file}' WHERE {where}) TO '{draft}' (FORMAT parquet)")
    draft.replace(file)
    index = lake.paths.parquet / CALENDAR / "index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"made_by": "a test"}))
