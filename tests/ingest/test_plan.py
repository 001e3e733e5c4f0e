"""Which partitions are stale, and why, is decided by one pure function of portal, lake and clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dataelec_assets.catalog import Partitioning, load_catalog
from dataelec_assets.ingest.plan import Plan, Stale, plan_source
from dataelec_assets.portals.fingerprints import Fingerprint
from dataelec_assets.portals.partition_filters import UNDATED
from tests.ingest.other_portals import CONSUMPTION, POPULATION

GAS = load_catalog()["stock-quotidien-stockages-gaz"]
REAL_TIME = load_catalog()["eco2mix-national-tr"]
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def portal(**rows: int) -> dict[str, Fingerprint]:
    """Return fingerprints by month, ``m2019_01=3`` being three rows in January 2019."""
    return {key.lstrip("m").replace("_", "-"): Fingerprint(count) for key, count in rows.items()}


def lake(**rows: int) -> dict[str, str]:
    return {key: each.text for key, each in portal(**rows).items()}


def test_nothing_is_stale_when_every_fingerprint_is_known() -> None:
    assert plan_source(GAS, portal(m2019_01=1), lake(m2019_01=1), NOW) == Plan((), ())


def test_every_partition_has_its_own_reason() -> None:
    shown = portal(m2019_01=1, m2019_02=2, m2019_03=3, m2019_04=4)
    plan = plan_source(GAS, shown, lake(m2019_02=1, m2019_03=9, m2019_04=4), NOW)
    assert plan.stale == (
        Stale("2019-01", "never fetched"),
        Stale("2019-02", "new rows"),
        Stale("2019-03", "revised"),
    )
    assert plan.to_fetch == plan.stale
    assert plan.reasons() == "1 never fetched, 1 new rows, 1 revised"


def test_the_look_back_is_fetched_only_while_a_principal_measure_cannot_be_summed() -> None:
    known = {"m2026_01": 1, "m2026_02": 2, "m2026_03": 3}
    assert plan_source(REAL_TIME, portal(**known), lake(**known), NOW).stale == ()
    weak = plan_source(REAL_TIME, portal(**known), lake(**known), NOW, weak=["gaz"])
    # Three days before 2 March lie in February.
    assert weak.stale == (Stale("2026-02", "look-back"), Stale("2026-03", "look-back"))
    without = plan_source(GAS, portal(**known), lake(**known), NOW, weak=["stock_fin_de_journee"])
    assert without.stale == (Stale("2026-01", "look-back"), *weak.stale)


def test_the_look_back_of_a_yearly_publisher_reaches_the_newest_year_he_can_have() -> None:
    # In March 2026 the newest year is 2023: 790 days old, with 800 expected.
    known = {f"m{year}": year for year in range(2018, 2024)}
    weak = plan_source(CONSUMPTION, portal(**known), lake(**known), NOW, weak=["conso_totale_mwh"])
    assert [each.partition for each in weak.stale] == ["2022", "2023"]
    shorter = replace(CONSUMPTION, lookback=timedelta(days=400))
    weak = plan_source(shorter, portal(**known), lake(**known), NOW, weak=["conso_totale_mwh"])
    assert [each.partition for each in weak.stale] == []


def test_what_is_not_cut_by_time_has_its_look_back_too() -> None:
    uncut = replace(CONSUMPTION, partitioning=Partitioning("none"))
    whole = {"all": Fingerprint(3)}
    texts = {key: each.text for key, each in whole.items()}
    assert plan_source(uncut, whole, texts, NOW, weak=["conso_totale_mwh"]).stale == (Stale("all", "look-back"),)
    editions = portal(m2019=1)
    assert plan_source(POPULATION, editions, lake(m2019=1), NOW, weak=["pmun"]).stale == ()


def test_a_copy_that_is_behind_is_rebuilt_without_a_download_unless_its_partition_is_fetched_anyway() -> None:
    behind = [Stale("2019-01", "contract changed", fetch=False), Stale("2019-02", "not copied", fetch=False)]
    plan = plan_source(GAS, portal(m2019_01=1, m2019_02=2), lake(m2019_01=1, m2019_02=1), NOW, copies=behind)
    assert plan.stale == (behind[0], Stale("2019-02", "new rows"))
    assert plan.to_fetch == (Stale("2019-02", "new rows"),)


def test_a_month_that_vanished_is_kept_with_a_warning_unless_vanishing_is_normal() -> None:
    plan = plan_source(GAS, portal(m2019_02=1), lake(m2019_01=1, m2019_02=1), NOW)
    assert plan.stale == ()
    assert "no longer shows 1 partition(s), first 2019-01" in plan.warnings[0]
    assert plan_source(REAL_TIME, portal(m2020_02=1), lake(m2020_01=1, m2020_02=1), NOW).warnings == ()


def test_rows_without_a_date_are_reported_and_not_fetched() -> None:
    plan = plan_source(GAS, {**portal(m2019_01=1), UNDATED: Fingerprint(7)}, lake(m2019_01=1), NOW)
    assert plan.stale == ()
    assert "7 row(s) at the portal have no date" in plan.warnings[0]
    assert plan.not_loaded == 7


def test_impossible_months_are_counted_and_not_fetched() -> None:
    after = f"{NOW.year + 1}-{NOW.month:02d}"
    shown = {**portal(m2019_01=1), "0001-01": Fingerprint(2), "2010-10": Fingerprint(3), after: Fingerprint(4)}
    plan = plan_source(GAS, shown, lake(m2019_01=1), NOW)
    assert (plan.stale, plan.not_loaded) == ((), 9)
    assert "9 row(s) at the portal have a date outside 2010-11-01 … " in plan.warnings[0]
    assert "such as 0001-01; they are not loaded" in plan.warnings[0]


def test_a_forecast_may_lie_as_far_ahead_as_its_horizon() -> None:
    later = NOW + timedelta(days=40)
    key = f"{later:%Y-%m}"
    shown = {key: Fingerprint(1)}
    assert plan_source(GAS, shown, {}, NOW).not_loaded == 1
    assert plan_source(replace(GAS, horizon=timedelta(days=41)), shown, {}, NOW).stale == (Stale(key, "never fetched"),)
