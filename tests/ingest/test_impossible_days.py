"""A lake in which an earlier version of the program kept days that cannot be serves them no more, and loses nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dataelec_assets.catalog import Catalog, Dataset, load_catalog
from dataelec_assets.commands.outcomes import EXIT_PARTIAL
from dataelec_assets.commands.refresh import dry_run
from dataelec_assets.ingest.copies import refresh_copies, settle, stale_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.lake.state import load_state
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.faults.france import TEMPERATURE
from tests.published import serving
from tests.stubs import Stub

NOW = load_catalog()[TEMPERATURE]


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Stub]:
    """Serve temperatures of the year 16 and of 2018, of which the former cannot be."""
    file = tmp_path / "data" / "odre" / TEMPERATURE / "t.csv"
    file.parent.mkdir(parents=True)
    rows = [f"{day};11;Île-de-France;1;3;2\n" for day in ("0016-01-01", "2018-01-01", "2018-02-01")]
    file.write_text("date;code_insee_region;region;tmin;tmax;tmoy\n" + "".join(rows), encoding="utf-8")
    with serving(tmp_path / "data") as running:
        yield running


def context_of(tmp_path: Path, portal: Stub, dataset: Dataset) -> RunContext:
    settings = Settings(lake=tmp_path / "lake", odre_url=f"{portal.url}/odre")
    return RunContext(settings, catalog=Catalog([dataset]))


def test_impossible_partitions_leave_the_copies_and_stay_in_raw(tmp_path: Path, portal: Stub) -> None:
    before = replace(NOW, history_start=date(1, 1, 1))
    old = context_of(tmp_path, portal, before)
    assert refresh_source(old, before, SilentProgress()).error is None
    refresh_copies(old, before)
    assert settle(old, before)
    assert sorted(old.parquet.index(before)) == ["0016-01", "2018-01", "2018-02"]

    ctx = context_of(tmp_path, portal, NOW)
    stale = stale_copies(ctx, NOW)
    assert [(each.partition, each.fetch) for each in stale] == [("0016-01", False)]
    refresh_copies(ctx, NOW, partitions=[each.partition for each in stale])
    assert settle(ctx, NOW)

    assert sorted(ctx.parquet.index(NOW)) == ["2018-01", "2018-02"]
    assert not [*ctx.parquet.folder(NOW).glob("*=0016-01")]
    assert ctx.raw.partitions(NOW) == ["0016-01", "2018-01", "2018-02"]
    head = ctx.parquet.head(NOW)
    assert head is not None
    assert (head.first, head.partitions) == ("2018-01-01", 2)
    assert stale_copies(ctx, NOW) == []
    # Made again from all that is in raw, the copies are the same.
    assert refresh_copies(ctx, NOW, from_scratch=True).rebuilt == ["2018-01", "2018-02"]


def test_a_clock_that_goes_back_takes_nothing_away(tmp_path: Path, portal: Stub) -> None:
    ctx = context_of(tmp_path, portal, NOW)
    refresh_source(ctx, NOW, SilentProgress())
    refresh_copies(ctx, NOW)
    settle(ctx, NOW)
    back = replace(ctx, now=lambda: datetime(2018, 1, 20, tzinfo=UTC))
    report = refresh_source(back, NOW, SilentProgress())
    # The version has not moved: the portal is not asked again, and the count of its last answer stands.
    assert (report.outcome, report.error, report.not_loaded) == ("unchanged", None, 1)
    assert stale_copies(back, NOW, thorough=True) == []
    refresh_copies(back, NOW)
    assert refresh_copies(back, NOW, from_scratch=True).rebuilt == ["2018-01", "2018-02"]
    assert sorted(back.parquet.index(NOW)) == ["2018-01", "2018-02"]


def test_an_impossible_month_is_not_fetched_and_counted_as_long_as_it_is_shown(tmp_path: Path, portal: Stub) -> None:
    ctx = context_of(tmp_path, portal, NOW)
    first = refresh_source(ctx, NOW, SilentProgress())
    again = refresh_source(ctx, NOW, SilentProgress())
    assert (first.outcome, first.changed, first.not_loaded) == ("refreshed", ["2018-01", "2018-02"], 1)
    assert "1 row(s) at the portal have a date outside 2016-01-01 … " in first.warnings[0]
    assert (again.outcome, again.error, again.not_loaded) == ("unchanged", None, 1)
    # Nothing failed and nothing is absent: the rows alone decide the exit code.
    _, _, exit_code = dry_run([TEMPERATURE], ctx)
    assert exit_code == EXIT_PARTIAL


def test_a_state_that_an_earlier_version_wrote_is_read_and_its_rows_are_counted_at_the_next_observation(
    tmp_path: Path, portal: Stub
) -> None:
    ctx = context_of(tmp_path, portal, NOW)
    refresh_source(ctx, NOW, SilentProgress())
    refresh_copies(ctx, NOW)
    settle(ctx, NOW)
    file = ctx.paths.state / f"{TEMPERATURE}.json"
    state = json.loads(file.read_text(encoding="utf-8"))
    assert state.pop("not_loaded") == 1
    file.write_text(json.dumps(state), encoding="utf-8")

    calls = len(portal.calls)
    (seen,) = observe_sources(ctx, [NOW])
    assert (seen.report.outcome, seen.report.not_loaded, seen.plan.stale) == ("unchanged", 1, ())
    assert load_state(ctx.paths, NOW).not_loaded == 1
    # The portal's version is the one that is remembered with its answer: nothing more is asked.
    assert len(portal.calls) == calls + 1
    (again,) = observe_sources(ctx, [NOW])
    assert again.report.not_loaded == 1
    assert again.report.warnings == ["1 row(s) at the portal are still not loaded"]
