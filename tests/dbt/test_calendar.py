"""What the calendar says from the packages alone, and from rows of the portal in each of their encodings."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Any

import pytest

from tests.dbt.calendar import SCHOOL, SELECT, school_row, school_year
from tests.dbt.lakes import TinyLake

_DAYS = (
    "SELECT zone_scolaire, nom_vacances, premier_jour::VARCHAR, dernier_jour::VARCHAR FROM fct_vacances_scolaires "
    "WHERE annee_scolaire = '2018-2019' ORDER BY ALL"
)


def test_the_packages_alone_give_a_whole_calendar_without_corsica(tiny_lake: TinyLake) -> None:
    assert tiny_lake.check(*SELECT) == {}
    assert tiny_lake.query(
        "SELECT count(*), count(est_vacances_zone_a), count(est_vacances_zone_b), count(est_vacances_zone_c), "
        "count(est_vacances_corse) FROM dim_date WHERE date <= DATE '2028-08-31'"
    ) == [(8644, 8644, 8644, 8644, 0)]
    # The package says False for the autumn of 2028, whose dates nobody has decided.
    assert tiny_lake.query(
        "SELECT count(coalesce(est_vacances_zone_a, est_vacances_zone_b, est_vacances_zone_c)) FROM dim_date "
        "WHERE date > DATE '2028-08-31'"
    ) == [(0,)]


def test_public_holidays_bridges_and_the_two_days_of_the_east(tiny_lake: TinyLake) -> None:
    tiny_lake.make("+dim_date")
    rows = tiny_lake.query(
        "SELECT strftime(date, '%m-%d'), type_jour, nom_jour_ferie, nom_jour_ferie_alsace_moselle, est_pont "
        "FROM dim_date WHERE annee = 2024 AND (est_ferie_alsace_moselle OR est_pont) ORDER BY date"
    )
    france = {
        "01-01": "Jour de l'an",
        "04-01": "Lundi de Pâques",
        "05-01": "Fête du Travail",
        "05-08": "Fête de la Victoire",
        "05-09": "Ascension",
        "05-20": "Lundi de Pentecôte",
        "07-14": "Fête nationale",
        "08-15": "Assomption",
        "11-01": "Toussaint",
        "11-11": "Armistice",
        "12-25": "Noël",
    }
    expected: list[tuple[Any, ...]] = [(day, "férié", name, name, False) for day, name in france.items()]
    expected += [("03-29", "ouvré", None, "Vendredi saint", False), ("12-26", "ouvré", None, "Saint-Étienne", False)]
    expected += [("05-10", "ouvré", None, None, True), ("08-16", "ouvré", None, None, True)]
    assert rows == sorted(expected)


def _as_published(row: dict[str, Any], encoding: str) -> dict[str, Any]:
    """Return the row with its instants as a reader gets them from this encoding."""
    if encoding == "plain date":  # read as midnight UTC
        return row | {name: row[name].replace(tzinfo=UTC) for name in ("start_date", "end_date")}
    return row | {name: row[name].astimezone(UTC) for name in ("start_date", "end_date")}


@pytest.mark.parametrize("encoding", ["plain date", "utc"])
def test_both_readings_of_a_midnight_give_the_same_days(tiny_lake: TinyLake, encoding: str) -> None:
    tiny_lake.write(SCHOOL, [_as_published(row, encoding) for row in school_year()])
    tiny_lake.make(*SELECT)
    days = tiny_lake.query(_DAYS)
    assert len(days) == 4 * 6
    assert ("B", "Vacances d'hiver", "2019-02-09", "2019-02-24") in days
    # Departure on Wednesday after class: the first day off is Ascension itself, except in Corsica, which does not say.
    assert ("C", "Pont de l'Ascension", "2019-05-30", "2019-06-02") in days
    assert ("Corse", "Pont de l'Ascension", "2019-05-29", "2019-06-02") in days


def test_a_summer_whose_end_is_not_published_is_ended_by_the_package_or_stays_open(tiny_lake: TinyLake) -> None:
    start = date(2019, 7, 6)
    rows = [row for row in school_year() if row["description"] != "Vacances d'Été"]
    for zone, academie in (("Zone A", "Lyon"), ("Corse", "Corse")):
        rows.append(school_row(zone, academie, "Début des Vacances d'Été", start, start))
    tiny_lake.write(SCHOOL, rows)
    tiny_lake.make(*SELECT)
    assert tiny_lake.query(
        "SELECT zone_scolaire, date_debut::VARCHAR, date_fin::VARCHAR, source FROM fct_vacances_scolaires "
        "WHERE annee_scolaire = '2018-2019' AND nom_vacances = 'Vacances d''été' ORDER BY ALL"
    ) == [
        ("A", "2019-07-06", "2019-09-02", "Éducation nationale, fin selon vacances-scolaires-france"),
        ("Corse", "2019-07-06", None, "Éducation nationale"),
    ]
    first = date(2019, 7, 5)
    assert tiny_lake.query(
        "SELECT date, est_vacances_zone_a, est_vacances_corse FROM dim_date "
        "WHERE date BETWEEN DATE '2019-07-05' AND DATE '2019-07-06' ORDER BY date"
    ) == [(first, False, False), (first + timedelta(days=1), True, None)]
