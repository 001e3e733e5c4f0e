"""Sets that show their present state only: each state is kept under the portal's version of it, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.published import publish, stub
from tests.reading import copies
from tests.stubs import Stub

LIVE = "belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel"
FICHES = "belib-points-de-recharge-pour-vehicules-electriques-donnees-statiques"

# The last state of January in Paris is of 22:45 UTC; an hour later it is another day and month there.
STATES = {
    "20230131T2215Z": ["Disponible", "Occupé (en charge)", "Disponible", "Disponible"],
    "20230131T2230Z": ["Occupé (en charge)", "Occupé (en charge)", "Disponible", "Disponible"],
    "20230131T2330Z": ["Occupé (en charge)", "Occupé (en charge)", "Disponible", "Inconnu"],
}


def state(statuses: list[str]) -> list[dict[str, str]]:
    return [
        {
            "id_pdc": f"FR*V75*EPX01*01*{number}",
            "statut_pdc": status,
            "last_updated": "2023-01-31T20:00:00+01:00",
            "coordonneesxy": "48.86, 2.34",
            "adresse_station": "1 Rue de l'Exemple 75001 Paris",
            "code_insee_commune": "75101",
            "arrondissement": "Paris centre",
        }
        for number, status in enumerate(statuses)
    ]


@pytest.fixture
def portal() -> Iterator[Stub]:
    with stub() as running:
        yield running


@pytest.fixture
def ctx(portal: Stub, tmp_path: Path) -> RunContext:
    settings = Settings(lake=tmp_path / "lake", **portal.addresses)  # type: ignore[arg-type]  # all are addresses
    return RunContext(settings, retries=RetryPolicy(attempts=1))


def at(portal: Stub, stamp: str, statuses: list[str] | None = None) -> None:
    """Let the portal show a state, by default the one of this stamp."""
    version = datetime.strptime(stamp, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
    publish(portal, load_catalog()[LIVE], state(statuses or STATES[stamp]), version)


def refreshed(ctx: RunContext, dataset: Dataset) -> SourceReport:
    report = refresh_source(ctx, dataset, SilentProgress())
    refresh_copies(ctx, dataset)
    return report


def copied(ctx: RunContext, dataset: Dataset) -> list[tuple[datetime, int, str]]:
    """Return stamp, number of points and statuses of each state in the lake."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows: list[tuple[datetime, int, str]] = connection.execute(
            "SELECT releve_a, count(*), string_agg(statut_pdc[1], '' ORDER BY id_pdc) "
            f"FROM {copies(ctx, dataset)} GROUP BY releve_a ORDER BY releve_a"
        ).fetchall()
    return rows


def files(ctx: RunContext, dataset: Dataset) -> dict[str, bytes]:
    folder = ctx.parquet.folder(dataset)
    return {str(path.parent.relative_to(folder)): path.read_bytes() for path in ctx.parquet.files(dataset)}


def test_every_state_is_kept_under_the_version_of_the_portal(portal: Stub, ctx: RunContext) -> None:
    dataset = ctx.catalog[LIVE]
    for stamp in STATES:
        at(portal, stamp)
        assert refreshed(ctx, dataset).error is None
    assert copied(ctx, dataset) == [
        (datetime(2023, 1, 31, 22, 15, tzinfo=UTC), 4, "DODD"),
        (datetime(2023, 1, 31, 22, 30, tzinfo=UTC), 4, "OODD"),
        (datetime(2023, 1, 31, 23, 30, tzinfo=UTC), 4, "OODI"),
    ]
    assert ctx.raw.partitions(dataset) == ["2023-01-31", "2023-02-01"]
    assert [len(ctx.raw.names(dataset, day)) for day in ("2023-01-31", "2023-02-01")] == [2, 1]


def test_the_same_state_fetched_twice_changes_nothing(portal: Stub, ctx: RunContext) -> None:
    dataset = ctx.catalog[LIVE]
    at(portal, "20230131T2215Z")
    refreshed(ctx, dataset)
    before = files(ctx, dataset)
    assert refreshed(ctx, dataset).outcome == "unchanged"
    # Also when it is asked for by name: equal bytes of an equal version are no new vintage.
    again = refresh_source(ctx, dataset, SilentProgress(), partitions=["2023-01-31"])
    assert (again.outcome, again.changed, again.rows) == ("checked", [], 4)
    refresh_copies(ctx, dataset)
    assert files(ctx, dataset) == before
    assert len(ctx.raw.names(dataset, "2023-01-31")) == 1


