"""Sets that show their present state only: each state is kept under the portal's version of it, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import Dataset
from dataelec_assets.house import House
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.refresh.copies import refresh_copies
from dataelec_assets.refresh.observation import observe_house
from dataelec_assets.refresh.sources import SourceReport, refresh_source
from dataelec_assets.sample.portal import RunningPortal, serve
from dataelec_assets.settings import Settings

LIVE = "belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel"
FICHES = "belib-points-de-recharge-pour-vehicules-electriques-donnees-statiques"

# The last state of January in Paris is of 22:45 UTC; an hour later it is another day and month there.
STATES = {
    "20230131T2215Z": ["Disponible", "Occupé (en charge)", "Disponible", "Disponible"],
    "20230131T2230Z": ["Occupé (en charge)", "Occupé (en charge)", "Disponible", "Disponible"],
    "20230131T2330Z": ["Occupé (en charge)", "Occupé (en charge)", "Disponible", "Inconnu"],
}


def state(statuses: list[str]) -> str:
    rows = [
        {
            "id_pdc": f"FR*V75*EPX01*01*{number}",
            "statut_pdc": status,
            "last_updated": "2023-01-31T20:00:00+01:00",
            "coordonneesxy": {"lon": 2.34, "lat": 48.86},
            "adresse_station": "1 Rue de l'Exemple 75001 Paris",
            "code_insee_commune": "75101",
            "arrondissement": "Paris centre",
        }
        for number, status in enumerate(statuses)
    ]
    return json.dumps(rows, ensure_ascii=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "portal" / "paris" / LIVE
    folder.mkdir(parents=True)
    for stamp, statuses in STATES.items():
        (folder / f"belib_snapshot_{stamp}.json").write_text(state(statuses), "utf-8")
    return tmp_path / "portal"


@pytest.fixture
def portal(data: Path) -> Iterator[RunningPortal]:
    with serve(data) as running:
        yield running


@pytest.fixture
def house(portal: RunningPortal, tmp_path: Path) -> House:
    settings = Settings(lake=tmp_path / "lake", **portal.addresses)  # type: ignore[arg-type]  # all are addresses
    return House(settings, retries=RetryPolicy(attempts=1))


def at(portal: RunningPortal, stamp: str) -> None:
    portal.control("vintage", {"stamp": stamp})


def refreshed(house: House, dataset: Dataset) -> SourceReport:
    (seen,) = observe_house(house, [dataset])
    report = refresh_source(house, dataset, SilentProgress(), view=seen.view) if seen.view else seen.report
    refresh_copies(house, dataset)
    return report


def copied(house: House, dataset: Dataset) -> list[tuple[datetime, int, str]]:
    """Return stamp, number of points and statuses of each state in the lake."""
    pattern = f"{house.parquet.folder(dataset)}/*/*.parquet"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows: list[tuple[datetime, int, str]] = connection.execute(
            "SELECT releve_a, count(*), string_agg(statut_pdc[1], '' ORDER BY id_pdc) "
            f"FROM read_parquet('{pattern}') GROUP BY releve_a ORDER BY releve_a"
        ).fetchall()
    return rows


def files(house: House, dataset: Dataset) -> dict[str, bytes]:
    folder = house.parquet.folder(dataset)
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))}


def test_every_state_is_kept_under_the_version_of_the_portal(portal: RunningPortal, house: House) -> None:
    dataset = house.catalog[LIVE]
    for stamp in STATES:
        at(portal, stamp)
        assert refreshed(house, dataset).error is None
    assert copied(house, dataset) == [
        (datetime(2023, 1, 31, 22, 15, tzinfo=UTC), 4, "DODD"),
        (datetime(2023, 1, 31, 22, 30, tzinfo=UTC), 4, "OODD"),
        (datetime(2023, 1, 31, 23, 30, tzinfo=UTC), 4, "OODI"),
    ]
    assert house.raw.partitions(dataset) == ["2023-01-31", "2023-02-01"]
    assert [len(house.raw.names(dataset, day)) for day in ("2023-01-31", "2023-02-01")] == [2, 1]


def test_the_same_state_fetched_twice_changes_nothing(portal: RunningPortal, house: House) -> None:
    dataset = house.catalog[LIVE]
    at(portal, "20230131T2215Z")
    refreshed(house, dataset)
    before = files(house, dataset)
    assert refreshed(house, dataset).outcome == "unchanged"
    # Also when it is asked for by name: equal bytes of an equal version are no new vintage.
    again = refresh_source(house, dataset, SilentProgress(), partitions=["2023-01-31"])
    assert (again.outcome, again.changed, again.rows) == ("checked", [], 4)
    refresh_copies(house, dataset)
    assert files(house, dataset) == before
    assert len(house.raw.names(dataset, "2023-01-31")) == 1


def test_going_back_and_forth_gives_the_same_bytes_as_going_once(portal: RunningPortal, house: House) -> None:
    dataset = house.catalog[LIVE]
    for stamp in ("20230131T2215Z", "20230131T2230Z"):
        at(portal, stamp)
        refreshed(house, dataset)
    before = files(house, dataset)
    at(portal, "20230131T2215Z")
    refreshed(house, dataset)
    assert files(house, dataset) == before


def test_a_state_in_which_nothing_has_changed_is_a_state(portal: RunningPortal, house: House) -> None:
    dataset = house.catalog[LIVE]
    at(portal, "20230131T2215Z")
    refreshed(house, dataset)
    portal.control("touch", {"dataset": LIVE})
    refreshed(house, dataset)
    stamps = [when.minute for when, *_ in copied(house, dataset)]
    assert stamps == [15, 16]
    # One object in raw, two vintages of it.
    assert len({each.sha256 for each in house.raw.vintages(dataset, "2023-01-31")}) == 1


def test_copies_made_again_from_raw_are_the_same(portal: RunningPortal, house: House) -> None:
    dataset = house.catalog[LIVE]
    for stamp in STATES:
        at(portal, stamp)
        refreshed(house, dataset)
    before = files(house, dataset)
    refresh_copies(house, dataset, from_scratch=True)
    assert files(house, dataset) == before


@pytest.mark.parametrize("stamp", ["20230131T2235Z", "20230131T2335Z"], ids=["same day", "next day"])
def test_a_state_that_has_lost_more_than_a_quarter_of_its_points_is_refused(
    data: Path, tmp_path: Path, stamp: str
) -> None:
    (data / "paris" / LIVE / f"belib_snapshot_{stamp}.json").write_text(state(["Disponible"] * 2), "utf-8")
    with serve(data) as portal:
        settings = Settings(lake=tmp_path / "lake", **portal.addresses)  # type: ignore[arg-type]  # all are addresses
        house = House(settings, retries=RetryPolicy(attempts=1))
        dataset = house.catalog[LIVE]
        at(portal, "20230131T2230Z")
        refreshed(house, dataset)
        before = files(house, dataset)
        at(portal, stamp)
        report = refreshed(house, dataset)
        assert (report.fault, report.outcome) == ("ShrunkArrival", "failed")
        assert "from 4 to 2 rows" in str(report.error)
        assert files(house, dataset) == before
        accepted = refresh_source(house, dataset, SilentProgress(), accept_shrink=True)
        assert accepted.error is None


def test_a_metadata_call_is_all_that_an_unchanged_state_costs(portal: RunningPortal, house: House) -> None:
    dataset = house.catalog[LIVE]
    at(portal, "20230131T2215Z")
    refreshed(house, dataset)
    before = len(portal.control("log")["calls"])
    refreshed(house, dataset)
    assert [call["kind"] for call in portal.control("log")["calls"][before:]] == ["metadata"]


def test_contacts_telephones_and_free_texts_stay_in_raw(data: Path, tmp_path: Path) -> None:
    folder = data / "paris" / FICHES
    folder.mkdir()
    header = "ID PDC local;Statut du Point de charge;Arrondissement;ID Station local;ID Station itinérance;Nom station;"
    header += "Nombre point de recharge;Date mise à jour;Conditions d'accès;Adresse station;Coordonnées géographiques;"
    header += "Observations;Contact aménageur;Nom opérateur;Contact opérateur;Téléphone opérateur;Nom enseigne;"
    header += "ID PDC itinérance;Date mise en service;Puissance max KW;Prise type EF;Prise type 2;Prise type Combo CCS;"
    header += "Prise type Chademo;Prise type Autre;Numéro point livraison électricité"
    row = "FR*V75*EPX01*01*1;En service;Paris centre;FR*V75*PPX01*01;FRV75PPX0101;Nom;4;2022-11-20;Accès libre;"
    row += "1 Rue 75001 Paris;48.86,2.34;Voir Mme Secret;a@secret;Exploitant;b@secret;0612SECRET;Belib';FRV75EPX01011;"
    row += "2021-03-01;7;True;True;False;False;False;SECRET99"
    (folder / "fiches_2022-12.csv").write_text(f"{header}\n{row}\n", "utf-8")
    with serve(data) as portal:
        settings = Settings(lake=tmp_path / "lake", **portal.addresses)  # type: ignore[arg-type]  # all are addresses
        house = House(settings, retries=RetryPolicy(attempts=1))
        dataset = house.catalog[FICHES]
        report = refreshed(house, dataset)
        assert (report.error, report.warnings) == (None, [])
        (path,) = [each for each in house.parquet.folder(dataset).rglob("*.parquet") if "_vide" not in str(each)]
        text = json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False)
        assert "Exploitant" in text
        assert "secret" not in text.lower()
