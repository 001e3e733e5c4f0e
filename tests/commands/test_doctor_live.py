"""`dataelec doctor --live`: a table for the eye, JSON for a machine, a report that can be sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataelec_assets.cli import app
from dataelec_assets.commands import doctor_live
from dataelec_assets.live import examine
from dataelec_assets.portals.retries import RetryPolicy
from tests.ingest.test_json import documented
from tests.live.as_catalogued import context, portals
from tests.stubs import Stub

NATIONAL, CODES = "consommation-quotidienne-brute", "code-officiel-geographique-communes"


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setattr(examine, "PAUSE_SECONDS", 0.0)
    with portals() as running:
        yield running


@pytest.fixture
def environment(published: Stub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name, address in published.addresses.items():
        monkeypatch.setenv(f"DATAELEC_{name.upper()}", address)
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("DATAELEC_ODRE_API_KEY", "a-key-that-nobody-may-see")
    return tmp_path


def test_the_table_shows_what_the_portal_says_and_each_difference_is_a_sentence(
    published: Stub, environment: Path
) -> None:
    published.tables.rename(NATIONAL, "consommation_brute_gaz_totale", "gaz")
    done = CliRunner().invoke(app, ["doctor", "--live", "--source", NATIONAL, "--source", CODES])
    assert done.exit_code == doctor_live.EXIT_DIFFERENT
    assert f"{NATIONAL}: column: the catalogue says nothing of it; the portal has the column 'gaz'." in done.stdout
    assert "2 of 2 data sets looked at: 1 differ from the catalogue, 0 could not be asked." in done.stdout
    assert not (environment / "lake").exists()


@pytest.mark.usefixtures("environment")
def test_json_holds_what_a_machine_needs(published: Stub) -> None:
    done = CliRunner().invoke(app, ["doctor", "--live", "--json", "--source", NATIONAL, "--source", CODES])
    assert done.exit_code == 0
    codes, national = sorted(json.loads(done.stdout), key=lambda each: str(each["dataset_id"]))
    assert set(national) == set(codes) == documented()["doctor --live"][1]
    assert (national["rows"], national["first"][:10]) == (2, "2011-12-31")
    assert national["quota"]["limit"] == published.quotas["odre"].limit
    assert national["quota_left"] == published.quotas["odre"].limit - 2
    assert {"name": "date_heure", "type": "datetime"}.items() <= national["columns"][0].items()
    assert (codes["newest_edition"], codes["columns"][1]["name"]) == ("2026", "com")
    assert codes["differences"] == national["differences"] == []


def test_the_report_holds_no_key_and_no_path(published: Stub, environment: Path) -> None:
    published.tables.remove(NATIONAL)
    file = environment / "report.md"
    done = CliRunner().invoke(app, ["doctor", "--live", "--report", str(file), "--source", NATIONAL])
    assert done.exit_code == doctor_live.EXIT_ABSENT
    text = file.read_text("utf-8")
    assert f"- {NATIONAL}: address: the catalogue says it is at ODRÉ; the portal does not have it." in text
    for secret in ("a-key-that-nobody-may-see", str(environment), str(Path.home())):
        assert secret not in text


def test_a_portal_that_is_silent_has_its_own_exit_code(published: Stub) -> None:
    published.tables.remove(NATIONAL)
    published.fail("status:503", dataset=f"insee/{CODES}")
    ctx = replace(context(published), retries=RetryPolicy(attempts=1))
    examined = doctor_live.look(ctx, [NATIONAL, CODES])
    assert doctor_live.exit_code(examined) == doctor_live.EXIT_PARTLY
    assert any("not looked at: " in line for line in doctor_live.lines_of(examined))


@pytest.mark.usefixtures("environment")
def test_options_of_the_live_check_are_refused_without_it() -> None:
    done = CliRunner().invoke(app, ["doctor", "--source", NATIONAL])
    assert done.exit_code == 2
    assert "--source and --report go with --live" in done.stderr


@pytest.mark.usefixtures("environment")
def test_an_unknown_data_set_is_named() -> None:
    done = CliRunner().invoke(app, ["doctor", "--live", "--source", "nothing"])
    assert done.exit_code == 2
    assert "Unknown data set nothing." in done.stderr