def test_going_back_and_forth_gives_the_same_bytes_as_going_once(portal: Stub, ctx: RunContext) -> None:
    dataset = ctx.catalog[LIVE]
    for stamp in ("20230131T2215Z", "20230131T2230Z"):
        at(portal, stamp)
        refreshed(ctx, dataset)
    before = files(ctx, dataset)
    at(portal, "20230131T2215Z")
    refreshed(ctx, dataset)
    assert files(ctx, dataset) == before


def test_a_state_in_which_nothing_has_changed_is_a_state(portal: Stub, ctx: RunContext) -> None:
    dataset = ctx.catalog[LIVE]
    at(portal, "20230131T2215Z")
    refreshed(ctx, dataset)
    portal.tables.touch(LIVE)
    refreshed(ctx, dataset)
    stamps = [when.minute for when, *_ in copied(ctx, dataset)]
    assert stamps == [15, 16]
    # One object in raw, two vintages of it.
    assert len({each.sha256 for each in ctx.raw.vintages(dataset, "2023-01-31")}) == 1


def test_copies_rebuilt_from_raw_are_the_same(portal: Stub, ctx: RunContext) -> None:
    dataset = ctx.catalog[LIVE]
    for stamp in STATES:
        at(portal, stamp)
        refreshed(ctx, dataset)
    before = files(ctx, dataset)
    refresh_copies(ctx, dataset, from_scratch=True)
    assert files(ctx, dataset) == before


@pytest.mark.parametrize("stamp", ["20230131T2235Z", "20230131T2335Z"], ids=["same day", "next day"])
def test_a_state_that_has_lost_more_than_a_quarter_of_its_points_is_refused(
    portal: Stub, ctx: RunContext, stamp: str
) -> None:
    dataset = ctx.catalog[LIVE]
    at(portal, "20230131T2230Z")
    refreshed(ctx, dataset)
    before = files(ctx, dataset)
    at(portal, stamp, ["Disponible"] * 2)
    report = refreshed(ctx, dataset)
    assert (report.fault, report.outcome) == ("ShrunkArrival", "failed")
    assert "from 4 to 2 rows" in str(report.error)
    assert files(ctx, dataset) == before
    accepted = refresh_source(ctx, dataset, SilentProgress(), accept_shrink=True)
    assert accepted.error is None


def test_a_metadata_call_is_all_that_an_unchanged_state_costs(portal: Stub, ctx: RunContext) -> None:
    dataset = ctx.catalog[LIVE]
    at(portal, "20230131T2215Z")
    refreshed(ctx, dataset)
    before = len(portal.calls)
    refreshed(ctx, dataset)
    assert [call.kind for call in portal.calls[before:]] == ["metadata"]


def test_contacts_telephones_and_free_texts_stay_in_raw(portal: Stub, ctx: RunContext) -> None:
    header = "ID PDC local;Statut du Point de charge;Arrondissement;ID Station local;ID Station itinérance;Nom station;"
    header += "Nombre point de recharge;Date mise à jour;Conditions d'accès;Adresse station;Coordonnées géographiques;"
    header += "Observations;Contact aménageur;Nom opérateur;Contact opérateur;Téléphone opérateur;Nom enseigne;"
    header += "ID PDC itinérance;Date mise en service;Puissance max KW;Prise type EF;Prise type 2;Prise type Combo CCS;"
    header += "Prise type Chademo;Prise type Autre;Numéro point livraison électricité"
    row = "FR*V75*EPX01*01*1;En service;Paris centre;FR*V75*PPX01*01;FRV75PPX0101;Nom;4;2022-11-20;Accès libre;"
    row += "1 Rue 75001 Paris;48.86,2.34;Voir Mme Secret;a@secret;Exploitant;b@secret;0612SECRET;Belib';FRV75EPX01011;"
    row += "2021-03-01;7;True;True;False;False;False;SECRET99"
    dataset = ctx.catalog[FICHES]
    publish(portal, dataset, f"{header}\n{row}\n")
    report = refreshed(ctx, dataset)
    assert (report.error, report.warnings) == (None, [])
    (path,) = [each for each in ctx.parquet.folder(dataset).rglob("*.parquet") if "=vide" not in str(each)]
    text = json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False)
    assert "Exploitant" in text
    assert "secret" not in text.lower()
