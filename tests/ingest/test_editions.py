"""New editions are found, missing ones are reported, and known ones are never lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dataelec_assets.catalog import Catalog, CatalogError, Edition, Partitioning, Search
from dataelec_assets.commands.doctor import diagnose
from dataelec_assets.commands.outcomes import exit_code
from dataelec_assets.commands.status import source_status
from dataelec_assets.database import connect
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.ingest.session import Session
from dataelec_assets.pipeline import Outcome, Request, observe
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.ingest.other_portals import POPULATION, population
from tests.published import publish_edition, stub, withdraw_edition
from tests.reading import copies
from tests.stubs import Stub

PAGE = "fr/information/1"
CODES = replace(
    POPULATION,
    id="codes-essai",
    editions=(Edition("2025", "fichier/11/v_codes_2025.csv"), Edition("2026", "fichier/22/v_codes_2026.csv")),
    search=Search(("v_codes_{edition}.csv",), title="*{edition}*", datagouv="58c9", pages=(PAGE,), due=(0, 3, 15)),
)
PEOPLE = replace(
    POPULATION,
    search=Search(
        ("ensemble.zip",), title="*population*{edition}*", member="donnees_communes.csv", pages=(PAGE,), due=(4, 1, 15)
    ),
)
POINTS = replace(
    POPULATION,
    portal="irve",
    id="points-essai",
    partitioning=Partitioning("none"),
    editions=(Edition("all", "r/points", labels=("points",), elsewhere=("transport:resource/points",)),),
)
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


class Editions:
    """A lake refreshed from the stubs of INSEE and data.gouv.fr; its clock stands still unless it is set."""

    def __init__(self, lake: Path, portals: Stub) -> None:
        self.portals, self.now = portals, NOW
        settings = Settings(lake=lake, **portals.addresses)  # type: ignore[arg-type]  # all are addresses
        retries = RetryPolicy(attempts=1)
        self.ctx = RunContext(settings, Catalog([CODES, PEOPLE]), now=lambda: self.now, retries=retries)
        self._asked = 0

    def refresh(self) -> dict[str, SourceReport]:
        observed, session = observe(self.ctx, Request()), Session(self.ctx)
        return Outcome(observed.observations, ingested=[session.ingest(task) for task in observed.tasks]).reports

    def rows(self, dataset_id: str) -> list[tuple[object, ...]]:
        lake = copies(self.ctx, self.ctx.catalog[dataset_id])
        return connect().execute(f"SELECT edition, min(pmun) FROM {lake} GROUP BY 1 ORDER BY 1").fetchall()

    def listed_by_datagouv(self, *paths: str) -> None:
        found = [{"title": "Un millésime", "url": f"https://www.insee.fr/{path}"} for path in paths]
        body = json.dumps({"resources": found}).encode()
        self.portals.files["irve"].put("api/1/datasets/58c9/", body, dataset="listes")

    def page(self, path: str, *links: tuple[str, str]) -> None:
        body = "".join(f'<p><a href="{address}">{text}</a></p>' for address, text in links).encode()
        self.portals.files["insee"].put(path, body, dataset="pages")

    def put(self, path: str, text: str, member: str = "") -> None:
        self.portals.files["insee"].put(path, text.encode(), dataset="essai", member=member)

    def looks(self) -> list[str]:
        """Return the pages and lists that were read since this was last asked."""
        made = self.portals.calls[self._asked :]
        self._asked += len(made)
        return [call.name for call in made if PAGE in call.name or "/api/1/" in call.name]


@pytest.fixture
def editions(tmp_path: Path) -> Iterator[Editions]:
    """Return a lake whose portals have the listed editions, a list and a page that show no other."""
    with stub() as portals:
        lake = Editions(tmp_path / "lake", portals)
        for dataset in (CODES, PEOPLE):
            for edition in dataset.editions:
                publish_edition(portals, dataset, edition.key, population(int(edition.key)))
        lake.listed_by_datagouv("fichier/22/v_codes_2026.csv")
        lake.page(PAGE, ("/fichier/22/v_codes_2026.csv", "Codes 2026"))
        yield lake


def test_listed_editions_that_are_there_are_loaded_without_a_word(editions: Editions) -> None:
    reports = editions.refresh()
    assert [(each.outcome, each.warnings, each.missing) for each in reports.values()] == [("refreshed", [], [])] * 2
    assert editions.rows(CODES.id) == [("2025", 2025.0), ("2026", 2026.0)]


def test_an_edition_that_data_gouv_lists_is_fetched_and_the_older_ones_stay(editions: Editions) -> None:
    editions.refresh()
    editions.put("fichier/33/v_codes_2027.csv", population(2027))
    editions.listed_by_datagouv("fichier/33/v_codes_2027.csv", "fichier/22/v_codes_2026.csv")
    editions.now += timedelta(days=90)
    report = editions.refresh()[CODES.id]
    assert (report.outcome, report.changed, report.warnings) == ("refreshed", ["2027"], [])
    assert editions.rows(CODES.id) == [("2025", 2025.0), ("2026", 2026.0), ("2027", 2027.0)]
    # Nobody has to find it again on the next day, when data.gouv.fr is away.
    editions.portals.files["irve"].take_out("api/1/datasets/58c9/")
    editions.now += timedelta(days=2)
    report = editions.refresh()[CODES.id]
    assert (report.error, report.missing, report.warnings) == (None, [], [])
    assert editions.rows(CODES.id)[-1] == ("2027", 2027.0)


def test_an_archive_whose_name_tells_no_year_is_found_by_the_page_of_its_year(editions: Editions) -> None:
    editions.put("fr/fichier/9/ensemble.zip", population(2023), member="donnees_communes.csv")
    editions.page(PAGE, ("/fr/statistiques/9", "Populations de référence 2023, en vigueur en 2026"))
    editions.page("fr/statistiques/9", ("/fr/fichier/9/ensemble.zip", "Télécharger"))
    assert editions.refresh()[PEOPLE.id].missing == []
    assert editions.rows(PEOPLE.id) == [(key, float(key)) for key in ("2019", "2020", "2022", "2023")]


def test_an_edition_that_has_moved_is_read_where_it_lies_now(editions: Editions) -> None:
    withdraw_edition(editions.portals, CODES, "2026")
    editions.put("fichier/44/v_codes_2026.csv", population(2026))
    editions.listed_by_datagouv("fichier/44/v_codes_2026.csv")
    report = editions.refresh()[CODES.id]
    assert (report.outcome, report.missing, report.warnings) == ("refreshed", [], [])
    assert editions.rows(CODES.id)[-1] == ("2026", 2026.0)


def test_the_listed_address_is_fallen_back_on_when_the_one_that_is_shown_has_nothing(editions: Editions) -> None:
    editions.listed_by_datagouv("fichier/55/v_codes_2026.csv")
    report = editions.refresh()[CODES.id]
    assert (report.outcome, report.missing) == ("refreshed", [])
    assert editions.rows(CODES.id)[-1] == ("2026", 2026.0)


def test_a_file_that_its_portal_has_no_longer_is_read_at_the_portal_that_took_it_over(editions: Editions) -> None:
    editions.ctx = replace(editions.ctx, catalog=Catalog([POINTS]))
    settings = editions.ctx.settings

    def read_from() -> str:
        report = editions.refresh()[POINTS.id]
        assert (report.outcome, report.missing, report.warnings) == ("refreshed", [], [])
        newest = editions.ctx.raw.newest(POINTS.id, "all")
        assert newest is not None
        return newest.url

    publish_edition(editions.portals, POINTS, "all", population(1))
    assert read_from() == f"{settings.irve_url}/r/points"
    withdraw_edition(editions.portals, POINTS, "all")
    editions.portals.files["transport"].put("resource/points", population(2).encode(), dataset=POINTS.id)
    assert read_from() == f"{settings.transport_url}/resource/points"
    publish_edition(editions.portals, POINTS, "all", population(3))
    assert read_from() == f"{settings.irve_url}/r/points"


def test_another_address_is_below_the_root_of_a_portal_of_files() -> None:
    for wrong in (
        "odre:resource/points",
        "nobody:resource/points",
        "https://portal.example/points",
        "transport:/points",
    ):
        with pytest.raises(CatalogError, match=r"does not publish plain files|must be relative"):
            Edition("all", "r/points", elsewhere=(wrong,))
    with pytest.raises(CatalogError, match="must be relative"):
        Edition("all", "https://portal.example/points")


def test_a_listed_edition_that_is_not_there_is_told_everywhere(
    editions: Editions, monkeypatch: pytest.MonkeyPatch
) -> None:
    editions.refresh()
    withdraw_edition(editions.portals, CODES, "2025")
    reports = editions.refresh()
    assert reports[CODES.id].missing == ["2025"]
    warning, vanished = reports[CODES.id].warnings
    assert "2025" in vanished
    assert warning.startswith("edition 2025 is not at its address (fichier/11/v_codes_2025.csv)")
    assert exit_code(editions.ctx, list(reports.values())) == 3
    assert editions.rows(CODES.id) == [("2025", 2025.0), ("2026", 2026.0)]
    rows, lines = source_status(editions.ctx)
    assert {row["dataset_id"]: row["missing"] for row in rows} == {CODES.id: ["2025"], PEOPLE.id: []}
    assert f"{CODES.id}: {warning}" in lines
    monkeypatch.setattr("dataelec_assets.commands.doctor.RunContext", lambda _: editions.ctx)
    assert {"check": f"editions of {CODES.id}", "result": "note", "detail": warning} in diagnose()
    publish_edition(editions.portals, CODES, "2025", population(2025))
    reports = editions.refresh()
    assert (reports[CODES.id].missing, exit_code(editions.ctx, list(reports.values()))) == ([], 0)


def test_new_editions_are_looked_for_once_a_day(editions: Editions) -> None:
    editions.refresh()
    assert sorted(editions.looks()) == ["insee/fr/information/1"] * 2 + ["irve/api/1/datasets/58c9/"]
    editions.now += timedelta(hours=23)
    editions.refresh()
    assert editions.looks() == []
    editions.now += timedelta(hours=2)
    editions.refresh()
    assert len(editions.looks()) == 3


def test_pages_that_cannot_be_read_are_told_and_cost_no_edition(editions: Editions) -> None:
    editions.portals.files["insee"].take_out(PAGE)
    editions.portals.files["irve"].take_out("api/1/datasets/58c9/")
    report = editions.refresh()[CODES.id]
    (warning,) = report.warnings
    assert warning.startswith("new editions could not be looked for: ")
    assert (report.outcome, report.missing, exit_code(editions.ctx, [report])) == ("refreshed", [], 0)
    assert editions.rows(CODES.id) == [("2025", 2025.0), ("2026", 2026.0)]


def test_an_edition_that_should_be_out_and_is_not_is_told_from_the_day_after_on(editions: Editions) -> None:
    editions.now = datetime(2027, 3, 15, 20, tzinfo=UTC)
    assert editions.refresh()[CODES.id].warnings == []
    editions.now = datetime(2027, 3, 16, 1, tzinfo=UTC)
    report = editions.refresh()[CODES.id]
    said = "edition 2027 is usually out by 2027-03-15 and is not there; the newest is 2026"
    assert report.warnings == [said]
    assert exit_code(editions.ctx, [report]) == 0
    assert f"{CODES.id}: {said}" in source_status(editions.ctx)[1]


def test_addresses_of_other_hosts_and_of_impossible_years_are_not_followed(editions: Editions) -> None:
    body = {
        "resources": [
            {"title": "", "url": "https://example.org/v_codes_2027.csv"},
            {"title": "", "url": "https://www.insee.fr/fichier/1/v_codes_2019.csv"},
            {"title": "", "url": "https://www.insee.fr/fichier/1/v_codes_2090.csv"},
        ]
    }
    editions.portals.files["irve"].put("api/1/datasets/58c9/", json.dumps(body).encode(), dataset="listes")
    report = editions.refresh()[CODES.id]
    assert (report.missing, report.changed) == ([], ["2025", "2026"])
