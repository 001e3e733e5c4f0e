"""Which partitions are stale, and why, is decided by one pure function."""

from __future__ import annotations

from datetime import UTC, datetime

from dataelec_assets.catalog import load_catalog
from dataelec_assets.lake.state import SourceState
from dataelec_assets.portals.windows import UNDATED, Fingerprint
from dataelec_assets.refresh.plan import Plan, Stale, is_current, plan_source

GAS = load_catalog()["stock-quotidien-stockages-gaz"]
REAL_TIME = load_catalog()["eco2mix-national-tr"]
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def portal(**digests: str) -> dict[str, Fingerprint]:
    return {key.lstrip("m").replace("_", "-"): Fingerprint(1, digest) for key, digest in digests.items()}


def state(**digests: str) -> SourceState:
    return SourceState(fingerprints={key: each.digest for key, each in portal(**digests).items()})


def test_nothing_is_stale_when_every_fingerprint_is_known() -> None:
    assert plan_source(GAS, portal(m2019_01="a"), state(m2019_01="a"), NOW) == Plan((), ())


def test_a_month_that_was_never_fetched_is_stale() -> None:
    plan = plan_source(GAS, portal(m2019_01="a", m2019_02="b"), state(m2019_01="a"), NOW)
    assert plan.stale == (Stale("2019-02", "never fetched"),)


def test_a_month_whose_fingerprint_moved_is_revised() -> None:
    plan = plan_source(GAS, portal(m2019_01="z", m2019_02="b"), state(m2019_01="a", m2019_02="b"), NOW)
    assert plan.stale == (Stale("2019-01", "revised"),)


def test_real_time_looks_three_days_back_even_when_the_sums_are_equal() -> None:
    known = {"m2026_01": "a", "m2026_02": "b", "m2026_03": "c"}
    plan = plan_source(REAL_TIME, portal(**known), state(**known), NOW)
    assert plan.stale == (Stale("2026-02", "look-back"), Stale("2026-03", "look-back"))


def test_a_month_that_vanished_is_kept_with_a_warning_unless_vanishing_is_normal() -> None:
    plan = plan_source(GAS, portal(m2019_02="b"), state(m2019_01="a", m2019_02="b"), NOW)
    assert plan.stale == ()
    assert "no longer shows 1 partition(s), first 2019-01" in plan.warnings[0]
    assert plan_source(REAL_TIME, portal(m2020_02="b"), state(m2020_01="a", m2020_02="b"), NOW).warnings == ()


def test_rows_without_a_date_are_reported_and_not_fetched() -> None:
    held = {**portal(m2019_01="a"), UNDATED: Fingerprint(7, "x")}
    plan = plan_source(GAS, held, state(m2019_01="a"), NOW)
    assert plan.stale == ()
    assert "7 row(s) at the portal have no date" in plan.warnings[0]
    assert is_current(held, state(m2019_01="a"))


def test_a_source_is_current_when_the_lake_has_all_that_the_portal_shows() -> None:
    assert is_current(portal(m2019_01="a"), state(m2019_01="a", m2018_01="old"))
    assert not is_current(portal(m2019_01="a", m2019_02="b"), state(m2019_01="a"))
    assert not is_current(portal(m2019_01="z"), state(m2019_01="a"))
