"""A data set that its publisher has withdrawn: absent is what is expected, and saved copies are still loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataelec_assets.catalog import Catalog, load_catalog
from dataelec_assets.commands.backfill import run_backfill
from dataelec_assets.commands.status import source_status
from dataelec_assets.ingest.freshness import age_of
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.lake.state import load_state
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.published import serving

SERVED = replace(load_catalog()["temperature-quotidienne-regionale"], withdrawn=True)
FIXTURE = "date;code_insee_region;region;tmin;tmax;tmoy\n2020-01-01;11;Île-de-France;1.0;3.0;2.0\n"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Return the root of a portal that has one data set."""
    folder = tmp_path / "data" / "odre" / SERVED.id
    folder.mkdir(parents=True)
    (folder / "copy.csv").write_text(FIXTURE, encoding="utf-8")
    with serving(tmp_path / "data") as portal:
        yield f"{portal.url}/odre"


def context_of(lake: Path, url: str, dataset_id: str, *, withdrawn: bool) -> RunContext:
    dataset = replace(load_catalog()[dataset_id], withdrawn=withdrawn)
    retries = RetryPolicy(attempts=1, first_wait=0.01)
    return RunContext(Settings(lake=lake, odre_url=url), Catalog([SERVED, dataset]), retries=retries)


@pytest.mark.parametrize("withdrawn", [True, False])
def test_its_absence_is_shown_and_warned_of_only_when_it_is_not_expected(
    tmp_path: Path, url: str, *, withdrawn: bool
) -> None:
    ctx = context_of(tmp_path / "lake", url, "imports-exports-commerciaux", withdrawn=withdrawn)
    dataset = ctx.catalog["imports-exports-commerciaux"]

    (observation,) = observe_sources(ctx, [dataset])

    assert observation.report.outcome == "absent"
    assert bool(observation.report.error) is not withdrawn
    state = load_state(ctx.paths, dataset)
    assert (state.status, bool(state.message), state.failures) == ("absent", not withdrawn, int(not withdrawn))
    _, lines = source_status(ctx)
    assert any(line.startswith(dataset.id) for line in lines) is not withdrawn


def test_what_a_portal_still_has_is_planned_like_any_other(tmp_path: Path, url: str) -> None:
    ctx = context_of(tmp_path / "lake", url, "imports-exports-commerciaux", withdrawn=True)
    (observation,) = observe_sources(ctx, [SERVED])
    assert [each.partition for each in observation.plan.to_fetch] == ["2020-01"]


def test_its_age_is_shown_and_never_judged() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    age = age_of(SERVED, "2019-12-31", now)
    assert (age.status, age.age) == ("pass", now - datetime(2019, 12, 31, tzinfo=UTC))
    assert age.text == "newest measured value 2193 d old, no longer published"
    assert age_of(SERVED, None, now).status == "pass"
    assert age_of(replace(SERVED, withdrawn=False), "2019-12-31", now).status == "fail"


def test_a_backfill_of_it_says_absent_and_runs_nothing(tmp_path: Path, url: str) -> None:
    ctx = context_of(tmp_path / "lake", url, "imports-exports-commerciaux", withdrawn=True)
    outcome = run_backfill("imports-exports-commerciaux", "2020-01", "2020-02", ctx=ctx, quiet=True)
    assert [row["outcome"] for row in outcome.sources] == ["absent"]
    assert outcome.build is None
