"""Revisions are found from one vintage to the next, row by row and measure by measure."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.reading import load
from dataelec_assets.lake.revisions import Arrival, RevisionInfo, RevisionLake, compare, create_table

GAS = load_catalog()["stock-quotidien-stockages-gaz"]
TEMPERATURE = load_catalog()["temperature-quotidienne-regionale"]
REAL_TIME = load_catalog()["eco2mix-national-tr"]

KNOWN_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)

Values = dict[str, object]


class Vintages:
    """Loads vintages of one data set, and compares each with the one before."""

    def __init__(self, folder: Path, dataset: Dataset) -> None:
        self.folder = folder
        self.dataset = dataset
        self.connection = connect()
        create_table(self.connection)

    def arrival(self, number: int, rows: list[Values], known_at: datetime) -> Arrival:
        path, names = self.folder / f"{number}.csv", self.dataset.column_names
        lines = [";".join(names), *(";".join(str(row.get(name, "")) for name in names) for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        load(self.connection, self.dataset, inspect(self.dataset.id, path), f"vintage_{number}", order=False)
        return Arrival(f"vintage_{number}", f"{number}" * 64, known_at)

    def found(self, *vintages: list[Values], known_at: datetime = KNOWN_AT) -> list[Values]:
        """Return the revisions from the first of these vintages to the last."""
        arrivals = [self.arrival(number, rows, known_at) for number, rows in enumerate(vintages)]
        for before, after in itertools.pairwise(arrivals):
            compare(self.connection, self.dataset, "2026-03", before, after)
        return revisions(self.connection)


def revisions(connection: duckdb.DuckDBPyConnection) -> list[Values]:
    found = connection.execute("FROM revisions ORDER BY ALL")
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture
def real_time(tmp_path: Path) -> Vintages:
    return Vintages(tmp_path, REAL_TIME)


@pytest.fixture
def gas(tmp_path: Path) -> Vintages:
    return Vintages(tmp_path, GAS)


def quarter(label: str, nature: str = "Données temps réel", **measures: object) -> Values:
    """Return a row of real time, at an hour of 1 March 2026."""
    instant = f"2026-03-01T{label}:00+01:00"
    return {"nature": nature, "date": "2026-03-01", "heure": label, "date_heure": instant, **measures}


def stock(pits: str, value: float, day: int = 1) -> Values:
    return {"date": f"2026-03-{day:02d}", "stock_fin_de_journee": value, "source": "Storengy", "pits": pits}


def test_a_revised_value_is_told_with_its_time_its_statuses_its_delay_and_its_vintages(real_time: Vintages) -> None:
    before = [quarter("00:00", consommation=50_000, gaz=1), quarter("06:00", consommation=60_000)]
    after = [
        quarter("00:00", consommation=50_000, gaz=1),
        quarter("06:00", "Données consolidées", consommation=61_000),
    ]
    assert real_time.found(before, after) == [
        {
            "mois": "2026-03",
            "jeu_de_donnees": REAL_TIME.id,
            "code_territoire": "FR",
            "date_locale": date(2026, 3, 1),
            "heure_locale": "06:00",
            "instant_utc": datetime(2026, 3, 1, 5, tzinfo=UTC),
            "precision_cle": None,
            "mesure": "consommation",
            "valeur_avant": 60_000,
            "valeur_apres": 61_000,
            "statut_avant": "Données temps réel",
            "statut_apres": "Données consolidées",
            "delai_h": 31,
            "version_avant": "0" * 16,
            "version_apres": "1" * 16,
            "connue_a": KNOWN_AT,
        }
    ]


def test_each_measure_of_a_row_is_a_revision_of_its_own(real_time: Vintages) -> None:
    found = real_time.found(
        [quarter("06:00", consommation=1, solaire=2, gaz=3)], [quarter("06:00", consommation=4, solaire=5, gaz=3)]
    )
    assert [(row["mesure"], row["valeur_avant"], row["valeur_apres"]) for row in found] == [
        ("consommation", 1, 4),
        ("solaire", 2, 5),
    ]


def test_a_value_that_becomes_null_is_a_revision_and_a_first_value_is_none(real_time: Vintages) -> None:
    found = real_time.found(
        [quarter("06:00", consommation=1), quarter("06:15")],
        [quarter("06:00", consommation="ND", solaire=7), quarter("06:15", consommation=2)],
    )
    assert [(row["heure_locale"], row["mesure"], row["valeur_avant"], row["valeur_apres"]) for row in found] == [
        ("06:00", "consommation", 1, None)
    ]


def test_rows_that_vanish_or_arrive_are_no_revisions_nor_is_a_status_alone(real_time: Vintages) -> None:
    before = [quarter("06:00", consommation=1), quarter("06:15", consommation=2)]
    after = [quarter("06:15", "Données consolidées", consommation=2), quarter("06:30", consommation=3)]
    assert real_time.found(before, after) == []


def test_a_value_that_returns_is_two_revisions(real_time: Vintages) -> None:
    found = real_time.found(*([quarter("06:00", consommation=value)] for value in (1, 2, 1)))
    assert [(row["valeur_avant"], row["valeur_apres"], row["version_apres"]) for row in found] == [
        (1, 2, "1" * 16),
        (2, 1, "2" * 16),
    ]


def test_the_delay_is_negative_when_a_forecast_of_tomorrow_is_revised(real_time: Vintages) -> None:
    (found,) = real_time.found(
        [quarter("18:00", prevision_j1=1)],
        [quarter("18:00", prevision_j1=2)],
        known_at=datetime(2026, 3, 1, 15, 30, tzinfo=UTC),
    )
    assert found["delai_h"] == -1.5


def test_what_a_key_has_beside_time_and_territory_tells_rows_apart(gas: Vintages) -> None:
    found = gas.found([stock("Centre", 10), stock("Ouest", 20)], [stock("Centre", 11), stock("Ouest", 22)])
    assert [(row["precision_cle"], row["valeur_avant"], row["valeur_apres"]) for row in found] == [
        ("source=Storengy, pits=Centre", 10, 11),
        ("source=Storengy, pits=Ouest", 20, 22),
    ]
    assert {row["code_territoire"] for row in found} == {"FR"}
    assert {row["statut_avant"] for row in found} == {row["heure_locale"] for row in found} == {None}


def test_a_day_counts_from_its_midnight_in_paris_and_a_region_is_the_territory(tmp_path: Path) -> None:
    row: Values = {"date": "2026-03-01", "code_insee_region": 11, "tmin": 1, "tmax": 3}
    (found,) = Vintages(tmp_path, TEMPERATURE).found([{**row, "tmoy": 2}], [{**row, "tmoy": 2.5}])
    assert (found["code_territoire"], found["precision_cle"]) == ("11", None)
    assert (found["date_locale"], found["instant_utc"]) == (
        date(2026, 3, 1),
        datetime(2026, 2, 28, 23, tzinfo=UTC),
    )
    assert found["delai_h"] == 37


def test_rows_under_one_key_are_compared_only_when_they_are_the_same(gas: Vintages) -> None:
    before = [stock("Centre", 10), stock("Centre", 10), stock("Ouest", 20), stock("Ouest", 21)]
    after = [stock("Centre", 11), stock("Centre", 11), stock("Ouest", 20), stock("Ouest", 21)]
    assert [(row["precision_cle"], row["valeur_avant"], row["valeur_apres"]) for row in gas.found(before, after)] == [
        ("source=Storengy, pits=Centre", 10, 11)
    ]


def test_revisions_are_written_and_their_index_is_read_back(gas: Vintages, lake_paths: LakePaths) -> None:
    lake = RevisionLake(lake_paths)
    assert lake.index(GAS) == {}
    found = gas.found([stock("Ouest", 20, 2), stock("Centre", 10)], [stock("Ouest", 21, 2), stock("Centre", 11)])
    rows, content = lake.write(gas.connection, GAS, "2026-03")
    assert rows == 2
    lake.write_index(GAS, {"2026-03": RevisionInfo("s", 2, rows, content)})
    assert lake.index(GAS) == {"2026-03": RevisionInfo("s", 2, rows, content)}
    (written, _) = lake.files([GAS])
    gas.connection.execute(f"CREATE OR REPLACE TEMP TABLE revisions AS FROM '{written}'")
    assert revisions(gas.connection) == found


def test_a_lake_without_revisions_reads_as_an_empty_typed_table(lake_paths: LakePaths) -> None:
    RevisionLake(lake_paths).ensure_readable()
    connection = connect()
    create_table(connection)
    (empty,) = RevisionLake(lake_paths).files([GAS])
    query = f"FROM '{empty}'"
    assert connection.execute(query).fetchall() == []
    assert [column[:2] for column in connection.execute(query).description or ()] == [
        column[:2] for column in connection.execute("FROM revisions").description or ()
    ]
