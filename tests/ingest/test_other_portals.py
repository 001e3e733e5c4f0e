"""Data-fair by year and zipped editions, from the portals to Parquet: each call is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dataelec_assets import pipeline
from dataelec_assets.commands.backfill import run_backfill
from dataelec_assets.commands.doctor import diagnose
from dataelec_assets.commands.status import source_status
from dataelec_assets.database import connect
from dataelec_assets.errors import SettingsError
from dataelec_assets.ingest.freshness import age_of
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.state import load_state
from dataelec_assets.rebuild import rebuild_as_of
from tests.ingest.other_portals import (
    COMMUNES,
    CONSUMPTION,
    CONSUMPTION_CALLS,
    HEADS,
    NOW,
    POPULATION,
    POPULATION_CALLS,
    YEARS,
    Served,
    population,
    portals,
)
from tests.published import publish_edition, withdraw_edition

pytestmark = pytest.mark.slow


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Return a lake that was refreshed once."""
    with portals() as portal:
        lake = Served(tmp_path / "lake", portal)
        reports = lake.refresh()
        assert [report.error for report in reports.values()] == [None, None]
        yield lake


def outcome(report: SourceReport) -> tuple[str, dict[str, str], list[str]]:
    """Return what a report says, which partitions were fetched and why, and which were new."""
    return report.outcome, {each.partition: each.reason for each in report.fetched}, report.changed


def test_a_first_refresh_fetches_every_year_and_edition_and_nothing_twice(served: Served) -> None:
    assert served.new_calls() == {
        CONSUMPTION_CALLS: {"metadata": 1, "values_agg": 1, "lines": len(YEARS)},
        **{name: {"head": 1, "file": 1} for name in POPULATION_CALLS.values()},
    }
    found = served.rows(
        CONSUMPTION, "SELECT annee_lot, annee, count(*), sum(nb_sites) FROM lake GROUP BY ALL ORDER BY 1"
    )
    assert found == [(str(year), year, 8, 412.0) for year in YEARS]
    codes = served.rows(CONSUMPTION, "SELECT DISTINCT code_commune FROM lake ORDER BY 1")
    assert codes == [(code,) for code in COMMUNES]
    people = served.rows(POPULATION, "SELECT edition, count(*), min(pmun) FROM lake GROUP BY 1 ORDER BY 1")
    assert people == [("2019", 4, 2019.0), ("2020", 4, 2020.0), ("2022", 4, 2022.0)]


def test_a_second_refresh_costs_one_call_for_metadata_and_one_head_an_edition(served: Served) -> None:
    served.new_calls()
    reports = served.refresh()
    assert {name: outcome(report) for name, report in reports.items()} == {
        CONSUMPTION.id: ("unchanged", {}, []),
        POPULATION.id: ("unchanged", {}, []),
    }
    assert served.new_calls() == {CONSUMPTION_CALLS: {"metadata": 1}, **HEADS}


def test_one_revised_year_costs_one_aggregate_and_the_lines_of_that_year(served: Served) -> None:
    served.new_calls()
    where = "annee = 2022 and code_commune = '69123' and code_naf is null"
    assert served.portal.revise(CONSUMPTION.id, where, conso_totale_mwh=1) == 1
    reports = served.refresh()
    assert outcome(reports[CONSUMPTION.id]) == ("refreshed", {"2022": "revised"}, ["2022"])
    assert served.new_calls() == {CONSUMPTION_CALLS: {"metadata": 1, "values_agg": 1, "lines": 1}, **HEADS}
    wanted = "SELECT annee, conso_totale_mwh FROM lake WHERE code_commune = '69123' AND code_naf IS NULL ORDER BY 1"
    assert served.rows(CONSUMPTION, wanted) == [(2021, 2021.5), (2022, 1.0), (2023, 2023.5)]
    served.refresh()
    assert served.new_calls() == {CONSUMPTION_CALLS: {"metadata": 1}, **HEADS}


def test_a_revision_of_a_row_whose_key_is_partly_null_is_written_down(served: Served) -> None:
    where = "annee = 2022 and code_commune = '69123'"
    served.portal.revise(CONSUMPTION.id, where, conso_totale_mwh=1)
    served.refresh()
    (file,) = (served.ctx.revisions.folder(CONSUMPTION) / "2022").iterdir()
    wanted = "date_locale, precision_cle, mesure, valeur_avant, valeur_apres"
    found = connect().execute(f"SELECT {wanted} FROM '{file}' ORDER BY valeur_avant").fetchall()
    assert [(str(day), key, measure, before, after) for day, key, measure, before, after in found] == [
        ("2022-12-31", "code_commune=69123, code_naf=47", "conso_totale_mwh", 20.5, 1.0),
        ("2022-12-31", "code_commune=69123", "conso_totale_mwh", 2022.5, 1.0),
    ]


