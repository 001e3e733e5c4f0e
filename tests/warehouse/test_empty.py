"""A first build starts from the warehouse of a lake without rows, and gives what a build of everything gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse import build, empty
from dataelec_assets.warehouse.build import BuildReport, build_warehouse
from dataelec_assets.warehouse.dbt import NodeResult, run_dbt
from dataelec_assets.warehouse.diff import compare_publications
from dataelec_assets.warehouse.parse import Parse, ensure_parse
from tests.dbt.consumption import GAS_STOCK, NATIONAL, TEMPERATURE, national_day, stock_day
from tests.dbt.eco2mix import CONSOLIDATED, REGIONAL, regional_day
from tests.dbt.lakes import TinyLake, days

RESULT = NodeResult("model.p.premier", "success", None, None, 0.1)


def context(root: Path) -> RunContext:
    return RunContext(Settings(lake=root))


# Names of the nodes that dbt is asked for; None: all of the project.
Selection = set[str] | None


@pytest.fixture
def selections(monkeypatch: pytest.MonkeyPatch) -> list[Selection]:
    """Return what dbt is asked for, command by command."""
    asked: list[Selection] = []

    def noted(paths: LakePaths, arguments: list[str], **given: Any) -> list[NodeResult]:
        asked.append(_selected(given))
        return run_dbt(paths, arguments, **given)

    monkeypatch.setattr(build, "run_dbt", noted)
    return asked


@pytest.fixture(scope="module")
def without_rows(tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    """Return the build of a lake without rows, which leaves the empty warehouse behind."""
    return build_warehouse(context(tmp_path_factory.mktemp("without-rows")))


def test_a_lake_without_rows_is_built_once(
    without_rows: BuildReport, tmp_path: Path, selections: list[Selection]
) -> None:
    again = build_warehouse(context(tmp_path / "again"))
    assert selections == []
    assert again.kind == "full"
    assert sorted(each.unique_id for each in again.results) == sorted(each.unique_id for each in without_rows.results)
    assert build_warehouse(context(tmp_path / "again")).kind == "nothing"


@pytest.mark.usefixtures("without_rows")
def test_a_lake_of_three_data_sets_builds_what_they_feed_and_equals_a_build_of_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, selections: list[Selection]
) -> None:
    lake = TinyLake.empty(tmp_path / "fed")
    week = list(days(date(2022, 3, 1), date(2022, 3, 7)))
    lake.write(NATIONAL, [row for day in week for row in national_day(day, mw=48000)])
    lake.write(GAS_STOCK, [row for day in week for row in stock_day(day)])
    lake.write(TEMPERATURE, [{"date": day, "code_insee_region": "11", "tmoy": 9.5} for day in week])
    fed = {NATIONAL, GAS_STOCK, TEMPERATURE}
    monkeypatch.setattr(RunContext, "partition_signatures", _marks(fed))
    whole = lake.copy(tmp_path / "whole")
    report = build_warehouse(context(tmp_path / "fed"))
    (selected,) = selections
    assert selected is not None
    assert {"fct_stock_gaz", "fct_consommation_nationale", "mart_quotidien_national"} < selected
    assert "fct_population" not in selected
    # A view shows the rows without being made again; what it shows is checked all the same. Checks have a digest.
    assert not {each for each in selected if each.startswith("stg_") and "." not in each}
    assert any(each.startswith("stg_odre__stock_quotidien_stockages_gaz_") for each in selected)
    monkeypatch.setattr(build, "find_empty", lambda _: None)
    everything = build_warehouse(context(tmp_path / "whole"))
    assert selections[1:] == [None]
    assert compare_publications(lake.paths.warehouse, whole.paths.warehouse) == []
    assert lake.query("SELECT count(*) FROM fct_stock_gaz") == [(42,)]
    assert lake.query("SELECT count(*) FROM fct_population") == [(0,)]
    assert _verdicts(report) == _verdicts(everything)


@pytest.mark.usefixtures("without_rows")
def test_the_regions_are_filled_year_by_year_and_equal_a_build_of_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, years = TinyLake.empty(tmp_path / "fed"), []
    week = list(days(date(2021, 12, 29), date(2022, 1, 3)))
    lake.write(REGIONAL, [row for day in week for row in regional_day(day, CONSOLIDATED)])
    months = {"2021-12": "rows", "2022-01": "rows"}
    monkeypatch.setattr(RunContext, "partition_signatures", lambda _, each: months if each.id == REGIONAL else {})
    whole = lake.copy(tmp_path / "whole")

    def noted(paths: LakePaths, arguments: list[str], **given: Any) -> list[NodeResult]:
        years.append(given.get("years"))
        return run_dbt(paths, arguments, **given)

    monkeypatch.setattr(build, "run_dbt", noted)
    report = build_warehouse(context(tmp_path / "fed"))
    monkeypatch.setattr(build, "find_empty", lambda _: None)
    everything = build_warehouse(context(tmp_path / "whole"))
    assert years == [["2021", "2022"], None]
    assert compare_publications(lake.paths.warehouse, whole.paths.warehouse) == []
    assert lake.query("SELECT min(mois), max(mois) FROM fct_eco2mix_regional") == [("2021-12", "2022-01")]
    assert _verdicts(report) == _verdicts(everything)


@pytest.mark.usefixtures("without_rows")
def test_a_first_build_that_did_not_end_well_starts_from_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, selections: list[Selection]
) -> None:
    lake = TinyLake.empty(tmp_path)
    lake.write(GAS_STOCK, stock_day(date(2022, 3, 1), gwh=1))
    monkeypatch.setattr(RunContext, "partition_signatures", _marks({GAS_STOCK}))
    failed = NodeResult("model.dataelec.fct_stock_gaz", "error", "Out of Memory Error", None, 0.1)

    def out_of_memory(paths: LakePaths, arguments: list[str], **given: Any) -> list[NodeResult]:
        selections.append(_selected(given))
        return [*run_dbt(paths, arguments, **given), failed]

    with monkeypatch.context() as during:
        during.setattr(build, "run_dbt", out_of_memory)
        assert build_warehouse(context(tmp_path)).broken == [failed]
    lake.execute("INSERT INTO dim_region BY NAME SELECT 'left behind' AS nom_region")
    lake.write(GAS_STOCK, stock_day(date(2022, 3, 1), gwh=2))
    report = build_warehouse(context(tmp_path))
    assert (report.kind, report.broken) == ("full", [])
    first, again = selections
    assert first is not None
    assert first == again
    assert lake.query("SELECT DISTINCT stock_gwh FROM fct_stock_gaz") == [(2.0,)]
    assert lake.query("SELECT count(*) FROM dim_region WHERE nom_region = 'left behind'") == [(0,)]


def _selected(given: Mapping[str, Any]) -> Selection:
    nodes = given.get("nodes")
    return None if nodes is None else {each.split(".", 2)[2] for each in nodes}


def _marks(fed: set[str]) -> Callable[[RunContext, Dataset], dict[str, str]]:
    return lambda _, dataset: {"2022-03": "rows"} if dataset.id in fed else {}


def _verdicts(report: BuildReport) -> dict[str, tuple[str, int | None]]:
    return {each.unique_id: (each.status, each.failures) for each in report.results}


def test_a_build_of_everything_does_not_start_from_it(
    without_rows: BuildReport, tmp_path: Path, selections: list[Selection]
) -> None:
    asked = build_warehouse(context(tmp_path), full=True)
    assert selections == [None]
    assert len(asked.results) == len(without_rows.results)


def test_it_belongs_to_one_version_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parse, warehouse = Parse(tmp_path), tmp_path / "w.duckdb"
    warehouse.write_bytes(b"tables")
    assert empty.find_empty(parse) is None
    empty.keep_empty(parse, warehouse, [RESULT])
    found = empty.find_empty(parse)
    assert found is not None
    assert found.results() == [RESULT]
    paths = LakePaths(tmp_path / "lake")
    found.copy(paths)
    assert paths.warehouse.read_bytes() == b"tables"
    monkeypatch.setattr(empty, "project_digest", lambda: "another")
    assert empty.find_empty(parse) is None


def test_what_cannot_be_kept_is_left(tmp_path: Path) -> None:
    empty.keep_empty(Parse(tmp_path), tmp_path / "absent.duckdb", [RESULT])
    assert list(tmp_path.iterdir()) == []


def test_the_parse_of_the_project_has_room_for_it(without_rows: BuildReport, lake_paths: LakePaths) -> None:
    assert without_rows.broken == []
    assert empty.find_empty(ensure_parse(lake_paths)) is not None
