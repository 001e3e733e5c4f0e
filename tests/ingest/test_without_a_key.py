"""An optional source whose key is not set: never asked, no fault anywhere, and said as such."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from dataelec_assets.catalog import Catalog, load_catalog
from dataelec_assets.commands.backfill import run_backfill
from dataelec_assets.commands.doctor import diagnose
from dataelec_assets.commands.refresh import dry_run, run_refresh
from dataelec_assets.commands.status import source_status
from dataelec_assets.defs.freshness import policy_of
from dataelec_assets.defs.sensors import stale_sources
from dataelec_assets.defs.tables import Tables
from dataelec_assets.ingest.copies import refresh_copies, settle
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.state import SourceState, load_state, save_state
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Secret, Settings
from dataelec_assets.warehouse.meta_tables import source_rows
from tests.portals.keyed_replies import GFS, NOW, publish_forecast, publish_weather
from tests.published import stub
from tests.stubs import Stub
from tests.stubs.weather import OPENWEATHERMAP_KEY

ISSUED = datetime(2026, 3, 28, 9, 48, tzinfo=UTC)


@pytest.fixture
def portal() -> Iterator[Stub]:
    with stub() as running:
        publish_weather(running, ISSUED)
        publish_forecast(running, ISSUED)
        yield running


def context_of(lake: Path, portal: Stub, key: str | None) -> RunContext:
    settings = Settings(
        lake=lake,
        openweathermap_key=Secret(key) if key is not None else None,
        **portal.addresses,  # type: ignore[arg-type]  # all are addresses
    )
    return RunContext(settings, Catalog([NOW, GFS]), now=lambda: datetime(2027, 1, 1, tzinfo=UTC))


@pytest.fixture(params=[None, "", " "])
def ctx(request: pytest.FixtureRequest, tmp_path: Path, portal: Stub) -> RunContext:
    """Return a run context without a key: not set, empty, or blank."""
    return context_of(tmp_path / "lake", portal, request.param)


def test_it_is_not_asked_and_leaves_no_trace(ctx: RunContext, portal: Stub) -> None:
    observations = observe_sources(ctx, ctx.catalog.values())
    assert [each.report for each in observations] == [SourceReport(each, "no key") for each in ctx.catalog]
    assert refresh_source(ctx, NOW, SilentProgress()) == SourceReport(NOW.id, "no key")
    assert portal.counted() == {}
    assert not ctx.paths.state.exists() or not any(ctx.paths.state.iterdir())
    rows, lines, code = dry_run(ctx=ctx)
    assert (rows, code) == ([], 0)
    assert lines == ["0 partition(s) of 2 data sets are stale; nothing was fetched."]


def test_status_and_publication_say_that_there_is_no_key(ctx: RunContext) -> None:
    rows, lines = source_status(ctx)
    assert {(row["status"], row["next_check"], row["age"], row["message"]) for row in rows} == {
        ("no key", None, None, None)
    }
    assert lines == [f"There is no lake in {ctx.paths.root}: run `dataelec refresh`, or set DATAELEC_LAKE."]
    ctx.paths.root.mkdir()
    assert source_status(ctx)[1] == ["Nothing is served yet: run `dataelec refresh`."]
    assert {row[10] for row in source_rows(ctx)} == {"sans clé"}
    notes = {row["check"]: (row["result"], row["detail"]) for row in diagnose(ctx)}
    assert notes["portal openweathermap"] == ("note", "optional, not asked: DATAELEC_OPENWEATHERMAP_KEY is not set")


def test_asking_for_it_by_name_says_what_to_set(ctx: RunContext) -> None:
    words = f"{NOW.id} was not asked: OpenWeatherMap needs a key; set DATAELEC_OPENWEATHERMAP_KEY and run"
    assert any(line.startswith(words) for line in run_refresh([NOW.id], quiet=True, ctx=ctx).lines)
    assert not any("key" in line for line in run_refresh(quiet=True, ctx=ctx).lines)
    outcome = run_backfill(NOW.id, "2026-03", "2026-03", ctx=ctx, quiet=True)
    assert [row["outcome"] for row in outcome.sources] == ["no key"]
    assert any(line.startswith(words) for line in outcome.lines)


def test_the_sensor_asks_nothing_of_it_and_judges_no_age(tmp_path: Path, portal: Stub) -> None:
    def tick(ctx: RunContext) -> dg.SensorResult:
        # No table is looked at while nothing is served.
        sensor = stale_sources(ctx.catalog, Tables(ctx.catalog, tmp_path / "none.json"))
        with dg.DagsterInstance.ephemeral() as instance:
            found = sensor(dg.build_sensor_context(instance, resources={"ctx": ctx}))
        assert isinstance(found, dg.SensorResult)
        return found

    with_key = context_of(tmp_path / "lake", portal, OPENWEATHERMAP_KEY)
    assert tick(with_key).run_requests
    refresh_source(with_key, NOW, SilentProgress())
    refresh_copies(with_key, NOW)
    settle(with_key, NOW)
    asked, without = portal.counted(), context_of(tmp_path / "lake", portal, None)
    later = replace(without, now=lambda: datetime(2028, 1, 1, tzinfo=UTC))
    result = tick(later)
    assert [each.asset_key.path[-1] for each in result.asset_events] == []
    assert portal.counted() == asked


def test_a_key_that_is_taken_away_makes_it_neither_stale_nor_old(tmp_path: Path, portal: Stub) -> None:
    with_key = context_of(tmp_path / "lake", portal, OPENWEATHERMAP_KEY)
    assert refresh_source(with_key, NOW, SilentProgress()).outcome == "refreshed"
    refresh_copies(with_key, NOW)
    settle(with_key, NOW)
    (row,) = (each for each in source_status(with_key)[0] if each["dataset_id"] == NOW.id)
    assert (row["status"], row["age"]) == ("fresh", "fail")
    save_state(with_key.paths, NOW, SourceState(status="failed", message="HTTP 401", failures=3))
    without = context_of(tmp_path / "lake", portal, None)
    (row,) = (each for each in source_status(without)[0] if each["dataset_id"] == NOW.id)
    assert (row["status"], row["age"], row["message"], row["rows"]) == ("no key", None, None, 13)
    assert dry_run(ctx=without)[2] == 0
    assert load_state(without.paths, NOW).failures == 3


def test_a_table_does_not_wait_for_sources_that_most_lakes_do_not_have() -> None:
    forecasts = load_catalog()["previsions-meteo-regions"]
    assert policy_of([forecasts, NOW]) == policy_of([forecasts])
    assert policy_of([NOW]) != policy_of([forecasts])
    assert isinstance(policy_of([NOW]), dg.FreshnessPolicy)
