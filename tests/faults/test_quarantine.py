"""A month that is impossible is held back alone, says so everywhere, and comes back by itself or by a user's word."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from dagster import AssetCheckKey, AssetKey, DagsterInstance
from typer.testing import CliRunner, Result

from dataelec_assets.cli import app
from dataelec_assets.lake.quarantine import QuarantineLake
from dataelec_assets.warehouse import build
from dataelec_assets.warehouse.dbt import NodeResult, run_dbt
from tests.faults.france import GAS, TEMPERATURE, Pristine, SmallLake
from tests.published import serving

FEBRUARY = "date >= date'2023-02-01'"
STOCKS = "SELECT count(*), round(sum(stock_gwh), 3), min(stock_gwh) FROM fct_stock_gaz WHERE date >= DATE '2023-02-01'"
COLDEST = "SELECT min(temperature_min_c) FROM fct_temperature_regionale WHERE date = DATE '2023-02-10'"
RULE = "fct_stock_gaz_positif"


def dataelec(small: SmallLake, *arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, arguments, env=small.environment)


def break_february(small: SmallLake, value: float = -1.0) -> None:
    """Let the publisher write an impossible stock in every row of February."""
    assert small.portal.revise(GAS, FEBRUARY, stock_fin_de_journee=value) == 168


def test_an_impossible_month_is_held_alone_reported_everywhere_and_lifts_when_the_publisher_mends_it(
    small: SmallLake,
) -> None:
    before = small.rows(STOCKS)
    break_february(small)
    small.revise(TEMPERATURE)

    result = dataelec(small, "refresh", "--quiet", "--source", GAS, "--source", TEMPERATURE)

    # The rest is built and published; the month is served as it was.
    assert result.exit_code == 4, result.output
    assert small.rows(COLDEST) == [(1.0,)]
    assert small.rows(STOCKS) == before
    ((partition, rule, status, rows, found, wanted, served),) = small.rows(
        "SELECT partition, regle, statut, lignes, constat, attendu, version_servie IS NOT NULL FROM meta_quarantaine"
    )
    assert (partition, rule, status, rows, served) == ("2023-02", RULE, "en quarantaine", 168, True)
    assert found.startswith("fct_stock_gaz, date 2023-02-")
    assert "stock_gwh = -1.0" in found
    assert wanted == "stock_gwh au moins 0"
    assert small.rows(f"SELECT partitions_en_quarantaine FROM meta_sources WHERE jeu_de_donnees = '{GAS}'") == [(1,)]
    words = " ".join(result.output.split())
    assert f"{GAS} 2023-02 is in quarantine since" in words
    assert f"168 row(s) fail {RULE} (fct_stock_gaz, date 2023-02-" in words
    assert "UTC is served. It lifts by itself" in words
    assert f"`dataelec accept {GAS} 2023-02`" in words
    assert "Got 1" not in words
    assert "Got 168" not in words
    (row,) = [each for each in json.loads(dataelec(small, "status", "--json").stdout) if each["dataset_id"] == GAS]
    assert row["quarantine"] == ["2023-02"]
    assert "2023-02 is in quarantine" in " ".join(dataelec(small, "status").stdout.split())
    assert check_of_gas() is False

    # Asked again, nothing has changed: nothing is built, and it is still said.
    identifier = small.publication()
    again = dataelec(small, "refresh", "--quiet", "--source", GAS)
    assert again.exit_code == 4
    assert "Built" not in again.output
    assert small.publication() == identifier

    break_february(small, 12.0)
    healed = dataelec(small, "refresh", "--quiet", "--source", GAS)
    assert healed.exit_code == 0, healed.output
    assert small.rows(STOCKS) == [(168, 168 * 12.0, 12.0)]
    assert small.rows("FROM meta_quarantaine") == []
    assert check_of_gas() is True
    # The vintage that was wrong is in raw, and not recorded as a revision.
    assert len(small.ctx().raw.names(small.ctx().catalog[GAS], "2023-02")) == 3
    assert small.rows("SELECT count(*) FROM fct_revisions WHERE valeur_apres = -1") == [(0,)]


@pytest.fixture(scope="module")
def _held(pristine: Pristine, place: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Pristine:
    """Keep the lake that holds an impossible February: what several tests begin with is refreshed once."""
    with serving(data) as portal, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(place / "dagster"))
        pristine.restore(place)
        small = SmallLake(place, portal)
        break_february(small)
        assert small.refresh([GAS]).exit_code == 4
    folder = tmp_path_factory.mktemp("held") / "lake"
    shutil.copytree(place, folder, symlinks=True)
    return replace(pristine, folder=folder)


@pytest.fixture
def held(_held: Pristine, empty: SmallLake) -> SmallLake:
    """Return a run context whose lake holds an impossible February, and whose publisher still writes it."""
    break_february(empty)
    _held.restore(empty.root)
    return empty


def check_of_gas() -> bool | None:
    """Return whether Dagster's check of the quarantine has passed for the gas."""
    key = AssetCheckKey(AssetKey(["lake", GAS.replace("-", "_")]), "aucune_partition_en_quarantaine")
    with DagsterInstance.get() as instance:
        record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key]).get(key)
        evaluation = record.event.asset_check_evaluation if record is not None and record.event is not None else None
    return evaluation.passed if evaluation is not None else None