def test_one_replaced_edition_costs_that_edition(served: Served) -> None:
    served.new_calls()
    content = population(2020).replace("2A004;2021", "2A004;71361")
    publish_edition(served.portal, POPULATION, "2020", content)
    reports = served.refresh()
    assert outcome(reports[POPULATION.id]) == ("refreshed", {"2020": "revised"}, ["2020"])
    moved = {POPULATION_CALLS["2020"]: {"head": 1, "file": 1}}
    assert served.new_calls() == {CONSUMPTION_CALLS: {"metadata": 1}, **HEADS, **moved}
    assert served.rows(POPULATION, "SELECT edition, pmun FROM lake WHERE com = '2A004' ORDER BY 1") == [
        ("2019", 2020.0),
        ("2020", 71361.0),
        ("2022", 2023.0),
    ]


def test_an_edition_published_again_without_a_change_makes_no_new_vintage(served: Served) -> None:
    served.portal.files["insee"].touch(POPULATION.editions[0].path)
    reports = served.refresh()
    assert outcome(reports[POPULATION.id]) == ("checked", {"2019": "revised"}, [])
    assert len(served.ctx.raw.names(POPULATION, "2019")) == 1
    served.new_calls()
    served.refresh()
    assert served.new_calls() == {CONSUMPTION_CALLS: {"metadata": 1}, **HEADS}


def test_a_version_of_data_fair_that_moves_alone_costs_one_aggregate(served: Served) -> None:
    served.new_calls()
    served.portal.tables.touch(CONSUMPTION.id)
    reports = served.refresh()
    assert outcome(reports[CONSUMPTION.id]) == ("checked", {}, [])
    assert served.new_calls() == {CONSUMPTION_CALLS: {"metadata": 1, "values_agg": 1}, **HEADS}
    served.refresh()
    assert served.new_calls() == {CONSUMPTION_CALLS: {"metadata": 1}, **HEADS}


def test_a_new_year_is_fetched_alone(served: Served) -> None:
    where = "annee = 2021 and code_naf is null"
    served.portal.revise(CONSUMPTION.id, where, annee=2024)
    reports = served.refresh()
    assert "shrunk" in (reports[CONSUMPTION.id].error or "")  # half of 2021 went, which nobody said is meant
    assert outcome(reports[CONSUMPTION.id])[1:] == ({"2024": "never fetched"}, ["2024"])
    assert served.ctx.raw.partitions(CONSUMPTION) == ["2021", "2022", "2023", "2024"]


def test_rows_without_a_year_are_reported_and_not_loaded(served: Served) -> None:
    where = "annee = 2021 and code_commune = '97411' and code_naf is null"
    served.portal.revise(CONSUMPTION.id, where, annee=None)
    reports = served.refresh()
    assert any("1 row(s) at the portal have no annee" in each for each in reports[CONSUMPTION.id].warnings)
    assert outcome(reports[CONSUMPTION.id]) == ("refreshed", {"2021": "revised"}, ["2021"])


def test_an_edition_that_is_gone_is_kept_as_last_published(served: Served) -> None:
    withdraw_edition(served.portal, POPULATION, "2019")
    reports = served.refresh()
    assert any("no longer shows 1 partition(s), first 2019" in each for each in reports[POPULATION.id].warnings)
    assert served.rows(POPULATION, "SELECT count(*) FROM lake WHERE edition = '2019'") == [(4,)]


@pytest.mark.parametrize(
    ("kind", "fault", "name"),
    [
        ("lines", "truncate", "IncompleteExport"),
        ("lines", "truncate_clean", "ContentMismatch"),
        ("lines", "html_200", "UnexpectedContent"),
        ("lines", "status:400", "RequestRejected"),
        ("lines", "empty", "IncompleteExport"),
        ("values_agg", "status:500", "PortalUnreachable"),
        ("values_agg", "json_error_200", "UnexpectedContent"),
        ("metadata", "status:410", "DatasetAbsent"),
    ],
)
def test_a_fault_of_data_fair_keeps_what_was_there_and_is_repaired_by_the_next_refresh(
    served: Served, kind: str, fault: str, name: str
) -> None:
    served.portal.revise(CONSUMPTION.id, "annee = 2022", nb_sites=7)
    served.portal.fail(fault, dataset=CONSUMPTION.id, kind=kind)
    reports = served.refresh()
    assert (reports[CONSUMPTION.id].fault, reports[POPULATION.id].error) == (name, None)
    assert served.rows(CONSUMPTION, "SELECT count(*), sum(nb_sites) FROM lake") == [(24, 3 * 412.0)]
    assert load_state(served.ctx.paths, CONSUMPTION).failures == 1
    served.portal.heal()
    assert outcome(served.refresh()[CONSUMPTION.id]) == ("refreshed", {"2022": "revised"}, ["2022"])
    assert served.rows(CONSUMPTION, "SELECT sum(nb_sites) FROM lake WHERE annee = 2022") == [(56.0,)]


