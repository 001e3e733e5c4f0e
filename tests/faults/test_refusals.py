"""What a refresh refuses, what it goes on with, and the exit code that says so."""

from __future__ import annotations

import re

import duckdb
import pytest
from typer.testing import CliRunner, Result

from dataelec_assets.cli import app
from dataelec_assets.errors import WarehouseError
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.warehouse import publish
from tests.faults.france import GAS, SOURCES, TEMPERATURE, SmallLake

_FEBRUARY = "date >= date'2023-02-01'"
_GAS = "SELECT count(*), min(stock_gwh) FROM fct_stock_gaz WHERE date >= '2023-02-01'"
_COLDEST = (
    "SELECT min(temperature_min_c), max(temperature_max_c) FROM fct_temperature_regionale WHERE date = '2023-02-10'"
)


def _dataelec(small: SmallLake, patch: pytest.MonkeyPatch, *arguments: str) -> Result:
    """Run the command line in this process."""
    for name, value in small.environment.items():
        if name.startswith("DATAELEC_"):
            patch.setenv(name, value)
    patch.setenv("COLUMNS", "10000")  # no line is broken
    return CliRunner().invoke(app, list(arguments))


def test_a_telephone_number_in_a_table_is_not_published(small: SmallLake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = small.content()
    with duckdb.connect(str(small.paths.warehouse)) as warehouse:
        warehouse.execute("UPDATE dim_region SET nom_region = '06 12 34 56 78' WHERE code_region = '11'")
    monkeypatch.setattr(publish, "publication_id", lambda *_: "another")
    with pytest.raises(WarehouseError, match=r"dim_region\.nom_region"):
        publish.publish(small.ctx())
    assert small.content() == before


def test_one_failing_source_does_not_hold_back_the_revision_of_another(small: SmallLake) -> None:
    before = small.kept()
    temperatures = small.rows(_COLDEST)
    small.revise(TEMPERATURE, GAS)
    small.fault("html_200", TEMPERATURE)

    outcome = small.refresh()

    assert outcome.exit_code == 4
    assert {row["dataset_id"]: row["outcome"] for row in outcome.sources} == {
        each: {TEMPERATURE: "failed", GAS: "refreshed"}.get(each, "unchanged") for each in SOURCES
    }
    assert small.rows("SELECT count(*) FROM fct_stock_gaz WHERE stock_gwh = 1234.5") == [(6,)]
    assert small.rows(_COLDEST) == temperatures
    assert small.rows(f"SELECT statut FROM meta_sources WHERE jeu_de_donnees = '{TEMPERATURE}'") == [("en échec",)]
    after = small.kept()
    copies = [name for name in after if "temperature_quotidienne_regionale/mois=2023-02/" in name]
    assert {name: after[name] for name in copies} == {name: before.get(name) for name in copies} != {}

    small.portal.heal()
    outcome = small.refresh()

    assert outcome.exit_code == 0, outcome.sources
    assert small.rows(_COLDEST) == [(1.0, 3.0)]
    assert set(small.rows("SELECT statut FROM meta_sources WHERE lignes > 0")) == {("à jour",)}


def test_data_sets_that_the_portal_does_not_have_are_reported_as_absent_with_exit_code_3(
    small: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = small.kept()
    result = _dataelec(small, monkeypatch, "refresh", "--quiet")
    assert result.exit_code == 3
    catalog = small.ctx().catalog
    keyless = [each for each in catalog if catalog[each].info.needs_key]
    in_reserve = [each for each in catalog if catalog[each].stands_in_for]
    optional = [each for each in catalog if small.ctx().is_off(catalog[each])]
    assert {*keyless, *in_reserve} <= {*optional}
    absent = [each for each in catalog if each not in (*SOURCES, *optional)]
    for dataset_id in absent:
        # What its publisher has withdrawn is missed by nobody.
        is_told = re.search(rf"^(\S+, )*{dataset_id}(, \S+)*: HTTP 404", result.stderr, re.MULTILINE) is not None
        assert is_told != catalog[dataset_id].withdrawn
    assert result.stdout.count("absent") == len(absent) == len(catalog) - len(SOURCES) - len(optional)
    assert result.stdout.count("no key") == len(keyless) > 0
    assert result.stdout.count("standby") == len(in_reserve) > 0
    assert result.stdout.count("unchanged") == len(SOURCES)
    assert small.kept() == before


def test_a_source_that_fails_gives_exit_code_4_and_an_option_that_is_wrong_gives_2(
    small: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.revise(GAS)
    small.fault("status:403", GAS)
    result = _dataelec(small, monkeypatch, "refresh", "--quiet", "--source", GAS)
    assert result.exit_code == 4
    assert f"{GAS}: HTTP 403" in result.stderr
    assert _dataelec(small, monkeypatch, "refresh", "--no-such-option").exit_code == 2
    unknown = _dataelec(small, monkeypatch, "refresh", "--source", "no-such-set")
    assert unknown.exit_code == 2
    assert "Unknown data set no-such-set" in unknown.stderr


def test_a_shrunk_partition_is_refused_until_the_user_accepts_it(small: SmallLake) -> None:
    before = small.kept()
    assert small.portal.tables.delete(GAS, "date > date'2023-02-15'") == 13 * 6

    outcome = small.refresh([GAS])

    assert outcome.exit_code == 4
    assert f"{GAS}: 2023-02 has shrunk from 168 to 90 rows" in outcome.sources[0]["error"]
    assert f"`dataelec refresh --source {GAS} --accept-shrink`" in outcome.sources[0]["error"]
    assert small.kept() == before

    outcome = small.refresh([GAS], accept_shrink=True)

    assert outcome.exit_code == 0, outcome.sources
    assert small.rows(_GAS)[0][0] == 90


def test_a_new_column_warns_stays_in_raw_and_does_not_stop_the_load(small: SmallLake) -> None:
    small.portal.tables.add(GAS, "capteur", "text", "nouveau")
    small.revise(GAS)
    outcome = small.refresh([GAS])
    assert outcome.exit_code == 0, outcome.sources
    assert outcome.sources[0]["warnings"] == ["new column 'capteur' is kept in raw and not loaded"]
    assert small.rows("SELECT count(*) FROM fct_stock_gaz WHERE stock_gwh = 1234.5") == [(6,)]
    ctx = small.ctx()
    newest = ctx.raw.newest(GAS, "2023-02")
    assert newest is not None
    assert "capteur" in inspect(GAS, ctx.raw.object_path(newest.sha256)).header
