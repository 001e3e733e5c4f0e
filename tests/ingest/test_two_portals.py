"""Indicators: DiDo first, INSEE's archive where DiDo cannot give them, and never back to the poorer file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataelec_assets.catalog import Catalog, load_catalog
from dataelec_assets.commands.outcomes import outages
from dataelec_assets.database import connect
from dataelec_assets.ingest.audit import audit_sources
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.ingest.session import Session
from dataelec_assets.live.examine import examine
from dataelec_assets.pipeline import Outcome, Request, observe
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.published import publish_edition, stub
from tests.reading import copies
from tests.stubs import Stub
from tests.stubs.dido import Vintage

REGIONS = load_catalog()["indicateurs-odd-regions"]
EPCI = load_catalog()["indicateurs-odd-epci"]

NAMES = (
    *("CODGEO_CODE", "CODGEO_LIBELLE", "VARIABLE", "LIBELLE_VARIABLE", "LIBELLE_SOUS_CHAMP", "UNITE", "TYPE_VAR"),
    *("NO_INDIC", "ODD1", "A2025", "A2024"),
)
APRIL, MAY = datetime(2026, 4, 22, 8, tzinfo=UTC), datetime(2026, 5, 20, 8, tzinfo=UTC)
INSEE = (
    "codgeo;libgeo;no_indic;ODD1;Cible1;ODD2;Cible2;type_var;variable;sous_champ;A2025;A2024\n"
    "84;A;i017;11;;;;c;pop;;{};6\n"
)


def of_dido(value: str, issued: datetime = APRIL) -> Vintage:
    row = ("84", "A", "pop", "population totale", "", "personnes", "c", "i017", "11", value, "secret")
    return Vintage(issued, NAMES, [row])


@dataclass
class Lake:
    """A lake refreshed from the stubs of DiDo and INSEE."""

    root: Path
    portals: Stub
    now: datetime = datetime(2026, 6, 1, 12, tzinfo=UTC)

    @property
    def ctx(self) -> RunContext:
        settings = Settings(lake=self.root, **self.portals.addresses)  # type: ignore[arg-type]  # all are addresses
        return RunContext(settings, Catalog([REGIONS]), now=lambda: self.now, retries=RetryPolicy(attempts=1))

    def publish(self, vintage: Vintage, millesime: str = "2026-04") -> None:
        assert REGIONS.dido is not None
        self.portals.dido.put(REGIONS.dido.dataset, "one", "Toutes régions", millesime, vintage)

    def refresh(self) -> SourceReport:
        observed, session = observe(self.ctx, Request()), Session(self.ctx)
        return Outcome(observed.observations, ingested=[session.ingest(task) for task in observed.tasks]).reports[
            REGIONS.id
        ]

    def rows(self) -> list[tuple[object, ...]]:
        query = f"SELECT annee, valeur, libelle_variable, unite FROM {copies(self.ctx, REGIONS)} ORDER BY ALL"
        with connect() as connection:
            return connection.execute(query).fetchall()

    def from_whom(self) -> list[str]:
        """Return the portals of the vintages, oldest first."""
        found = sorted((self.ctx.paths.manifests / REGIONS.id / "2024").glob("*.json"))
        return ["dido" if "/dido/api/" in each.read_text("utf-8") else "insee" for each in found]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with stub() as portals:
        publish_edition(portals, REGIONS, "2024", INSEE.format("7"))
        yield Lake(tmp_path / "lake", portals)


def asked(lake: Lake, portal: str) -> list[str]:
    return [call.kind for call in lake.portals.calls if call.name.startswith(f"{portal}/")]


def test_dido_is_read_with_its_labels_and_units_and_the_archive_is_not_fetched(lake: Lake) -> None:
    lake.publish(of_dido("8 200"))
    report = lake.refresh()
    assert (report.error, report.changed, report.warnings) == (None, ["2024"], [])
    assert lake.rows() == [
        (2024, "secret", "population totale", "personnes"),
        (2025, "8 200", "population totale", "personnes"),
    ]
    assert "file" not in asked(lake, "insee")
    assert lake.refresh().outcome == "unchanged"
    assert asked(lake, "dido").count("export") == 1


def test_a_new_vintage_of_dido_is_fetched(lake: Lake) -> None:
    lake.publish(of_dido("1"))
    lake.refresh()
    lake.publish(of_dido("2", MAY), "2026-05")
    assert lake.refresh().changed == ["2024"]
    assert (lake.rows()[1][1], lake.portals.calls[-1].parameters["millesime"]) == ("2", "2026-05")


def test_the_archive_stands_in_for_a_grain_that_dido_lacks_without_a_word(lake: Lake) -> None:
    report = lake.refresh()
    assert (report.changed, report.warnings) == (["2024"], [])
    assert lake.rows() == [(2024, "6", None, None), (2025, "7", None, None)]
    assert lake.refresh().outcome == "unchanged"


def test_the_archive_stands_in_while_dido_is_away_and_dido_wins_when_it_is_back(lake: Lake) -> None:
    lake.publish(of_dido("8"))
    lake.portals.fail("status:503", kind="metadata")
    report = lake.refresh()
    assert report.changed == ["2024"]
    assert [each for each in report.warnings if "DiDo" in each and "INSEE stands in" in each]
    assert lake.refresh().fetched == []
    lake.portals.heal()
    assert lake.refresh().changed == ["2024"]
    assert lake.from_whom() == ["insee", "dido"]
    assert lake.rows()[1] == (2025, "8", "population totale", "personnes")


def test_what_dido_gave_is_not_replaced_by_the_archive_because_dido_is_away(lake: Lake) -> None:
    lake.publish(of_dido("8"))
    lake.refresh()
    lake.portals.fail("status:503", kind="metadata")
    publish_edition(lake.portals, REGIONS, "2024", INSEE.format("9"))
    report = lake.refresh()
    assert report.outcome == "failed"
    assert lake.from_whom() == ["dido"]
    lake.now = datetime(2026, 6, 20, 12, tzinfo=UTC)
    lake.refresh()
    (line,) = outages(lake.ctx)
    assert line.startswith("DiDo (SDES) has failed since 2026-06-01")


def test_a_file_that_dido_has_withdrawn_is_taken_from_the_archive(lake: Lake) -> None:
    lake.publish(of_dido("8"))
    lake.refresh()
    lake.portals.dido.files.clear()
    assert lake.refresh().changed == ["2024"]
    assert lake.from_whom() == ["dido", "insee"]


def test_when_both_are_away_the_source_fails_and_says_so(lake: Lake) -> None:
    lake.portals.fail("status:503")
    report = lake.refresh()
    assert report.outcome == "failed"
    assert any("DiDo" in each for each in report.warnings)


def test_an_audit_asks_the_portal_that_the_vintage_is_from(lake: Lake) -> None:
    lake.refresh()
    lake.publish(of_dido("8"))
    before = len(asked(lake, "dido"))
    (audit,) = audit_sources(lake.ctx, [REGIONS])
    assert (audit.error, len(asked(lake, "dido"))) == (None, before)


def test_doctor_live_looks_at_dido_and_at_the_archive_where_dido_has_no_file(lake: Lake) -> None:
    lake.publish(of_dido("8"))
    found = {each.dataset.id: each for each in examine(lake.ctx, [REGIONS, EPCI], pause=lambda: None)}
    assert (found[REGIONS.id].shown.rows, [str(each) for each in found[REGIONS.id].differences]) == (1, [])
    assert found[EPCI.id].shown.state == "answers"
    assert "DiDo has no such file (EPCI)" in str(found[EPCI.id].shown.message)
    lake.portals.dido.licence = "ODbL-1.0"
    (changed,) = examine(lake.ctx, [REGIONS], pause=lambda: None)
    assert [each.claim for each in changed.differences] == ["licence"]