def test_a_user_accepts_what_is_in_quarantine_despite_the_rule_and_it_is_recorded(held: SmallLake) -> None:
    small = held
    unknown = dataelec(small, "accept", GAS, "2023-01")
    assert unknown.exit_code == 2
    assert f"{GAS} 2023-01 is not in quarantine. In quarantine are: {GAS} 2023-02." in " ".join(unknown.output.split())

    taken = dataelec(small, "accept", GAS, "2023-02")

    assert taken.exit_code == 0, taken.output
    assert f"{GAS} 2023-02 is served in spite of {RULE}" in " ".join(taken.output.split())
    assert small.rows(STOCKS) == [(168, -168.0, -1.0)]
    assert small.rows("SELECT partition, regle, statut FROM meta_quarantaine") == [
        ("2023-02", RULE, "acceptée malgré la règle")
    ]
    # The rule still holds for what comes next.
    break_february(small, -2.0)
    assert small.refresh([GAS]).exit_code == 4
    assert small.rows("SELECT statut FROM meta_quarantaine") == [("en quarantaine",)]


@pytest.mark.slow
def test_a_first_refresh_leaves_out_what_is_impossible_and_serves_what_cannot_be_made_without_rows(
    empty: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_february(empty)
    failed = NodeResult("model.dataelec.fct_temperature_regionale", "error", "Out of Memory Error", None, 0.1)
    with monkeypatch.context() as patch:
        # The table is there, its rows are not to be believed.
        patch.setattr(build, "run_dbt", lambda *args, **options: [*run_dbt(*args, **options), failed])

        outcome = empty.refresh()

    assert outcome.exit_code == 4
    assert empty.rows(STOCKS) == [(0, None, None)]
    assert empty.rows("SELECT count(*) > 0 FROM fct_stock_gaz WHERE date < DATE '2023-02-01'") == [(True,)]
    assert empty.rows("SELECT count(*) FROM fct_temperature_regionale") == [(0,)]
    assert empty.rows("SELECT count(*) > 0 FROM fct_consommation_nationale") == [(True,)]
    held = "SELECT partition, version_servie FROM meta_quarantaine WHERE partition IS NOT NULL"
    assert empty.rows(held) == [("2023-02", None)]
    kept = "SELECT version_servie FROM meta_quarantaine WHERE table_conservee = 'fct_temperature_regionale'"
    assert empty.rows(kept) == [(None,)]
    assert outcome.quarantine[0]["dataset_id"] == GAS
    assert any("wanted: stock_gwh au moins 0). It is left out." in line for line in outcome.lines)

    break_february(empty, 3.0)
    assert empty.refresh([GAS]).exit_code == 0
    assert empty.rows(STOCKS)[0][0] == 168
    assert empty.rows("SELECT count(*) > 0 FROM fct_temperature_regionale") == [(True,)]


def test_the_rules_of_another_version_hold_nothing_any_more(held: SmallLake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = QuarantineLake(held.paths)
    (hold,) = lake.holds()
    monkeypatch.setattr("dataelec_assets.warehouse.quarantine.project_digest", lambda: "another version")
    from dataelec_assets.warehouse.quarantine import forget_other_rules

    assert forget_other_rules(held.ctx()) == {(GAS, "2023-02")}
    assert lake.holds() == []
    assert hold.project != "another version"


def test_a_vintage_that_was_held_stays_so_once_its_partition_has_healed(
    held: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_february(held, 3.0)
    assert held.refresh([GAS]).exit_code == 0
    holds = QuarantineLake(held.paths).holds()
    monkeypatch.setattr("dataelec_assets.warehouse.quarantine.project_digest", lambda: "another version")
    from dataelec_assets.warehouse.quarantine import forget_other_rules

    assert forget_other_rules(held.ctx()) == set()
    assert QuarantineLake(held.paths).holds() == holds != []
