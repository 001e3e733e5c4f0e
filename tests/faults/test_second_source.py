"""ODRÉ is away for nine days: RTE's own file takes its place in the tables, and gives it back row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dataelec_assets.commands.outcomes import RefreshOutcome
from dataelec_assets.commands.refresh import run_refresh
from dataelec_assets.commands.status import source_status
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.faults.france import REAL_TIME, SmallLake
from tests.portals.rte_texts import days_from, text_of
from tests.published import publish_archives

pytestmark = pytest.mark.slow

RTE = "eco2mix-rte-national-tr"
# The lake's last day is 1 December: ODRÉ has its readings until 23:45, RTE goes on.
LAST, BEGAN = date(2023, 12, 1), datetime(2026, 8, 25, 6, tzinfo=UTC)
AWAY = days_from(date(2023, 12, 1), 10)


class Clock:
    """A lake whose clock is set, and whose portals are all on this machine."""

    def __init__(self, small: SmallLake) -> None:
        self.small, self.at = small, BEGAN
        settings = Settings(lake=small.root, **small.portal.addresses)  # type: ignore[arg-type]  # all are addresses
        self.ctx: RunContext = replace(small.ctx(attempts=1), settings=settings, now=lambda: self.at)

    def refresh(self, after: timedelta) -> RefreshOutcome:
        """Refresh whatever the catalogue has, a while later."""
        self.at += after
        return run_refresh(ctx=self.ctx, quiet=True)

    def readings(self) -> dict[str, tuple[int, str, str]]:
        """Return, by source, how many readings the served fact has and their first and last day."""
        rows = self.small.rows(
            "SELECT source, count(*), min(date_locale)::VARCHAR, max(date_locale)::VARCHAR FROM fct_eco2mix_national "
            "WHERE consommation_mw IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        return {source: (count, first, last) for source, count, first, last in rows}

    def of(self, report: RefreshOutcome, dataset: str) -> str:
        """Return what became of a source."""
        (row,) = [each for each in report.sources if each["dataset_id"] == dataset]
        return str(row["outcome"])


def value(day: date, label: str, column: str) -> str:
    """Return RTE's reading: 47,000 MW, and one of the day that ODRÉ has too."""
    if column == "consommation":
        return "47000" if day > LAST or label == "12:00" else ""
    return "60000" if column == "nucleaire" and day > LAST else ""


def test_nine_days_of_odre_are_filled_from_rte_and_given_back(small: SmallLake) -> None:
    lake = Clock(small)
    before = lake.readings()
    assert set(before) == {"ODRÉ"}
    dataset = lake.ctx.catalog[RTE]
    publish_archives(small.portal, dataset, text_of(dataset, AWAY, value))

    # There: RTE is not asked, and nothing is said of it.
    there = lake.refresh(timedelta(0))
    assert lake.of(there, RTE) == "standby"
    assert not [call for call in small.portal.calls if call.name.startswith("rte/")]

    # Away for less than an hour: a fault of a portal, no outage yet.
    small.portal.fail("status:503", dataset=REAL_TIME)
    assert lake.of(lake.refresh(timedelta(minutes=15)), RTE) == "standby"
    assert lake.of(lake.refresh(timedelta(minutes=45)), RTE) == "standby"

    away = lake.refresh(timedelta(days=9))
    assert (lake.of(away, REAL_TIME), lake.of(away, RTE)) == ("failed", "refreshed")
    assert lake.readings() == {**before, "RTE": (9 * 96, "2023-12-02", "2023-12-10")}
    assert small.rows(f"SELECT DISTINCT source FROM fct_production_filiere WHERE date_locale > DATE '{LAST}'") == [
        ("RTE",)
    ]
    line = (
        f"{RTE} stands in for {REAL_TIME}, which has been away since 2026-08-25 06:15 UTC: where both have a row, that "
        "of ODRÉ counts."
    )
    assert line in away.lines
    assert line in source_status(lake.ctx)[1]
    # The reading that both have is ODRÉ's, and the difference is shown.
    shown = small.rows("SELECT date_locale::VARCHAR, seconde_mw, lectures_en_ecart FROM meta_ecarts_sources")
    assert shown == [("2023-12-01", 47_000.0, 1)]

    # Back, with all but the last day: what it has is its own again, what it lacks stays.
    small.portal.heal()
    _publish_what_was_missed(small, AWAY[1:-1])
    back = lake.refresh(timedelta(hours=6))
    # Both were asked: that ODRÉ is back was not known before it answered.
    assert (lake.of(back, REAL_TIME), lake.of(back, RTE)) == ("refreshed", "unchanged")
    odre, rte = lake.readings()["ODRÉ"], lake.readings()["RTE"]
    assert odre == (before["ODRÉ"][0] + 8 * 96, before["ODRÉ"][1], "2023-12-09")
    assert rte == (96, "2023-12-10", "2023-12-10")
    assert not [each for each in source_status(lake.ctx)[1] if each.startswith(f"{RTE} stands in for")]
    assert {row["status"] for row in source_status(lake.ctx)[0] if row["dataset_id"] == RTE} == {"standby"}
    assert lake.of(lake.refresh(timedelta(minutes=15)), RTE) == "standby"
    assert small.rows(f"SELECT statut FROM meta_sources WHERE jeu_de_donnees = '{RTE}'") == [("en réserve",)]


def _publish_what_was_missed(small: SmallLake, days: list[date]) -> None:
    """Let ODRÉ publish the rows of its last day once more, as those of later days."""
    for day in days:
        later = (day - LAST).days
        values = {"date": f"'{day}'", "date_heure": f"date_heure + INTERVAL {later} DAY"}
        assert small.portal.tables.go_on(REAL_TIME, f"date = '{LAST}'", values) == 96