@pytest.mark.parametrize(
    ("kind", "fault", "name"),
    [
        ("file", "truncate", "IncompleteExport"),
        ("file", "truncate_clean", "IncompleteExport"),
        ("file", "html_200", "UnexpectedContent"),
        ("file", "status:403", "RequestRejected"),
        ("head", "status:500", "PortalUnreachable"),
        ("head", "status:404", "DatasetAbsent"),
    ],
)
def test_a_fault_of_a_file_server_keeps_what_was_there_and_is_repaired_by_the_next_refresh(
    served: Served, kind: str, fault: str, name: str
) -> None:
    content = population(2019).replace("01001;2019", "01001;9")
    publish_edition(served.portal, POPULATION, "2019", content)
    served.portal.fail(fault, dataset=POPULATION.id, kind=kind)
    reports = served.refresh()
    assert (reports[POPULATION.id].fault, reports[CONSUMPTION.id].error) == (name, None)
    assert served.rows(POPULATION, "SELECT min(pmun) FROM lake") == [(2019.0,)]
    served.portal.heal()
    assert outcome(served.refresh()[POPULATION.id]) == ("refreshed", {"2019": "revised"}, ["2019"])
    assert served.rows(POPULATION, "SELECT min(pmun) FROM lake") == [(9.0,)]


def test_the_doctor_distinguishes_a_portal_without_a_data_set_from_one_that_does_not_answer(served: Served) -> None:
    found = {}
    for name in ("status:404", "status:500"):
        served.portal.fail(name, dataset=POPULATION.id, kind="head")
        found[name] = {row["check"]: row["result"] for row in diagnose(served.ctx)}
    assert [each["portal insee"] for each in found.values()] == ["note", "fault"]
    assert [each["portal ore"] for each in found.values()] == ["ok", "ok"]


def test_an_edition_with_another_header_is_refused_by_name_and_the_old_one_stays(served: Served) -> None:
    content = population(2022).replace("PMUN", "POPULATION")
    publish_edition(served.portal, POPULATION, "2022", content)
    report = served.refresh()[POPULATION.id]
    assert report.fault == "ContractViolation"
    assert "column 'pmun' is missing; the file has COM, POPULATION" in (report.error or "")
    assert served.rows(POPULATION, "SELECT count(*) FROM lake WHERE edition = '2022'") == [(4,)]


def test_the_age_of_a_year_and_of_an_edition_counts_from_its_end(served: Served) -> None:
    rows = {row["dataset_id"]: row for row in source_status(served.ctx)[0]}
    assert (rows[CONSUMPTION.id]["last_measured"], rows[CONSUMPTION.id]["age"]) == ("2023", "pass")
    assert (rows[POPULATION.id]["last_measured"], rows[POPULATION.id]["age"]) == ("2022", "warn")
    assert age_of(CONSUMPTION, "2023", NOW).text == "newest measured value 790 d old, 800 d expected"
    assert [rows[each]["partitions"] for each in (CONSUMPTION.id, POPULATION.id)] == [3, 3]


def test_an_edition_could_be_known_since_its_own_file_was_published(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vintages = {key: served.ctx.raw.newest(POPULATION.id, key) for key in ("2019", "2022")}
    known = {key: vintage.known_at for key, vintage in vintages.items() if vintage is not None}
    # The copies are stamped by their years: each is published when its year is over.
    assert {key: f"{moment:%Y-%m-%d}" for key, moment in known.items()} == {"2019": "2020-01-01", "2022": "2023-01-01"}
    monkeypatch.setattr(pipeline, "has_content", lambda _: False)  # no tables
    rebuild_as_of(served.ctx, known["2019"], tmp_path / "then")
    folders = (tmp_path / "then" / "parquet" / POPULATION.table).glob("edition=*")
    assert sorted(each.name for each in folders) == ["edition=2019", "edition=vide"]


@pytest.mark.parametrize(
    ("name", "bounds", "wanted"),
    [
        (CONSUMPTION.id, ("2022", "2023"), ["2022", "2023"]),
        (CONSUMPTION.id, ("2011", "2021"), ["2021"]),
        (POPULATION.id, ("2020", "2022"), ["2020", "2022"]),
        (POPULATION.id, ("2019", "2019"), ["2019"]),
    ],
)
def test_a_backfill_takes_the_years_or_editions_of_a_range(
    served: Served, monkeypatch: pytest.MonkeyPatch, name: str, bounds: tuple[str, str], wanted: list[str]
) -> None:
    asked: list[object] = []

    def run(*_: object, partitions: object, known: list[Observation], **__: object) -> pipeline.Outcome:
        asked.append(partitions)
        return pipeline.Outcome(known)

    monkeypatch.setattr("dataelec_assets.commands.backfill.run_job", run)
    done = run_backfill(name, *bounds, force=True, quiet=True, ctx=served.ctx)
    assert asked == [{name: wanted}]
    assert f"{len(wanted)} partition(s) between {bounds[0]} and {bounds[1]} at the portal" in done.lines[0]


@pytest.mark.parametrize(
    ("name", "key", "words"),
    [
        (CONSUMPTION.id, "2022-01", "is no year, such as 2019"),
        (POPULATION.id, "2021", "no edition '2021', the catalogue has 2019, 2020, 2022"),
    ],
)
def test_a_backfill_of_a_key_of_another_form_is_refused_before_any_call(
    served: Served, name: str, key: str, words: str
) -> None:
    served.new_calls()
    with pytest.raises(SettingsError, match=words):
        run_backfill(name, key, key, ctx=served.ctx)
    assert served.new_calls() == {}
