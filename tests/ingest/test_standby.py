"""A data set that stands in for another one is asked while that one is away, or by name; otherwise it costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dataelec_assets.catalog import Catalog, CatalogError, load_catalog
from dataelec_assets.commands.doctor import diagnose
from dataelec_assets.commands.refresh import dry_run
from dataelec_assets.commands.status import source_status
from dataelec_assets.defs.freshness import policy_of
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.lake.state import SourceState, save_state
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.meta_tables import source_rows
from tests.portals.rte_texts import text_of
from tests.published import publish, publish_archives, stub
from tests.stubs import Stub

CATALOG = load_catalog()
TR, CONS = "eco2mix-national-tr", "eco2mix-national-cons-def"
RTE_TR, RTE_CONS = "eco2mix-rte-national-tr", "eco2mix-rte-national-cons-def"
NOW = datetime(2026, 9, 3, 12, tzinfo=UTC)
DAY = date(2026, 9, 1)


@pytest.fixture
def portal() -> Iterator[Stub]:
    """Serve a day of RTE's real time; ODRÉ has it too."""
    with stub() as running:
        text = text_of(CATALOG[RTE_TR], [DAY], lambda *_: "1")
        publish_archives(running, CATALOG[RTE_TR], text)
        row = {"date": str(DAY), "heure": "12:00", "date_heure": f"{DAY}T10:00:00+00:00", "consommation": "50000"}
        publish(running, CATALOG[TR], [{**row, "nature": "Données temps réel"}])
        yield running


@pytest.fixture
def ctx(tmp_path: Path, portal: Stub) -> RunContext:
    settings = Settings(lake=tmp_path / "lake", **portal.addresses)  # type: ignore[arg-type]  # all are addresses
    catalog = Catalog([CATALOG[each] for each in (TR, CONS, RTE_TR, RTE_CONS)])
    return RunContext(settings, catalog, now=lambda: NOW, retries=RetryPolicy(attempts=1))


def fail_since(ctx: RunContext, dataset: str, span: timedelta) -> None:
    """Let a data set have failed for so long."""
    since = (NOW - span).isoformat()
    save_state(ctx.paths, ctx.catalog[dataset], SourceState(status="failed", failures=3, failing_since=since))


@pytest.mark.parametrize(
    ("dataset", "rte", "not_yet", "long"),
    [
        (TR, RTE_TR, timedelta(hours=1), timedelta(hours=1, minutes=1)),
        (CONS, RTE_CONS, timedelta(days=32), timedelta(days=33)),
    ],
)
def test_it_is_needed_once_the_other_is_away_for_longer_than_its_cadence(
    ctx: RunContext, dataset: str, rte: str, not_yet: timedelta, long: timedelta
) -> None:
    assert ctx.why_off(ctx.catalog[rte]) == "standby"
    fail_since(ctx, dataset, not_yet)
    assert ctx.why_off(ctx.catalog[rte]) == "standby"
    fail_since(ctx, dataset, long)
    assert ctx.why_off(ctx.catalog[rte]) is None
    assert ctx.away_since(ctx.catalog[dataset]) == NOW - long


def test_in_reserve_it_is_not_asked_and_leaves_no_trace(ctx: RunContext, portal: Stub) -> None:
    reports = {each.dataset.id: each.report.outcome for each in observe_sources(ctx, ctx.catalog.values())}
    assert (reports[RTE_TR], reports[RTE_CONS]) == ("standby", "standby")
    assert [call.name for call in portal.calls if call.name.startswith("rte/")] == []
    assert not (ctx.paths.state / f"{RTE_TR}.json").exists()
    rows = {row["dataset_id"]: row for row in source_status(ctx)[0]}
    assert (rows[RTE_TR]["status"], rows[RTE_TR]["next_check"]) == ("standby", None)
    assert {row[1]: row[10] for row in source_rows(ctx)}[RTE_TR] == "en réserve"
    notes = {row["check"]: (row["result"], row["detail"]) for row in diagnose(ctx)}
    assert notes["portal rte"] == ("note", "in reserve, not asked: the data sets that it repeats are not away")


def test_of_one_portal_only_the_data_set_is_asked_whose_other_is_away(ctx: RunContext, portal: Stub) -> None:
    fail_since(ctx, TR, timedelta(days=9))
    portal.fail("status:503", dataset=TR)
    seen = {each.dataset.id: each for each in observe_sources(ctx, ctx.catalog.values())}
    assert seen[RTE_TR].plan.reasons() == "1 never fetched"
    assert seen[RTE_CONS].report.outcome == "standby"


def test_by_name_it_is_asked_although_nothing_is_away(ctx: RunContext, portal: Stub) -> None:
    rows, _, code = dry_run([RTE_TR], ctx=ctx)
    assert [(row["dataset_id"], row["partition"]) for row in rows] == [(RTE_TR, "2026-09")]
    assert code == 0
    assert {call.kind for call in portal.calls} == {"head", "file"}


def test_a_folder_is_read_where_it_has_such_files_and_misses_none(ctx: RunContext, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    (folder / "rte").mkdir(parents=True)
    (folder / "rte" / "eCO2mix_RTE_En-cours-TR.xls").write_bytes(
        text_of(CATALOG[RTE_TR], [DAY], lambda *_: "1").encode("cp1252")
    )
    ctx = replace(ctx, settings=Settings(lake=tmp_path / "other", folder=folder))
    reports = {each.dataset.id: each.report.outcome for each in observe_sources(ctx, ctx.catalog.values())}
    assert reports == {TR: "absent", CONS: "absent", RTE_TR: "checked", RTE_CONS: "standby"}


def test_it_sets_no_pace_for_what_is_made_from_both() -> None:
    # A real-time set of ODRÉ's is asked all the time; what is only in reserve would make every table late.
    assert policy_of([CATALOG["eco2mix-national-cons-def"], CATALOG[RTE_TR]]) == policy_of([CATALOG[CONS]])


def test_it_must_stand_in_for_a_data_set_that_there_is() -> None:
    with pytest.raises(CatalogError, match="stands_in_for names unknown"):
        Catalog([CATALOG[RTE_TR]])
